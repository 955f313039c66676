#!/usr/bin/env bash
# Makes the figures and tables of docs/findings.md: findings.sh CHECKPOINTS DATASETS OUTPUT
#   CHECKPOINTS  folder of the checkpoints that sweep.yaml.in names
#   DATASETS     folder of the five released CSVs (deploy/dimensions/ says where they are from)
#   OUTPUT       folder for the sweep file, results and figures; a second run there reuses what is done
# Needs the programs in build/release/bin (deploy/build.sh) and python3.
set -euo pipefail

if [[ $# -ne 3 ]]; then
  sed -n '2,6s/^# //p' "${BASH_SOURCE[0]}" >&2
  exit 2
fi
for folder in "$1" "$2"; do
  [[ -d $folder ]] || { echo "findings.sh: $folder: no such folder" >&2; exit 3; }
done
checkpoints=$(realpath "$1")
datasets=$(realpath "$2")
mkdir -p "$3"
output=$(realpath "$3")
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
root=$here/../..
program=$root/build/release/bin/probesweep
ready_file=$output/cluster.json

sed -e "s|@checkpoints@|$checkpoints|g; s|@datasets@|$datasets|g; s|@dimensions@|$(realpath "$here/../dimensions")|g" \
  "$here/sweep.yaml.in" >"$output/sweep.yaml"

rm -f "$ready_file"
"$program" up --data "$output/state" --listen 127.0.0.1:0 --http 127.0.0.1:0 --device cpu \
  --ready-file "$ready_file" >"$output/cluster.log" 2>&1 </dev/null &
cluster=$!
trap 'kill -TERM "$cluster" 2>/dev/null; wait "$cluster" || true' EXIT
until [[ -s $ready_file ]]; do
  kill -0 "$cluster" 2>/dev/null || { tail -n 20 "$output/cluster.log" >&2; exit 4; }
  sleep 0.1
done
coordinator=$(sed -n 's/.*"grpc": *"\([^"]*\)".*/\1/p' "$ready_file")
probesweep() { "$program" --coordinator "$coordinator" "$@"; }

sweep=$(probesweep sweep submit --watch "$output/sweep.yaml")
probesweep results export "$sweep" --format csv --output "$output/results.csv"
plot() { probesweep results plot "$sweep" --protocol calibrated "$@"; }
plot --metric accuracy --output "$output/findings-accuracy.svg"
plot --metric above_surface --output "$output/findings-above-surface.svg"
plot --metric mi_tx --output "$output/findings-mi-tx.svg"
# Without robustness, whose information is ten times the others' and would take the whole scale.
plot --metric mi_ty_corrected --dimension reliability privacy toxicity fairness --output "$output/findings-mi-ty.svg"
probesweep results separability "$sweep" >"$output/separability.txt"
python3 "$here/tables.py" "$output/results.csv" >"$output/tables.md"
echo "tables and figures are in $output" >&2
