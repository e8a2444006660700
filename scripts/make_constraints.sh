#!/bin/sh
# Writes constraints.txt anew: the newest versions that pyproject.toml allows, one list for every Python it supports.
#   make_constraints.sh PYTHON
# It is resolved by uv, which can do so for several Pythons and systems at once. uv takes no settings of pip's:
# for an index of your own set UV_DEFAULT_INDEX.
set -eu
cd "$(dirname "$0")/.."
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' HUP INT TERM

scripts/make_venv.sh "$1" "$tmp/venv"
"$tmp/venv/bin/pip" install -qq uv
{
    echo "# The exact versions that are tested, for every Python from 3.11 on. Made by \`make constraints\`: do not edit,"
    echo "# change the ranges in pyproject.toml and make it again. Use: pip install -c constraints.txt charger2mqtt"
    # No cache, or versions that have come out since would be missed
    "$tmp/venv/bin/uv" pip compile --quiet --no-cache --universal --python-version 3.11 --all-extras \
        --no-header --no-annotate --no-emit-index-url --no-emit-find-links pyproject.toml
} >"$tmp/constraints.txt"
cp "$tmp/constraints.txt" constraints.txt
