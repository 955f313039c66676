#!/usr/bin/env bash
# Runs the test binaries under AddressSanitizer, LeakSanitizer and UndefinedBehaviorSanitizer: asan.sh [TEST...], e.g.
# asan.sh test_agent; without a test, all of them. ASAN_JOBS: compilers at a time (all cores); one takes up to 2 GB.
# The programs that the end-to-end tests start are instrumented as well.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.."
here=tests/sanitizers
reports=$PWD/build/asan/reports

fail() {
  echo "asan.sh: $*" >&2
  exit 1
}

# This machine's sanitizers report what they are for, and nothing else.
check_canary() {
  local canary=build/asan/overflow kind
  ${CXX:-g++} -std=c++17 -g1 -fsanitize=address,undefined -o $canary $here/canaries/overflow.cc
  for kind in address undefined leak; do
    if UBSAN_OPTIONS=halt_on_error=1 $canary $kind >$canary.log 2>&1 ||
      ! grep -qE 'ERROR: (Address|Leak)Sanitizer|runtime error: ' $canary.log; then
      fail "$kind: nothing is reported, see $canary.log"
    fi
  done
  $canary >$canary.log 2>&1 || fail "something is reported that is right: see $canary.log"
}

# Runs one test binary and prints one line. Counts in `bad` what failed, was reported, or ran nothing.
check() {
  local test=$1 log=build/asan/tests/$1.log status=0 found passed skipped
  rm -rf -- "${reports:?}/$test"
  mkdir -p "$reports/$test"
  # A file for each process with a report, also of those that a test starts and whose words it keeps to itself. GCC's
  # UndefinedBehaviorSanitizer knows no such files: it ends the process, instead of going on as it does by default.
  # Tests ask for more memory than there is.
  ASAN_OPTIONS=detect_leaks=1:strict_string_checks=1:allocator_may_return_null=1:log_path=$reports/$test/report \
    UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1 \
    build/asan/tests/"$test" --gtest_filter="-$slow" >"$log" 2>&1 || status=$?
  found=$(($(find "$reports/$test" -type f | wc -l) + $(grep -c 'runtime error: ' "$log" || true)))
  passed=$(awk '/^\[  PASSED  \]/ { print $4 }' "$log")
  skipped=$(awk '/^\[  SKIPPED \] [0-9]+ test/ { print $4 }' "$log")
  echo "$test: ${passed:-0} passed, ${skipped:-0} skipped, $found reports ($reports/$test), exit status $status ($log)"
  ((status == 0 && found == 0 && ${passed:-0} > 0)) || bad=$((bad + 1))
}

# Statistics of thousands of draws, by the code that the other cases run: half an hour of it.
slow=${ASAN_SLOW_TESTS-'*Calibrated*:*Coverage*'}
deploy/install-packages.sh build tests
targets=(--target all)
(($# == 0)) || targets=(--target "$@" probesweepd probesweep probesweep-worker)
cmake --preset asan
cmake --build --preset asan --parallel "${ASAN_JOBS:-$(nproc)}" "${targets[@]}"

export PROBESWEEP_SOURCE_DIR=$PWD PROBESWEEP_BIN_DIR=$PWD/build/asan/bin
check_canary
tests=("$@")
if (($# == 0)); then
  mapfile -t tests < <(find build/asan/tests -maxdepth 1 -type f -executable -name 'test_*' -printf '%f\n' | sort)
fi
bad=0
for test in "${tests[@]}"; do check "$test"; done
((bad == 0)) || fail "$bad of these have findings"
