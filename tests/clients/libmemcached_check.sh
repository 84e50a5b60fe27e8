#!/bin/bash
# Every operation that libmemcached's command line tools have: libmemcached_check.sh HOST PORT. Keys are file names.
# In the text protocol, or in the binary one with CLIENT_PROTOCOL=binary.
source "$(dirname "$0")/report.sh"
host=$1 port=$2
files=$(mktemp -d)
trap 'rm -rf "$files"' EXIT
cd "$files" || exit 1
server=(--servers="$host:$port")
[[ ${CLIENT_PROTOCOL:-text} != binary ]] || server+=(--binary)

store() {  # store KEY VALUE [memccp option...]
  printf %s "$2" >"$1"
  memccp "${server[@]}" "${@:3}" "$1" || fail "memccp $1: exit status $?"
}
holds() { expect "$(memccat "${server[@]}" "$1")" "$2"; }
misses() { ! memcexist "${server[@]}" "$1" || fail "$1 is there"; }
refused() { ! "$@" >/dev/null 2>&1 || fail "$1 was not refused"; }

check_set() { store stored value; }
check_get() { store present value && holds present value && refused memccat "${server[@]}" absent; }

check_multi_get() {
  local i wanted=()
  for i in {0..99}; do
    ((i % 10 == 3)) && continue
    printf 'value%d' "$i" >"many$i"
    wanted+=("value$i")
  done
  memccp "${server[@]}" many* || fail "memccp: exit status $?"
  expect "$(memccat "${server[@]}" many{0..99} | sort)" "$(printf '%s\n' "${wanted[@]}" | sort)"
}

check_add() {
  store added first --add
  printf second >added
  refused memccp "${server[@]}" --add added
  holds added first
}

check_replace() {
  printf none >replaced
  refused memccp "${server[@]}" --replace replaced
  store replaced first
  store replaced second --replace
  holds replaced second
}

check_delete() {
  store deleted value
  memcrm "${server[@]}" deleted || fail "memcrm: exit status $?"
  misses deleted
  refused memcrm "${server[@]}" deleted
}

check_touch() {
  store cut value
  memctouch "${server[@]}" --expire=1 cut || fail "memctouch: exit status $?"
  store kept value --expire=2
  memctouch "${server[@]}" --expire=100 kept || fail "memctouch: exit status $?"
  refused memctouch "${server[@]}" --expire=100 absent
  sleep 3
  misses cut
  holds kept value
}

check_expiry() {
  store soon value --expire=1
  store later value --expire=2
  holds later value
  sleep 3
  misses soon
  misses later
}

check_flags() {
  store flagged value --flags=4242
  expect "$(memccat "${server[@]}" --flags flagged)" $'4242\nvalue'
}

check_large() {
  store large "$(large_value 1048400)"
  memccat "${server[@]}" --file=copy large || fail "memccat: exit status $?"
  cmp copy large || fail "another value came back"
}

check_too_large() {
  store before value
  large_value 2000000 >huge
  expect "$(memccp "${server[@]}" huge 2>&1)" "Error occurred during memcached_set('huge'): ITEM TOO BIG"
  holds before value
  misses huge
}

check_long_key() {
  local key
  key=$(printf 'k%.0s' {1..250})
  store "$key" value && holds "$key" value
}

check_exists() { store there value && memcexist "${server[@]}" there && misses absent; }
check_ping() { memcping "${server[0]}" || fail "memcping: exit status $?"; }
check_stats() {
  store counted value
  memcstat "${server[@]}" | grep -qE '^[[:space:]]*cmd_set: [1-9]' || fail "memcstat shows no sets"
}
# The tool takes the numbers out of the server's line.
check_version() {
  local line
  exec 3<>"/dev/tcp/$host/$port"
  printf 'version\r\n' >&3
  IFS= read -r -t 10 line <&3
  [[ $line =~ ^VERSION\ ([1-9][0-9]*\.[0-9]+\.[0-9]+) ]] || fail "got '$line'"
  expect "$(memcstat "${server[@]}" --server-version 2>&1)" "$host:$port ${BASH_REMATCH[1]}"
}

check_binary() {
  printf '%b' "$(printf '\\x%02x' {0..255})\r\nEND\r\n" >bytes
  memccp "${server[@]}" bytes || fail "memccp: exit status $?"
  memccat "${server[@]}" --file=copied bytes || fail "memccat: exit status $?"
  cmp copied bytes || fail "another value came back"
}

check_flush() {
  store flushed value
  memcflush "${server[@]}" || fail "memcflush: exit status $?"
  misses flushed
  store flushed again --add
}

for name in set get multi-get add replace delete touch expiry flags large too-large long-key binary flush version \
            stats exists; do
  operation "$name" "check_${name//-/_}"
done
if [[ ${CLIENT_PROTOCOL:-text} != binary ]]; then
  operation ping check_ping
else
  not_available "memcping has no --binary" ping
fi
not_available "none of the tools does it; memccapable covers the command" append prepend cas incr decr quit
