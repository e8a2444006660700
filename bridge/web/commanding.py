"""Commands from the page: from who is signed in, on a form of ours, and then the same way as those from the broker."""

from __future__ import annotations

import asyncio
import math
import secrets
from collections.abc import Mapping

import structlog
from aiohttp import web

from bridge.charger.values import Json
from bridge.engine.intake import Received
from bridge.engine.view import ChargerView
from bridge.web import cards, details
from bridge.web.control import Control
from bridge.web.door import Door, TooManyAttemptsError, is_same
from bridge.web.site import Site, cookie_name

log = structlog.get_logger()

SECONDS_FOR_A_FORM = 5.0


class _Refused(Exception):  # noqa: N818 - not an error of ours
    """A form that is not carried out."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status
        self.text = text


class Commanding:
    """Answers to forms. There is none of this unless the configuration says `http.control`."""

    def __init__(self, site: Site, door: Door, control: Control) -> None:
        """Keep whom to ask and whom to tell."""
        self._site = site
        self._door = door
        self._control = control

    async def sign_in_form(self, request: web.Request) -> web.Response:
        """Ask for the token."""
        return self._form(request, 200, "")

    async def sign_in(self, request: web.Request) -> web.Response:
        """Take the token; who knows it gets a cookie."""
        try:
            form = await _form_of(request)
            if not self._door.is_own_form(form.get("csrf", "")):
                return self._form(request, 403, "The form was too old. Please try again.")
            session = self._door.enter(request.remote or "", form.get("token", ""))
        except _Refused as refused:
            return self._form(request, refused.status, refused.text)
        except TooManyAttemptsError as error:
            wait = math.ceil(error.retry_s)
            answer = self._form(request, 429, f"The token was wrong too often. Try again in {wait} s.")
            answer.headers["Retry-After"] = str(wait)
            return answer
        if session is None:
            log.warning("wrong token at the status page", address=request.remote)
            return self._form(request, 403, "This is not the token of the configuration.")
        log.info("signed in to the status page", address=request.remote)
        charger = form.get("charger", "")
        answer = _see_other(f"chargers/{charger}" if charger in self._site.state.views else "./")
        secure = request.headers.get("Origin", "").startswith("https:")
        answer.set_cookie(cookie_name(request), session.id, httponly=True, samesite="Strict", secure=secure)
        return answer

    async def sign_out(self, request: web.Request) -> web.Response:
        """End the session."""
        try:
            form = await _form_of(request)
            session = self._site.session(request)
            if session is not None and is_same(form.get("csrf", ""), session.csrf):
                self._door.leave(session)
        except _Refused as refused:
            return self._site.message(request, refused.status, "Not signed out", refused.text, "./")
        answer = _see_other("./")
        answer.del_cookie(cookie_name(request))
        return answer

    async def command(self, request: web.Request) -> web.Response:
        """Carry out a command; the page's script wants its outcome as JSON, a browser alone is sent back."""
        id_ = request.match_info["id"]
        for_script = "application/json" in request.headers.get("Accept", "")
        try:
            form = await _form_of(request)
            view, key = self._permitted(request, form, id_)
        except _Refused as refused:
            if for_script:
                return web.json_response({"error": refused.text}, status=refused.status)
            return self._site.message(request, refused.status, "Not carried out", refused.text, "../../")
        if key in details.NEEDS_CONFIRMATION and form.get("confirm") != "yes":
            return self._site.render(
                "confirm.html",
                request,
                root="../../",
                view=view,
                name=cards.name(view),
                key=key,
                action=next((action.name for action in view.actions if action.key == key), key),
                meaning=details.NEEDS_CONFIRMATION[key],
            )
        command = f"page-{secrets.token_hex(6)}"
        payload = form.get("value", "").encode(errors="replace")
        self._control.receivers[id_].receive(Received(key=key, payload=payload, correlation=command.encode()))
        if not for_script:
            return _see_other(f"../{id_}?command={command}")
        told = [details.command(each, view) for each in self._site.state.history.of(id_).commands if each.id == command]
        document: dict[str, Json] = {"command": dict(told[-1]) if told else {"id": command}}
        return web.json_response(document)

    def _permitted(self, request: web.Request, form: Mapping[str, str], id_: str) -> tuple[ChargerView, str]:
        session = self._site.session(request)
        if session is None:
            raise _Refused(403, "You are not signed in any more. Sign in and try again.")
        if not is_same(form.get("csrf", ""), session.csrf):
            raise _Refused(403, "The form is not one of this page. Reload it and try again.")
        view = self._site.state.views.get(id_)
        if view is None or id_ not in self._control.receivers:
            raise _Refused(404, "There is no such charger any more.")
        key = form.get("property", "")
        if key not in {control.key for control in details.controls(view)}:
            raise _Refused(403, "This cannot be set from the page.")
        return view, key

    def _form(self, request: web.Request, status: int, problem: str) -> web.Response:
        charger = request.query.get("charger", "")
        return self._site.render(
            "login.html",
            request,
            status,
            root="./",
            problem=problem,
            form_token=self._door.form_token(),
            charger=charger if charger in self._site.state.views else "",
        )


async def _form_of(request: web.Request) -> dict[str, str]:
    """Return the fields of a form that was sent from one of our own pages."""
    # Browsers say where a form was, and other sites cannot make them lie.
    _, _, origin = request.headers.get("Origin", "").partition("://")
    if not origin or origin.lower() != request.headers.get("Host", "").lower():
        raise _Refused(403, "The form did not come from this page's own address; behind a proxy, it must pass Host on.")
    if request.content_type != "application/x-www-form-urlencoded":
        raise _Refused(415, "This is not how our forms are sent.")
    try:
        async with asyncio.timeout(SECONDS_FOR_A_FORM):
            fields = await request.post()
    except TimeoutError:
        raise _Refused(408, "The form did not come whole.") from None
    except (LookupError, ValueError):  # an encoding that nobody knows, or not that one
        raise _Refused(400, "The form cannot be read.") from None
    return {key: value for key, value in fields.items() if isinstance(value, str)}


def _see_other(address: str) -> web.Response:
    return web.Response(status=303, headers={"Location": address})
