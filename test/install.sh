#!/bin/sh
# Installs the Debian packages that the tests need and this machine lacks.
# Run it as often as you like: with nothing missing it does nothing. Without
# root, or without apt, it says in one line what to install and goes on: the
# tests that need it are then skipped.
set -eu

missing=
for dir in /usr/lib/postgresql/*/bin; do
	[ -x "$dir/postgres" ] && postgres=$dir
done
[ -n "${postgres:-}" ] || command -v initdb >/dev/null || missing="$missing postgresql"
[ -n "${CHROMIUM:-}" ] || command -v chromium >/dev/null || command -v google-chrome >/dev/null || missing="$missing chromium fonts-liberation"
command -v java >/dev/null || missing="$missing default-jre-headless" # for Keycloak
command -v mvn >/dev/null || missing="$missing maven"
command -v nginx >/dev/null || [ -x /usr/sbin/nginx ] || missing="$missing nginx-light"
for program in curl jq zip unzip; do # the README's tour is a test; unzip is what unpacking is measured against
	command -v "$program" >/dev/null || missing="$missing $program"
done
[ -n "$missing" ] || exit 0

if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
	echo "tests that need them will be skipped; to run them, as root: apt-get install$missing" >&2
	exit 0
fi

export DEBIAN_FRONTEND=noninteractive
apt-get update -q
# shellcheck disable=SC2086 # a list of words
apt-get install -q -y --no-install-recommends $missing </dev/null
