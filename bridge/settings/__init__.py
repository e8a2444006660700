"""The configuration: a YAML file, the environment and secret files, put together into frozen, typed settings.

Start reading at `load.py`, which takes the steps in order; `model.py` is what comes out.
"""

from bridge.settings.load import Loaded, load
from bridge.settings.model import Commands, HomeAssistant, HttpServer, Mqtt, Publish, Settings, Shard

__all__ = [
    "Commands",
    "HomeAssistant",
    "HttpServer",
    "Loaded",
    "Mqtt",
    "Publish",
    "Settings",
    "Shard",
    "load",
]
