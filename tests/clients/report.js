// How node's checks report: one line an operation, `ok NAME`, `FAIL NAME reason` or `n/a NAME reason`.
'use strict';
const assert = require('assert');
const net = require('net');

const wait = (seconds) => new Promise((done) => setTimeout(done, seconds * 1000));

async function operation(name, step) {
  try {
    await step();
    console.log('ok', name);
  } catch (error) {
    console.log('FAIL', name, String(error && error.message || error).replace(/\s+/g, ' ').slice(0, 200));
  }
}

// What the client's own API lacks.
function notAvailable(reason, ...names) {
  for (const name of names) console.log('n/a', name, reason);
}

async function expect(actual, wanted) {
  assert.deepStrictEqual(await actual, wanted);
}

// Every 8-byte group differs, so that a lost or doubled piece cannot go unseen.
const largeValue = (size) =>
  Array.from({ length: Math.ceil(size / 8) }, (_, i) => i.toString(16).padStart(7, '0') + ' ').join('').slice(0, size);

// What the server itself says in its general statistics, over a connection of our own.
const figure = (host, port, name) => new Promise((done, failed) => {
  let answer = '';
  const socket = net.connect(port, host, () => socket.write('stats\r\n'));
  socket.setTimeout(10000, () => socket.destroy(new Error('no statistics')));
  socket.on('error', failed);
  socket.on('data', (piece) => {
    answer += piece;
    if (!answer.endsWith('END\r\n')) return;
    socket.destroy();
    const found = answer.match(new RegExp(`^STAT ${name} (.*)\r$`, 'm'));
    if (found) done(found[1]);
    else failed(new Error(`no ${name} in the statistics`));
  });
});

// The server must soon have that many connections; one that is closed is counted until it is noticed.
async function waitForConnections(host, port, wanted) {
  const until = Date.now() + 5000;
  let there;
  while ((there = Number(await figure(host, port, 'curr_connections'))) !== wanted && Date.now() < until) {
    await wait(0.02);
  }
  assert.strictEqual(there, wanted);
}

module.exports = { expect, figure, largeValue, notAvailable, operation, wait, waitForConnections };
