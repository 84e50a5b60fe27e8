# shellcheck shell=bash
# How the shell checks report, for sourcing: one line an operation, `ok NAME`, `FAIL NAME reason` or `n/a NAME reason`.

# operation NAME FUNCTION: runs FUNCTION in a subshell that stops at the first `fail`; its last words are the reason.
operation() {
  local name=$1 reason
  if reason=$("$2" 2>&1); then
    echo "ok $name"
  else
    echo "FAIL $name $(tail -n 1 <<<"$reason" | tr -s '[:space:]' ' ' | cut -c 1-200)"
  fi
}

not_available() {  # not_available REASON NAME...
  local reason=$1 name
  shift
  for name in "$@"; do echo "n/a $name $reason"; done
}

fail() {
  echo "$*"
  exit 1
}

expect() {  # expect ACTUAL WANTED
  [[ $1 == "$2" ]] || fail "got '${1:0:80}', wanted '${2:0:80}'"
}

large_value() {  # large_value SIZE: printable, every 8-byte group differs, no newline
  seq -f '%07.0f' -s ' ' "$(($1 / 8 + 1))" | head -c "$1"
}
