"""Settings as strangers may see them: no secret, no name of a person, no address that is reachable from everywhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from bridge.charger.values import Json
from bridge.disguise.documents import Disguise
from bridge.disguise.stand_ins import UUID
from bridge.private_names import Private, why_private
from bridge.redaction import MASK

PUBLIC = "a public host"
LOCAL_ENDINGS = (".local", ".lan", ".home", ".internal", ".fritz.box", ".localdomain", ".home.arpa")


def learn(disguise: Disguise, settings: BaseModel) -> None:
    """Note every secret, every id and every address of a person in these settings.

    What is the default of a setting is known to all: a charger's own network may be called like its product.
    """
    for _, info, _ in _walk(settings):
        if isinstance(info.default, str):
            disguise.keep(info.default)
    for name, info, value in _walk(settings):
        if isinstance(value, SecretStr):
            disguise.hide(value.get_secret_value())
        elif not isinstance(value, str | int) or isinstance(value, bool) or value == info.default:
            continue
        elif isinstance(value, str) and not info.repr and not UUID.fullmatch(value):
            disguise.hide(value)
        elif isinstance(value, str) and (name == "host" or "://" in value):
            _hide_public(disguise, urlsplit(value).netloc if "://" in value else value)
        elif why_private(name) is Private.ID or UUID.fullmatch(str(value)):
            disguise.learn(value, "id")


def shown(disguise: Disguise, settings: BaseModel) -> dict[str, Json]:
    """Return settings for a report; hosts in the local network are told, since they help to understand."""
    found: dict[str, Json] = {}
    for name, info in type(settings).model_fields.items():
        value = getattr(settings, name)
        found[name] = value if value == info.default and _plain(value) else _shown(disguise, name, info, value)
    return found


def _shown(disguise: Disguise, name: str, info: FieldInfo, value: object) -> Json:
    if isinstance(value, BaseModel):
        return shown(disguise, value)
    if isinstance(value, Mapping):
        return {key: _shown(disguise, key, info, inner) for key, inner in value.items()}
    if isinstance(value, SecretStr) or (isinstance(value, str) and not info.repr):
        return MASK
    if isinstance(value, str):
        return _text(disguise, name, value)
    if value is None or isinstance(value, bool | int | float):
        return disguise.document(value, name)
    if isinstance(value, Path):
        return "a file"
    words: list[Json] = [str(each) for each in value] if isinstance(value, Iterable) else [str(value)]
    return words


def _text(disguise: Disguise, name: str, value: str) -> Json:
    if name == "host":
        return _host(value)
    if "://" in value and _host(urlsplit(value).netloc) == PUBLIC:
        return PUBLIC
    # An id has its stand-in, also where it is that of a person.
    return disguise.text(value) if "://" in value or UUID.fullmatch(value) else disguise.document(value, name)


def _hide_public(disguise: Disguise, host: str) -> None:
    """Errors name the host, too."""
    if _host(host) == PUBLIC:
        disguise.hide(host)
        disguise.hide(urlsplit(f"//{host}").hostname or "")


def _host(value: str) -> str:
    name = value.rpartition("@")[2]
    bare = name.partition("]")[0].removeprefix("[") if name.startswith("[") else name.partition(":")[0]
    try:
        return PUBLIC if ip_address(bare).is_global else name
    except ValueError:
        return name if "." not in bare or bare.lower().endswith(LOCAL_ENDINGS) else PUBLIC


def _plain(value: object) -> bool:
    return value is None or isinstance(value, str | bool | int | float)


def _walk(settings: BaseModel) -> Iterator[tuple[str, FieldInfo, object]]:
    """Yield every field at any depth, with the name that it has in the configuration."""
    for name, info in type(settings).model_fields.items():
        value = getattr(settings, name)
        for inner in value.values() if isinstance(value, Mapping) else (value,):
            if isinstance(inner, BaseModel):
                yield from _walk(inner)
            else:
                yield name, info, inner
