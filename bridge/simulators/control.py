"""A second port for people and for tests in another process: plug a car in, make trouble, look.

Every path takes GET (for a browser) and POST, with its arguments in the query, and answers JSON. It is never part of
the charger's own port.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping

from aiohttp import web

from bridge.simulators.contract import Simulator
from bridge.simulators.faults import Fault
from bridge.simulators.wire import Json, JsonValue, ReceivedRequest


class ControlPort:
    """The control port of one simulator.

    | path | arguments | what it does |
    |---|---|---|
    | `/plug` | `capacity_kwh`, `max_current`, `phases`, all optional | plugs a car in |
    | `/unplug`, `/fill` | | takes it away, makes it full |
    | `/fault` | `name`, `keys=a,b`, `seconds`, `prefix` | sets a fault; without a name it lists them |
    | `/clear` | | ends the fault |
    | `/state` | | everything about the simulator |
    | `/requests` | | the last requests, without their headers |
    """

    def __init__(self, simulator: Simulator) -> None:
        self._simulator = simulator
        self._runner: web.AppRunner | None = None
        self.address = ""

    async def start(self, port: int, host: str) -> None:
        """Listen; port 0 takes a free one."""
        actions: Mapping[str, Callable[[Mapping[str, str]], Awaitable[JsonValue]]] = {
            "/plug": self._plug,
            "/unplug": self._unplug,
            "/fill": self._fill,
            "/fault": self._fault,
            "/clear": self._clear,
            "/state": self._state,
            "/requests": self._requests,
        }
        application = web.Application()
        for path, action in actions.items():
            handler = _handler(action)
            application.router.add_get(path, handler)
            application.router.add_post(path, handler)
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, host, port).start()
        host, port = self._runner.addresses[0][:2]
        self.address = f"{host}:{port}"

    async def stop(self) -> None:
        """Stop listening."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def _plug(self, arguments: Mapping[str, str]) -> JsonValue:
        self._simulator.car.plug(
            capacity_kwh=float(arguments.get("capacity_kwh", "20")),
            max_current=float(arguments.get("max_current", "16")),
            phases=int(arguments.get("phases", "3")),
        )
        return self._simulator.state()

    async def _unplug(self, _: Mapping[str, str]) -> JsonValue:
        self._simulator.car.unplug()
        return self._simulator.state()

    async def _fill(self, _: Mapping[str, str]) -> JsonValue:
        self._simulator.car.fill()
        return self._simulator.state()

    async def _fault(self, arguments: Mapping[str, str]) -> JsonValue:
        name = arguments.get("name", "")
        if not name:
            meanings: Json = {fault.value: fault.meaning for fault in Fault}
            return meanings
        keys = [key for key in arguments.get("keys", "").split(",") if key]
        seconds = float(arguments["seconds"]) if "seconds" in arguments else None
        prefix = arguments.get("prefix", "")
        await self._simulator.set_fault(name, keys=keys, seconds=seconds, prefix=prefix)
        return {"fault": name}

    async def _clear(self, _: Mapping[str, str]) -> JsonValue:
        await self._simulator.clear_fault()
        return {"fault": None}

    async def _state(self, _: Mapping[str, str]) -> JsonValue:
        return self._simulator.state()

    async def _requests(self, _: Mapping[str, str]) -> JsonValue:
        return [_shown(request) for request in self._simulator.requests]


def _shown(request: ReceivedRequest) -> Json:
    shown: Json = {
        "method": request.method,
        "path": request.path,
        "query": dict(request.query),
        "raw_query": request.raw_query,
        "at": request.at,
    }
    if request.body:
        shown["body"] = request.body.decode(errors="replace")
    return shown


def _handler(
    action: Callable[[Mapping[str, str]], Awaitable[JsonValue]],
) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def handle(request: web.Request) -> web.Response:
        try:
            outcome = await action(request.query)
        except ValueError as error:
            return web.json_response({"error": str(error)}, status=400)
        return web.Response(text=json.dumps(outcome, indent=1) + "\n", content_type="application/json")

    return handle
