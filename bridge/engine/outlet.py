"""What the engine sees of the outside: a few calls that never block and never fail."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bridge.charger.session import Event, SessionRecord
    from bridge.engine.results import Result
    from bridge.engine.view import ChargerView


class Outlet(Protocol):
    """Takes what happens at the chargers. Calls come in the order in which consumers should see the messages."""

    def changed(self, charger: ChargerView) -> None:
        """The charger's values, abilities or availability may have changed."""

    def event(self, charger: ChargerView, event: Event) -> None:
        """Something happened at a charger."""

    def session(self, charger: ChargerView, record: SessionRecord) -> None:
        """A session ended."""

    def result(self, charger_id: str, result: Result) -> None:
        """A command was accepted or ended."""


class Fan:
    """One outlet for several: tells each of them everything, in their order."""

    def __init__(self, outlets: Sequence[Outlet]) -> None:
        """Keep whom to tell."""
        self._outlets = outlets

    def changed(self, charger: ChargerView) -> None:
        """Tell all that the charger's values, abilities or availability may have changed."""
        for outlet in self._outlets:
            outlet.changed(charger)

    def event(self, charger: ChargerView, event: Event) -> None:
        """Tell all that something happened at a charger."""
        for outlet in self._outlets:
            outlet.event(charger, event)

    def session(self, charger: ChargerView, record: SessionRecord) -> None:
        """Tell all that a session ended."""
        for outlet in self._outlets:
            outlet.session(charger, record)

    def result(self, charger_id: str, result: Result) -> None:
        """Tell all that a command was accepted or ended."""
        for outlet in self._outlets:
            outlet.result(charger_id, result)
