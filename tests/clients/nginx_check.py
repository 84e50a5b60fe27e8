#!/usr/bin/python3
"""Every operation of the matrix through nginx and its memc module: nginx_check.py HOST PORT.

nginx is asked over HTTP, on a unix socket of its own: /?cmd=...&key=...&flags=...&exptime=... with the value as the
body. It answers with the value or with the server's line; of the status it makes 201 for stored and 404 for not found.
"""
import contextlib
import http.client
import pathlib
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.parse

from report import BINARY_VALUE, expect, figure, large_value, not_available, operation

CONFIGURATION = """\
load_module /usr/lib/nginx/modules/ngx_http_memc_module.so;
daemon off;
master_process off;
worker_processes 1;
pid {folder}/pid;
error_log {folder}/error.log;
events {{ worker_connections 64; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  client_max_body_size 4m;
  client_body_buffer_size 4m;
  upstream cache {{
    server {host}:{port};
    keepalive 1;
  }}
  server {{
    listen unix:{folder}/http;
    location /number {{
      set $memc_cmd $arg_cmd;
      set $memc_key $arg_key;
      set $memc_value $arg_by;
      memc_pass cache;
    }}
    location / {{
      set $memc_cmd $arg_cmd;
      set $memc_key $arg_key;
      set $memc_flags $arg_flags;
      set $memc_exptime $arg_exptime;
      add_header X-Flags $memc_flags;
      memc_buffer_size 64k;
      memc_read_timeout 10s;
      memc_pass cache;
    }}
  }}
}}
"""


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost", timeout=15)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


class Nginx:
    """An nginx with one worker before the server; it ends with this process however that ends."""

    def __init__(self, folder, host, port):
        self.folder = pathlib.Path(folder)
        configuration = self.folder / "nginx.conf"
        configuration.write_text(CONFIGURATION.format(folder=folder, host=host, port=port))
        self.process = subprocess.Popen(["setpriv", "--pdeathsig", "KILL", "nginx", "-c", configuration, "-p", folder,
                                         "-e", self.folder / "error.log"])
        while not (self.folder / "http").exists():
            if self.process.poll() is not None:
                raise RuntimeError("nginx does not start: " + (self.folder / "error.log").read_text()[-300:])
            time.sleep(0.05)

    def end(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(10)

    def ask(self, cmd, key="", value=None, path="/", **arguments):
        """The status and the body of the answer, and the flags."""
        with contextlib.closing(UnixConnection(str(self.folder / "http"))) as connection:
            query = urllib.parse.urlencode({"cmd": cmd, "key": key, **arguments})
            connection.request("PUT" if value is not None else "GET", f"{path}?{query}", value)
            answer = connection.getresponse()
            return answer.status, answer.read(), answer.getheader("X-Flags")

    def expect(self, status, body, *question, **arguments):
        expect(self.ask(*question, **arguments)[:2], (status, body))

    def store(self, key, value, **arguments):
        self.expect(201, b"STORED\r\n", "set", key, value, **arguments)

    def holds(self, key, value):
        self.expect(200, value, "get", key)

    def misses(self, key):
        expect(self.ask("get", key)[0], 404)

    def counts(self, cmd, key, by, number):
        self.expect(201, b"%d\r\n" % number, cmd, key, path="/number", by=by)


def check_values(nginx):
    operation("set", lambda: nginx.store("stored", b"value"))

    def get():
        nginx.store("present", b"value")
        nginx.holds("present", b"value")
        nginx.misses("absent")

    def add():
        nginx.expect(201, b"STORED\r\n", "add", "added", b"first")
        nginx.expect(200, b"NOT_STORED\r\n", "add", "added", b"second")
        nginx.holds("added", b"first")

    def replace():
        nginx.expect(200, b"NOT_STORED\r\n", "replace", "replaced", b"none")
        nginx.store("replaced", b"first")
        nginx.expect(201, b"STORED\r\n", "replace", "replaced", b"second")
        nginx.holds("replaced", b"second")

    def append():
        nginx.expect(200, b"NOT_STORED\r\n", "append", "appended", b"none")
        nginx.store("appended", b"head")
        nginx.expect(201, b"STORED\r\n", "append", "appended", b"-tail")
        nginx.holds("appended", b"head-tail")

    def prepend():
        nginx.expect(200, b"NOT_STORED\r\n", "prepend", "prepended", b"none")
        nginx.store("prepended", b"tail")
        nginx.expect(201, b"STORED\r\n", "prepend", "prepended", b"head-")
        nginx.holds("prepended", b"head-tail")

    def flags():
        nginx.store("flagged", b"value", flags=4294967295)
        expect(nginx.ask("get", "flagged"), (200, b"value", "4294967295"))

    def large():
        value = large_value(1048400)
        nginx.store("large", value)
        expect(nginx.ask("get", "large")[1] == value, True)

    def too_large():
        nginx.store("before", b"value")
        nginx.expect(502, b"SERVER_ERROR object too large for cache\r\n", "set", "huge", large_value(2000000))
        nginx.holds("before", b"value")
        nginx.misses("huge")

    def long_key():
        nginx.store("k" * 250, b"value")
        nginx.holds("k" * 250, b"value")

    def binary():
        nginx.store("bytes", BINARY_VALUE)
        nginx.holds("bytes", BINARY_VALUE)

    steps = {"get": get, "add": add, "replace": replace, "append": append, "prepend": prepend, "flags": flags,
             "large": large, "too-large": too_large, "long-key": long_key, "binary": binary}
    for name, step in steps.items():
        operation(name, step)


def check_others(nginx, host, port):
    def incr():
        expect(nginx.ask("incr", "missing-number", path="/number", by=1)[0], 404)
        nginx.store("up", b"9")
        nginx.counts("incr", "up", 3, 12)

    def decr():
        nginx.store("down", b"10")
        nginx.counts("decr", "down", 3, 7)
        nginx.counts("decr", "down", 30, 0)

    def delete():
        nginx.store("deleted", b"value")
        nginx.expect(200, b"DELETED\r\n", "delete", "deleted")
        nginx.misses("deleted")
        expect(nginx.ask("delete", "deleted")[0], 404)

    def expiry():
        nginx.store("soon", b"value", exptime=1)
        nginx.store("later", b"value", exptime=2)
        nginx.holds("later", b"value")
        time.sleep(3)
        nginx.misses("soon")
        nginx.misses("later")

    def flush():
        nginx.store("flushed", b"value")
        nginx.expect(200, b"OK\r\n", "flush_all")
        nginx.misses("flushed")
        nginx.expect(201, b"STORED\r\n", "add", "flushed", b"again")

    def version():
        status, line, _ = nginx.ask("version")
        expect((status, re.fullmatch(rb"VERSION \d+\.\d+\.\d+\S*\r\n", line) is not None), (200, True))

    def stats():
        nginx.store("counted", b"value")
        status, shown, _ = nginx.ask("stats")
        expect((status, shown.endswith(b"END\r\n")), (200, True))
        counted = re.search(rb"^STAT cmd_set (\d+)\r$", shown, re.MULTILINE)
        expect(counted and counted.group(1).decode(), figure(host, port, "cmd_set"))

    steps = {"incr": incr, "decr": decr, "delete": delete, "expiry": expiry, "flush": flush, "version": version,
             "stats": stats}
    for name, step in steps.items():
        operation(name, step)
    not_available("the module in Debian 12 has no such command", "multi-get", "cas", "touch", "quit")


def main(host, port):
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    with tempfile.TemporaryDirectory() as folder:
        nginx = Nginx(folder, host, port)
        try:
            check_values(nginx)
            check_others(nginx, host, port)
        finally:
            nginx.end()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
