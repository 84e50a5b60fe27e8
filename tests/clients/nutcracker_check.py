#!/usr/bin/python3
"""Every operation of the matrix through nutcracker before two servers: nutcracker_check.py HOST PORT PORT.

The operations are pymemcache's own; `spread` shows that both servers hold a part of the keys.
"""
import contextlib
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import time

from pymemcache.client.base import Client

import pymemcache_check
from report import operation

NOT_FORWARDED = "nutcracker forwards no command that has no key, version apart"

CONFIGURATION = """\
pool:
  listen: {host}:{port}
  hash: fnv1a_64
  distribution: ketama
  timeout: 10000
  auto_eject_hosts: false
  preconnect: true
  server_connections: 2
  servers:
{servers}"""


def free_port(host):
    with socket.create_server((host, 0)) as probe:
        return probe.getsockname()[1]


def answers(host, port):
    with contextlib.suppress(OSError), socket.create_connection((host, port), 1):
        return True
    return False


@contextlib.contextmanager
def proxy(host, servers):
    """A nutcracker before the servers, as (port, log); it ends with this process however that ends."""
    with tempfile.TemporaryDirectory() as folder:
        log = pathlib.Path(folder, "log")
        for _ in range(5):  # another process may take the free ports first
            port, stats_port = free_port(host), free_port(host)
            configuration = pathlib.Path(folder, "nutcracker.yml")
            names = "".join(f"   - {host}:{server}:1 node{i}\n" for i, server in enumerate(servers))
            configuration.write_text(CONFIGURATION.format(host=host, port=port, servers=names))
            process = subprocess.Popen(["setpriv", "--pdeathsig", "KILL", "nutcracker", "-c", configuration, "-o", log,
                                        "-a", host, "-s", str(stats_port)], stderr=subprocess.DEVNULL)
            try:
                while process.poll() is None and not answers(host, port):
                    time.sleep(0.05)
                if process.poll() is None:
                    yield port
                    return
            finally:
                process.kill()
                process.wait()
        raise RuntimeError("nutcracker does not start: " + log.read_text()[-300:])


def both_hold_keys(host, servers):
    for port in servers:
        with contextlib.closing(Client((host, port), timeout=10)) as client:
            if not client.stats()[b"curr_items"]:
                raise AssertionError(f"the server on port {port} holds no key")


def main(host, *servers):
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    with proxy(host, servers) as port:
        pymemcache_check.check(host, port, dict.fromkeys(("flush", "stats", "quit"), NOT_FORWARDED))
        operation("spread", lambda: both_hold_keys(host, servers))


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:]))
