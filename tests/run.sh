#!/usr/bin/env bash
# Installs what the tests need, builds everything in build/release, runs all of ctest: run.sh [CTEST ARGUMENT...]
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."

deploy/install-packages.sh build tests
deploy/build.sh --tests
# Twice before a test counts as failed: the e2e tests are processes that compete with whatever else runs here.
exec ctest --test-dir build/release --output-on-failure --parallel 2 --repeat until-pass:2 "$@"
