#!/bin/sh
# Installs what deploy/packages.txt lists and this machine lacks: install-packages.sh SECTION...
set -eu

list=$(dirname -- "$0")/packages.txt

fail() {
  echo "install-packages.sh: $*" >&2
  exit 1
}

section() {
  awk -v want="[$1]" '/^\[/ { inside = ($1 == want); next }
                      inside { sub(/#.*/, ""); if ($1 != "") print $1 }' "$list"
}

[ $# -gt 0 ] || fail "name at least one section of $list: build, runtime, tests, sanitizers"
command -v dpkg-query >/dev/null || fail "this is no Debian: install what $list lists by hand"

missing=
for name in "$@"; do
  packages=$(section "$name")
  [ -n "$packages" ] || fail "$list has no section [$name]"
  for package in $packages; do
    state=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
    [ "$state" = installed ] || missing="$missing $package"
  done
done
[ -n "$missing" ] || exit 0

if [ "$(id -u)" -eq 0 ]; then
  as_root=
elif command -v sudo >/dev/null; then
  as_root=sudo
else
  fail "packages are missing and neither root nor sudo is here to install them. As root:
  apt-get update && apt-get install -y --no-install-recommends$missing"
fi

echo "installing Debian packages:$missing" >&2
# Standard output stays free for what the caller prints.
{
  # shellcheck disable=SC2086  # word splitting is meant, here and below
  $as_root apt-get update -q ||
    fail "apt-get update failed: see above; check the network and /etc/apt/sources.list"
  # shellcheck disable=SC2086
  $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $missing ||
    fail "apt-get install failed: see above. The list is made for Debian 12 (bookworm)"
} >&2
