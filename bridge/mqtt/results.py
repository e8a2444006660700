"""Where results of commands go."""

from __future__ import annotations

from bridge.engine.results import Result
from bridge.mqtt import documents
from bridge.mqtt.outbox import Outbox
from bridge.mqtt.topics import Topics


def send_result(outbox: Outbox, topics: Topics, charger: str, result: Result) -> None:
    """Publish the outcome of a command, the final one also where the sender asked for it."""
    payload = documents.encode(result.json())
    outbox.send(topics.result(charger), payload)
    if result.final and result.reply is not None:
        outbox.send(result.reply.topic, payload, correlation=result.reply.correlation)
