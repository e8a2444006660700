#!/bin/sh
# In CI (CI=true) sees to it that the status page is tested in a real browser: installs Debian's Chromium where that is
# allowed (root, apt-get). At home it is far too large to come unasked: those tests say themselves that they are left out.
set -eu
if [ "${CI:-}" != true ] || command -v chromium >/dev/null 2>&1; then
    exit 0
fi
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Chromium is not here: installing it for the tests of the status page"
    log=$(mktemp)
    {
        apt-get update -q
        DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends chromium fonts-dejavu-core
    } >"$log" 2>&1 </dev/null || tail -n 5 "$log" >&2
    rm -f "$log"
fi
