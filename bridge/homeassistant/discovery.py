"""The discovery messages of chargers and of the bridge itself.

Whoever sends them sends those of the bridge first, because the chargers refer to its device, and sends a charger's
again, before its next state, whenever they come out differently.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bridge.charger.binding import Action, Capability
from bridge.charger.contract import Identity
from bridge.charger.values import Json, Value
from bridge.homeassistant.device import Device, Mode, web_address
from bridge.homeassistant.entities import ChargerEntities, availability, command, icon
from bridge.homeassistant.naming import PRODUCT, Component, bridge_naming, charger_naming, component_key
from bridge.homeassistant.values import Output, json_field
from bridge.mqtt.topics import Topics


def patterns(prefix: str) -> tuple[str, ...]:
    """Return the subscriptions that hear every device's and every component's discovery message."""
    return (f"{prefix}/+/+/config", f"{prefix}/+/+/+/config")


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcement:
    """What there is to tell of one charger.

    `name` is the one from the configuration; `capabilities` has every property of the charger, `actions` what the
    configuration allows, `values` the present values.
    """

    charger: str
    identity: Identity
    capabilities: Mapping[str, Capability]
    name: str | None = None
    actions: Sequence[Action] = ()
    values: Mapping[str, Value]

    @property
    def shown_name(self) -> str:
        """What people call the charger."""
        return self.name or self.identity.name or self.charger


@dataclass(frozen=True, slots=True, kw_only=True)
class Discovery:
    """How this bridge announces: its place on the broker, its configuration, its version."""

    topics: Topics
    version: str
    mode: Mode = "device"
    prefix: str = "homeassistant"
    instance: str = PRODUCT
    output: Output = "both"

    def charger_messages(self, announcement: Announcement) -> dict[str, str]:
        """Return the retained messages by topic that announce a charger."""
        return self._messages(self._charger(announcement))

    def bridge_messages(self) -> dict[str, str]:
        """Return the retained messages by topic that announce the bridge itself."""
        return self._messages(self._bridge())

    def _messages(self, device: Device) -> dict[str, str]:
        return device.messages(self.mode, prefix=self.prefix, version=self.version)

    def _charger(self, announcement: Announcement) -> Device:
        charger, identity = announcement.charger, announcement.identity
        naming = charger_naming(charger, identity.serial)
        entities = ChargerEntities(charger=charger, naming=naming, topics=self.topics, output=self.output)
        components: dict[str, Component] = {
            component_key(key): entities.property(capability, announcement.values.get(key))
            for key, capability in announcement.capabilities.items()
            if capability.property.readable and not capability.property.json_only
        }
        components |= {action.key: entities.action(action) for action in announcement.actions}
        # These keys are fixed leaves of the topic tree, so no property is called like that.
        components |= {"refresh": entities.refresh(), "event": entities.event()}
        if "session_energy" in announcement.capabilities:
            components["last_session"] = entities.last_session()
        about: dict[str, Json] = {
            "identifiers": [naming.node],
            "name": announcement.shown_name,
            "manufacturer": identity.manufacturer,
            "model": identity.model,
            "serial_number": identity.serial,
            "sw_version": identity.firmware,
            "hw_version": identity.hardware,
            "configuration_url": web_address(identity.url),
            "via_device": bridge_naming(self.instance).node,
        }
        both = availability(self.topics.bridge_state, self.topics.availability(charger))
        return Device(
            node=naming.node,
            about={key: value for key, value in about.items() if value is not None},
            components=components,
            shared={"availability": both, "availability_mode": "all"},
        )

    def _bridge(self) -> Device:
        naming = bridge_naming(self.instance)
        state, info = self.topics.bridge_state, self.topics.bridge_info
        diagnostic: Component = {"entity_category": "diagnostic"}
        while_online: Component = {"availability": availability(state)}
        components = {
            "connection": naming.entity("binary_sensor", "connection", "Connection")
            | {"state_topic": state, "payload_on": "online", "payload_off": "offline", "device_class": "connectivity"},
            "version": naming.entity("sensor", "version", "Version")
            | {"state_topic": info, "value_template": f"{{{{ {json_field('version')} }}}}"}
            | while_online
            | icon("version"),
            "started_at": naming.entity("sensor", "started_at", "Started")
            | {"state_topic": info, "value_template": f"{{{{ {json_field('started_at')} }}}}"}
            | {"device_class": "timestamp"}
            | while_online,
            "refresh": naming.entity("button", "refresh", "Refresh all chargers")
            | command(f"{self.topics.base}/bridge/request/refresh")
            | {"payload_press": "{}"}
            | while_online
            | icon("refresh"),
        }
        about: dict[str, Json] = {
            "identifiers": [naming.node],
            "name": PRODUCT if self.instance == PRODUCT else f"{PRODUCT} {self.instance}",
            "manufacturer": PRODUCT,
            "model": "Bridge",
            "sw_version": self.version,
        }
        return Device(
            node=naming.node,
            about=about,
            components={key: component | diagnostic for key, component in components.items()},
        )
