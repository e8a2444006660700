#!/usr/bin/env bash
# Runs the pretend go-e against a client that shares no code with it.
#
# PYTHON            makes the client's environment (default python3; 3.11 to 3.13 work)
# INDEPENDENT_VENV  where that environment is (default .venv-independent)
# BRIDGE_PYTHON     runs the simulator (default: the python of $VENV, which is .venv unless set)
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cd "$root"
venv=${INDEPENDENT_VENV:-.venv-independent}
bridge_python=${BRIDGE_PYTHON:-${VENV:-.venv}/bin/python}

# Newer versions of aiohttp do not work with this client. Its version has no binary for Python 3.13, so that pip may have
# to build it: without its optional C parts that needs no compiler.
wanted='goecharger-api-lite==1.5.1 aiohttp==3.9.5'
if [ "$(cat "$venv/.installed" 2>/dev/null || true)" != "$wanted" ]; then
    echo "making $venv"
    "${PYTHON:-python3}" -m venv --clear "$venv"
    # shellcheck disable=SC2086  two words on purpose
    AIOHTTP_NO_EXTENSIONS=1 "$venv/bin/python" -m pip install --quiet --disable-pip-version-check $wanted
    echo "$wanted" >"$venv/.installed"
fi

said=$(mktemp)
simulator=
finish() {
    if [ -n "$simulator" ]; then
        kill "$simulator" 2>/dev/null || true
        wait "$simulator" 2>/dev/null || true
    fi
    rm -f "$said"
}
trap finish EXIT
trap 'exit 130' INT TERM

"$bridge_python" -m bridge simulate go-e >"$said" &
simulator=$!
for _ in $(seq 100); do
    [ -s "$said" ] && break
    kill -0 "$simulator" 2>/dev/null || break
    sleep 0.1
done
address=$(sed -n 's/.*"address": "\([^"]*\)".*/\1/p' "$said")
if [ -z "$address" ]; then
    echo "the simulator did not start" >&2
    exit 1
fi

"$venv/bin/python" tests/independent/goe_client.py "$address"
