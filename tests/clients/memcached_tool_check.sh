#!/bin/bash
# What memcached-tool shows an operator: memcached_tool_check.sh HOST PORT. It stores and reads nothing itself.
source "$(dirname "$0")/report.sh"
host=$1 port=$2
tool=/usr/share/memcached/scripts/memcached-tool

figure() {  # figure MODE NAME: the figure of that name
  "$tool" "$host:$port" "$1" | tr -d '\r' | awk -v name="$2" '$1 == name { print $2 }'
}

# Three items, so that the figures have something to say.
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

# A server without slab classes shows the header alone.
check_display() {
  local shown
  shown=$("$tool" "$host:$port" display) || fail "exit status $?"
  [[ ${shown%%$'\n'*} =~ ^\ *#\ +Item_Size\ +Max_age\ +Pages\ +Count ]] || fail "no header: ${shown:0:80}"
}

operation stats check_stats
operation settings check_settings
operation display check_display
# shellcheck disable=SC2086  # the operations of the matrix, set by `run`
not_available "the tool shows figures only" ${CLIENT_OPERATIONS:-}
