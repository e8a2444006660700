"""Everything behind the pages, made when somebody looks at the first one."""

from __future__ import annotations

from bridge.web.commanding import Commanding
from bridge.web.control import Control
from bridge.web.door import Door
from bridge.web.site import Site
from bridge.web.state import BridgeState


class Pages:
    """The pages, and the answers to their forms."""

    def __init__(
        self,
        state: BridgeState,
        *,
        version: str,
        control: Control | None,
    ) -> None:
        """Make them of the state; without `control` there are no forms."""
        door = None if control is None else Door(control.token)
        self.site = Site(state, version, door)
        self._commanding = None if door is None or control is None else Commanding(self.site, door, control)

    @property
    def commanding(self) -> Commanding:
        """The answers to forms."""
        if self._commanding is None:
            message = "there are no forms without control"
            raise LookupError(message)
        return self._commanding
