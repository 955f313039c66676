#!/usr/bin/env bash
# Installs what the tests need, builds everything in build/release, runs all of ctest: run.sh [CTEST ARGUMENT...]
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."

deploy/install-packages.sh build tests
deploy/build.sh --tests
exec ctest --test-dir build/release --output-on-failure --parallel 2 "$@"
