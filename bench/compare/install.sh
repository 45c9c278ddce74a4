#!/bin/sh
# Installs what the comparison's peers need, from Debian's own packages and only what is missing. As root, or with a sudo
# that asks for no password.
set -eu

packages="gcc libc6-dev libmnl-dev pkg-config golang-go golang-github-vishvananda-netlink-dev
  python3 python3-pyroute2 iproute2 util-linux"

missing=""
for package in $packages; do
  dpkg-query -W -f '${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed || missing="$missing $package"
done
if [ -z "$missing" ]; then
  echo "everything is installed"
  exit 0
fi

as_root=""
[ "$(id -u)" -eq 0 ] || as_root="sudo -n"
export DEBIAN_FRONTEND=noninteractive
$as_root apt-get update
# shellcheck disable=SC2086 # both are lists of words
$as_root apt-get install -y --no-install-recommends $missing
