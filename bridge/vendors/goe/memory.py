"""What is known of a charger that tells of itself, and which of it may have been overtaken."""

from __future__ import annotations

from bridge.charger.document import Document
from bridge.charger.values import Json


class Memory:
    """The newest value of each key, whether the charger told it, was asked for it, or its broker had kept it."""

    def __init__(self) -> None:
        """Know nothing."""
        self._kept: dict[str, Json] = {}
        """What the broker kept: the first words of a session of the charger, at times long overtaken (issue 133)."""
        self._known: dict[str, Json] = {}
        """What it was asked for, and what it told before it fell silent."""
        self._told: dict[str, Json] = {}
        """What it has told since then."""

    def __contains__(self, key: object) -> bool:
        return key in self._told or key in self._known or key in self._kept

    def document(self) -> Document:
        """Return everything."""
        return {**self._kept, **self._known, **self._told}

    def has_told(self, key: str) -> bool:
        """Tell whether it told this by itself, so that there is nothing to ask."""
        return key in self._told

    def take(self, key: str, value: Json, *, kept: bool) -> bool:
        """Take a message; returns whether it is news. What was `kept` is, where it was not kept before."""
        known, before = key in self, self._value(key)
        if not kept:
            self._told[key] = value
        else:
            if self._kept.get(key, value) != value:
                self._known[key] = value
                self._told.pop(key, None)
            self._kept[key] = value
        return not known or self._value(key) != before

    def _value(self, key: str) -> Json:
        return next((where[key] for where in (self._told, self._known, self._kept) if key in where), None)

    def learn(self, found: Document) -> bool:
        """Take an answer; returns whether it is news."""
        before = self.document()
        for key in found:
            self._told.pop(key, None)
        self._known |= found
        return self.document() != before

    def fell_silent(self) -> None:
        """Believe what it told a little less: it may have changed since."""
        self._known |= self._told
        self._told.clear()
