#!/bin/sh
# Sees to it that the tests have a Mosquitto: finds it, or installs it where that is allowed (root, apt-get).
# Without one the tests take the embedded broker and skip what it cannot do. In CI (CI=true) that is an error, because
# a green run that left out half of the broker's behaviour would say too much.
set -eu
PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin" # Debian puts it where only root's PATH leads

found() { command -v mosquitto >/dev/null 2>&1; }

install() {
    # Installing must not start a broker on this machine's port 1883. Debian asks policy-rc.d, if there is one.
    policy=/usr/sbin/policy-rc.d
    if [ ! -e "$policy" ]; then
        printf '#!/bin/sh\nexit 101\n' >"$policy"
        chmod +x "$policy"
        trap 'rm -f "$policy"' EXIT
        trap 'exit 1' HUP INT TERM # so that the file is removed then, too
    fi
    log=$(mktemp)
    { apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends mosquitto; } \
        >"$log" 2>&1 </dev/null || tail -n 5 "$log" >&2
    rm -f "$log"
}

if found; then
    exit 0
fi
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Mosquitto is not here: installing it for the tests (it is not started as a service)"
    install
    if found; then
        exit 0
    fi
fi
cat >&2 <<'TEXT'
************************************************************************************************
  There is no Mosquitto here. The tests go on with the embedded broker, and these are LEFT OUT:
    - MQTT 5: response topic, correlation data, the retained flag of a live message
    - the last will when a connection dies without a word
    - refused logins, TLS, a broker that stops and comes back
  For all of them install it:  sudo apt-get install mosquitto  |  brew install mosquitto
************************************************************************************************
TEXT
if [ "${CI:-}" = true ]; then
    echo "error: in CI the tests need Mosquitto" >&2
    exit 1
fi
