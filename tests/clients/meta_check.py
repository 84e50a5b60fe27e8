#!/usr/bin/python3
"""Sessions of the meta protocol, which no packaged client speaks: meta_check.py HOST PORT. They are in
meta*_sessions.txt.

  == NAME       begins the session of an operation, on a connection of its own
  > LINE        sends a line; those without another kind of line between them go out in one write
  < LINE        the next line that comes must be this one
  wait SECONDS  lets the server's clock go on

CR LF is added to each line. `\\xNN` and the like are bytes; <value:N> is a value of N bytes in which every eight differ;
any other <name> is what the server alone knows: where it first stands behind `<` a number is taken in, and from there
on it stands for that number. After its last line a session asks for `mn`: nothing else may come.
"""
import pathlib
import re
import socket
import sys
import time

from report import large_value, not_available, operation

SESSIONS = sorted(pathlib.Path(__file__).parent.glob("meta*_sessions.txt"))


def read_sessions():
    """Name -> lines, as (what is before the first blank, the rest)."""
    sessions, lines = {}, None
    for number, line in enumerate("\n".join(path.read_text("utf-8") for path in SESSIONS).splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        word, _, rest = line.partition(" ")
        if word == "==":
            lines = sessions.setdefault(rest, [])
        elif word in ("<", ">", "wait") and lines is not None:
            lines.append((word, rest))
        else:
            raise ValueError(f"line {number} of all sessions: '{line}'")
    return sessions


class Session:
    def __init__(self, host, port):
        self.connection = socket.create_connection((host, port), 10)
        self.received = self.connection.makefile("rb")
        self.known = {}  # name -> the server's number
        self.to_send = b""

    def bytes_of(self, text):
        text = re.sub(r"<(?!value:)([a-z]+)>", lambda name: self.known[name[1]], text)
        pieces = re.split(r"<value:(\d+)>", text)  # every second piece is a size
        return b"".join(large_value(int(piece)) if i % 2 else piece.encode().decode("unicode_escape").encode("latin-1")
                        for i, piece in enumerate(pieces))

    def hear(self, wanted):
        if self.to_send:
            self.connection.sendall(self.to_send)
            self.to_send = b""
        line = self.received.readline()
        new = [name for name in re.findall(r"<(?!value:)([a-z]+)>", wanted) if name not in self.known]
        pattern = re.escape(wanted)
        for name in new:
            pattern = pattern.replace(f"<{name}>", "([0-9]+)")
        found = re.fullmatch(pattern + "\r\n", line.decode("latin-1"))
        self.known.update(zip(new, found.groups() if found else ["unknown"] * len(new)))
        if line != self.bytes_of(wanted) + b"\r\n":
            raise AssertionError(f"got {line[:80]}, wanted '{wanted[:80]}'")

    def run(self, lines):
        for word, rest in [*lines, (">", "mn"), ("<", "MN")]:
            if word == ">":
                self.to_send += self.bytes_of(rest) + b"\r\n"
            elif word == "<":
                self.hear(rest)
            else:
                time.sleep(float(rest))


def run_session(host, port, lines):
    session = Session(host, port)
    try:
        session.run(lines)
    finally:
        session.connection.close()


def main(host, port):
    for name, lines in read_sessions().items():
        operation(name, lambda: run_session(host, port, lines))
    not_available("the meta protocol has no such command; the classic one beside it has", "flush", "version", "stats",
                  "quit")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
