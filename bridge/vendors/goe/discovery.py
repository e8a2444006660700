"""Finding go-e chargers in the local network: they announce themselves, and are then asked who they are.

Sources: go-eCharger-API-v2 issue 108 for the service types, nymea-plugins (goecharger/goediscovery.cpp) for the texts
that come with them.
"""

from __future__ import annotations

import asyncio
import re

from bridge import mdns
from bridge.charger.document import Document
from bridge.charger.search import Found, Search
from bridge.charger.values import Json
from bridge.errors import ChargerError, RefusedError, UnreachableError
from bridge.http import Http
from bridge.mdns import Service
from bridge.vendors.goe.charger import MODELS
from bridge.vendors.goe.local import LocalApi

TYPES = ("_go-e_go-eCharger._tcp.local.", "_go-e_go-eCharger_V4._tcp.local.")
BEGINNING = "_go-e_go-eCharger"
"""So that hardware is found which calls itself something new; the vendor's other products begin with `_go-e_` alone."""

KEYS = ("sse", "typ", "fna", "fwv")
TIMEOUT_S = 5.0
ALL_TIMEOUT_S = 15.0
"""For asking all of them; who has not answered by then is listed with what it announced."""
AT_ONCE = 32
HTTP_PORT = 80

TOO_LATE = "it did not answer in time"
HOW_TO_ALLOW = (
    "the charger must be on, and local HTTP API v2 allowed in the go-e app under Settings, Connection, API settings"
)

_SERIAL_IN_NAME = re.compile(r"(?<![0-9])[0-9]{6}(?![0-9])", re.ASCII)


async def discover(http: Http, search: Search) -> list[Found]:
    """Return every charger that announces itself; one that cannot be read comes with a hint why.

    Raises:
        UnreachableError: the network cannot be listened to.

    """
    services = await mdns.browse(TYPES, BEGINNING, search.seconds, search.interface)
    # Some announce themselves under two types.
    single = {(service.hosts, service.port): service for service in reversed(services)}
    deadline = asyncio.get_running_loop().time() + ALL_TIMEOUT_S
    at_once = asyncio.Semaphore(AT_ONCE)

    async def ask(service: Service) -> Found:
        try:
            async with asyncio.timeout_at(deadline), at_once:
                return await _ask(http, service)
        except TimeoutError:
            return _found(service, _places(service)[0], {}, TOO_LATE)

    return await asyncio.gather(*(ask(service) for service in reversed(single.values())))


async def _ask(http: Http, service: Service) -> Found:
    """Return who a charger says it is, asking it at the first of its places where there is somebody."""
    hint = ""
    places = _places(service)
    for place in places:
        try:
            return _found(service, place, await LocalApi(http, place, TIMEOUT_S).read(KEYS), None)
        except UnreachableError as error:
            hint = hint or error.message
        except RefusedError as error:
            return _found(service, place, {}, error.message)
        except ChargerError as error:
            return _found(service, place, {}, f"{error.message}; {HOW_TO_ALLOW}")
    return _found(service, places[0], {}, f"{hint}; {HOW_TO_ALLOW}")


def _places(service: Service) -> list[str]:
    """Return the announced port at each address, then the usual one: nothing says what the announced one is for."""
    announced = [host if service.port == HTTP_PORT else f"{host}:{service.port}" for host in service.hosts]
    return [*announced, *(host for host in service.hosts if host not in announced)]


def _found(service: Service, place: str, document: Document, hint: str | None) -> Found:
    def told(key: str, announced: str) -> str | None:
        value: Json = document.get(key)
        return value if isinstance(value, str) and value else service.text.get(announced) or None

    model = told("typ", "devicetype")
    return Found(
        settings={"vendor": "go-e", "host": place, "name": told("fna", "friendly_name")},
        serial=told("sse", "serial") or _serial_in(service.name),
        model=MODELS.get(model, model) if model else None,
        firmware=told("fwv", "version"),
        hint=hint,
    )


def _serial_in(name: str) -> str | None:
    """Return the serial number out of a name such as go-eCharger_123456; None unless there is exactly one."""
    found = _SERIAL_IN_NAME.findall(name)
    return found[0] if len(found) == 1 else None
