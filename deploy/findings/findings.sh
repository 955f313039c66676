#!/usr/bin/env bash
# Makes docs/findings.md's figures, and the page anew with its tables filled in: findings.sh CHECKPOINTS DATASETS OUTPUT
#   CHECKPOINTS  folder of the checkpoints that sweep.yaml.in names
#   DATASETS     folder of the five released CSVs (deploy/dimensions/ says where they are from)
#   OUTPUT       folder for the sweep file, results, findings.md and images/; a second run there reuses what is done
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
dimensions=$(realpath "$here/../dimensions")
ready_file=$output/cluster.json

sed -e "s|@checkpoints@|$checkpoints|g; s|@datasets@|$datasets|g; s|@dimensions@|$dimensions|g" \
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
mkdir -p "$output/images"
probesweep results plot "$sweep" --protocol calibrated --metric accuracy --output "$output/images/findings-accuracy.svg"
python3 -B "$here/figures.py" "$output/results.csv" "$output/images"
for protocol in released calibrated; do
  probesweep results separability "$sweep" --protocol "$protocol" >"$output/separability-$protocol.txt"
done
validate() { probesweep dimension validate "$dimensions/$1.yaml" --dataset "$datasets/$2.csv" --json >"$output/$1.json"; }
validate reliability truthfulqa_train
validate privacy confaide
validate toxicity toxigen
validate fairness stereoset
validate robustness sst2
python3 -B "$here/tables.py" "$output" reliability,privacy,toxicity,fairness,robustness \
  <"$root/docs/findings.md" >"$output/findings.md"
echo "findings.md and images/ are in $output; what the page says between its tables is for you to read again" >&2
