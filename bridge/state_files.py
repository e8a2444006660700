"""What the bridge remembers between runs: JSON files that only its own user can read, replaced as a whole."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import structlog

from bridge.charger.values import Json
from bridge.errors import ConfigError

log = structlog.get_logger(__name__)


def state_directory(option: Path | None, environ: Mapping[str, str]) -> Path:
    """Return where state is kept: `--state-dir`, else systemd's directory, else one in the home directory.

    It is not created before something is written. Raises ConfigError if there is nowhere.
    """
    if option is not None:
        return option
    # systemd separates several by colons.
    if given := environ.get("STATE_DIRECTORY", "").split(":")[0]:
        return Path(given)
    home = environ.get("HOME")
    if not home:
        raise ConfigError(["--state-dir: it must be given, since there is neither $STATE_DIRECTORY nor $HOME"])
    return Path(home) / ".local" / "state" / "charger2mqtt"


def write_json(path: Path, data: Json) -> None:
    """Replace the file, and make its directory where there is none; see `write_private`."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_private(path, json.dumps(data, ensure_ascii=False, separators=(",", ":")))


def write_private(path: Path, text: str) -> None:
    """Replace a file by one that only its owner can read.

    After a crash or power cut it holds the old content or the new one, nothing in between. It blocks for as long as the
    disk takes. Raises OSError.
    """
    # mkstemp makes the file with mode 0600.
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    unfinished = Path(name)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def read_json(path: Path) -> Json:
    """Return what the file holds, None if there is none or it cannot be used.

    A damaged file is logged and kept aside as `<name>.corrupt`.
    """
    try:
        found: Json = json.loads(path.read_bytes())
    except FileNotFoundError:
        return None
    except OSError as error:
        log.warning("state file unreadable", path=str(path), reason=error.strerror)
        return None
    except (ValueError, RecursionError):
        aside = path.with_name(f"{path.name}.corrupt")
        log.warning("state file damaged", path=str(path), kept_as=str(aside))
        with suppress(OSError):
            path.replace(aside)
        return None
    return found


class StateFile:
    """One state file whose loss is no disaster: trouble with the disk is logged, once until it goes well again."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._said = False

    def read(self) -> Json:
        """Return what was written last, None if there is nothing that can be used."""
        return read_json(self._path)

    def write(self, data: Json) -> None:
        """Replace it; never raises."""
        try:
            write_json(self._path, data)
        except OSError as error:
            if not self._said:
                log.warning("state not stored", path=str(self._path), reason=error.strerror)
            self._said = True
        else:
            self._said = False
