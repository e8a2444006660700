"""One request to the cloud that has been let in, and the ways to turn it down."""

from __future__ import annotations

from dataclasses import dataclass

from bridge.simulators.wallbox.account import Account
from bridge.simulators.wallbox.cloud import Cloud, Group, Place
from bridge.simulators.wire import Json, JsonValue, ReceivedRequest


class RefusedError(Exception):
    """The request is answered with an error; the text says why."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(words)
        self.status = status


@dataclass(frozen=True, kw_only=True)
class Call:
    """A request for data.

    Attributes:
        cloud: Whom it asks.
        request: What came.
        account: Who asks.
        target: The part of the path that says which charger or group.
        ignores_writes: Whether a fault makes writes have no effect.
    """

    cloud: Cloud
    request: ReceivedRequest
    account: Account
    target: str
    ignores_writes: bool = False

    def place(self) -> Place:
        """The charger that is asked for.

        Raises:
            RefusedError: There is none, or it is somebody else's. How the cloud says the latter is a guess.
        """
        number = int(self.target)
        place = self.cloud.place(self.account, number)
        if place is None:
            known = number in self.cloud.chargers
            raise RefusedError(*((403, "Forbidden") if known else (404, "Charger not found")))
        return place

    def own_place(self) -> Place:
        """The same for those who may write.

        Raises:
            RefusedError: Also when the account is a plain user of it.
        """
        place = self.place()
        if place.profile == "user":
            raise RefusedError(403, "Insufficient permissions")
        return place

    def group(self) -> Group:
        """The group that is asked for, by its number or its other identifier.

        Raises:
            RefusedError: There is none, or it is somebody else's.
        """
        groups = self.cloud.groups_of(self.account)
        found = next((group for group in groups if self.target in {group.uid, str(group.spec.id)}), None)
        if found is None:
            raise RefusedError(404, "Group not found")
        return found

    def sent(self) -> Json:
        """The JSON object that was sent.

        Raises:
            RefusedError: It is none.
        """
        try:
            document = self.request.json()
        except ValueError:
            document = None
        if not isinstance(document, dict):
            raise RefusedError(400, "Bad Request")
        return document

    def write(self, place: Place, name: str, value: JsonValue) -> None:
        """Let a setting or an action take its course."""
        if not self.ignores_writes:
            place.charger.write(name, value)
