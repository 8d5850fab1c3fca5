#!/bin/sh
# The suites that do not ask for the file itself, on a PostgreSQL of their own: what holds on one engine holds
# on the other.  Run by tools/test.py; alone: tools/postgres.sh tests/postgres/run.sh
set -u
passed=0 failed=0
for name in ground-areas ground-calendar ground-places ground-routes trust-identity trust-record \
    trust-vault flow-check flow-law flow-steps; do
    log=build/test/postgres-$name.log
    build/debug/tests/test-"$name" >"$log" 2>&1
    good=$(sed -n 's/^\[  PASSED  \] \([0-9]*\) test.*/\1/p' "$log" | tail -1)
    bad=$(sed -n 's/^\[  FAILED  \] \([0-9]*\) test.*/\1/p' "$log" | tail -1)
    if [ -z "$good" ]; then good=0 bad=$((${bad:-0} + 1)); fi
    echo "$name: $good passed, ${bad:-0} failed"
    [ "${bad:-0}" = 0 ] || tail -40 "$log"
    passed=$((passed + good)) failed=$((failed + ${bad:-0}))
done
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
