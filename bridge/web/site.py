"""The status page: every charger at `/`, one of them at `/chargers/<id>`, both told of changes as they happen.

Every address in the pages is relative, so that they also work below a path of somebody's reverse proxy.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bridge.web import cards, details, words
from bridge.web.door import Door, Session
from bridge.web.live import Live
from bridge.web.selection import FEW, PER_PAGE, STATUSES, Query, select
from bridge.web.state import BridgeState

HERE = Path(__file__).parent
_STATIC = {
    "page.css": "text/css",
    "page.js": "text/javascript",
    "icon.svg": "image/svg+xml",
}


class Site:
    """Makes the pages. `door` is None where nothing can be commanded."""

    def __init__(self, state: BridgeState, version: str, door: Door | None) -> None:
        """Read the templates; they escape everything that is put into them."""
        self.state = state
        self.door = door
        self.live = Live(state.history)
        self._version = version
        self._templates = Environment(
            loader=FileSystemLoader(HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        self._static = {name: (HERE / "static" / name).read_bytes() for name in _STATIC}

    async def overview(self, request: web.Request) -> web.Response:
        """Show the chargers that the address asks for."""
        state, query, now = self.state, Query.read(request.query), datetime.now(UTC)
        selection = select(state.views.values(), query)
        chargers = [(view, cards.card(view, now), state.spark(view.id)) for view in selection.views]
        return self.render(
            "overview.html",
            request,
            root="./",
            events="events",
            shape=state.bridge["shape"],
            chargers=chargers,
            selection=selection,
            query=query,
            statuses=STATUSES,
            few=FEW,
        )

    async def charger(self, request: web.Request) -> web.Response:
        """Show everything of one charger; `?command=` names one whose outcome is of interest."""
        id_ = request.match_info["id"]
        view = self.state.views.get(id_)
        if view is None:
            return self.message(request, 404, "No such charger", f"No charger is called {words.shorten(id_)}.", "../")
        history, now = self.state.history.of(id_), datetime.now(UTC)
        commands = details.commands(history.commands, view)
        asked = request.query.get("command")
        return self.render(
            "charger.html",
            request,
            root="../",
            events=f"{id_}/events",
            shape=details.shape(view),
            view=view,
            card=cards.card(view, now),
            groups=details.groups(view),
            chart=self.state.chart(id_),
            commands=commands,
            asked=next((line for line in commands if line["id"] == asked), None),
            events_seen=details.events(history.events),
            last_session=details.session(history.session, now),
            controls=details.controls(view),
        )

    async def overview_events(self, request: web.Request) -> web.StreamResponse:
        """Tell of the bridge and of the chargers that the address names, as many as fit on a page."""
        return await self.live.stream(request, request.query.getall("charger", [])[:PER_PAGE], self.state.overview)

    async def charger_events(self, request: web.Request) -> web.StreamResponse:
        """Tell of one charger."""
        if request.match_info["id"] not in self.state.views:
            return web.Response(status=404, text="no such charger\n")
        return await self.live.stream(request, [request.match_info["id"]], self.state.charger)

    async def static(self, request: web.Request) -> web.Response:
        """Return a file of ours."""
        name = request.match_info["name"]
        if name not in self._static:
            raise web.HTTPNotFound
        return web.Response(body=self._static[name], content_type=_STATIC[name], charset="utf-8")

    def session(self, request: web.Request) -> Session | None:
        """Return who is signed in."""
        return None if self.door is None else self.door.session(request.cookies.get(cookie_name(request)))

    def message(self, request: web.Request, status: int, title: str, text: str, root: str) -> web.Response:
        """Return a page that says one thing."""
        return self.render("message.html", request, status, root=root, title=title, text=text)

    def render(self, template: str, request: web.Request, status: int = 200, **context: Any) -> web.Response:  # noqa: ANN401 - whatever a template shows
        """Return a page."""
        text = self._templates.get_template(template).render(
            bridge=self.state.bridge,
            accounts=self.state.accounts,
            version=self._version,
            now=datetime.now(UTC),
            clock=words.clock,
            iso=words.iso,
            can_control=self.door is not None,
            session=self.session(request),
            **{"events": None, "shape": ""} | context,
        )
        # What a vendor or a sender wrote may hold half a character.
        return web.Response(
            status=status, body=text.encode(errors="replace"), content_type="text/html", charset="utf-8"
        )


def cookie_name(request: web.Request) -> str:
    """Return the cookie's name: cookies do not tell the ports of a machine apart."""
    address = None if request.transport is None else request.transport.get_extra_info("sockname")
    return f"charger2mqtt_{address[1]}" if address else "charger2mqtt"
