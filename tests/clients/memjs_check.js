#!/usr/bin/env node
// Every operation of the matrix through node's memjs, binary protocol (found on NODE_PATH): memjs_check.js HOST PORT.
'use strict';
const memjs = require('memjs');
const { expect, figure, largeValue, notAvailable, operation, wait, waitForConnections } = require('./report.js');

const [host, port] = process.argv.slice(2);
const client = memjs.Client.create(`${host}:${port}`,
  { timeout: 10, retries: 0, logger: { log: () => {} } }); // a refused operation is logged, too

const text = (key) => client.get(key).then(({ value }) => value && value.toString());
const store = (key, value, expires = 0) => expect(client.set(key, value, { expires }), true);
const holds = (key, value) => expect(text(key), value);
const misses = (key) => expect(text(key), null);

// Refused by the server: a plain false, or an error with this message.
async function refused(promise, message = /^$/) {
  await expect(promise.catch((error) => !message.test(error.message) && error.message), false);
}

// The statistics of one kind, '' for the general ones.
const stats = (kind) => new Promise((done, failed) =>
  client.statsWithKey(kind, (error, _, found) => error ? failed(error) : done(found)));

async function touch() {
  await store('cut', 'value');
  await expect(client.touch('cut', 1), true);
  await store('kept', 'value', 2);
  await expect(client.touch('kept', 100), true);
  await refused(client.touch('absent', 100));
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
  await operation('add', async () => {
    await expect(client.add('added', 'first', {}), true);
    await refused(client.add('added', 'second', {}));
    await holds('added', 'first');
  });
  await operation('replace', async () => {
    await refused(client.replace('replaced', 'none', {}));
    await store('replaced', 'first');
    await expect(client.replace('replaced', 'second', {}), true);
    await holds('replaced', 'second');
  });
  await operation('append', async () => {
    await refused(client.append('appended', 'none'), /Not stored/i);
    await store('appended', 'head');
    await expect(client.append('appended', '-tail'), true);
    await holds('appended', 'head-tail');
  });
  await operation('incr', async () => { // this client always lets the server create what is absent
    await expect(client.increment('up', 3, { initial: 9 }), { success: true, value: 9 });
    await expect(client.increment('up', 3, {}), { success: true, value: 12 });
    await store('text', 'value');
    await refused(client.increment('text', 1, {}), /non-numeric/i);
  });
  await operation('decr', async () => {
    await expect(client.decrement('down', 3, { initial: 10 }), { success: true, value: 10 });
    await expect(client.decrement('down', 3, {}), { success: true, value: 7 });
    await expect(client.decrement('down', 30, {}), { success: true, value: 0 });
  });
  await operation('delete', async () => {
    await store('deleted', 'value');
    await expect(client.delete('deleted'), true);
    await misses('deleted');
    await refused(client.delete('deleted'));
  });
  await operation('touch', touch);
  await operation('expiry', expiry);
  await operation('large', async () => {
    const value = largeValue(1048400);
    await store('large', value);
    await expect(text('large').then((found) => found === value), true);
  });
  await operation('too-large', async () => {
    await store('before', 'value');
    await refused(client.set('huge', largeValue(2000000), {}), /too large/i);
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
    await expect(client.get('bytes').then((found) => found.value.equals(value)), true);
    await store('klíč-数', 'žluť, 数据');
    await holds('klíč-数', 'žluť, 数据');
  });
  await operation('flush', async () => {
    await store('flushed', 'value');
    await expect(client.flush(), { [`${host}:${port}`]: true });
    await misses('flushed');
    await expect(client.add('flushed', 'again', {}), true);
  });
  await operation('stats', async () => {
    await store('counted', 'value');
    await expect(stats('').then((found) => found.cmd_set), await figure(host, port, 'cmd_set'));
    await expect(stats('settings').then((found) => found.maxconns), '1024');
  });
  await operation('quit', async () => {
    await waitForConnections(host, port, 2); // the client's and that which asks
    client.quit();
    await waitForConnections(host, port, 1);
  });
  notAvailable('the client has no such call', 'multi-get', 'cas', 'version');
  notAvailable('memjs 1.3.2 sends the opcode of append for it', 'prepend');
  notAvailable('the client sends no flags of its own and hides those it gets from its default reader', 'flags');
}

main().then(() => process.exit(0));
