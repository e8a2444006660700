"""Names that Home Assistant keeps for good: unique ids, the device's id, the entity ids it proposes.

Unique ids hang on the serial number (for the bridge: on its configured instance), never on a shown name, an address, a
topic or the discovery mode, so that history survives when one of those changes. Entity ids are proposed from the
charger's key in the configuration, which the user knows; Home Assistant takes them when it first meets an entity.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from bridge.charger.property import Property, vendor_key
from bridge.charger.values import Json

PRODUCT = "charger2mqtt"

Component = dict[str, Json]
"""The options of one entity."""

_NO_ID = re.compile(r"[^a-zA-Z0-9_-]")  # a discovery topic with anything else is dropped
_NO_SLUG = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True)
class Naming:
    """The names of one device: `node` is its id everywhere in Home Assistant, `slug` begins its entity ids."""

    node: str
    slug: str

    def entity(self, platform: str, key: str, name: str) -> Component:
        """Return the options every entity begins with."""
        proposed = f"{self.slug}_{_slug(key)}"
        return {
            "platform": platform,
            "unique_id": f"{self.node}_{key}",
            "name": name,
            "default_entity_id": f"{platform}.{proposed}",
            "object_id": proposed,  # the same for Home Assistant before 2025.10; newer ones pass over it in silence
        }


def component_key(key: str) -> str:
    """Return what a property is called in discovery topics and unique ids, which take no slash: `vendor_<key>`."""
    return key.replace("/", "_")


def shown_name(row: Property[Any]) -> str:
    """Return an entity's name; a vendor's own has its key with it, which the vendor's documents know it by.

    It also tells apart what has the name of a normalised property.
    """
    if not row.vendor or vendor_key(row.name) == row.key:
        return row.name
    return f"{row.name} ({row.key.removeprefix('vendor/')})"


def charger_naming(charger: str, serial: str) -> Naming:
    """Return the names of a charger's device."""
    return Naming(node=_node(serial), slug=_slug(charger))


def bridge_naming(instance: str) -> Naming:
    """Return the names of the bridge's own device.

    The base topic is left out: it may be changed, and daemons that share a broker differ by their instance.
    """
    slug = _slug(instance)
    return Naming(
        node=_node(instance),
        slug=slug if slug.startswith(PRODUCT) else f"{PRODUCT}_{slug}",
    )


def _node(text: str) -> str:
    return f"{PRODUCT}_{_NO_ID.sub('_', text)}"


def _slug(text: str) -> str:
    return _NO_SLUG.sub("_", text.lower()).strip("_") or "charger"
