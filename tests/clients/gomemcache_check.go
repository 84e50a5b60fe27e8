// Every operation of the matrix through bradfitz/gomemcache: gomemcache_check HOST PORT.
package main

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"strings"
	"time"

	"github.com/bradfitz/gomemcache/memcache"
)

func operation(name string, step func()) {
	defer func() {
		if failure := recover(); failure != nil {
			reason := strings.Join(strings.Fields(fmt.Sprint(failure)), " ")
			fmt.Println("FAIL", name, fmt.Sprintf("%.200s", reason))
			return
		}
		fmt.Println("ok", name)
	}()
	step()
}

func expect(actual, wanted interface{}) {
	if actual != wanted {
		panic(fmt.Sprintf("got %.80v, wanted %.80v", actual, wanted))
	}
}

func largeValue(size int) []byte {
	var value bytes.Buffer
	for i := 0; value.Len() < size; i++ {
		fmt.Fprintf(&value, "%07x ", i)
	}
	return value.Bytes()[:size]
}

func item(key, value string, expiration int32) *memcache.Item {
	return &memcache.Item{Key: key, Value: []byte(value), Expiration: expiration}
}

type checker struct{ *memcache.Client }

func (c checker) store(key, value string, expiration int32) {
	expect(c.Set(item(key, value, expiration)), nil)
}

func (c checker) holds(key, value string) {
	found, err := c.Get(key)
	expect(err, nil)
	expect(string(found.Value), value)
}

func (c checker) misses(key string) {
	_, err := c.Get(key)
	expect(err, memcache.ErrCacheMiss)
}

func (c checker) multiGet() {
	var keys []string
	for i := 0; i < 100; i++ {
		keys = append(keys, fmt.Sprint("many", i))
		if i%10 != 3 {
			c.store(keys[i], fmt.Sprint("value", i), 0)
		}
	}
	found, err := c.GetMulti(keys)
	expect(err, nil)
	expect(len(found), 90)
	for key, got := range found {
		expect(string(got.Value), "value"+strings.TrimPrefix(key, "many"))
	}
}

func (c checker) cas() {
	c.store("unique", "first", 0)
	mine, err := c.Client.Get("unique")
	expect(err, nil)
	mine.Value = []byte("second")
	expect(c.CompareAndSwap(mine), nil)
	expect(c.CompareAndSwap(mine), memcache.ErrCASConflict)
	expect(c.Delete("unique"), nil)
	expect(c.CompareAndSwap(mine), memcache.ErrCacheMiss)
}

func (c checker) count(change func(string, uint64) (uint64, error), key string, delta, wanted uint64) {
	got, err := change(key, delta)
	expect(err, nil)
	expect(got, wanted)
}

func (c checker) touch() {
	c.store("cut", "value", 0)
	expect(c.Touch("cut", 1), nil)
	c.store("kept", "value", 2)
	expect(c.Touch("kept", 100), nil)
	expect(c.Touch("absent", 100), memcache.ErrCacheMiss)
	time.Sleep(3 * time.Second)
	c.misses("cut")
	c.holds("kept", "value")
}

func (c checker) expiry() {
	c.store("soon", "value", 1)
	c.store("later", "value", 2)
	c.holds("later", "value")
	time.Sleep(3 * time.Second)
	c.misses("soon")
	c.misses("later")
}

func (c checker) flags() {
	flagged := item("flagged", "value", 0)
	flagged.Flags = 4294967295
	expect(c.Set(flagged), nil)
	found, err := c.Get("flagged")
	expect(err, nil)
	expect(found.Flags, uint32(4294967295))
}

func (c checker) tooLarge() {
	c.store("before", "value", 0)
	if err := c.Set(&memcache.Item{Key: "huge", Value: largeValue(2000000)}); err == nil {
		panic("stored")
	} else if !strings.Contains(err.Error(), "SERVER_ERROR") {
		panic(err)
	}
	c.holds("before", "value")
	c.misses("huge")
}

func main() {
	c := checker{memcache.New(net.JoinHostPort(os.Args[1], os.Args[2]))}
	c.Timeout = 10 * time.Second
	notAvailable := "this version of the client has no such call"

	operation("set", func() { c.store("stored", "value", 0) })
	operation("get", func() { c.store("present", "value", 0); c.holds("present", "value"); c.misses("absent") })
	operation("multi-get", c.multiGet)
	operation("add", func() {
		expect(c.Add(item("added", "first", 0)), nil)
		expect(c.Add(item("added", "second", 0)), memcache.ErrNotStored)
		c.holds("added", "first")
	})
	operation("replace", func() {
		expect(c.Replace(item("replaced", "none", 0)), memcache.ErrNotStored)
		c.store("replaced", "first", 0)
		expect(c.Replace(item("replaced", "second", 0)), nil)
		c.holds("replaced", "second")
	})
	fmt.Println("n/a append", notAvailable)
	fmt.Println("n/a prepend", notAvailable)
	operation("cas", c.cas)
	operation("incr", func() {
		_, err := c.Increment("missing-number", 1)
		expect(err, memcache.ErrCacheMiss)
		c.store("up", "9", 0)
		c.count(c.Increment, "up", 3, 12)
	})
	operation("decr", func() {
		c.store("down", "10", 0)
		c.count(c.Decrement, "down", 3, 7)
		c.count(c.Decrement, "down", 30, 0)
	})
	operation("delete", func() {
		c.store("deleted", "value", 0)
		expect(c.Delete("deleted"), nil)
		c.misses("deleted")
		expect(c.Delete("deleted"), memcache.ErrCacheMiss)
	})
	operation("touch", c.touch)
	operation("expiry", c.expiry)
	operation("flags", c.flags)
	operation("large", func() {
		value := string(largeValue(1048400))
		c.store("large", value, 0)
		c.holds("large", value)
	})
	operation("too-large", c.tooLarge)
	operation("long-key", func() { key := strings.Repeat("k", 250); c.store(key, "value", 0); c.holds(key, "value") })
	operation("binary", func() {
		var value []byte
		for i := 0; i < 256; i++ {
			value = append(value, byte(i))
		}
		bytes := string(value) + "\r\nEND\r\n\x00žluť, 数据"
		c.store("bytes", bytes, 0)
		c.holds("bytes", bytes)
		c.store("text", "žluť, 数据", 0)
		c.holds("text", "žluť, 数据")
	})
	operation("flush", func() {
		c.store("flushed", "value", 0)
		expect(c.FlushAll(), nil)
		c.misses("flushed")
		expect(c.Add(item("flushed", "again", 0)), nil)
	})
	for _, name := range []string{"version", "stats", "quit"} {
		fmt.Println("n/a", name, notAvailable)
	}
}
