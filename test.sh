#!/usr/bin/env bash
# Everything that is checked, in one command. Needs Go; what else a group needs
# (a C compiler, PostgreSQL, poppler, Chromium) is installed when this runs as root on a
# machine with apt, else that group is left out by name.
#
#   ./test.sh                      everything
#   ./test.sh -list                the groups
#   ./test.sh -only house,scripts  some of them
#   HABEAS_TEST_NO_INSTALL=1 ./test.sh  install nothing
#   HABEAS_CI=1 ./test.sh          a group left out is a failure
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
if ! command -v go >/dev/null; then
	echo "test.sh: the go command is not on the PATH; install Go 1.26 or later from https://go.dev/dl/" >&2
	exit 3
fi
# Built, not `go run`, so that the exit code and the last line are its own.
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
go build -o "$tmp/check" ./test/check
"$tmp/check" "$@"
