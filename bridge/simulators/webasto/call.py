"""One request that has been let in."""

from __future__ import annotations

from dataclasses import dataclass

from bridge.simulators.webasto.device import WebastoDevice
from bridge.simulators.webasto.labels import Language, asked_language
from bridge.simulators.webasto.refusals import RefusedError
from bridge.simulators.wire import Json, JsonValue, ReceivedRequest


@dataclass(frozen=True, kw_only=True)
class Call:
    """A request for data.

    Attributes:
        device: Whom it asks.
        request: What came.
        target: The part of the path that names a section, an action or a file.
        ignores_writes: Whether a fault makes writes have no effect.
    """

    device: WebastoDevice
    request: ReceivedRequest
    target: str = ""
    ignores_writes: bool = False

    @property
    def language(self) -> Language:
        """The language for labels."""
        return asked_language(self.request.headers.get("accept-language", ""), self.device.manners.language)

    def json(self) -> JsonValue:
        """The JSON that was sent.

        Raises:
            RefusedError: It is none.
        """
        try:
            return self.request.json()
        except ValueError:
            raise RefusedError(400, "Request body is not valid JSON") from None

    def object(self) -> Json:
        """The JSON object that was sent.

        Raises:
            RefusedError: It is none.
        """
        document = self.json()
        if not isinstance(document, dict):
            raise RefusedError(400, "Request body is not of type 'object'")
        return document
