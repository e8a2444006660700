"""Reading an account for all of its chargers: one task, one call at a time, as the account's budget permits."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping

from bridge.charger.contract import SharedReading
from bridge.charger.pulse import Pulse
from bridge.engine.poller import Poller
from bridge.errors import ChargerError
from bridge.waiting import wait_for

LONGEST_WAIT_S = 60.0
"""How long to go without a look at when the next read is due: commands bring it forward."""


class AccountReader:
    """Reads one account and tells each charger's poller what came."""

    def __init__(self, name: str, account: SharedReading, members: Mapping[int, Poller]) -> None:
        """Take the pollers by the number that the account knows their chargers by."""
        self.name = f"account {name}"
        self.pulse = Pulse()
        self._account = account
        self.members = dict(members)
        """May change while it runs."""
        self._wake = asyncio.Event()
        self._stopping = False
        account.on_news = self._wake.set

    def reads(self, account: object) -> bool:
        """Tell whether it is this account that it reads."""
        return self._account is account

    async def run(self) -> None:
        """Read until stopped."""
        self.pulse.begin()
        while not self._stopping:
            now = time.monotonic()
            self.pulse.working(now)
            due = self._account.next_read_at()
            if now >= due:
                await self._read(now)
                continue
            self._plan(due)
            wait = min(due - now, LONGEST_WAIT_S)
            self.pulse.waiting(now + wait)
            if await wait_for(self._wake, wait):
                self._wake.clear()
        self.pulse.resting()

    def stop(self) -> None:
        """Make `run` return soon."""
        self._stopping = True
        self._wake.set()

    def _plan(self, due: float) -> None:
        for poller in self.members.values():
            poller.plan(due)

    async def _read(self, began: float) -> None:
        try:
            found = await self._account.read()
        except ChargerError as error:
            for poller in tuple(self.members.values()):
                poller.tell(error, began)
        else:
            for member, told in found.items():
                if member in self.members:
                    self.members[member].tell(told, began)
