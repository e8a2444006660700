"""Where Home Assistant finds a property's value: in the `state` document by template, or on its scalar topic.

Every template gives the text `None`, which Home Assistant reads as unknown, for null and for a missing key. It does the
same for an empty payload, which arrives while the topics of a removed charger are emptied. The text platform alone
has no unknown: it would offer the word for editing, so it gets the empty text.
"""

from __future__ import annotations

from typing import Any, Literal

from bridge.charger.property import Property
from bridge.charger.values import UNKNOWN_TEXT, Json
from bridge.mqtt.topics import Topics

Output = Literal["both", "json", "scalar"]
"""Which of the two the bridge publishes (`publish.output`)."""

EMPTY_TEXT = '""'
"""What a scalar topic has for the empty text, because an empty retained message would be none."""

MAX_STATE_LENGTH = 255
"""Home Assistant logs a warning for a longer text and drops it."""


def json_field(key: str) -> str:
    """Return the expression for one key of a JSON payload; None where there is no such key, or no payload."""
    return f"(value_json | default({{}})).get('{key}')"


def state_source(row: Property[Any], platform: str, *, charger: str, topics: Topics) -> dict[str, Json]:
    """Return the options that lead to a property's value in the `state` document; booleans arrive as on its own topic.

    Vendor keys are not in that document.
    """
    return {"state_topic": topics.state(charger), "value_template": _template(row, platform)}


def scalar_source(row: Property[Any], platform: str, *, charger: str, topics: Topics) -> dict[str, Json]:
    """Return the options that lead to a property's value on its own topic, where most values need no template.

    A list or an object is also given whole, in the attribute `value`: cut, it would be no JSON any more.
    """
    topic = topics.scalar(charger, row.key)
    source: dict[str, Json] = {"state_topic": topic}
    if platform == "text":
        source["value_template"] = f"{{{{ '' if value in ('{UNKNOWN_TEXT}', '{EMPTY_TEXT}') else {_cut('value')} }}}}"
    elif row.type.name == "text":
        source["value_template"] = f"{{{{ '' if value == '{EMPTY_TEXT}' else {_cut('value')} or '{UNKNOWN_TEXT}' }}}}"
    elif row.type.name == "json":
        source["value_template"] = f"{{{{ {_cut('value')} or '{UNKNOWN_TEXT}' }}}}"
        source["json_attributes_topic"] = topic
        source["json_attributes_template"] = "{{ {'value': value_json | default(none)} | to_json }}"
    return source


def firmware_source(row: Property[Any], *, charger: str, topics: Topics) -> dict[str, Json]:
    """Return the options that lead to the two versions of a firmware property in the `state` document.

    An update entity knows no word for unknown, but ignores the empty text. So while the latest version is not known,
    its state is unknown too: "up to date" would be a guess.
    """
    state = topics.state(charger)
    versions = f"({json_field(row.key)} or {{}})"
    return {
        "state_topic": state,
        "value_template": f"{{{{ {versions}.get('installed') or '' }}}}",
        "latest_version_topic": state,
        "latest_version_template": f"{{{{ {versions}.get('latest') or '' }}}}",
    }


def _template(row: Property[Any], platform: str) -> str:
    field = json_field(row.key)
    if platform == "text":
        known = f"({field} or '')"
        return f"{{{{ {_cut(known)} }}}}"
    match row.type.name:
        case "boolean":
            # A JSON boolean would come out as True or False; this way it looks like the scalar topic.
            return f"{{% set on = {field} %}}{{{{ 'None' if on is none else 'true' if on else 'false' }}}}"
        case "text":
            return f"{{{{ {_cut(f'({field} | string)')} }}}}"
        case _:
            return f"{{{{ {field} }}}}"


def _cut(expression: str) -> str:
    return f"{expression}[:{MAX_STATE_LENGTH}]"
