"""Chargers to announce."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bridge.charger.binding import Action, Capability, Request
from bridge.charger.contract import Identity
from bridge.charger.document import Document
from bridge.charger.properties import CATALOGUE
from bridge.charger.property import Bounds, Property, vendor_key
from bridge.charger.values import TEXT, Value, ValueType
from bridge.homeassistant.device import Mode
from bridge.homeassistant.discovery import Announcement, Discovery
from bridge.homeassistant.values import Output
from bridge.mqtt.topics import Topics

IDENTITY = Identity(serial="123456", vendor="go-e", manufacturer="go-e")


class _Time:
    name = "time"
    parse = staticmethod(TEXT.parse)
    json = staticmethod(TEXT.json)
    text = staticmethod(TEXT.text)


TIME: ValueType[str] = _Time()
"""A type that only vendors have: a time of day."""


def discovery(mode: Mode = "device", output: Output = "both", instance: str = "charger2mqtt") -> Discovery:
    """Return a bridge with the default names."""
    return Discovery(topics=Topics("charger2mqtt"), version="1.2.3", mode=mode, output=output, instance=instance)


def capability(
    key: str, *, settable: bool | None = None, bounds: Bounds | None = None, options: tuple[str, ...] = ()
) -> Capability:
    """Return one row of the catalogue as a charger may have it."""
    row = CATALOGUE[key]
    return Capability(
        property=row, settable=row.settable if settable is None else settable, bounds=bounds, options=options
    )


def every_capability(*, settable: bool = True) -> dict[str, Capability]:
    """Return the whole catalogue, everything settable that can be, or nothing."""
    return {key: capability(key, settable=row.settable and settable) for key, row in CATALOGUE.items()}


def own(key: str, type_: ValueType[Any], *, settable: bool = False, **more: Any) -> dict[str, Capability]:
    """Return one of a vendor's own keys as a charger may have it, by its property."""
    if settable and type_.name in {"number", "integer"}:
        more = {"bounds": Bounds(minimum=0, maximum=100, step=1), **more}
    row: Property[Any] = Property(
        key=vendor_key(key), name=more.pop("name", "Its name"), type=type_, settable=settable, vendor=True, **more
    )
    return {row.key: Capability(property=row, settable=settable, bounds=row.bounds, options=row.options)}


def action(key: str, **more: Any) -> Action:
    """Return an action that asks for nothing in particular."""

    def request(_: Document) -> Request:
        return Request(method="POST", path=f"/{key}")

    return Action(key=key, name=key.capitalize(), request=request, **more)


def announcement(
    capabilities: Mapping[str, Capability],
    values: Mapping[str, Value] | None = None,
    actions: tuple[Action, ...] = (),
    **identity: str,
) -> Announcement:
    """Return what there is to tell of the charger `garage`."""
    return Announcement(
        charger="garage",
        identity=replace(IDENTITY, **identity),
        capabilities=capabilities,
        actions=actions,
        values=values or {},
    )


def components(
    capabilities: Mapping[str, Capability], values: Mapping[str, Value] | None = None, output: Output = "both"
) -> dict[str, Any]:
    """Return the entities by key, as the message of the whole device has them."""
    (payload,) = discovery(output=output).charger_messages(announcement(capabilities, values)).values()
    found: dict[str, Any] = json.loads(payload)["components"]
    return found


def component(key: str, value: Value = None, output: Output = "both", **more: Any) -> dict[str, Any]:
    """Return the entity of one property."""
    found: dict[str, Any] = components({key: capability(key, **more)}, {key: value}, output)[key]
    return found
