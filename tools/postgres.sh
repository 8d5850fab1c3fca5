#!/bin/sh
# Starts a PostgreSQL of its own in a folder, for tests and benches, runs a command with its address in
# LINLI_POSTGRES (postgresql:///?host=…, no database named), and stops it again.
#
#   usage: postgres.sh [--durable] COMMAND ...      without --durable nothing is synced: for tests only
set -eu
durable=off
if [ "$1" = --durable ]; then durable=on; shift; fi
bin=$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -1)
folder=$(mktemp -d "${TMPDIR:-/tmp}/linli-postgres-XXXXXX")
as_owner() { "$@"; }
if [ "$(id -u)" = 0 ]; then # the server refuses to run as root
    chown postgres "$folder"
    as_owner() { setpriv --reuid=postgres --regid=postgres --clear-groups "$@"; }
fi
stop() {
    as_owner "$bin/pg_ctl" -D "$folder/data" -m immediate stop >/dev/null 2>&1 || true
    rm -rf "$folder"
}
trap stop EXIT
trap 'exit 130' INT TERM
cd "$folder"
as_owner "$bin/initdb" -D "$folder/data" -A trust -U linli --locale=C --encoding=UTF8 >"$folder/initdb.log" 2>&1 ||
    { cat "$folder/initdb.log" >&2; exit 1; }
as_owner "$bin/pg_ctl" -D "$folder/data" -w -l "$folder/data/log" start -o "-k $folder -c listen_addresses='' \
    -c fsync=$durable -c synchronous_commit=$durable -c full_page_writes=$durable -c max_connections=200 \
    -c shared_buffers=128MB -c log_min_messages=error" >/dev/null
cd "$OLDPWD"
LINLI_POSTGRES_HOST="$folder" LINLI_POSTGRES="postgresql://linli@/DATABASE?host=$folder" "$@"
