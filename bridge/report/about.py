"""What the bridge runs on."""

from __future__ import annotations

import os
import platform
import sys
import time
from contextlib import suppress
from importlib import metadata
from pathlib import Path

from bridge import __version__
from bridge.charger.values import Json

LIBRARIES = (
    *("aiomqtt", "paho-mqtt", "aiohttp", "pydantic", "PyYAML", "structlog", "typer"),
    *("prometheus-client", "jinja2", "zeroconf", "amqtt"),
)
OS_RELEASE = Path("/etc/os-release")
CONTAINER_MARKS = (Path("/.dockerenv"), Path("/run/.containerenv"))


def about() -> dict[str, Json]:
    """Return versions of us, Python, the libraries and the system; not the name of the machine."""
    return {
        "charger2mqtt": __version__,
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "libraries": {name: version for name in LIBRARIES if (version := _version(name)) is not None},
        "system": f"{platform.system()} {platform.release()}",
        "distribution": _distribution(),
        "architecture": f"{platform.machine()}, {sys.maxsize.bit_length() + 1} bit",
        "container": any(mark.exists() for mark in CONTAINER_MARKS) or "KUBERNETES_SERVICE_HOST" in os.environ,
        "systemd": "INVOCATION_ID" in os.environ,
        "utc_offset_s": time.localtime().tm_gmtoff,
    }


def _version(name: str) -> str | None:
    with suppress(metadata.PackageNotFoundError):
        return metadata.version(name)
    return None


def _distribution() -> str | None:
    with suppress(OSError):
        for line in OS_RELEASE.read_text(encoding="utf-8", errors="replace")[:10_000].splitlines():
            if line.startswith("PRETTY_NAME="):
                return line.partition("=")[2].strip('"')[:100]
    return None
