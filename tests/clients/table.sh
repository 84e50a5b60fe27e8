# shellcheck shell=bash
# What the clients reported, as tables, for sourcing by `run`.

columns=7  # clients beside each other in a table

declare -A cell reason  # by "client operation"
declare -A others       # by client: the operations that it has beside those of the matrix, in its order

# collect CLIENT FILE: takes in a client's lines; a FAIL stays, and an operation not answered for has failed.
collect() {
  local client=$1 word operation why
  while read -r word operation why; do
    [[ $word == @(ok|FAIL|n/a) && ${cell[$client $operation]:-} != FAIL ]] || continue
    [[ " ${operations[*]} ${others[$client]:-} " == *" $operation "* ]] || others[$client]+=" $operation"
    cell[$client $operation]=$word
    reason[$client $operation]=$why
  done <"$2"
  for operation in "${operations[@]}" clean-end; do
    [[ -n ${cell[$client $operation]:-} ]] && continue
    [[ $operation != clean-end ]] || others[$client]+=" $operation"
    cell[$client $operation]=FAIL
    reason[$client $operation]="the check ended before it"
  done
}

# What a cell shows; an operation that the client lacks is a dash, and print_reasons tells why.
shown() {
  case $1 in
    n/a) echo - ;;
    *) echo "$1" ;;
  esac
}

# print_table CLIENT...: the operations of the matrix, in tables of as many clients as fit beside each other.
print_table() {
  local client operation row
  while (($#)); do
    printf -v row '%-12s' client
    for client in "${@:1:columns}"; do printf -v row '%s  %-14s' "$row" "${client%-binary}"; done
    echo "${row%"${row##*[! ]}"}"
    printf -v row '%-12s' protocol
    for client in "${@:1:columns}"; do printf -v row '%s  %-14s' "$row" "$(protocol_of "$client")"; done
    echo "${row%"${row##*[! ]}"}"
    for operation in "${operations[@]}"; do
      printf -v row '%-12s' "$operation"
      for client in "${@:1:columns}"; do
        printf -v row '%s  %-14s' "$row" "$(shown "${cell[$client $operation]}")"
      done
      echo "${row%"${row##*[! ]}"}"
    done
    echo
    shift $(($# < columns ? $# : columns))
  done
}

# print_others CLIENT...: what a client has beside the matrix, a line each.
print_others() {
  local client operation row
  echo "client          protocol  beside these"
  for client in "$@"; do
    printf -v row '%-14s  %-8s ' "${client%-binary}" "$(protocol_of "$client")"
    for operation in ${others[$client]}; do row+=" $operation: $(shown "${cell[$client $operation]}"),"; done
    echo "${row%,}"
  done
  echo
}

# print_reasons WORD CLIENT...: the reasons of all cells that say WORD, equal ones of a client on one line.
print_reasons() {
  local word=$1 client operation
  for client in "${@:2}"; do
    for operation in "${operations[@]}" ${others[$client]}; do
      [[ ${cell[$client $operation]:-} == "$word" ]] || continue
      printf '%-14s  %-8s\t%s\t%s\n' "${client%-binary}" "$(protocol_of "$client")" "$operation" \
        "${reason[$client $operation]}"
    done
  done | awk -F '\t' -v word="$(shown "$word")" '
    { id = $1 "\t" $3; if (!(id in names)) order[++n] = id; names[id] = names[id] " " $2 }
    END {
      for (i = 1; i <= n; i++) {
        split(order[i], part, "\t")
        printf "%-4s  %s %s: %s\n", word, part[1], names[order[i]], part[2]
      }
      if (n) print ""
    }'
}
