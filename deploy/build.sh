#!/usr/bin/env bash
# Builds Release in build/release, which deploy/demo.sh and tests/run.sh share:
#   build.sh [--tests] [TARGET...]        without a target: everything; --tests: the tests too, and in build/fuzz
#                                         the libFuzzer targets that some of them run
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."

options=() fuzz=
if [[ ${1-} == --tests ]]; then
  shift
  options=(-DPROBESWEEP_TESTS=ON -DPROBESWEEP_FUZZ=ON)
  fuzz=yes
elif [[ ! -f build/release/CMakeCache.txt ]]; then
  # Needs no GoogleTest. A folder that has the tests keeps them: their targets are only not built.
  options=(-DPROBESWEEP_TESTS=OFF)
fi
cmake --preset release "${options[@]}"

# A file that sees torch takes up to 1.5 GB to compile.
memory_mb=$(awk '/^MemAvailable/ { print int($2 / 1024) }' /proc/meminfo)
jobs=$((memory_mb / 1500))
cores=$(nproc)
((jobs <= cores)) || jobs=$cores
((jobs >= 1)) || jobs=1

targets=()
(($# == 0)) || targets=(--target "$@")
cmake --build build/release --parallel "$jobs" "${targets[@]}"

if [[ $fuzz ]]; then
  cmake --preset fuzz
  cmake --build build/fuzz --parallel "$jobs" --target fuzz_targets
fi
