#!/usr/bin/python3
"""Every operation of the matrix through pylibmc (libmemcached): pylibmc_check.py HOST PORT.

In the text protocol, or in the binary one with CLIENT_PROTOCOL=binary.
"""
import os
import sys
import time

import pylibmc

from report import BINARY_VALUE, expect, expect_connections, figure, large_value, not_available, operation, refused


def check(host, port):
    client = pylibmc.Client([f"{host}:{port}"], binary=os.environ.get("CLIENT_PROTOCOL") == "binary",
                            behaviors={"cas": True, "receive_timeout": 10000000})

    def get():
        client.set("present", b"value")
        expect(client.get("present"), b"value")
        expect(client.get("absent"), None)

    def multi_get():
        there = {f"many{i}": b"value%d" % i for i in range(100) if i % 10 != 3}
        expect(client.set_multi(there), [])
        expect(client.get_multi([f"many{i}" for i in range(100)]), there)

    def add():
        expect(client.add("added", b"first"), True)
        expect(client.add("added", b"second"), False)
        expect(client.get("added"), b"first")

    def replace():
        refused(lambda: client.replace("replaced", b"none"), pylibmc.NotFound)  # or False: the protocols differ
        client.set("replaced", b"first")
        expect(client.replace("replaced", b"second"), True)
        expect(client.get("replaced"), b"second")

    def append():
        expect(client.append("appended", b"none"), False)
        client.set("appended", b"head")
        expect(client.append("appended", b"-tail"), True)
        expect(client.get("appended"), b"head-tail")

    def prepend():
        expect(client.prepend("prepended", b"none"), False)
        client.set("prepended", b"tail")
        expect(client.prepend("prepended", b"head-"), True)
        expect(client.get("prepended"), b"head-tail")

    def cas():
        client.set("unique", b"first")
        value, token = client.gets("unique")
        expect(value, b"first")
        expect(client.cas("unique", b"second", token), True)
        expect(client.cas("unique", b"third", token), False)
        refused(lambda: client.cas("never", b"value", token), pylibmc.NotFound)
        expect(client.get("unique"), b"second")

    def incr():
        refused(lambda: client.incr("missing-number"), pylibmc.NotFound)
        client.set("up", 9)
        expect(client.incr("up", 3), 12)

    def decr():
        client.set("down", 10)
        expect(client.decr("down", 3), 7)
        expect(client.decr("down", 30), 0)

    def delete():
        client.set("deleted", b"value")
        expect(client.delete("deleted"), True)
        expect(client.get("deleted"), None)
        expect(client.delete("deleted"), False)

    def touch():
        client.set("cut", b"value")
        expect(client.touch("cut", 1), True)
        client.set("kept", b"value", time=2)
        expect(client.touch("kept", 100), True)
        expect(client.touch("absent", 100), False)
        time.sleep(3)
        expect(client.get("cut"), None)
        expect(client.get("kept"), b"value")

    def expiry():
        client.set("soon", b"value", time=1)
        client.set("later", b"value", time=2)
        expect(client.get("later"), b"value")
        time.sleep(3)
        expect(client.get_multi(["soon", "later"]), {})

    def flags():  # pylibmc keeps the type of a value in the flags
        values = {"int": 7, "str": "text", "bytes": b"raw", "object": {"a": [1, 2]}}
        expect(client.set_multi(values), [])
        expect({key: (type(value), value) for key, value in client.get_multi(list(values)).items()},
               {key: (type(value), value) for key, value in values.items()})

    def large():
        value = large_value(1048400)
        expect(client.set("large", value), True)
        expect(client.get("large") == value, True)

    def too_large():
        client.set("before", b"value")
        refused(lambda: client.set("huge", large_value(2000000)), pylibmc.TooBig)
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
        [(_, shown)] = client.get_stats()
        expect(shown["cmd_set"].decode(), figure(host, port, "cmd_set"))

    def leave():
        expect_connections(host, port, 2)  # the client's and that which asks
        client.disconnect_all()
        expect_connections(host, port, 1)

    operation("set", lambda: expect(client.set("stored", b"value"), True))
    operation("get", get)
    operation("multi-get", multi_get)
    operation("add", add)
    operation("replace", replace)
    operation("append", append)
    operation("prepend", prepend)
    operation("cas", cas)
    operation("incr", incr)
    operation("decr", decr)
    operation("delete", delete)
    operation("touch", touch)
    operation("expiry", expiry)
    operation("flags", flags)
    operation("large", large)
    operation("too-large", too_large)
    operation("long-key", long_key)
    operation("binary", binary)
    operation("flush", flush)
    not_available("pylibmc has no call for it; its stats show the version", "version")
    operation("stats", stats)
    operation("quit", leave)


if __name__ == "__main__":
    check(sys.argv[1], int(sys.argv[2]))
