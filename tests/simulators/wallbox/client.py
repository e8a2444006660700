"""A plain client of the pretend cloud, for the tests alone."""

from __future__ import annotations

import json
from base64 import b64encode
from datetime import UTC, datetime
from typing import Any

import aiohttp
from yarl import URL

from bridge.simulators.wallbox import WallboxSimulator

NOW = datetime(2026, 11, 20, 10, tzinfo=UTC)  # a Friday
CHARGER = 234567


class Client:
    """Asks both servers; after `sign_in` with a token."""

    def __init__(self, http: aiohttp.ClientSession, sim: WallboxSimulator) -> None:
        self.http = http
        self.sim = sim
        self.token = ""
        self.refresh_token = ""

    async def ask(self, method: str, url: str, *, authorization: str, body: Any = None) -> tuple[int, Any]:
        """Status, and the answer as JSON where it is some."""
        data = None if body is None else body if isinstance(body, str) else json.dumps(body)
        headers = {"Authorization": authorization} if authorization else {}
        async with self.http.request(method, URL(url, encoded=True), data=data, headers=headers) as response:
            text = await response.text()
            return response.status, json.loads(text) if text.startswith(("{", "[")) else text

    async def auth(self, path: str, *, method: str = "GET", authorization: str = "") -> tuple[int, Any]:
        """Ask the server that knows people."""
        return await self.ask(method, self.sim.auth_url + path, authorization=authorization)

    async def call(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Ask the server that knows chargers, with the token."""
        return await self.ask(method, self.sim.api_url + path, authorization=f"Bearer {self.token}", body=body)

    async def get(self, path: str) -> Any:
        """Read something that is there."""
        status, answer = await self.call("GET", path)
        assert status == 200, answer
        return answer

    async def status(self, charger: int = CHARGER) -> Any:
        """Read a charger in detail."""
        return await self.get(f"chargers/status/{charger}")

    async def put(self, **settings: Any) -> tuple[int, Any]:
        """Set something of the first charger."""
        return await self.call("PUT", f"v2/charger/{CHARGER}", settings)

    async def config(self, **settings: Any) -> tuple[int, Any]:
        """Set something of the first charger the other way."""
        return await self.call("POST", f"chargers/config/{CHARGER}", settings)

    async def act(self, action: int) -> tuple[int, Any]:
        """Let the first charger do something."""
        return await self.call("POST", f"v3/chargers/{CHARGER}/remote-action", {"action": action})

    async def sign_in(self, email: str | None = None, password: str | None = None) -> tuple[int, Any]:
        """Sign in, by default as the first account, and keep the tokens."""
        account = self.sim.account(email if email in self.sim.cloud.accounts else None)
        words = basic(email or account.spec.email, password or account.password)
        status, answer = await self.auth("users/signin", authorization=words)
        if status == 200:
            self.keep(answer)
        return status, answer

    async def refresh(self) -> tuple[int, Any]:
        """Change the refresh token for new tokens, and keep them."""
        status, answer = await self.auth("users/refresh-token", authorization=f"Bearer {self.refresh_token}")
        if status == 200:
            self.keep(answer)
        return status, answer

    def keep(self, answer: Any) -> None:
        """Use the tokens of an answer from now on."""
        attributes = answer["data"]["attributes"]
        self.token, self.refresh_token = attributes["token"], attributes["refresh_token"]


def basic(email: str, password: str) -> str:
    """The header of those who have no token."""
    return f"Basic {b64encode(f'{email}:{password}'.encode()).decode()}"
