#!/usr/bin/ruby
# frozen_string_literal: true

# Every operation of the matrix through Dalli 3.0, binary protocol: dalli_check.rb HOST PORT.
require 'dalli'
require 'socket'

$stdout.sync = true
Dalli.logger.level = Logger::FATAL
HOST, PORT = ARGV
client = Dalli::Client.new("#{HOST}:#{PORT}", socket_timeout: 10, value_max_bytes: 4_000_000)

def operation(name)
  yield
  puts "ok #{name}"
rescue StandardError => e # any way a client complains is a failed operation, not the end of the run
  puts "FAIL #{name} #{"#{e.class}: #{e.message}".split.join(' ')[0, 200]}"
end

def expect(actual, wanted)
  raise "got #{actual.inspect[0, 80]}, wanted #{wanted.inspect[0, 80]}" unless actual == wanted
end

# Stored: the client answers with the new cas number, false when the server refused.
def stored(answer)
  expect(answer.is_a?(Integer) && answer.positive?, true)
end

def large_value(size)
  (0..size / 8).map { |i| format('%07x ', i) }.join[0, size]
end

# A figure of the general statistics, over a connection of our own.
def figure(name)
  Socket.tcp(HOST, PORT) do |connection|
    connection.write("stats\r\n")
    lines = []
    lines << connection.gets("\r\n").chomp until lines.last == 'END'
    lines.find { |line| line.start_with?("STAT #{name} ") }.split[2]
  end
end

# The server must soon have that many; one that is closed is counted until it is noticed.
def expect_connections(wanted)
  tries = 0
  sleep(0.02) until (there = figure('curr_connections')) == wanted || (tries += 1) > 250
  expect(there, wanted)
end

operation('set') { stored(client.set('stored', 'value')) }
operation('get') do
  client.set('present', 'value')
  expect(client.get('present'), 'value')
  expect(client.get('absent'), nil)
end
operation('multi-get') do # quiet gets with keys and a noop behind them
  there = (0..99).reject { |i| i % 10 == 3 }.to_h { |i| ["many#{i}", "value#{i}"] }
  client.multi { there.each { |key, value| client.set(key, value) } } # quiet sets
  expect(client.get_multi((0..99).map { |i| "many#{i}" }), there)
end
operation('add') do
  stored(client.add('added', 'first'))
  expect(client.add('added', 'second'), false)
  expect(client.get('added'), 'first')
end
operation('replace') do
  expect(client.replace('replaced', 'none'), 0) # not found: no cas number
  client.set('replaced', 'first')
  stored(client.replace('replaced', 'second'))
  expect(client.get('replaced'), 'second')
end
operation('append') do
  expect(client.append('appended', 'none'), false)
  client.set('appended', 'head', 0, raw: true)
  expect(client.append('appended', '-tail'), true)
  expect(client.get('appended'), 'head-tail')
end
operation('prepend') do
  expect(client.prepend('prepended', 'none'), false)
  client.set('prepended', 'tail', 0, raw: true)
  expect(client.prepend('prepended', 'head-'), true)
  expect(client.get('prepended'), 'head-tail')
end
operation('cas') do
  client.set('unique', 'first')
  value, token = client.get_cas('unique')
  expect(value, 'first')
  stored(client.set_cas('unique', 'second', token))
  expect(client.set_cas('unique', 'third', token), false)
  expect(client.replace_cas('unique', 'third', token), false)
  expect(client.delete_cas('unique', token), false)
  stored(client.cas('unique') { |old| "#{old}-seen" })
  expect(client.get('unique'), 'second-seen')
  expect(client.cas('never') { raise 'called for an absent key' }, nil)
end
operation('incr') do
  expect(client.incr('missing-number', 1), nil)
  expect(client.incr('born', 1, 0, 40), 40)
  client.set('up', '9', 0, raw: true)
  expect(client.incr('up', 3), 12)
end
operation('decr') do
  client.set('down', '10', 0, raw: true)
  expect(client.decr('down', 3), 7)
  expect(client.decr('down', 30), 0)
end
operation('delete') do
  client.set('deleted', 'value')
  expect(client.delete('deleted'), true)
  expect(client.get('deleted'), nil)
  expect(client.delete('deleted'), nil)
end
operation('touch') do
  client.set('cut', 'value')
  expect(client.touch('cut', 1), true)
  client.set('kept', 'value', 2)
  expect(client.gat('kept', 100), 'value')
  expect(client.touch('absent', 100), nil)
  sleep 3
  expect(client.get('cut'), nil)
  expect(client.get('kept'), 'value')
end
operation('expiry') do
  client.set('soon', 'value', 1)
  client.set('later', 'value', 2)
  expect(client.get('later'), 'value')
  sleep 3
  expect(client.get_multi('soon', 'later'), {})
end
operation('flags') do # the client marks serialized and compressed values in the flags
  client.set('object', { 'list' => [1, :two] })
  expect(client.get('object'), { 'list' => [1, :two] })
  client.set('raw', 'text', 0, raw: true)
  expect(client.get('raw'), 'text')
  client.set('squeezed', 'x' * 10_000, 0, compress: true)
  expect(client.get('squeezed'), 'x' * 10_000)
end
operation('large') do
  value = large_value(1_048_400)
  stored(client.set('large', value, 0, raw: true, compress: false))
  expect(client.get('large') == value, true)
end
operation('too-large') do
  client.set('before', 'value')
  answer = begin
    client.set('huge', large_value(2_000_000), 0, raw: true, compress: false)
  rescue Dalli::DalliError => e
    e.message =~ /too large|Response error 3/i ? false : e.message
  end
  expect(answer, false)
  expect(client.get('before'), 'value')
  expect(client.get('huge'), nil)
end
operation('long-key') do
  client.set('k' * 250, 'value')
  expect(client.get('k' * 250), 'value')
end
operation('binary') do
  bytes = (0..255).to_a.pack('C*') + "\r\nEND\r\n\0".b
  client.set('bytes', bytes, 0, raw: true)
  expect(client.get('bytes').b, bytes)
  client.set('klíč-数', 'žluť, 数据')
  expect(client.get('klíč-数'), 'žluť, 数据')
end
operation('flush') do
  client.set('flushed', 'value')
  expect(client.flush, [true])
  expect(client.get('flushed'), nil)
  stored(client.add('flushed', 'again'))
end
operation('version') { expect(client.version.values.first.match?(/\A\d+\.\d+\.\d+/), true) }
operation('stats') do
  client.set('counted', 'value')
  expect(client.stats.values.first['cmd_set'], figure('cmd_set'))
  expect(client.stats(:settings).values.first['maxconns'], '1024')
end
operation('quit') do
  expect_connections('2') # the client's and that which asks
  client.close
  expect_connections('1')
end
