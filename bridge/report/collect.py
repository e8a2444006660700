"""The report as a whole."""

from __future__ import annotations

import asyncio
import io
import json
import os
import stat
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from bridge.charger.values import Json
from bridge.disguise import Disguise, configuration
from bridge.errors import ConfigError
from bridge.log import LogFormat, LogLevel, configure
from bridge.report import chargers, surroundings
from bridge.report.about import about
from bridge.settings import Loaded
from bridge.state_files import read_json

FORMAT = 1
MOST_LOG_LINES = 200
MOST_BYTES = 8 * 1024 * 1024
ENVIRONMENT = "CHARGER2MQTT_"


async def collect(loaded: Loaded, state_dir: Path, ids: Iterable[str], environ: Mapping[str, str]) -> dict[str, Json]:
    """Read chargers, try the broker, ask a running bridge, and return all that is known, fit for strangers.

    What is logged meanwhile becomes a part of it.
    """
    log = io.StringIO()
    configure(LogLevel.DEBUG, LogFormat.JSON, log)
    findings, bridge, broker = await asyncio.gather(
        chargers.read(loaded.settings, state_dir, ids),
        surroundings.running_bridge(loaded.settings),
        surroundings.broker(loaded.settings),
    )
    disguise = Disguise()
    configuration.learn(disguise, loaded.settings)
    for path in sorted((state_dir / "tokens").glob("*.json"))[:100]:
        _learn_tokens(disguise, path)
    for path in sorted((state_dir / "chargers").glob("*.json"))[:100]:
        _learn_tokens(disguise, path)
    chargers.learn(disguise, findings)
    variables: list[Json] = [*sorted(name for name in environ if name.upper().startswith(ENVIRONMENT))]
    report: dict[str, Json] = {
        **_heading(),
        "configuration_file": _file(loaded.path),
        "environment": variables,
        "warnings": [_without_home(disguise.text(each)) for each in loaded.warnings],
        "configuration": configuration.shown(disguise, loaded.settings),
        "broker": _texts(broker, disguise),
        "running_bridge": _texts(bridge, disguise),
        "chargers": {poller.view.id: chargers.told(poller, findings, disguise) for poller in findings.pollers},
        "log": _log(log.getvalue(), disguise),
    }
    return _bounded(report)


def of_faults(error: ConfigError) -> dict[str, Json]:
    """Return the report of a configuration that cannot be used; its faults quote nothing of it."""
    return {**_heading(), "faults": [_without_home(fault) for fault in error.faults]}


def _heading() -> dict[str, Json]:
    return {
        "report": FORMAT,
        "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "about": about(),
    }


def _file(path: Path | None) -> Json:
    """Return where the configuration is, as far as that matters, and who may read it."""
    if path is None:
        return None
    try:
        mode = stat.filemode(path.stat().st_mode)
    except OSError as error:
        mode = error.strerror or "unknown"
    return {"path": _without_home(str(path)), "mode": mode}


def _without_home(text: str) -> str:
    """Return a text without the name of the user's own directory, which is often theirs."""
    home = os.path.expanduser("~")  # noqa: PTH111 - Path.home raises where there is none
    return text.replace(home, "~") if len(home) > 1 else text


def _learn_tokens(disguise: Disguise, path: Path) -> None:
    found = read_json(path)
    for holder in (found, found.get("login") if isinstance(found, dict) else None):
        for name in ("access", "refresh"):
            token = holder.get(name) if isinstance(holder, dict) else None
            if isinstance(token, str):
                disguise.hide(token)


def _texts(found: Json, disguise: Disguise) -> Json:
    """Return the same with every text fit for strangers; the names in it are ours."""
    if isinstance(found, dict):
        return {name: _texts(value, disguise) for name, value in found.items()}
    if isinstance(found, list):
        return [_texts(value, disguise) for value in found]
    return _without_home(disguise.text(found)) if isinstance(found, str) else found


def _log(text: str, disguise: Disguise) -> list[Json]:
    lines: list[Json] = []
    for line in text.splitlines()[-MOST_LOG_LINES:]:
        try:
            lines.append(_texts(json.loads(line), disguise))
        except ValueError:
            lines.append(_without_home(disguise.text(line)))
    return lines


def _bounded(report: dict[str, Json]) -> dict[str, Json]:
    """Return the report, without documents where it would be too large to be attached to anything."""
    found = report["chargers"]
    for charger in found.values() if isinstance(found, dict) else ():
        if isinstance(charger, dict) and len(json.dumps(report)) > MOST_BYTES:
            charger["document"] = "left out: the report would be too large"
    return report
