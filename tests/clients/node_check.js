#!/usr/bin/env node
// Every operation of the matrix through node's `memcached` package (found on NODE_PATH): node_check.js HOST PORT.
'use strict';
const assert = require('assert');
const util = require('util');
const Memcached = require('memcached');
const { expect, figure, largeValue, operation, wait, waitForConnections } = require('./report.js');

const [host, port] = process.argv.slice(2);
// After a SERVER_ERROR this client drops its connection and leaves the server alone for `retry` milliseconds.
const client = new Memcached(`${host}:${port}`,
  { poolSize: 1, timeout: 10000, idle: 30000, retries: 0, retry: 200, failures: 100, maxValue: 4000000 });
const call = (name, ...args) => util.promisify(client[name]).apply(client, args);

// The client answers a refusal either as an error or as false; both are refusals.
async function refused(promise, message) {
  const answer = await promise.catch((error) => {
    assert.match(String(error.message || error), message);
    return false;
  });
  assert.strictEqual(answer, false);
}

const store = (key, value, ttl = 0) => expect(call('set', key, value, ttl), true);
const holds = (key, value) => expect(call('get', key), value);
const misses = (key) => expect(call('get', key), undefined);

async function multiGet() {
  const keys = Array.from({ length: 100 }, (_, i) => `many${i}`);
  const there = Object.fromEntries(keys.filter((_, i) => i % 10 !== 3).map((key) => [key, `value of ${key}`]));
  await Promise.all(Object.entries(there).map(([key, value]) => store(key, value)));
  await expect(call('getMulti', keys).then((found) => ({ ...found })), there);
}

async function cas() {
  await store('unique', 'first');
  const found = await call('gets', 'unique');
  assert.strictEqual(found.unique, 'first');
  await expect(call('cas', 'unique', 'second', found.cas, 0), true);
  await refused(call('cas', 'unique', 'third', found.cas, 0), /exists/i);
  await holds('unique', 'second');
}

async function touch() {
  await store('cut', 'value');
  await expect(call('touch', 'cut', 1), true);
  await store('kept', 'value', 2);
  await expect(call('touch', 'kept', 100), true);
  await refused(call('touch', 'absent', 100), /not found/i);
  await wait(3);
  await misses('cut');
  await holds('kept', 'value');
}

async function expiry() {
  await store('soon', 'value', 1);
  await store('later', 'value', 2);
  await holds('later', 'value');
  await wait(3);
  await misses('soon');
  await misses('later');
}

async function main() {
  await operation('set', () => store('stored', 'value'));
  await operation('get', async () => {
    await store('present', 'value');
    await holds('present', 'value');
    await misses('absent');
  });
  await operation('multi-get', multiGet);
  await operation('add', async () => {
    await expect(call('add', 'added', 'first', 0), true);
    await refused(call('add', 'added', 'second', 0), /not stored/i);
    await holds('added', 'first');
  });
  await operation('replace', async () => {
    await refused(call('replace', 'replaced', 'none', 0), /not stored/i);
    await store('replaced', 'first');
    await expect(call('replace', 'replaced', 'second', 0), true);
    await holds('replaced', 'second');
  });
  await operation('append', async () => {
    await refused(call('append', 'appended', 'none'), /not stored/i);
    await store('appended', 'head');
    await expect(call('append', 'appended', '-tail'), true);
    await holds('appended', 'head-tail');
  });
  await operation('prepend', async () => {
    await refused(call('prepend', 'prepended', 'none'), /not stored/i);
    await store('prepended', 'tail');
    await expect(call('prepend', 'prepended', 'head-'), true);
    await holds('prepended', 'head-tail');
  });
  await operation('cas', cas);
  await operation('incr', async () => {
    await refused(call('incr', 'missing-number', 1), /not found/i);
    await store('up', 9);
    await expect(call('incr', 'up', 3), 12);
  });
  await operation('decr', async () => {
    await store('down', 10);
    await expect(call('decr', 'down', 3), 7);
    await expect(call('decr', 'down', 30), 0);
  });
  await operation('delete', async () => {
    await store('deleted', 'value');
    await expect(call('del', 'deleted'), true);
    await misses('deleted');
    await refused(call('del', 'deleted'), /not found/i);
  });
  await operation('touch', touch);
  await operation('expiry', expiry);
  await operation('flags', async () => { // the client keeps the type of a value in the flags
    await store('object', { list: [1, 'two'] });
    await holds('object', { list: [1, 'two'] });
    await store('buffer', Buffer.from([0, 1, 13, 10]));
    await holds('buffer', Buffer.from([0, 1, 13, 10]));
  });
  await operation('large', async () => {
    const value = largeValue(1048400);
    await store('large', value);
    assert.ok(await call('get', 'large') === value, 'another value came back');
  });
  await operation('too-large', async () => {
    await store('before', 'value');
    await refused(call('set', 'huge', largeValue(2000000), 0), /too large/);
    await wait(1);
    await holds('before', 'value');
    await misses('huge');
  });
  await operation('long-key', async () => {
    await store('k'.repeat(250), 'value');
    await holds('k'.repeat(250), 'value');
  });
  await operation('binary', async () => {
    const bytes = Array.from({ length: 256 }, (_, i) => i);
    const value = Buffer.concat([Buffer.from(bytes), Buffer.from('\r\nEND\r\n\0žluť, 数据')]);
    await store('bytes', value);
    await expect(call('get', 'bytes').then((found) => found.equals(value)), true);
    await store('text', 'žluť, 数据');
    await holds('text', 'žluť, 数据');
  });
  await operation('flush', async () => {
    await store('flushed', 'value');
    await expect(call('flush'), [true]);
    await misses('flushed');
    await expect(call('add', 'flushed', 'again', 0), true);
  });
  await operation('version', async () => {
    const [{ version }] = await call('version');
    assert.match(version, /^\d+\.\d+\.\d+/);
  });
  await operation('stats', async () => {
    await store('counted', 'value');
    const [general] = await call('stats');
    assert.strictEqual(String(general.cmd_set), await figure(host, port, 'cmd_set'));
    const [settings] = await call('settings');
    assert.strictEqual(String(settings.maxconns), '1024');
  });
  await operation('quit', async () => {
    await waitForConnections(host, port, 2); // the client's and that which asks
    client.end();
    await waitForConnections(host, port, 1);
  });
}

main().then(() => process.exit(0)); // the client's own timers would keep the process for hours
