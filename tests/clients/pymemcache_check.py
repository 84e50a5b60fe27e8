#!/usr/bin/python3
"""Every operation of the matrix through pymemcache: pymemcache_check.py HOST PORT. nutcracker_check.py uses it too."""
import re
import sys
import time

from pymemcache.client.base import Client
from pymemcache.exceptions import MemcacheServerError

from report import BINARY_VALUE, expect, expect_connections, figure, large_value, not_available, operation, refused


class FlagsSerde:
    """Shows the flags beside the value, which pymemcache hides by default."""

    def serialize(self, key, value):
        return value, 0

    def deserialize(self, key, value, flags):
        return value, flags


def check(host, port, lacking=None):
    """All operations but those in `lacking`, a name -> reason that something between client and server lacks."""
    client = Client((host, port), default_noreply=False, connect_timeout=10, timeout=10)

    def get():
        client.set("present", b"value")
        expect(client.get("present"), b"value")
        expect(client.get("absent"), None)

    def multi_get():
        there = {f"many{i}": b"value%d" % i for i in range(100) if i % 10 != 3}
        expect(client.set_many(there), [])
        expect(client.get_many([f"many{i}" for i in range(100)]), there)

    def add():
        expect(client.add("added", b"first"), True)
        expect(client.add("added", b"second"), False)
        expect(client.get("added"), b"first")

    def replace():
        expect(client.replace("replaced", b"none"), False)
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
        expect(client.cas("never", b"value", token), None)
        expect(client.get("unique"), b"second")

    def incr():
        expect(client.incr("missing-number", 1), None)
        client.set("up", b"9")
        expect(client.incr("up", 3), 12)

    def decr():
        client.set("down", b"10")
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
        client.set("kept", b"value", expire=2)
        expect(client.touch("kept", 100), True)
        expect(client.touch("absent", 100), False)
        time.sleep(3)
        expect(client.get("cut"), None)
        expect(client.get("kept"), b"value")

    def expiry():
        client.set("soon", b"value", expire=1)
        client.set("later", b"value", expire=2)
        expect(client.get("later"), b"value")
        time.sleep(3)
        expect(client.get_many(["soon", "later"]), {})

    def flags():
        seeing = Client((host, port), serde=FlagsSerde(), default_noreply=False, timeout=10)
        seeing.set("flagged", b"value", flags=4294967295)
        expect(seeing.get("flagged"), (b"value", 4294967295))
        seeing.close()

    def large():
        value = large_value(1048400)
        expect(client.set("large", value), True)
        expect(client.get("large") == value, True)

    def too_large():
        client.set("before", b"value")
        refused(lambda: client.set("huge", large_value(2000000)), MemcacheServerError)
        expect(client.get("before"), b"value")
        expect(client.get("huge"), None)

    def long_key():
        client.set("k" * 250, b"value")
        expect(client.get("k" * 250), b"value")

    def binary():
        client.set("bytes", BINARY_VALUE)
        expect(client.get("bytes"), BINARY_VALUE)
        client.set("empty", b"")
        expect(client.get("empty"), b"")

    def flush():
        client.set("flushed", b"value")
        expect(client.flush_all(), True)
        expect(client.get("flushed"), None)
        expect(client.add("flushed", b"again"), True)

    def version():
        expect(re.fullmatch(rb"\d+\.\d+\.\d+\S*", client.version()) is not None, True)

    def stats():
        client.set("counted", b"value")
        expect(client.stats()[b"cmd_set"], int(figure(host, port, "cmd_set")))
        expect(client.stats("settings")[b"maxconns"], 1024)

    def quit():
        expect_connections(host, port, 2)  # the client's and that which asks
        client.quit()
        expect_connections(host, port, 1)

    steps = {"get": get, "multi-get": multi_get, "add": add, "replace": replace, "append": append, "prepend": prepend,
             "cas": cas, "incr": incr, "decr": decr, "delete": delete, "touch": touch, "expiry": expiry, "flags": flags,
             "large": large, "too-large": too_large, "long-key": long_key, "binary": binary, "flush": flush,
             "version": version, "stats": stats, "quit": quit}
    operation("set", lambda: expect(client.set("stored", b"value"), True))
    for name, step in steps.items():
        if lacking and name in lacking:
            not_available(lacking[name], name)
        else:
            operation(name, step)
    client.close()


if __name__ == "__main__":
    check(sys.argv[1], int(sys.argv[2]))
