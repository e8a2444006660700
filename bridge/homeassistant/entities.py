"""The entities of one charger: one for each property and action, and a few for its other topics."""

from __future__ import annotations

from dataclasses import dataclass

from bridge.charger.binding import Action, Capability
from bridge.charger.session import EventType
from bridge.charger.values import Json, Value
from bridge.homeassistant.icons import ICONS
from bridge.homeassistant.naming import Component, Naming, component_key, shown_name
from bridge.homeassistant.platforms import COMMANDED, platform_of, platform_options
from bridge.homeassistant.values import Output, firmware_source, json_field, scalar_source, state_source
from bridge.mqtt.topics import Topics


def availability(*topics: str) -> list[Json]:
    """Return the option of that name: topics that say `online` or `offline`."""
    return [{"topic": topic} for topic in topics]


def command(topic: str) -> Component:
    """Return the options of sending commands; a retained one would be carried out again at every reconnect."""
    return {"command_topic": topic, "qos": 1, "retain": False}


def icon(key: str) -> Component:
    """Return the option of an icon, where there is one."""
    return {"icon": ICONS[key]} if key in ICONS else {}


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargerEntities:
    """Makes entities for one charger."""

    charger: str
    naming: Naming
    topics: Topics
    output: Output

    def property(self, capability: Capability, reported: Value) -> Component:
        """Return the entity of a property, `reported` being its present value."""
        row = capability.property
        platform = platform_of(capability, self.output)
        entity = self.naming.entity(platform, component_key(row.key), shown_name(row))
        if platform == "update":
            entity |= firmware_source(row, charger=self.charger, topics=self.topics)
        else:
            place = scalar_source if row.vendor or self.output == "scalar" else state_source
            entity |= place(row, platform, charger=self.charger, topics=self.topics)
        entity |= platform_options(platform, capability, reported) | icon(row.key)
        if platform in COMMANDED:
            entity |= command(self.topics.set(self.charger, row.key))
        # Home Assistant refuses a sensor that calls itself a setting.
        if row.category and not (row.category == "config" and platform in {"sensor", "binary_sensor"}):
            entity["entity_category"] = row.category
        if not row.enabled:
            entity["enabled_by_default"] = False
        if row.about_connection:
            entity["availability"] = availability(self.topics.bridge_state)
        return entity

    def action(self, action: Action) -> Component:
        """Return the button of an action."""
        entity = self.naming.entity("button", action.key, action.name)
        entity |= command(self.topics.set(self.charger, action.key)) | {"payload_press": "PRESS"} | icon(action.key)
        if action.device_class:
            entity["device_class"] = action.device_class
        if action.category:
            entity["entity_category"] = action.category
        if not action.enabled:
            entity["enabled_by_default"] = False
        return entity

    def refresh(self) -> Component:
        """Return the button that reads the charger now, which is of most use while the charger is away."""
        return (
            self.naming.entity("button", "refresh", "Refresh")
            | command(self.topics.scalar(self.charger, "refresh"))
            | {"payload_press": "PRESS", "entity_category": "diagnostic"}
            | {"availability": availability(self.topics.bridge_state)}
            | icon("refresh")
        )

    def event(self) -> Component:
        """Return the entity of what happens at the charger."""
        return (
            self.naming.entity("event", "event", "Event")
            | {"state_topic": self.topics.event(self.charger), "event_types": [kind.value for kind in EventType]}
            | icon("event")
        )

    def last_session(self) -> Component:
        """Return the energy of the last finished session, with the rest of its record as attributes.

        The attributes change once per session; those of `state` would change with every reading and fill the recorder.
        """
        topic = self.topics.last_session(self.charger)
        return self.naming.entity("sensor", "last_session", "Last session energy") | {
            "state_topic": topic,
            "value_template": f"{{{{ {json_field('energy')} }}}}",
            "device_class": "energy",
            "unit_of_measurement": "kWh",
            "suggested_display_precision": 2,
            "json_attributes_topic": topic,
            "json_attributes_template": "{{ value_json | default({}) | to_json }}",
        }
