#!/bin/sh
# Fetches what the peers are made of, and builds better-sqlite3 here: its ready-made builds lie on a host of their own.
set -eu
cd "$(dirname "$0")"
npm ci --ignore-scripts --no-audit --no-fund
cd node_modules/better-sqlite3
gyp=$(ls /usr/share/nodejs/node-gyp/bin/node-gyp.js /usr/lib/node_modules/npm/node_modules/node-gyp/bin/node-gyp.js \
    /usr/local/lib/node_modules/npm/node_modules/node-gyp/bin/node-gyp.js 2>/dev/null | head -1)
node "$gyp" rebuild --release --nodedir="$(dirname "$(dirname "$(readlink -f "$(command -v node)")")")"
