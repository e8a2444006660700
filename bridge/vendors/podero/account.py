"""One Podero partner account: its token, and the pause when Podero says that it is asked too often."""

from __future__ import annotations

import time
from collections.abc import Mapping

from bridge.account.budget import Throttle
from bridge.account.login import Login, Store
from bridge.charger.contract import AccountHealth
from bridge.charger.values import Json
from bridge.errors import ThrottledError
from bridge.http import Answer, Http
from bridge.vendors.podero.api import PoderoApi
from bridge.vendors.podero.auth import PoderoAuth
from bridge.vendors.podero.settings import PoderoAccountSettings


class PoderoAccount:
    """Shared by its wallboxes, each of which is read by itself: the API has no call for several."""

    def __init__(self, name: str, settings: PoderoAccountSettings, http: Http, store: Store) -> None:
        """Prepare; nothing is sent yet."""
        auth = PoderoAuth(name, settings, http)
        self.name = name
        self._login = Login(name, auth.credentials, auth.sign_in, None, store)
        self._api = PoderoApi(settings, self._login, http)
        self._throttle = Throttle()
        self._reads_from = float("-inf")

    async def read(self, path: str, timeout_s: float | None) -> Json:
        """Return the JSON of a GET; raises ChargerError."""
        wait = self._reads_from - time.monotonic()
        if wait > 0:
            raise ThrottledError(f"Podero was asked too often; it is read again in {wait:.0f} s", wait)
        return (await self._call("GET", path, None, timeout_s)).json()

    async def write(self, method: str, path: str, body: Json, timeout_s: float | None) -> Answer:
        """Send a write, once, and return its good answer; raises ChargerError."""
        return await self._call(method, path, body, timeout_s)

    async def _call(self, method: str, path: str, body: Json, timeout_s: float | None) -> Answer:
        try:
            answer = await self._api.call(method, path, body, timeout_s=timeout_s)
        except ThrottledError as error:
            self._pause(error)
            raise
        self._throttle.passed()
        return answer

    def _pause(self, error: ThrottledError) -> None:
        first = self._throttle.until == float("-inf")
        self._throttle.hit(time.monotonic(), error.retry_after_s)
        # After the first one that does not say for how long, the next read is far enough away in any case.
        if error.retry_after_s is not None or not first:
            self._reads_from = self._throttle.until

    def may_write_at(self) -> float:
        """Return when the next write is permitted, by the monotonic clock: at once, unless Podero said otherwise."""
        return self._throttle.until

    def abandon(self) -> None:
        """Nothing: nobody waits for this account but in a call of its own, which has a limit."""

    async def discover(self) -> list[Mapping[str, Json]]:
        """Return nothing: no call that lists wallboxes is documented."""
        return []

    def health(self) -> AccountHealth:
        """Tell how the login is; there is no budget but the pause after a refusal."""
        now = time.monotonic()
        left = 0 if self._throttle.active(now) else None
        return AccountHealth(
            reads_left=left,
            writes_left=left,
            reset_in_s=max(0.0, self._throttle.until - now),
            login=self._login.state,
            expires_at=self._login.expires_at,
        )
