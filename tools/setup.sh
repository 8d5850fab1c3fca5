#!/bin/sh
# Installs what the project needs: Debian packages (tools/packages.txt), Node, and the npm lockfile.
# Says what it does, does nothing twice, and stops with a plain sentence when it cannot go on.
set -eu
cd "$(dirname "$0")/.."

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; elif command -v sudo >/dev/null; then sudo "$@"; else
        echo "setup: packages are missing and neither root nor sudo is here; as root, run: $*" >&2
        exit 1
    fi
}

missing() {
    grep -v '^#' tools/packages.txt | while read -r package; do
        dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || echo "$package"
    done
    command -v node >/dev/null || echo nodejs
    command -v npm >/dev/null || echo npm
}

need=$(missing | tr '\n' ' ')
if [ -n "$need" ]; then
    echo "setup: installing Debian packages: $need"
    as_root apt-get update -q
    # shellcheck disable=SC2086
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $need
fi

if [ ! -f node_modules/.linli-stamp ] || [ package-lock.json -nt node_modules/.linli-stamp ]; then
    echo "setup: installing npm packages from the lockfile"
    npm ci --no-audit --no-fund --loglevel=error
    touch node_modules/.linli-stamp
fi
