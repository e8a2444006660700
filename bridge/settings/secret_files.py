"""Secrets: from the configuration itself, from `<name>_file` beside it, or from systemd's credentials directory."""

from __future__ import annotations

from pathlib import Path

from pydantic import SecretStr

from bridge.settings.draft import Draft, Place, place_text
from bridge.settings.environment import EnvText
from bridge.settings.fields import Field
from bridge.settings.files import is_readable_by_all, is_there

MAX_BYTES = 64 * 1024
MOUNTED_SECRETS = Path("/run/secrets")
"""Where container runtimes put secrets, readable by all inside the container, which is theirs to decide."""

_STAND_IN = "unreadable"  # so that a secret with a fault of its own is not called missing as well


def fill_in(draft: Draft, field: Field, credentials: Path | None) -> None:
    """Put the secret's text in its place and take `<name>_file` away; `credentials` is systemd's directory.

    The environment goes before a credential, and a credential before the file.
    """
    if SecretStr not in field.types:
        return
    file_name = f"{field.name}_file"
    file_place = (*field.place[:-1], file_name)
    value, file = field.holder.get(field.name), field.holder.pop(file_name, None)
    if isinstance(value, EnvText) != isinstance(file, EnvText):
        value, file = (value, None) if isinstance(value, EnvText) else (None, file)
    credential = credentials / place_text(field.place) if credentials else None
    if credential and is_there(credential) and not isinstance(value, EnvText) and not isinstance(file, EnvText):
        field.holder[field.name] = _read(draft, field.place, credential)
    elif value is not None and file is not None:
        draft.fault(file_place, f"give either this or {field.name}, not both")
    elif file is not None:
        field.holder[field.name] = _read_named(draft, file_place, file)
    elif isinstance(value, str):
        if not value:
            draft.fault(field.place, "it is empty")
        draft.has_plain_secret |= not isinstance(value, EnvText)


def _read_named(draft: Draft, place: Place, file: object) -> str:
    if not isinstance(file, str) or not file:
        draft.fault(place, "it must be the path of a file")
        return _STAND_IN
    path = Path(file) if isinstance(file, EnvText) else draft.folder / file
    text = _read(draft, place, path)
    if place not in draft.faults and not path.is_relative_to(MOUNTED_SECRETS) and is_readable_by_all(path):
        draft.warn(place, "every user of this machine can read the file; chmod 600 helps")
    return text


def _read(draft: Draft, place: Place, path: Path) -> str:
    # The path is not shown: people write the secret itself where its file should be named.
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
        text = content.decode().rstrip("\r\n")
    except OSError as error:
        draft.fault(place, f"the file cannot be read: {(error.strerror or 'unknown reason').lower()}")
    except UnicodeDecodeError:
        draft.fault(place, "the file is not UTF-8 text")
    except ValueError:  # a null byte in the path
        draft.fault(place, "it must be the path of a file")
    else:
        if len(content) > MAX_BYTES:
            draft.fault(place, "the file is larger than 64 KiB, which no secret is")
        elif text:
            return text
        else:
            draft.fault(place, "the file is empty")
    return _STAND_IN
