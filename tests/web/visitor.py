"""A browser without scripts, for pages with forms."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import aiohttp

from tests.web.reading import Page

TOKEN = "a-token-that-nobody-guesses"


class Visitor:
    """A browser without scripts: keeps cookies, follows nothing by itself, and says where its forms come from."""

    def __init__(self, http: aiohttp.ClientSession) -> None:
        self.http = http
        self.origin: str | None = str(http._base_url).rstrip("/")

    async def get(self, path: str) -> Page:
        """Load a page."""
        async with self.http.get(path) as response:
            return Page(await response.text())

    async def post(self, path: str, form: Mapping[str, Any], **headers: str) -> aiohttp.ClientResponse:
        """Send a form."""
        sent = {**({} if self.origin is None else {"Origin": self.origin}), **headers}
        response = await self.http.post(path, data=form, headers=sent, allow_redirects=False)
        await response.read()
        return response

    async def sign_in(self, token: str = TOKEN, **more: str) -> aiohttp.ClientResponse:
        """Send the form for signing in."""
        csrf = (await self.get("/login")).value("csrf")
        return await self.post("/login", {"csrf": csrf, "token": token, **more})

    async def csrf(self) -> str:
        """Return what the forms of the charger's page carry."""
        return (await self.get("/chargers/garage")).value("csrf")

    async def command(self, key: str, value: str, **more: str) -> aiohttp.ClientResponse:
        """Send the form of a control."""
        form = {"csrf": await self.csrf(), "property": key, "value": value}
        return await self.post("/chargers/garage/set", form | more)
