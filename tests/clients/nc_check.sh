#!/bin/bash
# Every operation of the matrix as a person at netcat would type it: nc_check.sh HOST PORT. One connection an operation.
source "$(dirname "$0")/report.sh"
host=$1 port=$2

# session FUNCTION: runs FUNCTION with `say` and `hear` joined to a new netcat; the subshell of `operation` ends it.
session() {
  coproc NC { exec nc "$host" "$port"; }
  trap 'kill "$NC_PID" 2>/dev/null' EXIT
  trap '' PIPE  # a server that hangs up shows as an answer that is missing
  exec {from}<&"${NC[0]}" {to}>&"${NC[1]}"
  "$1" && say quit
}

say() { printf '%s\r\n' "$@" >&"$to"; }  # each argument is a line

hear() {  # the next lines must be these, to the byte
  local wanted line
  for wanted in "$@"; do
    IFS= read -r -t 10 line <&"$from" || fail "no answer, wanted '${wanted:0:80}'"
    expect "$line" "$wanted"$'\r'
  done
}

store() { say "set $1 0 ${3:-0} ${#2}" "$2" && hear STORED; }
holds() { say "get $1" && hear "VALUE $1 0 ${#2}" "$2" END; }
misses() { say "get $1" && hear END; }

check_set() { store stored value; }
check_get() { store present value && holds present value && misses absent; }

check_multi_get() {
  local i keys=() wanted=()
  for i in {0..99}; do
    keys+=("many$i")
    ((i % 10 == 3)) && continue
    store "many$i" "value$i"
    wanted+=("VALUE many$i 0 $((5 + ${#i}))" "value$i")
  done
  say "get ${keys[*]}"
  hear "${wanted[@]}" END
}

check_add() {
  say "add added 0 0 5" first && hear STORED
  say "add added 0 0 6" second && hear NOT_STORED
  holds added first
}

check_replace() {
  say "replace replaced 0 0 4" none && hear NOT_STORED
  store replaced first
  say "replace replaced 0 0 6" second && hear STORED
  holds replaced second
}

check_append() {
  say "append appended 0 0 4" none && hear NOT_STORED
  store appended head
  say "append appended 0 0 5" -tail && hear STORED
  holds appended head-tail
}

check_prepend() {
  say "prepend prepended 0 0 4" none && hear NOT_STORED
  store prepended tail
  say "prepend prepended 0 0 5" head- && hear STORED
  holds prepended head-tail
}

check_cas() {
  local line token
  store unique first
  say "gets unique"
  IFS= read -r -t 10 line <&"$from"
  [[ $line =~ ^"VALUE unique 0 5 "([0-9]+)$'\r'$ ]] || fail "no cas token in '$line'"
  token=${BASH_REMATCH[1]}
  hear first END
  say "cas unique 0 0 6 $token" second && hear STORED
  say "cas unique 0 0 5 $token" third && hear EXISTS
  say "cas never 0 0 5 $token" value && hear NOT_FOUND
  holds unique second
}

check_incr() {
  say "incr missing-number 1" && hear NOT_FOUND
  store up 9 && say "incr up 3" && hear 12
  store text value && say "incr text 1" && hear "CLIENT_ERROR cannot increment or decrement non-numeric value"
}

check_decr() {
  store down 10
  say "decr down 3" && hear 7
  say "decr down 30" && hear 0
}

check_delete() {
  store deleted value
  say "delete deleted" && hear DELETED
  misses deleted
  say "delete deleted" && hear NOT_FOUND
}

check_touch() {
  store cut value && say "touch cut 1" && hear TOUCHED
  store kept value 2 && say "touch kept 100" && hear TOUCHED
  say "touch absent 100" && hear NOT_FOUND
  sleep 3
  misses cut && holds kept value
}

check_expiry() {
  store soon value 1 && store later value 2
  holds later value
  sleep 3
  misses soon && misses later
}

check_flags() {
  say "set flagged 4294967295 0 5" value && hear STORED
  say "get flagged" && hear "VALUE flagged 4294967295 5" value END
}

check_large() {
  local value
  value=$(large_value 1000000)
  store large "$value"
  say "get large" && hear "VALUE large 0 1000000"
  expect "$(head -c 1000000 <&"$from" | sha256sum)" "$(printf %s "$value" | sha256sum)"
  hear "" END
}

check_too_large() {
  store before value
  say "set huge 0 0 2000000" "$(large_value 2000000)" && hear "SERVER_ERROR object too large for cache"
  holds before value && misses huge
}

check_long_key() {
  local key
  key=$(printf 'k%.0s' {1..250})
  store "$key" value && holds "$key" value
  say "get ${key}k" && hear "CLIENT_ERROR bad command line format"
}

for name in set get multi-get add replace append prepend cas incr decr delete touch expiry flags large too-large \
            long-key; do
  run_check() { session "check_${name//-/_}"; }
  operation "$name" run_check
done
