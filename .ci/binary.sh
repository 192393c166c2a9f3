#!/usr/bin/env bash
# Tries a compiled chatp: a server and two people, a benchmark, a capture.
#
#   .ci/binary.sh ./chatp-binary
#
# Waits for lines, never for time; every wait ends after a minute at most.
set -euo pipefail
chatp=$(realpath "$1")
work=$(mktemp -d)
children=()

finish() {
  local status=$?
  trap - EXIT
  local child
  for child in "${children[@]}"; do kill "$child" 2>/dev/null || true; done
  wait 2>/dev/null || true
  if [ "$status" != 0 ]; then
    echo "binary: failed with status $status; what its processes printed:" >&2
    tail -n 20 "$work"/*.log >&2 || true
  fi
  rm -rf "$work"
  exit "$status"
}
trap finish EXIT
trap 'exit 1' INT TERM

# wait_for PATTERN FILE...: until one has a line that matches (extended regexp).
wait_for() {
  if ! timeout 30 bash -c \
    'until grep -qE -- "$@" 2>/dev/null; do sleep 0.05; done' _ "$@"; then
    echo "binary: no line \"$1\" in ${*:2}" >&2
    return 1
  fi
}

# start NAME COMMAND...: in the background, with our input (bash would give it
# none); its output goes to NAME.log.
start() {
  local name=$1
  shift
  "$@" <&0 >"$work/$name.log" 2>&1 &
  children+=("$!")
}

# join NAME PORT: connects in pipe mode and stays after the end of its input.
join() {
  start "$1" "$chatp" connect "$1" "chatp://127.0.0.1:$2" --linger 60
}

step() { echo "binary: $*"; }

step version
timeout 60 "$chatp" --version | grep -E '[0-9]+\.[0-9]+\.[0-9]+'

step server
start server "$chatp" serve --host 127.0.0.1 --port 0 --plaintext --data "$work/data" \
  --metrics 127.0.0.1:0
started='\[INFO\] Server started on 127\.0\.0\.1:[0-9]+'
wait_for "$started" "$work/server.log"
port=$(grep -oE "$started" "$work/server.log" | head -n 1 | grep -oE '[0-9]+$')

step "two people on port $port"
join bob "$port" </dev/null
wait_for 'bob' "$work/server.log" "$work/bob.log"
join alice "$port" <<<hi
wait_for '\[general\] alice: hi' "$work/bob.log"

step metrics
metrics=$(grep -oE 'http://127\.0\.0\.1:[0-9]+/metrics' "$work/server.log" | head -n 1)
node -e 'fetch(process.argv[1]).then(async (r) => process.stdout.write(await r.text()))' \
  "$metrics" >"$work/metrics.log"
grep -qE '^chatp_messages_total 1$' "$work/metrics.log"

step benchmark
timeout 120 "$chatp" bench --wires json,chatp1 --messages 50 --format json \
  >"$work/bench.json" 2>"$work/bench.log"
node -e 'JSON.parse(require("fs").readFileSync(process.argv[1], "utf8"))' \
  "$work/bench.json"

step capture
start recorder "$chatp" capture --listen 0 --to "127.0.0.1:$port" -w "$work/chat.pcap"
recorder=${children[-1]}
listening='127\.0\.0\.1:[0-9]+'
wait_for "$listening" "$work/recorder.log"
listen=$(grep -oE "$listening" "$work/recorder.log" | head -n 1 | grep -oE '[0-9]+$')
join carol "$listen" <<<'seen on the wire'
wait_for 'carol: seen on the wire' "$work/bob.log"
kill -TERM "$recorder" # it writes out its file
wait "$recorder" || true
timeout 60 "$chatp" capture -r "$work/chat.pcap" >"$work/capture.log" 2>&1
grep -q 'seen on the wire' "$work/capture.log"

step "everything works"
