#!/bin/bash
# What memcached-tool shows an operator: memcached_tool_check.sh HOST PORT. It stores and reads no values of its own.
source "$(dirname "$0")/report.sh"
host=$1 port=$2

# The tool waits for ever for the END of an answer that is an error.
tool() { timeout 15 /usr/share/memcached/scripts/memcached-tool "$host:$port" "$1"; }

figure() {  # figure MODE NAME: the figure of that name
  tool "$1" | tr -d '\r' | awk -v name="$2" '$1 == name { print $2 }'
}

# Three items of one size, so that the figures have something to say.
seed() {
  local i line
  exec 3<>"/dev/tcp/$host/$port"
  for i in 1 2 3; do
    printf 'set seed%d 0 0 5\r\nvalue\r\n' "$i" >&3
    read -r -t 10 line <&3 && expect "$line" $'STORED\r'
  done
}

check_stats() {
  seed
  expect "$(figure stats curr_items)" 3
  expect "$(figure stats cmd_set)" 3
  [[ $(figure stats version) == [0-9]*.* ]] || fail "no version"
}

check_settings() {
  expect "$(figure settings maxbytes)" 67108864
  expect "$(figure settings cas_enabled)" yes
}

# The header and a line for the class of the seeds: number, chunk size, age, pages, items, full, evictions.
check_display() {
  local shown
  shown=$(tool display) || fail "exit status $?"
  [[ ${shown%%$'\n'*} =~ ^\ *#\ +Item_Size\ +Max_age\ +Pages\ +Count ]] || fail "no header: ${shown:0:80}"
  grep -qE '^ +[0-9]+ +[0-9.]+[BK] +[0-9]+s +[1-9][0-9]* +3 +(yes|no) +0 ' <<<"$shown" ||
    fail "no class: ${shown:80:160}"
}

# What it writes are the commands that would fill a server, values and all.
check_dump() {
  local shown i
  shown=$(tool dump 2>/dev/null | tr -d '\r') || fail "exit status $?"
  for i in 1 2 3; do [[ $shown == *"add seed$i 0 "*" 5"$'\n'"value"* ]] || fail "no seed$i in '${shown:0:160}'"; done
}

check_keys() {
  local shown i
  shown=$(tool keys 2>/dev/null) || fail "exit status $?"
  for i in 1 2 3; do grep -qE "^key=seed$i( |$)" <<<"$shown" || fail "no seed$i in '${shown:0:160}'"; done
}

# Sizes are counted if the server was started so; else the tool says that they are not.
check_sizes() {
  local shown
  shown=$(tool sizes 2>&1) || fail "exit status $?"
  [[ $shown == *"Size"*"Count"* || $shown == *isabled* ]] || fail "got '${shown:0:160}'"
}

operation stats check_stats
for name in settings display dump keys sizes; do operation "$name" "check_$name"; done
# shellcheck disable=SC2086  # the operations of the matrix, set by `run`
not_available "the tool only shows what is there" $(tr ' ' '\n' <<<"${CLIENT_OPERATIONS:-}" | grep -vx stats)
