"""How the Python checks report: one line an operation, `ok NAME`, `FAIL NAME reason` or `n/a NAME reason`."""
import re
import socket
import time

# Every byte there is, what ends a line and what ends an answer, and letters of several bytes.
BINARY_VALUE = bytes(range(256)) + b"\r\nEND\r\n\0" + "žluť, 数据, \U0001f389".encode()


def operation(name, step):
    """Runs `step`; whatever it raises becomes the reason of the failure."""
    try:
        step()
        print("ok", name, flush=True)
    except Exception as error:  # any way a client complains is a failed operation, not the end of the run
        reason = " ".join(f"{type(error).__name__}: {error}".split())[:200]
        print("FAIL", name, reason, flush=True)


def not_available(reason, *names):
    """What the client's own API lacks."""
    for name in names:
        print("n/a", name, reason, flush=True)


def expect(actual, wanted):
    if actual != wanted:
        raise AssertionError(f"got {str(actual)[:80]!r}, wanted {str(wanted)[:80]!r}")


def refused(step, *errors):
    """`step` must be refused: by one of the `errors`, or by a plain False."""
    try:
        answer = step()
    except errors:
        return
    expect(answer, False)


def large_value(size):
    """Bytes in which every 8-byte group differs, so that a lost or doubled piece cannot go unseen."""
    return b"".join(b"%07x " % i for i in range(size // 8 + 1))[:size]


def figure(host, port, name):
    """What the server itself says in its general statistics, over a connection of our own."""
    with socket.create_connection((host, port), 10) as connection:
        connection.sendall(b"stats\r\n")
        answer = b""
        while not answer.endswith(b"END\r\n"):
            piece = connection.recv(65536)
            expect(bool(piece), True)
            answer += piece
    return re.search(rf"^STAT {name} (.*)\r$", answer.decode(), re.MULTILINE).group(1)


def expect_connections(host, port, wanted):
    """The server must soon have that many connections; one that is closed is counted until it is noticed."""
    until = time.monotonic() + 5
    while (there := int(figure(host, port, "curr_connections"))) != wanted and time.monotonic() < until:
        time.sleep(0.02)
    expect(there, wanted)
