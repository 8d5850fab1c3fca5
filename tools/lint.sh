#!/bin/sh
# The house's own checkers, all of them or the ones named; see tools/checks/lint.py.
set -eu
cd "$(dirname "$0")/.."
exec python3 -B tools/checks/lint.py "$@"
