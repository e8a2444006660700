"""The unit files: what they must have, that systemd understands them, and how much they let the bridge do."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[1] / "systemd"
ONE, SEVERAL = FOLDER / "charger2mqtt.service", FOLDER / "charger2mqtt@.service"
RELOAD = FOLDER / "notify-reload.conf"
UNITS = {"charger2mqtt.service": ONE, "charger2mqtt@home.service": SEVERAL}
"""By the names under which they run."""

MOST_EXPOSURE = 15
"""In tenths: 0 is a service that may do nothing, 100 one that may do everything."""
OLDEST_WITH_NOTIFY_RELOAD = 253

ANALYZE = shutil.which("systemd-analyze")
needs_systemd = pytest.mark.skipif(
    ANALYZE is None, reason="systemd-analyze IS NOT INSTALLED: nobody has checked that systemd understands the units"
)


def keys(path: Path) -> dict[str, list[str]]:
    """Return the settings of a unit file, each with its values in order."""
    found: dict[str, list[str]] = {}
    for line in path.read_text().splitlines():
        if line and line[0] not in "#[":
            key, _, value = line.partition("=")
            found.setdefault(key, []).append(value)
    return found


@pytest.mark.parametrize("path", UNITS.values(), ids=UNITS)
def test_what_the_bridge_promises_to_systemd_is_asked_for(path: Path) -> None:
    """READY, watchdog, reload, stop, a user of its own, its state, and its secrets by their place."""
    found = keys(path)
    expected = {
        "Type": ["notify"],
        "NotifyAccess": ["main"],
        "ExecReload": ["/bin/kill -HUP $MAINPID"],
        "WatchdogSec": ["30"],
        "Restart": ["on-failure"],
        "RestartPreventExitStatus": ["2"],
        "DynamicUser": ["yes"],
        "StateDirectoryMode": ["0700"],
        "LimitCORE": ["0"],
    }
    assert {key: found.get(key) for key in expected} == expected
    assert int(found["TimeoutStopSec"][0]) > 10, "a stop takes up to 10 s"
    assert [name.partition(":")[0] for name in found["LoadCredential"]] == ["mqtt.password"]


@pytest.mark.parametrize("path", UNITS.values(), ids=UNITS)
def test_nothing_is_forbidden_that_the_bridge_needs(path: Path) -> None:
    """Both kinds of internet address, systemd's own socket, the list of interfaces; a configuration in /etc."""
    found = keys(path)
    assert set(found["RestrictAddressFamilies"][0].split()) == {"AF_INET", "AF_INET6", "AF_UNIX", "AF_NETLINK"}
    assert not {"PrivateNetwork", "IPAddressDeny", "InaccessiblePaths", "TemporaryFileSystem"} & found.keys()


def test_the_template_differs_only_where_instances_must() -> None:
    """In its name, its configuration, its state and its secrets."""
    one, several = keys(ONE), keys(SEVERAL)
    assert several.keys() == one.keys()
    differing = {key for key in one if one[key] != several[key]}
    assert differing == {"Description", "ExecStart", "StateDirectory", "LoadCredential"}
    assert several["ExecStart"] == [one["ExecStart"][0].replace("config.yaml", "%i.yaml")]
    assert all("%i" in value for key in differing for value in several[key])


def test_reload_that_is_waited_for() -> None:
    """The addition for newer systemd replaces the type, and the command that would send a second SIGHUP."""
    assert keys(RELOAD) == {"Type": ["notify-reload"], "ExecReload": [""]}


def analyze(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run systemd-analyze."""
    assert ANALYZE is not None
    return subprocess.run([ANALYZE, *arguments], capture_output=True, text=True, check=False, timeout=60)


def installed(folder: Path, name: str) -> Path:
    """Install a unit in an own root, as README.md says, together with the program it starts."""
    units = folder / "etc/systemd/system"
    units.mkdir(parents=True)
    shutil.copy(UNITS[name], units / UNITS[name].name)
    for target in ("sysinit.target", "basic.target", "shutdown.target", "network-online.target"):
        (units / target).write_text("[Unit]\n")
    program = folder / "opt/charger2mqtt/bin/charger2mqtt"
    for path in (program, folder / "bin/kill"):
        path.parent.mkdir(parents=True)
        path.write_text("#!/bin/sh\n")
        path.chmod(0o755)
    return units / UNITS[name].name


@needs_systemd
@pytest.mark.parametrize("name", UNITS)
@pytest.mark.parametrize("waits", [False, True], ids=["alone", "notify-reload"])
def test_systemd_understands_the_units(tmp_path: Path, name: str, waits: bool) -> None:  # noqa: FBT001 - a parameter
    """Without a word of complaint; the addition only where it is meant for."""
    said = re.search(r"systemd (\d+)", analyze("--version").stdout)
    assert said is not None
    if waits and int(said[1]) < OLDEST_WITH_NOTIFY_RELOAD:
        pytest.skip(f"systemd {said[1]} is too old for notify-reload")
    unit = installed(tmp_path, name)
    if waits:
        addition = unit.with_name(f"{unit.name}.d") / RELOAD.name
        addition.parent.mkdir()
        shutil.copy(RELOAD, addition)
    done = analyze("verify", "--man=no", f"--root={tmp_path}", name)
    assert (done.returncode, done.stderr) == (0, "")


@needs_systemd
@pytest.mark.parametrize("name", UNITS)
def test_the_bridge_may_do_little(tmp_path: Path, name: str) -> None:
    """By systemd's own measure."""
    unit = tmp_path / name
    shutil.copy(UNITS[name], unit)
    limit = f"--threshold={MOST_EXPOSURE}"
    done = analyze("security", "--offline=true", "--no-pager", limit, str(unit))
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr


@needs_systemd
def test_a_fault_would_be_noticed(tmp_path: Path) -> None:
    """So that the silence above means something."""
    unit = installed(tmp_path, "charger2mqtt.service")
    unit.write_text(unit.read_text().replace("Type=notify", "Type=notifiy").replace("PrivateTmp", "PrivatTmp"))
    done = analyze("verify", "--man=no", f"--root={tmp_path}", unit.name)
    assert len(done.stderr.splitlines()) >= 2, done.stderr
