"""HTTP to chargers and clouds: the only importer of the client library; every failure is translated here.

Two shared sessions serve all chargers, because a session for each would cost a connection pool and a TLS context.
"""

from __future__ import annotations

import asyncio
import json
import os
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from types import TracebackType
from typing import NoReturn, Self, TypeAlias

import aiohttp
from yarl import URL

from bridge.charger.contract import SentFile
from bridge.charger.pulse import takes_until
from bridge.charger.values import Json
from bridge.errors import BadAnswerError, CertificateError, NoAnswerError, UnreachableError

MAX_BODY_BYTES = 1024 * 1024
CONNECT_TIMEOUT_S = 5.0
"""A host that does not take a connection within this time is not there; a slow answer is another matter."""

INVALID_ADDRESS = "the address is not valid"
CONNECTION_LOST = "the connection was lost before the answer was complete"


def _refuse_constant(name: str) -> NoReturn:
    msg = f"{name} is not JSON"
    raise ValueError(msg)


_DECODER = json.JSONDecoder(parse_constant=_refuse_constant)


async def _send_once(request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType) -> aiohttp.ClientResponse:
    """Keep the library from sending a GET again after a lost connection: to some chargers a GET is a write."""
    try:
        return await handler(request)
    except aiohttp.ClientConnectorError:
        raise
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as error:
        raise NoAnswerError(CONNECTION_LOST) from error


@dataclass(frozen=True, slots=True)
class Pinned:
    """Trust in the one certificate with this SHA-256 digest, whoever signed it and whatever name is in it."""

    digest: bytes


Trust: TypeAlias = Pinned | ssl.SSLContext
"""Whom to talk to; it is looked at before anything of a request is sent."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, complete."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Json:
        """Return the body as JSON; raises BadAnswerError."""
        try:
            found: Json = _DECODER.decode(self.body.decode())
        except (ValueError, RecursionError) as error:
            msg = f"the answer (HTTP {self.status}) is not JSON"
            raise BadAnswerError(msg) from error
        return found

    def text(self, limit: int = 200) -> str:
        """Return the beginning of the body as one printable line."""
        words = " ".join(self.body[: 4 * limit].decode(errors="replace").split())
        return "".join(letter for letter in words if letter.isprintable())[:limit]


class Http:
    """The HTTP client of the whole bridge: an async context manager that owns the connections."""

    def __init__(self) -> None:
        """Prepare; nothing is opened before the context is entered."""
        self._sessions: dict[bool, aiohttp.ClientSession] = {}
        """By whether connections are used once only."""

    async def __aenter__(self) -> Self:
        """Open the shared sessions."""
        self._sessions = {once: _session(once=once) for once in (False, True)}
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close every connection."""
        for session in self._sessions.values():
            await session.close()
        self._sessions = {}

    async def call(
        self,
        method: str,
        url: str,
        *,
        timeout_s: float,
        headers: Mapping[str, str] | None = None,
        body: Json = None,
        form: Mapping[str, str] | SentFile | None = None,
        once: bool = False,
        trust: Trust | None = None,
    ) -> Answer:
        """Send one request, exactly once, and return the complete answer, whatever its status.

        `url` is sent as it stands, so it must be percent-encoded. `timeout_s` limits the whole call.
        `body` is sent as JSON, `form` instead of it as HTML forms are; a file alone is its part `file`.
        `once` takes a new connection and closes it afterwards, for devices that do so without saying it.
        `trust` is for servers that no authority of the system knows.

        Raises:
            CertificateError: the server is not the one that is trusted.
            UnreachableError: the request did not get there.
            NoAnswerError: it was sent, but the answer did not come whole or in time.
            BadAnswerError: the answer is larger than 1 MiB or breaks HTTP.

        """
        if not self._sessions:
            msg = "the HTTP client is not open"
            raise RuntimeError(msg)
        # Sooner than the whole, so that a host that is not there is told from one that does not answer.
        connect_s = min(CONNECT_TIMEOUT_S, 0.8 * timeout_s)
        address = _parsed(url)
        takes_until(asyncio.get_running_loop().time() + timeout_s)
        try:
            async with (
                asyncio.timeout(timeout_s),
                self._sessions[once].request(
                    method,
                    address,
                    headers=headers,
                    json=body,
                    data=_data(form),
                    allow_redirects=False,
                    ssl=_ssl(trust),
                    timeout=aiohttp.ClientTimeout(total=None, sock_connect=connect_s),
                ) as response,
            ):
                return Answer(response.status, response.headers, await _read(response))
        except aiohttp.ServerFingerprintMismatch as error:
            msg = f"{address.authority} shows another certificate; its SHA-256 fingerprint is {error.got.hex()}"
            raise CertificateError(msg) from error
        except aiohttp.ClientConnectorCertificateError as error:
            msg = f"the certificate of {address.authority} is not trusted: {_why(error.certificate_error)}"
            raise CertificateError(msg) from error
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            msg = f"no connection to {address.authority}: {_reason(error)}"
            raise UnreachableError(msg) from error
        except TimeoutError as error:
            msg = f"no answer within {timeout_s:g} s"
            raise NoAnswerError(msg) from error
        except (aiohttp.InvalidURL, UnicodeError) as error:  # the second from a name with an empty or very long part
            raise UnreachableError(INVALID_ADDRESS) from error
        except (aiohttp.ClientPayloadError, aiohttp.ServerDisconnectedError, aiohttp.ClientOSError) as error:
            raise NoAnswerError(CONNECTION_LOST) from error
        except aiohttp.ClientError as error:
            msg = f"the answer is not valid HTTP ({type(error).__name__})"
            raise BadAnswerError(msg) from error

    async def certificate_of(self, url: str, *, timeout_s: float) -> bytes:
        """Return the SHA-256 digest of the certificate that a server shows; nothing is sent to it.

        Raises:
            UnreachableError: there is no such server.

        """
        address = _parsed(url)
        try:
            async with asyncio.timeout(min(CONNECT_TIMEOUT_S, timeout_s)):
                _, writer = await asyncio.open_connection(address.host, address.port, ssl=anyone())
        except TimeoutError as error:
            raise UnreachableError(f"no connection to {address.authority}: it does not answer") from error
        except ssl.SSLError as error:
            raise UnreachableError(f"no connection to {address.authority}: it does not speak TLS") from error
        except (OSError, UnicodeError) as error:
            reason = _os_reason(getattr(error, "errno", None)) or "the name is not known"
            raise UnreachableError(f"no connection to {address.authority}: {reason}") from error
        try:
            shown = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
        finally:
            writer.transport.abort()
        return sha256(shown).digest()


@lru_cache(maxsize=1)
def anyone() -> ssl.SSLContext:
    """Return trust in whoever answers: encrypted, but someone in between could read and change everything."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def signed_by(ca_file: str) -> ssl.SSLContext:
    """Return trust in certificates that an authority of this file signed for the address; raises OSError."""
    return ssl.create_default_context(cafile=ca_file)


@lru_cache(maxsize=1024)
def _pin(digest: bytes) -> aiohttp.Fingerprint:
    """Return the library's form, the same object every time: it keeps connections by it."""
    return aiohttp.Fingerprint(digest)


def _ssl(trust: Trust | None) -> ssl.SSLContext | aiohttp.Fingerprint | bool:
    if trust is None:
        return True
    return _pin(trust.digest) if isinstance(trust, Pinned) else trust


def _data(form: Mapping[str, str] | SentFile | None) -> aiohttp.FormData | dict[str, str] | None:
    if not isinstance(form, SentFile):
        return None if form is None else dict(form)
    data = aiohttp.FormData()
    data.add_field("file", form.content, filename=form.name, content_type="application/octet-stream")
    return data


def _why(error: Exception) -> str:
    return str(getattr(error, "verify_message", "") or "it cannot be verified")[:200]


def _session(*, once: bool) -> aiohttp.ClientSession:
    return aiohttp.ClientSession(
        # Chargers are read one request at a time each, which is the limit on connections.
        connector=aiohttp.TCPConnector(limit=0, force_close=once),
        cookie_jar=aiohttp.DummyCookieJar(),
        auto_decompress=False,
        trust_env=False,
        headers={"Accept-Encoding": "identity"} | ({"Connection": "close"} if once else {}),
        middlewares=(_send_once,),
    )


def _parsed(url: str) -> URL:
    try:
        address = URL(url, encoded=True)
        address.port  # noqa: B018 - a port that is too large is noticed when it is asked for
    except ValueError as error:
        raise UnreachableError(INVALID_ADDRESS) from error
    return address


async def _read(response: aiohttp.ClientResponse) -> bytes:
    body = bytearray()
    while chunk := await response.content.readany():
        body += chunk
        if len(body) > MAX_BODY_BYTES:
            response.close()
            msg = "the answer is larger than 1 MiB"
            raise BadAnswerError(msg)
    return bytes(body)


def _reason(error: aiohttp.ClientError) -> str:
    if isinstance(error, aiohttp.ConnectionTimeoutError):
        return "it does not answer"
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return "the name is not known"
    number = error.os_error.errno if isinstance(error, aiohttp.ClientConnectorError) else None
    return _os_reason(number) or type(error).__name__


def _os_reason(number: int | None) -> str | None:
    # Negative numbers are those of name resolution, which strerror does not know.
    return os.strerror(number).lower() if number is not None and number > 0 else None
