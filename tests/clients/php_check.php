#!/usr/bin/php
<?php
// Every operation of the matrix through php-memcached (libmemcached): php_check.php HOST PORT.
// In the text protocol, or in the binary one with CLIENT_PROTOCOL=binary.
declare(strict_types=1);

[, $host, $port] = $argv;
$binary = getenv('CLIENT_PROTOCOL') === 'binary';
$client = new Memcached();
$client->setOptions([Memcached::OPT_BINARY_PROTOCOL => $binary,
                     Memcached::OPT_COMPRESSION => false,
                     Memcached::OPT_CONNECT_TIMEOUT => 10000, Memcached::OPT_POLL_TIMEOUT => 10000]);
$client->addServer($host, (int) $port);

function operation(string $name, callable $step): void {
    try {
        $step();
        echo "ok $name\n";
    } catch (Throwable $error) {
        echo "FAIL $name ", preg_replace('/\s+/', ' ', substr($error->getMessage(), 0, 200)), "\n";
    }
}

function expect(mixed $actual, mixed $wanted): void {
    global $client;
    if ($actual !== $wanted) {
        throw new Exception(sprintf('got %.80s, wanted %.80s (%s)', json_encode($actual), json_encode($wanted),
                                    $client->getResultMessage()));
    }
}

/** The last operation must have been refused in just this way. */
function refused(mixed $actual, int $code): void {
    global $client;
    expect($actual, false);
    expect($client->getResultCode(), $code);
}

/** The general statistics as another client sees them. */
function statistics(): array {
    global $host, $port;
    $other = new Memcached();
    $other->addServer($host, (int) $port);
    $found = $other->getStats()["$host:$port"];
    $other->quit();
    return $found;
}

/** The server must soon have that many; one that is closed is counted until it is noticed. */
function expect_connections(int $wanted): void {
    for ($tries = 0; $tries < 250; ++$tries) {
        $there = (int) statistics()['curr_connections'];
        if ($there === $wanted) return;
        usleep(20000);
    }
    expect($there, $wanted);
}

function large_value(int $size): string {
    return substr(implode('', array_map(fn($i) => sprintf('%07x ', $i), range(0, intdiv($size, 8)))), 0, $size);
}

operation('set', fn() => expect($client->set('stored', 'value'), true));
operation('get', function () use ($client) {
    $client->set('present', 'value');
    expect($client->get('present'), 'value');
    refused($client->get('absent'), Memcached::RES_NOTFOUND);
});
operation('multi-get', function () use ($client) {
    $there = [];
    foreach (range(0, 99) as $i) {
        if ($i % 10 != 3) $there["many$i"] = "value$i";
    }
    expect($client->setMulti($there), true);
    $got = $client->getMulti(array_map(fn($i) => "many$i", range(0, 99)), Memcached::GET_PRESERVE_ORDER);
    expect(array_filter($got, fn($value) => $value !== null), $there);
});
operation('add', function () use ($client, $binary) {
    expect($client->add('added', 'first'), true);
    refused($client->add('added', 'second'), $binary ? Memcached::RES_DATA_EXISTS : Memcached::RES_NOTSTORED);
    expect($client->get('added'), 'first');
});
operation('replace', function () use ($client, $binary) {
    refused($client->replace('replaced', 'none'), $binary ? Memcached::RES_NOTFOUND : Memcached::RES_NOTSTORED);
    $client->set('replaced', 'first');
    expect($client->replace('replaced', 'second'), true);
    expect($client->get('replaced'), 'second');
});
operation('append', function () use ($client) {
    refused($client->append('appended', 'none'), Memcached::RES_NOTSTORED);
    $client->set('appended', 'head');
    expect($client->append('appended', '-tail'), true);
    expect($client->get('appended'), 'head-tail');
});
operation('prepend', function () use ($client) {
    refused($client->prepend('prepended', 'none'), Memcached::RES_NOTSTORED);
    $client->set('prepended', 'tail');
    expect($client->prepend('prepended', 'head-'), true);
    expect($client->get('prepended'), 'head-tail');
});
operation('cas', function () use ($client) {
    $client->set('unique', 'first');
    $found = $client->get('unique', null, Memcached::GET_EXTENDED);
    expect($found['value'], 'first');
    expect($client->cas($found['cas'], 'unique', 'second'), true);
    refused($client->cas($found['cas'], 'unique', 'third'), Memcached::RES_DATA_EXISTS);
    refused($client->cas($found['cas'], 'never', 'value'), Memcached::RES_NOTFOUND);
    expect($client->get('unique'), 'second');
});
operation('incr', function () use ($client) {
    refused($client->increment('missing-number'), Memcached::RES_NOTFOUND);
    $client->set('up', 9);
    expect($client->increment('up', 3), 12);
});
operation('decr', function () use ($client) {
    $client->set('down', 10);
    expect($client->decrement('down', 3), 7);
    expect($client->decrement('down', 30), 0);
});
operation('delete', function () use ($client) {
    $client->set('deleted', 'value');
    expect($client->delete('deleted'), true);
    refused($client->get('deleted'), Memcached::RES_NOTFOUND);
    refused($client->delete('deleted'), Memcached::RES_NOTFOUND);
});
operation('touch', function () use ($client) {
    $client->set('cut', 'value');
    expect($client->touch('cut', 1), true);
    $client->set('kept', 'value', 2);
    expect($client->touch('kept', 100), true);
    refused($client->touch('absent', 100), Memcached::RES_NOTFOUND);
    sleep(3);
    refused($client->get('cut'), Memcached::RES_NOTFOUND);
    expect($client->get('kept'), 'value');
});
operation('expiry', function () use ($client) {
    $client->set('soon', 'value', 1);
    $client->set('later', 'value', 2);
    expect($client->get('later'), 'value');
    sleep(3);
    expect($client->getMulti(['soon', 'later']), []);
});
operation('flags', function () use ($client) {  // 16 bits are the user's; the client keeps the type in the others
    $client->setOption(Memcached::OPT_USER_FLAGS, 65535);
    expect($client->set('flagged', ['a' => 1.5]), true);
    $found = $client->get('flagged', null, Memcached::GET_EXTENDED);
    $client->setOption(Memcached::OPT_USER_FLAGS, -1);
    expect([$found['value'], $found['flags']], [['a' => 1.5], 65535]);
});
operation('large', function () use ($client) {
    $value = large_value(1048400);
    expect($client->set('large', $value), true);
    expect($client->get('large') === $value, true);
});
operation('too-large', function () use ($client) {
    $client->set('before', 'value');
    refused($client->set('huge', large_value(2000000)), Memcached::RES_E2BIG);
    expect($client->get('before'), 'value');
    refused($client->get('huge'), Memcached::RES_NOTFOUND);
});
operation('long-key', function () use ($client) {
    $key = str_repeat('k', 250);
    expect($client->set($key, 'value'), true);
    expect($client->get($key), 'value');
});
operation('binary', function () use ($client) {
    $bytes = implode('', array_map('chr', range(0, 255))) . "\r\nEND\r\n\0" . 'žluť, 数据';
    expect($client->set('bytes', $bytes), true);
    expect(bin2hex($client->get('bytes')), bin2hex($bytes));
});
operation('flush', function () use ($client) {
    $client->set('flushed', 'value');
    expect($client->flush(), true);
    refused($client->get('flushed'), Memcached::RES_NOTFOUND);
    expect($client->add('flushed', 'again'), true);
});
operation('version', function () use ($client, $host, $port) {
    expect(preg_match('/^\d+\.\d+\.\d+$/', $client->getVersion()["$host:$port"]), 1);
});
operation('stats', function () use ($client, $host, $port) {
    $client->set('counted', 'value');
    $found = $client->getStats()["$host:$port"];
    expect($found['cmd_set'], statistics()['cmd_set']);
    expect($found['cmd_set'] > 0, true);
    expect((int) $client->getStats('settings')["$host:$port"]['maxconns'], 1024);
});
operation('quit', function () use ($client) {
    expect_connections(2);  // the client's and that which asks
    expect($client->quit(), true);
    expect_connections(1);
});
