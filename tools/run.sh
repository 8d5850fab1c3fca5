#!/bin/sh
# Makes the demonstration district once, and serves it.
set -eu
cd "$(dirname "$0")/.."
db=${DEMO:-build/demo.db}
listen=${LISTEN:-127.0.0.1:8080}
if [ ! -f "$db.ready" ]; then
    rm -f "$db" "$db-wal" "$db-shm" "$db.keys"
    build/release/linli demo --db "$db" --profile "${PROFILE:-cn-qingyang}" > "$db.accounts"
    touch "$db.ready"
fi
echo
echo "Linli serves the demonstration district:"
echo "  residents   http://$listen/"
echo "  staff       http://$listen/desk"
cat "$db.accounts"
echo "Stop it with Ctrl-C. To begin anew: rm $db.ready"
exec build/release/linli serve --db "$db" --listen "$listen" --log "${LOG:-warn}"
