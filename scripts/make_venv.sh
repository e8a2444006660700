#!/bin/sh
# Makes a virtual environment: make_venv.sh PYTHON DIRECTORY
# Says in one sentence what is missing; as root on a Debian-like system it installs the venv module by itself.
set -eu
python=$1
venv=$2

fail() {
    echo "error: $*" >&2
    exit 1
}

command -v "$python" >/dev/null 2>&1 ||
    fail "there is no '$python' here; install Python 3.11 or newer, or name it: make PYTHON=/path/to/python3.12"
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
    fail "charger2mqtt needs Python 3.11 or newer, and '$python' is $("$python" -V 2>&1); name another: make PYTHON=/path/to/python3.12"

# Debian ships venv without ensurepip, so that only both together mean that it works.
has_venv() { "$python" -c 'import ensurepip, venv' 2>/dev/null; }

if ! has_venv; then
    package=$("$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
        echo "'$python' has no venv module: installing $package"
        log=$(mktemp)
        { apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$package"; } \
            >"$log" 2>&1 </dev/null || tail -n 5 "$log" >&2
        rm -f "$log"
    fi
    has_venv || fail "'$python' has no venv module; install it (on Debian and Ubuntu: sudo apt-get install $package) and try again"
fi

# --clear: what a broken or interrupted attempt, or another Python, left behind would only get in the way.
"$python" -m venv --clear "$venv"
