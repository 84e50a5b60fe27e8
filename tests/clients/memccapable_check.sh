#!/bin/bash
# Every test of memccapable in one protocol: memccapable_check.sh HOST PORT, CLIENT_PROTOCOL text or binary. Its tests
# name commands, and an operation of the matrix has those below; all have passed or the operation has failed. It empties
# the server.
source "$(dirname "$0")/report.sh"
prefix=ascii option=-a
[[ ${CLIENT_PROTOCOL:-text} != binary ]] || prefix=binary option=-b
shown=$(stdbuf -oL memccapable "$option" -t 10 -h "$1" -p "$2" 2>&1)

# passed TEST...: each is in the list, with [pass].
passed() {
  local test
  for test in "$@"; do
    grep -qE "^$prefix $test +\[pass\]" <<<"$shown" ||
      fail "$prefix $test: $(grep -E "^$prefix $test  " <<<"$shown" || echo 'no such line')"
  done
}

declare -A tests=([version]=version [flush]=flush [stats]=stat [quit]=quit [delete]=delete)
for name in set add replace append prepend incr decr; do tests[$name]=$name; done
if [[ $prefix == ascii ]]; then
  tests[get]='get gets' tests[multi-get]=mget tests[cas]=cas
  quiet=' noreply'
else
  tests[get]='get getq getk' tests[multi-get]=getkq
  quiet=q
  not_available "memccapable has no such binary test; its set and delete cover part of it" cas
fi
for name in "${!tests[@]}"; do
  run_tests() {
    # shellcheck disable=SC2086  # several names
    passed ${tests[$name]}
    case $name in  # and its form without an answer, where there is one
      set | add | replace | append | prepend | cas | incr | decr | delete | flush) passed "${tests[$name]}$quiet" ;;
    esac
  }
  operation "$name" run_tests
done

all_tests() {
  local failed
  failed=$(grep "^$prefix" <<<"$shown" | grep -v '\[pass\]' | cut -c 1-40 | tr -s ' ' | paste -sd ,)
  [[ $shown == *"All tests passed"* && -z $failed ]] || fail "failed: ${failed:-$shown}"
}
operation all-tests all_tests
not_available "memccapable has no test of it" touch expiry flags large too-large long-key binary
