# shellcheck shell=bash
# Every operation of the matrix as a person would type it into a terminal program, for sourcing: the checks of netcat
# and telnet. One connection an operation. They set `eol`, what ends a line at the terminal, and `greeting`, how many
# lines the program shows before the server's, may name in `lacking` what the program cannot do, and call
# `type_into PROGRAM HOST PORT`.
source "$(dirname "$0")/report.sh"
declare -A lacking  # operation -> reason

# session FUNCTION: runs FUNCTION with `say` and `hear` joined to a new program; the subshell of `operation` ends it.
session() {
  local line
  coproc TERMINAL { exec "${terminal[@]}" 2>/dev/null; }
  trap 'kill "$TERMINAL_PID" 2>/dev/null' EXIT
  trap '' PIPE  # a server that hangs up shows as an answer that is missing
  exec {from}<&"${TERMINAL[0]}" {to}>&"${TERMINAL[1]}"
  for ((line = 0; line < greeting; line++)); do read -r -t 10 <&"$from" || fail "no connection"; done
  "$1"
}

say() { printf "%s$eol\\n" "$@" >&"$to"; }  # each argument is a line

hear() {  # the next lines must be these, to the byte
  local wanted line
  for wanted in "$@"; do
    IFS= read -r -t 10 line <&"$from" || fail "no answer, wanted '${wanted:0:80}'"
    expect "$line" "$wanted$eol"
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
  [[ $line =~ ^"VALUE unique 0 5 "([0-9]+)"$eol"$ ]] || fail "no cas token in '$line'"
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
  value=$(large_value 1048400)
  store large "$value"
  say "get large" && hear "VALUE large 0 1048400"
  expect "$(head -c 1048400 <&"$from" | sha256sum)" "$(printf %s "$value" | sha256sum)"
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

# Letters of several bytes; a terminal sends no control characters.
check_binary() {
  say "set text 0 0 22" "žluť, 数据 – né" && hear STORED
  say "get text" && hear "VALUE text 0 22" "žluť, 数据 – né" END
}

check_flush() {
  store flushed value
  say flush_all && hear OK
  misses flushed
  say "add flushed 0 0 5" again && hear STORED
}

check_version() {
  local line
  say version
  IFS= read -r -t 10 line <&"$from"
  [[ $line =~ ^VERSION\ [0-9]+\.[0-9]+\.[0-9]+[^[:space:]]*"$eol"$ ]] || fail "got '$line'"
}

check_stats() {
  local line shown=()
  say stats
  while IFS= read -r -t 10 line <&"$from" && [[ $line != END"$eol" ]]; do
    [[ $line =~ ^STAT\ [^\ ]+\ ..*"$eol"$ ]] || fail "got '$line'"
    shown+=("${line%"$eol"}")
  done
  expect "$line" "END$eol"
  [[ " ${shown[*]} " =~ " STAT cmd_set "[1-9] ]] || fail "no sets are counted"
}

check_quit() {  # the server ends the connection: nothing more comes, not even a prompt
  local line
  say quit "get after"
  # Telnet ends by itself when the server closes, netcat when neither side has more to say.
  [[ ${terminal[0]} == telnet ]] || eval "exec $to>&- ${TERMINAL[1]}>&-"
  while true; do
    IFS= read -r -t 10 line <&"$from"
    case $? in
      0) [[ $line == *"closed by foreign host"* ]] || fail "got '$line' after quit" ;;
      1) return 0 ;;
      *) fail "the connection stays open" ;;
    esac
  done
}

type_into() {  # type_into PROGRAM ARGUMENT...
  local name
  terminal=("$@")
  for name in set get multi-get add replace append prepend cas incr decr delete touch expiry flags large too-large \
              long-key binary flush version stats quit; do
    [[ -z ${lacking[$name]:-} ]] || { not_available "${lacking[$name]}" "$name"; continue; }
    run_check() { session "check_${name//-/_}"; }
    operation "$name" run_check
  done
}
