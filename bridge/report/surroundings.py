"""What is around the chargers: the broker, and a bridge that runs already."""

from __future__ import annotations

import secrets
import time

from bridge.charger.values import Json
from bridge.errors import ChargerError
from bridge.http import Http
from bridge.mqtt.address import address_of
from bridge.mqtt.connection import Door, NoSessionError, end
from bridge.settings import Settings

TIMEOUT_S = 5.0
MOST_WORDS = 4000
_HERE = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}  # noqa: S104 - listening everywhere includes here


async def broker(settings: Settings) -> dict[str, Json]:
    """Open a session with the broker, beside that of a running bridge, and close it again; nothing is published."""
    client_id = f"{settings.mqtt.client_id}-report-{secrets.token_hex(4)}"
    began = time.monotonic()
    try:
        client, protocol = await Door(address_of(settings.mqtt, client_id)).open()
    except NoSessionError as error:
        return {"connected": False, "reason": str(error), "took_ms": _ms(began)}
    took_ms = _ms(began)
    await end(client, None)
    return {"connected": True, "protocol": protocol.value, "took_ms": took_ms}


async def running_bridge(settings: Settings) -> dict[str, Json]:
    """Ask the bridge that runs with this configuration how it is, if there is one."""
    address = settings.http.address
    if address is None or address[1] == 0:
        return {"asked": False, "reason": f"http.listen is {settings.http.listen or 'null'}"}
    host, port = address
    host = _HERE.get(host, f"[{host}]" if ":" in host else host)
    found: dict[str, Json] = {"asked": True}
    async with Http() as http:
        for page in ("healthz", "readyz"):
            found[page] = await _page(http, f"http://{host}:{port}/{page}")
    return found


async def _page(http: Http, url: str) -> Json:
    began = time.monotonic()
    try:
        answer = await http.call("GET", url, timeout_s=TIMEOUT_S)
    except ChargerError as error:
        return {"failed": error.message}
    words = answer.body.decode(errors="replace").strip()[:MOST_WORDS]
    return {"status": answer.status, "says": [*words.splitlines()], "took_ms": _ms(began)}


def _ms(began: float) -> int:
    return round((time.monotonic() - began) * 1000)
