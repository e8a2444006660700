"""What the bridge remembers of one charger between runs: several things in one store."""

from __future__ import annotations

from dataclasses import dataclass

from bridge.account.login import Store
from bridge.charger.values import Json


@dataclass(frozen=True, slots=True)
class Part:
    """One of them, and itself a store."""

    whole: Store
    name: str

    def read(self) -> Json:
        """Return what was written last, None if there is nothing."""
        found = self.whole.read()
        return found.get(self.name) if isinstance(found, dict) else None

    def write(self, data: Json) -> None:
        """Keep it beside the others."""
        found = self.whole.read()
        self.whole.write({**(found if isinstance(found, dict) else {}), self.name: data})
