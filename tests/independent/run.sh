#!/usr/bin/env bash
# Runs the pretend go-e and the pretend Wallbox cloud against clients that share no code with them.
#
# PYTHON            makes the clients' environment (default python3; 3.11 to 3.13 work)
# INDEPENDENT_VENV  where that environment is (default .venv-independent)
# BRIDGE_PYTHON     runs the simulators (default: the python of $VENV, which is .venv unless set)
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cd "$root"
venv=${INDEPENDENT_VENV:-.venv-independent}
bridge_python=${BRIDGE_PYTHON:-${VENV:-.venv}/bin/python}

# Newer versions of aiohttp do not work with the go-e client. Its version has no binary for Python 3.13, so that pip may
# have to build it: without its optional C parts that needs no compiler.
wanted='goecharger-api-lite==1.5.1 aiohttp==3.9.5 wallbox==0.9.0'
if [ "$(cat "$venv/.installed" 2>/dev/null || true)" != "$wanted" ]; then
    echo "making $venv"
    "${PYTHON:-python3}" -m venv --clear "$venv"
    # shellcheck disable=SC2086  several words on purpose
    AIOHTTP_NO_EXTENSIONS=1 "$venv/bin/python" -m pip install --quiet --disable-pip-version-check $wanted
    echo "$wanted" >"$venv/.installed"
fi

said=$(mktemp)
simulator=
finish() {
    if [ -n "$simulator" ]; then
        kill "$simulator" 2>/dev/null || true
        wait "$simulator" 2>/dev/null || true
        simulator=
    fi
}
trap 'finish; rm -f "$said"' EXIT
trap 'exit 130' INT TERM

# check CLIENT WHICH VENDOR [OPTION...]: runs CLIENT against the address that the simulator says for WHICH.
check() {
    local client=$1 which=$2 address
    shift 2
    echo "$1"
    : >"$said"
    "$bridge_python" -m bridge simulate "$@" >"$said" &
    simulator=$!
    for _ in $(seq 100); do
        [ -s "$said" ] && break
        kill -0 "$simulator" 2>/dev/null || break
        sleep 0.1
    done
    address=$(sed -n "s/.*\"$which\": \"\\([^\"]*\\)\".*/\\1/p" "$said")
    if [ -z "$address" ]; then
        echo "the simulator did not start" >&2
        exit 1
    fi
    "$venv/bin/python" "tests/independent/$client" "$address" || failed=1
    finish
}

failed=0
check goe_client.py address go-e
# Cars, restarts and updates are faster there, so that nobody waits for them.
check wallbox_client.py control wallbox --control-port 0 --speed 30
exit "$failed"
