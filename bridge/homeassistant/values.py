"""Where Home Assistant finds a property's value: in the `state` document by template, or on its scalar topic.

Every template gives the text `None`, which Home Assistant reads as unknown, for null and for a missing key. It does the
same for an empty payload, which arrives while the topics of a removed charger are emptied.
"""

from __future__ import annotations

from typing import Any, Literal

from bridge.charger.property import Property
from bridge.charger.values import Json
from bridge.mqtt.topics import Topics

Output = Literal["both", "json", "scalar"]
"""Which of the two the bridge publishes (`publish.output`)."""

MAX_STATE_LENGTH = 255
"""Home Assistant logs a warning for a longer text and drops it."""


def json_field(key: str) -> str:
    """Return the expression for one key of a JSON payload; None where there is no such key, or no payload."""
    return f"(value_json | default({{}})).get('{key}')"


def value_source(row: Property[Any], *, charger: str, topics: Topics, output: Output) -> dict[str, Json]:
    """Return the options that lead to a property's value; booleans arrive as `true` and `false` either way."""
    if output == "scalar":
        source: dict[str, Json] = {"state_topic": topics.scalar(charger, row.key)}
        if row.type.name == "text":
            source["value_template"] = f"{{{{ value[:{MAX_STATE_LENGTH}] }}}}"
        return source
    return {"state_topic": topics.state(charger), "value_template": _template(row)}


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


def _template(row: Property[Any]) -> str:
    field = json_field(row.key)
    match row.type.name:
        case "boolean":
            # A JSON boolean would come out as True or False; this way it looks like the scalar topic.
            return f"{{% set on = {field} %}}{{{{ 'None' if on is none else 'true' if on else 'false' }}}}"
        case "text":
            return f"{{{{ ({field} | string)[:{MAX_STATE_LENGTH}] }}}}"
        case _:
            return f"{{{{ {field} }}}}"
