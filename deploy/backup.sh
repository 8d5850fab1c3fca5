#!/bin/sh
# Copies the district while it is in use, reads the copy from end to end, and only then counts it as a backup.
# What is older than KEEP_DAYS goes, but never before a newer copy was verified.  Run by linli-backup.service.
set -eu
umask 077
: "${CONFIG:=/etc/linli/linli.conf}" "${FOLDER:=/var/backups/linli}" "${KEEP_DAYS:=30}"

# The value of a setting of CONFIG.
setting() {
    sed -n "s/^[[:space:]]*$1[[:space:]]*=[[:space:]]*//p" "$CONFIG" | sed 's/[[:space:]]*$//' | tail -n 1
}

case $KEEP_DAYS in
    '' | *[!0-9]*) echo "backup: KEEP_DAYS is \"$KEEP_DAYS\", which is no number of days" >&2; exit 2 ;;
esac
database=$(setting db)
keys=$(setting keys)
case $database in
    postgres*) echo "backup: $CONFIG names PostgreSQL, which is backed up by its own tools" >&2; exit 2 ;;
esac

part=$FOLDER/unverified.db
done=$FOLDER/district-$(date -u +%Y%m%dT%H%M%SZ).db
rm -f "$part" "$part-wal" "$part-shm"
linli backup "$part" --config "$CONFIG"
linli verify --config "$CONFIG" --db "$part" --keys "${keys:-${database#file:}.keys}"
rm -f "$part-wal" "$part-shm"
sync "$part"
mv "$part" "$done"
sync "$FOLDER"
find "$FOLDER" -maxdepth 1 -name 'district-*.db' ! -path "$done" -mtime "+$KEEP_DAYS" -delete
echo "backup: $done, $(stat -c %s "$done") bytes, verified"
