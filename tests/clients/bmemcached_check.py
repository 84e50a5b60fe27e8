#!/usr/bin/python3
"""Every operation of the matrix through python-binary-memcached, binary protocol: bmemcached_check.py HOST PORT."""
import sys
import time

import bmemcached
from bmemcached.exceptions import MemcachedException

from report import BINARY_VALUE, expect, expect_connections, figure, large_value, not_available, operation, refused


def check(host, port):
    client = bmemcached.Client((f"{host}:{port}",), socket_timeout=10)

    def get():
        client.set("present", b"value")
        expect(client.get("present"), b"value")
        expect(client.get("absent"), None)

    def multi_get():  # quiet gets and one that is not, in one write
        there = {f"many{i}": b"value%d" % i for i in range(100) if i % 10 != 3}
        expect(client.set_multi(there), [])
        expect(client.get_multi([f"many{i}" for i in range(100)]), there)

    def add():
        expect(client.add("added", b"first"), True)
        expect(client.add("added", b"second"), False)
        expect(client.get("added"), b"first")

    def replace():
        expect(client.replace("replaced", b"none"), False)
        client.set("replaced", b"first")
        expect(client.replace("replaced", b"second"), True)
        expect(client.get("replaced"), b"second")

    def cas():
        client.set("unique", b"first")
        value, token = client.gets("unique")
        expect(value, b"first")
        expect(client.cas("unique", b"second", token), True)
        expect(client.cas("unique", b"third", token), False)
        expect(client.cas("never", b"value", token), False)
        expect(client.get("unique"), b"second")
        expect(client.get("never"), None)

    def incr():  # this client always lets the server create what is absent
        expect(client.incr("born", 3, default=40), 40)
        expect(client.incr("born", 3), 43)
        client.set("text", "value")
        refused(lambda: client.incr("text", 1), MemcachedException)

    def decr():
        expect(client.decr("down", 3, default=10), 10)
        expect(client.decr("down", 3), 7)
        expect(client.decr("down", 30), 0)

    def delete():
        client.set("deleted", b"value")
        expect(client.delete("deleted"), True)
        expect(client.get("deleted"), None)
        expect(client.delete("deleted"), True)  # it takes not-found for success

    def expiry():
        client.set("soon", b"value", time=1)
        client.set("later", b"value", time=2)
        expect(client.get("later"), b"value")
        time.sleep(3)
        expect(client.get_multi(["soon", "later"]), {})

    def flags():  # the client keeps the type of a value in the flags
        values = {"int": 7, "str": "text", "bytes": b"raw", "object": {"a": [1, 2]}}
        for key, value in values.items():
            expect(client.set(key, value), True)
        expect({key: (type(value), value) for key, value in client.get_multi(list(values)).items()},
               {key: (type(value), value) for key, value in values.items()})

    def large():
        value = large_value(1048400)
        expect(client.set("large", value, compress_level=0), True)
        expect(client.get("large") == value, True)

    def too_large():
        client.set("before", b"value")
        refused(lambda: client.set("huge", large_value(2000000), compress_level=0), MemcachedException)
        expect(client.get("before"), b"value")
        expect(client.get("huge"), None)

    def long_key():
        client.set("k" * 250, b"value")
        expect(client.get("k" * 250), b"value")

    def binary():
        client.set("bytes", BINARY_VALUE)
        expect(client.get("bytes"), BINARY_VALUE)
        client.set("text", BINARY_VALUE[256:].decode())
        expect(client.get("text"), BINARY_VALUE[256:].decode())

    def flush():
        client.set("flushed", b"value")
        expect(client.flush_all(), True)
        expect(client.get("flushed"), None)
        expect(client.add("flushed", b"again"), True)

    def stats():
        client.set("counted", b"value")
        [shown] = client.stats().values()
        expect(shown["cmd_set"].decode(), figure(host, port, "cmd_set"))
        [shown] = client.stats("settings").values()
        expect(shown["maxconns"], b"1024")

    def leave():
        expect_connections(host, port, 2)  # the client's and that which asks
        client.disconnect_all()
        expect_connections(host, port, 1)

    operation("set", lambda: expect(client.set("stored", b"value"), True))
    steps = {"get": get, "multi-get": multi_get, "add": add, "replace": replace, "cas": cas, "incr": incr, "decr": decr,
             "delete": delete, "expiry": expiry, "flags": flags, "large": large, "too-large": too_large,
             "long-key": long_key, "binary": binary, "flush": flush, "stats": stats, "quit": leave}
    for name, step in steps.items():
        operation(name, step)
    not_available("the client has no such call", "append", "prepend", "touch", "version")


if __name__ == "__main__":
    check(sys.argv[1], int(sys.argv[2]))
