"""The wire of the REST API: one call at a time with the one token, and what the answers mean.

Sources: docs/vendors/webasto.md. The web interface is made for one person: a login ends every other login.
"""

from __future__ import annotations

import time

import structlog

from bridge.account.login import Login, Store, Token
from bridge.charger.contract import SentFile
from bridge.charger.values import Json
from bridge.errors import (
    BadAnswerError,
    CertificateError,
    ChargerError,
    Code,
    LoginRefusedError,
    NoAnswerError,
    RefusedError,
    ThrottledError,
)
from bridge.http import Answer, Http
from bridge.vendors.webasto.login import GOOD, WebastoLogin
from bridge.vendors.webasto.memory import Part
from bridge.vendors.webasto.settings import WebastoSettings
from bridge.vendors.webasto.tls import Certificate

log = structlog.get_logger()

DEFAULT_TIMEOUT_S = 30.0
"""10 s was tried by another client and is too short for `sections/system`."""
UPLOAD_S = 1800.0
TRIED_FIRST = "/api/current-errors"
LOGIN_WAIT_S, LONGEST_LOGIN_WAIT_S = 10.0, 60.0
"""Between logins that failed. Refused credentials wait much longer."""
PUSHED_OUT_TWICE_WITHIN_S = 180.0
COURTESY_S = 60.0
"""How long a person who logged in again after us has the web interface to themselves."""

UNAUTHORIZED, FORBIDDEN, NOT_FOUND, CONFLICT, TOO_MANY_REQUESTS = 401, 403, 404, 409, 429
_CODES = {FORBIDDEN: Code.NOT_PERMITTED, CONFLICT: Code.WRONG_STATE}


class NotThereError(RefusedError):
    """This model, or this firmware, has no such endpoint."""


class PushedOutError(ChargerError):
    """A person uses the web interface, which is for one at a time; we wait."""


class WebastoApi:
    """One charger's API. Calls must not overlap."""

    def __init__(self, settings: WebastoSettings, http: Http, store: Store) -> None:
        """Remember where the charger is; nothing is opened yet. `store` keeps its token and its certificate."""
        self._http = http
        self._base = f"https://{settings.host}"
        self._timeout_s = settings.timeout or DEFAULT_TIMEOUT_S
        self._certificate = Certificate(settings, http, Part(store, "certificate"), self._base, self._timeout_s)
        self._dead = ""
        """The token that was turned down last."""
        self._auth = WebastoLogin(settings, self._post_login)
        self._login = Login(
            settings.host,
            self._auth.credentials,
            self._auth.sign_in,
            self._renew,
            Part(store, "login"),
            wait_s=LOGIN_WAIT_S,
            longest_wait_s=LONGEST_LOGIN_WAIT_S,
        )
        self._pushed_out_at = float("-inf")
        self._courtesy_until = float("-inf")

    async def get(self, path: str) -> Json:
        """Return the JSON of a GET.

        Raises:
            NotThereError: there is no such endpoint.
            PushedOutError: a person uses the web interface.
            ChargerError: anything else that can go wrong.

        """
        if time.monotonic() < self._courtesy_until:
            raise PushedOutError("somebody uses the charger's web interface, which is for one at a time")
        answer = await self._call("GET", path, None, courteous=True)
        if answer.status not in GOOD:
            raise _refusal(answer)
        return answer.json()

    async def post(self, path: str, body: Json, *, drops_connection: bool = False) -> None:
        """Send a write, once; what a good answer says is not documented and not needed.

        Where it `drops_connection`, no answer is a good one; that our token ends by it is nobody's doing.
        """
        if drops_connection:
            self._pushed_out_at = float("-inf")
        try:
            answer = await self._call("POST", path, body, courteous=False)
        except NoAnswerError:
            if drops_connection:
                return
            raise
        if answer.status not in GOOD:
            raise _refusal(answer)

    async def upload(self, path: str, file: SentFile) -> None:
        """Send a file, once: it cannot be repeated with another token, so the token is tried first."""
        await self._call("GET", TRIED_FIRST, None, courteous=False)
        token = await self._login.token()
        answer = await self._send("POST", path, None, token, file)
        if answer.status not in GOOD:
            raise _refusal(answer)

    async def _call(self, method: str, path: str, body: Json, *, courteous: bool) -> Answer:
        token = await self._login.token()
        answer = await self._send(method, path, body, token)
        if answer.status == UNAUTHORIZED:
            # Not carried out, so that sending it again with a new token is no second time.
            self._turned_down(token)
            self._note_push(courteous=courteous)
            token = await self._login.token()
            answer = await self._send(method, path, body, token)
        if answer.status == UNAUTHORIZED:
            self._turned_down(token)
            raise ChargerError("the charger does not take a token that it has just given")
        self._login.worked()
        return answer

    def _turned_down(self, token: str) -> None:
        self._dead = token
        self._login.reject(token)

    def _note_push(self, *, courteous: bool) -> None:
        """Log in again at once the first time; whoever logs in again after that wants to stay."""
        now = time.monotonic()
        again = now - self._pushed_out_at < PUSHED_OUT_TWICE_WITHIN_S
        self._pushed_out_at = now
        if courteous and again:
            self._courtesy_until = now + COURTESY_S
            log.info("somebody uses the web interface, waiting", host=self._base.removeprefix("https://"))
            raise PushedOutError("somebody uses the charger's web interface, which is for one at a time")

    async def _renew(self, token: str) -> Token:
        if token == self._dead:
            raise LoginRefusedError("the token is no longer good")
        return await self._auth.refresh(token)

    async def _post_login(self, path: str, body: Json, token: str | None) -> Answer:
        return await self._send("POST", path, body, token)

    async def _send(
        self, method: str, path: str, body: Json, token: str | None, file: SentFile | None = None
    ) -> Answer:
        headers = {"Accept": "application/json", "Accept-Language": "en"}
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        trust = await self._certificate.trust()
        try:
            return await self._http.call(
                method,
                f"{self._base}{path}",
                timeout_s=self._timeout_s if file is None else UPLOAD_S,
                headers=headers,
                body=body,
                form=file,
                # A write must not meet a connection that the charger has given up meanwhile.
                once=method != "GET",
                trust=trust,
            )
        except CertificateError as error:
            raise self._certificate.explained(error) from error


def _refusal(answer: Answer) -> RefusedError:
    try:
        words = _words(answer.json())
    except BadAnswerError:
        words = ""
    sentence = f"the charger answers HTTP {answer.status}" + (f": {words}" if words else "")
    if answer.status == TOO_MANY_REQUESTS:
        return ThrottledError(sentence)
    if answer.status == NOT_FOUND:
        return NotThereError(sentence)
    return RefusedError(sentence, _CODES.get(answer.status, Code.VENDOR_REFUSED))


def _words(document: Json) -> str:
    """Return what a problem document says, as one printable line."""
    if not isinstance(document, dict):
        return ""
    told = next((document[key] for key in ("detail", "title") if isinstance(document.get(key), str)), "")
    return "".join(letter for letter in " ".join(str(told).split()) if letter.isprintable())[:200]
