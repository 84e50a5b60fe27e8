# shellcheck shell=bash
# The servers that a client talks to and the run of one client against them, for sourcing by `run`.

seconds_a_client=90

# start_server FOLDER: starts a server on a port that the kernel picks; sets server_pid and server_port.
start_server() {
  local folder=$1 user=() tries
  ((EUID == 0)) && user=(-u nobody)
  mkdir -m 777 "$folder"
  MEMCACHED_PORT_FILENAME=$folder/port "$server" -l 127.0.0.1 -p -1 "${user[@]}" &>"$folder/log" &
  server_pid=$!
  for ((tries = 0; tries < 200; tries++)); do
    server_port=$(sed -n 's/^TCP INET: //p' "$folder/port" 2>/dev/null)
    if [[ -n $server_port ]] && server_answers; then return; fi
    kill -0 "$server_pid" 2>/dev/null || break
    sleep 0.05
  done
  echo "FAIL clean-end the server does not start: $(tail -n 1 "$folder/log")"
  return 1
}

server_answers() {
  local line
  { exec {socket}<>"/dev/tcp/127.0.0.1/$server_port"; } 2>/dev/null || return
  printf 'version\r\n' >&"$socket"
  read -r -t 2 line <&"$socket"
  exec {socket}>&-
  [[ $line == VERSION* ]]
}

# stop_server PID: the server must have outlived its client, and must end by itself with status 0.
stop_server() {
  local pid=$1 tries
  if ! kill -TERM "$pid" 2>/dev/null; then
    wait "$pid"
    echo "FAIL clean-end the server died while the client ran, status $?"
    return 1
  fi
  for ((tries = 0; tries < 100; tries++)); do
    kill -0 "$pid" 2>/dev/null || break
    sleep 0.05
  done
  kill -KILL "$pid" 2>/dev/null
  wait "$pid" || { echo "FAIL clean-end the server ended with status $?"; return 1; }
}

# check_client CLIENT FOLDER: prints the client's lines and those about its server. Runs in a subshell of its own.
check_client() {
  local client=$1 folder=$2 pids=() ports=() number status clean=1
  trap 'kill $(jobs -p) 2>/dev/null' EXIT
  trap 'exit 1' TERM
  for ((number = $([[ $client == nutcracker ]] && echo 2 || echo 1); number > 0; number--)); do
    start_server "$folder/server$number" || return
    pids+=("$server_pid") ports+=("$server_port")
  done
  export CLIENT_PROTOCOL
  CLIENT_PROTOCOL=$(protocol_of "$client")
  timeout -k 5 "$seconds_a_client" "$(check_of "$client")" 127.0.0.1 "${ports[@]}" 2>"$folder/stderr" &
  wait $!
  status=$?
  if ((status != 0)); then
    echo "FAIL clean-end the check ended with status $status $(tail -n 1 "$folder/stderr")"
    clean=0
  fi
  for server_pid in "${pids[@]}"; do stop_server "$server_pid" || clean=0; done
  ((clean)) && echo "ok clean-end"
}
