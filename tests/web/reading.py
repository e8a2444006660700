"""What a page says, read as a browser would, with Python's own parser."""

from __future__ import annotations

from html.parser import HTMLParser

import aiohttp

_EMPTY = frozenset({"meta", "link", "input", "img", "path", "br", "hr"})


class Page(HTMLParser):
    """One page: the texts by scope and field, every tag with its attributes, and all of the text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.fields: dict[tuple[str, str], str] = {}
        """Texts by scope and field."""
        self.tags: list[tuple[str, dict[str, str]]] = []
        """Every tag in order."""
        self.text = ""
        self._open: list[tuple[str, dict[str, str]]] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Remember a tag."""
        known = {key: value or "" for key, value in attrs}
        self.tags.append((tag, known))
        if tag not in _EMPTY:
            self._open.append((tag, known))
            if "data-field" in known:
                self.fields[self._scope(), known["data-field"]] = ""

    def handle_endtag(self, tag: str) -> None:
        """Close the innermost tag of that name."""
        while tag not in _EMPTY and self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        """Add text to the fields that it is in."""
        self.text += data
        for _, known in self._open:
            if "data-field" in known:
                self.fields[self._scope(), known["data-field"]] += data

    def _scope(self) -> str:
        return next((known["data-scope"] for _, known in reversed(self._open) if "data-scope" in known), "")

    def charger(self, id_: str) -> dict[str, str]:
        """Return the fields of a charger."""
        return {field: text for (scope, field), text in self.fields.items() if scope == f"charger:{id_}"}

    def bridge(self) -> dict[str, str]:
        """Return the fields of the bridge itself."""
        return {field: text for (scope, field), text in self.fields.items() if scope == "bridge"}

    def all(self, tag: str) -> list[dict[str, str]]:
        """Return the attributes of every tag of a name."""
        return [known for name, known in self.tags if name == tag]

    def value(self, name: str) -> str:
        """Return what the first input of that name holds."""
        return next(known.get("value", "") for known in self.all("input") if known.get("name") == name)


async def load(http: aiohttp.ClientSession, path: str = "/", status: int = 200) -> Page:
    """Return a page of the server."""
    async with http.get(path) as response:
        assert (response.status, response.content_type, response.charset) == (status, "text/html", "utf-8")
        return Page(await response.text())
