#!/usr/bin/env bash
# The whole system on a small model: demo.sh [--keep]
# Installs the packages it lacks, builds, starts a coordinator and a worker, runs the sweep deploy/demo/sweep.yaml,
# shows its results and stops what it started. What it makes is in demo-output/; delete that folder to start anew.
set -euo pipefail

usage="usage: demo.sh [--keep]
  --keep   leave the coordinator and the worker up afterwards"
keep=no
case "${1-}" in
  "") ;;
  --keep) keep=yes ;;
  -h | --help) echo "$usage" && exit 0 ;;
  *) echo "demo.sh: what is '$1'?"$'\n'"$usage" >&2 && exit 2 ;;
esac

cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."
root=$PWD
output=$root/demo-output
ready_file=$output/cluster.json
pid_file=$output/cluster.pid
log=$output/cluster.log
program=$root/build/release/bin/probesweep
cluster=  # process id of `probesweep up`, when this run started it

# The demo's own settings only: the caller's must not lead it to another store or coordinator.
for name in ${!PROBESWEEP_@}; do unset "$name"; done

say() { echo "== $*" >&2; }

fail() {
  echo "demo.sh: $*" >&2
  exit 1
}

stop_cluster() {
  local status=$?
  trap - EXIT
  trap '' INT TERM HUP  # a second Ctrl-C must not leave the coordinator behind
  if [[ -n $cluster && ($keep == no || $status -ne 0) ]] && kill -TERM "$cluster" 2>/dev/null; then
    say "stopping the coordinator and the worker"
    wait "$cluster" || true
  fi
  exit "$status"
}
trap stop_cluster EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
trap 'exit 129' HUP

address_of() { sed -n "s/.*\"$1\": *\"\([^\"]*\)\".*/\1/p" "$ready_file" 2>/dev/null || true; }

# Port 0: the system gives free ports, so the demo disturbs nothing that runs already.
start_cluster() {
  rm -f "$ready_file"
  # A session of its own: Ctrl-C in this terminal comes here, and from here the stop, in order.
  setsid "$program" up --data "$output/state" --listen 127.0.0.1:0 --http 127.0.0.1:0 --device cpu \
    --ready-file "$ready_file" >"$log" 2>&1 </dev/null &
  cluster=$!
  echo "$cluster" >"$pid_file"
  until [[ -s $ready_file ]]; do
    if ! kill -0 "$cluster" 2>/dev/null; then
      cluster=
      tail -n 20 "$log" >&2
      fail "the coordinator or the worker did not start; the lines above are from $log"
    fi
    sleep 0.1
  done
}

say "Debian packages (deploy/packages.txt)"
deploy/install-packages.sh build
say "building (build/release; the first time takes several minutes)"
deploy/build.sh probesweep probesweepd probesweep-worker >&2

mkdir -p "$output"
coordinator=$(address_of grpc)
if [[ -n $coordinator ]] && "$program" --coordinator "$coordinator" worker list >/dev/null 2>&1; then
  say "using the coordinator that an earlier run left up: $coordinator"
else
  say "starting a coordinator and a worker (data: $output/state)"
  start_cluster
  coordinator=$(address_of grpc)
fi
probesweep() { "$program" --coordinator "$coordinator" "$@"; }

say "sweep deploy/demo/sweep.yaml: 8 checkpoints × 5 dimensions"
started=$SECONDS
failed=no
sweep=$(probesweep sweep submit --watch deploy/demo/sweep.yaml) || failed=yes
[[ -n $sweep ]] || fail "the sweep was not accepted; see above, and $log"
say "done in $((SECONDS - started)) s"

probesweep results show "$sweep"
probesweep results export "$sweep" --format csv --output "$output/results.csv" 2>/dev/null
probesweep results plot "$sweep" --output "$output/heatmap.svg" 2>/dev/null

cat <<END

results   $output/results.csv   one row for each checkpoint, dimension and layer
figure    $output/heatmap.svg
log       $log
data      $output/state         kept: the next run reuses every result
sweep     $root/deploy/demo/sweep.yaml, explained in deploy/demo/README.md
END
if [[ $keep == yes ]]; then
  cat <<END

still up: coordinator $coordinator, metrics http://$(address_of http)/metrics
  look:   $program --coordinator $coordinator sweep list
  stop:   kill $(cat "$pid_file")
END
fi
[[ $failed == no ]] || fail "some tasks failed, see above and $log"
