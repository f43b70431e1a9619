#!/usr/bin/env bash
# Makes sure that what make check and make test need beyond Go is installed:
# make, a C compiler (SQLite and the race detector), PostgreSQL and Redis (tests
# start their own private servers; version 7 of Redis or later), and what plugins
# in other languages are built with: clang and lld, node and npm, Python with gRPC.
# Installs what is missing when it runs as root on a Debian system; otherwise says
# what to install and fails.
set -euo pipefail

has() { command -v "$1" >/dev/null 2>&1; }

has_compiler() {
	echo '#include <stdlib.h>' | "${CC:-cc}" -E - >/dev/null 2>&1
}

has_postgres() {
	local dir
	for dir in ${PATH//:/ } /usr/lib/postgresql/*/bin; do
		[ -x "$dir/initdb" ] && [ -x "$dir/postgres" ] && return
	done
	return 1
}

# The examples want Debian's Python: gRPC is a Debian package.
has_python_grpc() {
	local python
	for python in /usr/bin/python3 python3; do
		has "$python" && "$python" -c 'import grpc' >/dev/null 2>&1 && return
	done
	return 1
}

if ! has go; then
	echo "deps: Go is missing; install the version named in go.mod from https://go.dev/dl/" >&2
	exit 1
fi

packages=()
has make || packages+=(make)
has git || packages+=(git)
has_compiler || packages+=(gcc libc6-dev)
has_postgres || packages+=(postgresql)
has redis-server || packages+=(redis-server)
has clang || packages+=(clang)
has wasm-ld || packages+=(lld)
has_python_grpc || packages+=(python3-grpcio)
has node || packages+=(nodejs)
has npm || packages+=(npm)
[ ${#packages[@]} -eq 0 ] && exit 0

if [ "$(id -u)" -ne 0 ] || ! has apt-get; then
	echo "deps: missing here, by their Debian names: ${packages[*]}" >&2
	echo "deps: on Debian or Ubuntu: sudo apt-get update && sudo apt-get install -y ${packages[*]}" >&2
	exit 1
fi

echo "deps: installing ${packages[*]}"
export DEBIAN_FRONTEND=noninteractive
install=(apt-get install -y -qq --no-install-recommends)
apt-get update -qq
if ! has_postgres; then
	# Only the programs are wanted, not the server Debian would set up.
	"${install[@]}" postgresql-common
	sed -ri 's/^#?create_main_cluster.*/create_main_cluster = false/' /etc/postgresql-common/createcluster.conf
fi
if ! has redis-server; then
	# Only the program is wanted, not the server Debian would start: while this
	# policy is there, no package starts a service. Afterwards it goes, and the
	# service that was installed is disabled, so that it does not start at boot.
	policy=/usr/sbin/policy-rc.d
	if [ ! -e "$policy" ]; then
		trap 'rm -f "$policy"' EXIT
		printf '#!/bin/sh\nexit 101\n' >"$policy"
		chmod 755 "$policy"
	fi
	"${install[@]}" redis-server
	update-rc.d redis-server disable >/dev/null 2>&1 || true # where no init system is, there is nothing to disable
fi
"${install[@]}" "${packages[@]}"
