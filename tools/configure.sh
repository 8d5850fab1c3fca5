#!/bin/sh
# Configures one kind of build in build/KIND: release, debug (ASan, UBSan), thread (TSan), coverage, fuzz (clang).
set -eu
cd "$(dirname "$0")/.."
kind=$1
case $kind in
    release)  options="--buildtype=release -Doptimization=2 -Db_lto=false -Ddebug=true" ;;
    debug)    options="--buildtype=debug -Doptimization=1 -Db_sanitize=address,undefined -Db_lundef=false" ;;
    thread)   options="--buildtype=debug -Doptimization=1 -Db_sanitize=thread -Db_lundef=false" ;;
    coverage) options="--buildtype=debug -Db_coverage=true" ;;
    fuzz)     options="--buildtype=debug -Doptimization=1 -Db_sanitize=address,undefined -Db_lundef=false -Dfuzz=true"
              export CC=clang-14 ;;
    *) echo "configure: there is no build kind $kind" >&2; exit 2 ;;
esac
mkdir -p build
# shellcheck disable=SC2086
meson setup "build/$kind" $options > "build/$kind.setup.log" 2>&1 || { tail -30 "build/$kind.setup.log"; exit 1; }
