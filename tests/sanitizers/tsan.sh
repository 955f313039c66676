#!/usr/bin/env bash
# Runs the tests of scheduler, store and agent core under ThreadSanitizer: tsan.sh [TEST...], e.g. tsan.sh test_agent.
# TSAN_JOBS: compilers at a time (all cores).
#
# ThreadSanitizer knows only the locks whose code it was compiled into. Nearly every lock here is an absl::Mutex, and
# Debian's absl comes without: hence absl is built once more from Debian's source of the installed version, outside the
# tree (PROBESWEEP_TSAN_ABSL, below ~/.cache by default). The libraries have the same names and the same ABI, so that
# LD_LIBRARY_PATH gives them to our code and to gRPC alike. Of what stays as Debian built it: tsan_suppressions.txt.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.."
here=tests/sanitizers

fail() {
  echo "tsan.sh: $*" >&2
  exit 1
}

# Unpacks the source package into $2/source. The machine's own list of sources is left as it is, since it may have no
# deb-src line; apt checks the signatures here as well.
fetch_source() {
  local version=$1 work=$2 key='[signed-by=/usr/share/keyrings/debian-archive-keyring.gpg]'
  mkdir -p "$work"/{lists,cache/archives}/partial
  cat >"$work"/sources.list <<EOF
deb-src $key http://deb.debian.org/debian bookworm main
deb-src $key http://deb.debian.org/debian bookworm-updates main
deb-src $key http://deb.debian.org/debian-security bookworm-security main
EOF
  local apt=(apt-get -q -o Dir::Etc::sourcelist="$work"/sources.list -o Dir::Etc::sourceparts=/dev/null
    -o Dir::State::lists="$work"/lists -o Dir::Cache="$work"/cache -o APT::Sandbox::User="$(id -un)")
  "${apt[@]}" update
  (cd -- "$work" && "${apt[@]}" source "abseil=$version")
  mv -- "$work"/abseil-*/ "$work"/source
}

build_absl() {
  local version=$1 work=$2 prefix=$3
  fetch_source "$version" "$work"
  cmake -S "$work"/source -B "$work"/build -G Ninja -DCMAKE_BUILD_TYPE=RelWithDebInfo -DCMAKE_CXX_STANDARD=17 \
    -DBUILD_SHARED_LIBS=ON -DBUILD_TESTING=OFF -DCMAKE_CXX_FLAGS='-fsanitize=thread -fno-omit-frame-pointer -g1 -w' \
    -DCMAKE_INSTALL_PREFIX="$prefix" -DCMAKE_INSTALL_LIBDIR=lib -DCMAKE_MESSAGE_LOG_LEVEL=WARNING
  cmake --build "$work"/build --parallel "$jobs"
  cmake --install "$work"/build >"$work"/install.log
}

# Without randomised addresses, which this compiler's ThreadSanitizer does not expect from newer kernels.
run() {
  local suppressions=$1
  shift
  LD_LIBRARY_PATH=$libraries TSAN_OPTIONS="suppressions=$PWD/$here/$suppressions second_deadlock_stack=1" \
    setarch --addr-no-randomize "$@"
}

# This machine's ThreadSanitizer reports a race, and takes absl's locks for what they are.
check_canary() {
  local canary=build/tsan/race
  ${CXX:-g++} -std=c++17 -O1 -g1 -fsanitize=thread -o $canary $here/canaries/race.cc -labsl_synchronization -pthread
  if run tsan_suppressions.txt $canary race >$canary.log 2>&1 || ! grep -q 'ThreadSanitizer: data race' $canary.log; then
    fail "a race is not reported: see $canary.log"
  fi
  run tsan_suppressions.txt $canary >$canary.log 2>&1 || fail "absl's locks are not understood: see $canary.log"
}

# Runs the cases of a test binary that match a filter and prints one line. Counts in `bad` what failed or was reported.
check() {
  local test=$1 filter=$2 suppressions=$3 log status=0 reports passed
  [[ " ${tests[*]} " == *" $test "* ]] || return 0
  log=build/tsan/tests/$test.${suppressions%.txt}.log
  run "$suppressions" build/tsan/tests/"$test" --gtest_filter="$filter" >"$log" 2>&1 || status=$?
  reports=$(grep -c 'WARNING: ThreadSanitizer' "$log" || true)
  passed=$(awk '/^\[  PASSED  \]/ { print $4 }' "$log")
  echo "$test: ${passed:-0} passed, $reports reports, exit status $status ($log)"
  ((status == 0 && reports == 0 && ${passed:-0} > 0)) || bad=$((bad + 1))
}

jobs=${TSAN_JOBS:-$(nproc)}
core=(test_common test_server_domain test_server_scheduling test_server_service test_server_service_thread
  test_server_store test_store_contract test_postgres_recovery)
tests=("$@")
(($# > 0)) || tests=("${core[@]}" test_agent test_simulation)
deploy/install-packages.sh build tests sanitizers

version=$(dpkg-query -W -f '${source:Version}' libabsl-dev)
prefix=${PROBESWEEP_TSAN_ABSL:-${XDG_CACHE_HOME:-$HOME/.cache}/probesweep/absl-tsan-$version}
libraries=$prefix/lib
if [[ ! -e $libraries/libabsl_synchronization.so ]]; then
  work=$(mktemp -d)
  trap 'rm -rf -- "$work"' EXIT
  build_absl "$version" "$work" "$prefix"
fi

cmake --preset tsan
cmake --build --preset tsan --parallel "$jobs" --target "${tests[@]}"
check_canary
export PROBESWEEP_SOURCE_DIR=$PWD PROBESWEEP_BIN_DIR=$PWD/build/tsan/bin
bad=0
for test in "${core[@]}"; do check "$test" '*' tsan_suppressions.txt; done
check test_agent '-GrpcCoordinatorClient*' tsan_suppressions.txt
check test_agent 'GrpcCoordinatorClient*' tsan_suppressions_grpc.txt
# Worlds of one thread, at a tenth of the speed: a few suffice.
check test_simulation '*/0:*Replay*' tsan_suppressions.txt
((bad == 0)) || fail "$bad of these have findings"
