#!/usr/bin/perl
# Every operation of the matrix through Cache::Memcached::Fast: perl_fast_check.pl HOST PORT.
# Scalars are told apart by defined: the client answers undef for an error or a miss, '' for a refusal.
use strict;
use warnings;
use Cache::Memcached::Fast;
use IO::Socket::INET;

$| = 1;
my ($host, $port) = @ARGV;
my $client = Cache::Memcached::Fast->new(
    { servers => ["$host:$port"], max_size => 4_000_000, connect_timeout => 10, io_timeout => 10 });

sub operation {
    my ($name, $step) = @_;
    if (eval { $step->(); 1 }) { print "ok $name\n"; return }
    my $reason = substr($@, 0, 200);
    $reason =~ s/\s+/ /g;
    print "FAIL $name $reason\n";
}

sub expect($$) {    # the prototype asks the client in scalar context, where a miss is undef and not an empty list
    my ($actual, $wanted) = map { defined $_ ? $_ : 'undef' } @_;
    die sprintf("got '%.80s', wanted '%.80s'\n", $actual, $wanted) if $actual ne $wanted;
}

# A figure of the general statistics, over a connection of our own.
sub figure {
    my $name = shift;
    my $connection = IO::Socket::INET->new(PeerAddr => $host, PeerPort => $port, Timeout => 10)
        or die "no connection\n";
    print {$connection} "stats\r\n";
    my $figure;
    while (defined(my $line = <$connection>)) {
        $figure = $1 if $line =~ /^STAT $name (\d+)/;
        return $figure if $line =~ /^END/;
    }
    die "no statistics\n";
}

# The server must soon have that many; one that is closed is counted until it is noticed.
sub expect_connections {
    my $wanted = shift;
    my $there;
    for (1 .. 250) {
        $there = figure('curr_connections');
        last if $there == $wanted;
        select undef, undef, undef, 0.02;
    }
    expect($there, $wanted);
}

sub misses { expect($client->get(shift), undef) }

sub large_value { my $size = shift; substr(join('', map { sprintf '%07x ', $_ } 0 .. $size / 8), 0, $size) }

operation('set', sub { expect($client->set('stored', 'value'), 1) });
operation('get', sub {
    $client->set('present', 'value');
    expect($client->get('present'), 'value');
    misses('absent');
});
operation('multi-get', sub {
    my %there = map { ("many$_" => "value$_") } grep { $_ % 10 != 3 } 0 .. 99;
    $client->set_multi(map { [$_ => $there{$_}] } keys %there);
    my $got = $client->get_multi(map { "many$_" } 0 .. 99);
    expect(join(' ', map { "$_=$got->{$_}" } sort keys %$got), join(' ', map { "$_=$there{$_}" } sort keys %there));
});
operation('add', sub {
    expect($client->add('added', 'first'), 1);
    expect($client->add('added', 'second'), '');
    expect($client->get('added'), 'first');
});
operation('replace', sub {
    expect($client->replace('replaced', 'none'), '');
    $client->set('replaced', 'first');
    expect($client->replace('replaced', 'second'), 1);
    expect($client->get('replaced'), 'second');
});
operation('append', sub {
    expect($client->append('appended', 'none'), '');
    $client->set('appended', 'head');
    expect($client->append('appended', '-tail'), 1);
    expect($client->get('appended'), 'head-tail');
});
operation('prepend', sub {
    expect($client->prepend('prepended', 'none'), '');
    $client->set('prepended', 'tail');
    expect($client->prepend('prepended', 'head-'), 1);
    expect($client->get('prepended'), 'head-tail');
});
operation('cas', sub {
    $client->set('unique', 'first');
    my ($token, $value) = @{ $client->gets('unique') };
    expect($value, 'first');
    expect($client->cas('unique', $token, 'second'), 1);
    expect($client->cas('unique', $token, 'third'), '');
    expect($client->cas('never', $token, 'value'), '');
    expect($client->get('unique'), 'second');
});
operation('incr', sub {
    expect($client->incr('missing-number', 1), '');
    $client->set('up', 9);
    expect($client->incr('up', 3), 12);
});
operation('decr', sub {
    $client->set('down', 10);
    expect($client->decr('down', 3), 7);
    expect($client->decr('down', 30) + 0, 0);
});
operation('delete', sub {
    $client->set('deleted', 'value');
    expect($client->delete('deleted'), 1);
    misses('deleted');
    expect($client->delete('deleted'), '');
});
operation('touch', sub {
    $client->set('cut', 'value');
    expect($client->touch('cut', 1), 1);
    $client->set('kept', 'value', 2);
    expect($client->touch('kept', 100), 1);
    expect($client->touch('absent', 100), '');
    sleep 3;
    misses('cut');
    expect($client->get('kept'), 'value');
});
operation('expiry', sub {
    $client->set('soon', 'value', 1);
    $client->set('later', 'value', 2);
    expect($client->get('later'), 'value');
    sleep 3;
    expect(join(' ', keys %{ $client->get_multi('soon', 'later') }), '');
});
operation('flags', sub {    # the client marks serialized values in the flags
    $client->set('flagged', { list => [1, 2] });
    expect(ref $client->get('flagged'), 'HASH');
    expect(join(',', @{ $client->get('flagged')->{list} }), '1,2');
});
operation('large', sub {
    my $value = large_value(1_048_400);
    expect($client->set('large', $value), 1);
    expect($client->get('large') eq $value, 1);
});
operation('too-large', sub {
    $client->set('before', 'value');
    expect($client->set('huge', large_value(2_000_000)) ? 'stored' : 'refused', 'refused');
    expect($client->get('before'), 'value');
    misses('huge');
});
operation('long-key', sub {
    my $key = 'k' x 250;
    $client->set($key, 'value');
    expect($client->get($key), 'value');
});
operation('binary', sub {
    my $value = join('', map { chr } 0 .. 255) . "\r\nEND\r\n\0";
    $client->set('bytes', $value);
    expect(unpack('H*', $client->get('bytes')), unpack('H*', $value));
    my $letters = "\x{17e}lu\x{165}, \x{6570}\x{636e}";
    utf8::encode($letters);
    $client->set('text', $letters);
    expect($client->get('text'), $letters);
});
operation('flush', sub {
    $client->set('flushed', 'value');
    expect(join(' ', values %{ $client->flush_all }), 1);
    misses('flushed');
    expect($client->add('flushed', 'again'), 1);
});
operation('version', sub { expect((values %{ $client->server_versions })[0] =~ /^\d+\.\d+\.\d+/, 1) });
operation('quit', sub {
    expect_connections(2);    # the client's and that which asks
    $client->disconnect_all;
    expect_connections(1);
});
print "n/a stats the client has no such call\n";
