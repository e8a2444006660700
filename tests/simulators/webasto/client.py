"""A plain client of a pretend Webasto, for the tests alone."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode
from datetime import UTC, datetime
from typing import Any

import aiohttp

from bridge.simulators.webasto import WebastoSimulator

NOW = datetime(2026, 11, 20, 10, tzinfo=UTC)


class Client:
    """Asks one charger; after `login` with a token."""

    def __init__(self, http: aiohttp.ClientSession, sim: WebastoSimulator) -> None:
        self.http = http
        self.sim = sim
        self.token = ""
        self.language = ""

    async def ask(self, method: str, path: str, body: Any = None, *, token: str | None = None) -> tuple[int, Any]:
        """Status, and the answer as JSON where it is some."""
        headers = {"Authorization": f"Bearer {self.token if token is None else token}"}
        if token == "":
            headers = {}
        if self.language:
            headers["Accept-Language"] = self.language
        data = body if body is None or isinstance(body, bytes | aiohttp.FormData) else json.dumps(body)
        url = f"{self.sim.url}{path}"
        async with self.http.request(method, url, data=data, headers=headers, ssl=False) as response:
            text = await response.text()
            return response.status, json.loads(text) if text.startswith(("{", "[")) else text

    async def get(self, path: str) -> Any:
        """Read something that is there."""
        status, answer = await self.ask("GET", f"/api/{path}")
        assert status == 200, answer
        return answer

    async def post(self, path: str, body: Any = None) -> tuple[int, Any]:
        """Do something."""
        return await self.ask("POST", f"/api/{path}", body)

    async def login(self, password: str | None = None) -> tuple[int, Any]:
        """Log in, by default with the right password, and keep the token."""
        body = {"username": self.sim.username, "password": self.sim.password if password is None else password}
        status, answer = await self.ask("POST", "/api/login", body, token="")
        if status < 300:
            self.token = answer["access_token"]
        return status, answer

    async def refresh(self) -> int:
        """Change the token for a new one."""
        status, answer = await self.post("refresh-token")
        if status == 200:
            self.token = answer["access_token"]
        return status

    async def status(self) -> int:
        """The status of an ordinary read."""
        path = "dashboard-information" if self.sim.device.model == "next" else "system-information"
        return (await self.ask("GET", f"/api/{path}"))[0]

    async def fields(self, section: str) -> dict[str, Any]:
        """The fields of a section by key."""
        return {field["fieldKey"]: field for field in await self.get(f"sections/{section}")}

    async def value(self, section: str, key: str) -> Any:
        """The value of one field."""
        return (await self.fields(section))[key]["value"]

    async def dashboard(self) -> dict[str, Any]:
        """The values of the dashboard by key."""
        groups = await self.get("dashboard-information")
        return {entry["key"]: entry["value"] for group in groups for entry in group["entries"]}

    async def update(self, key: str, value: Any, update_type: str = "number") -> tuple[int, Any]:
        """Set one field of a Next."""
        update = {"fieldKey": key, "value": value}
        return await self.post(
            "configuration-updates",
            [{**update, "configurationFieldUpdateType": f"{update_type}-configuration-field-update"}],
        )


def claims(token: str) -> dict[str, int]:
    """What a token says about itself."""
    payload = token.split(".")[1]
    found: dict[str, int] = json.loads(urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return found
