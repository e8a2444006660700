"""What a charger can be told to do, and the files that it takes. What it answers to either is not known."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from hashlib import sha256
from types import MappingProxyType

from bridge.simulators.webasto.call import Call
from bridge.simulators.webasto.device import Model, Upload, WebastoDevice
from bridge.simulators.webasto.refusals import NO_SUCH_URL, RefusedError

FILE_KEYS = frozenset({"upload-new-firmware", "local-ca-cert"})

_BOUNDARY = re.compile(r'multipart/form-data\s*;.*?boundary="?([^";]+)', re.IGNORECASE)
_NAME = re.compile(rb'\bname="([^"]*)"')
_FILENAME = re.compile(rb'\bfilename="([^"]*)"')


def act(call: Call) -> None:
    """`custom-actions/…`."""
    action = _ACTIONS[call.device.model].get(call.target)
    if action is None:
        raise RefusedError(404, NO_SUCH_URL)
    action(call)


def upload(call: Call) -> None:
    """`files/…`: one part with the name `file`. The file changes nothing at the charger."""
    if call.target not in FILE_KEYS:
        raise RefusedError(404, NO_SUCH_URL)
    boundary = _BOUNDARY.match(call.request.headers.get("content-type", ""))
    if boundary is None:
        raise RefusedError(400, "multipart/form-data was expected")
    filename, content = _part(call.request.body, boundary.group(1).encode())
    if len(content) > call.device.manners.upload_limit:
        raise RefusedError(413, "The file is too large")
    if not call.ignores_writes:
        digest = sha256(content).hexdigest()
        call.device.uploads.append(Upload(key=call.target, filename=filename, size=len(content), sha256=digest))


def _part(body: bytes, boundary: bytes) -> tuple[str, bytes]:
    """Name and content of the part `file`."""
    delimiter = b"\r\n--" + boundary
    pieces = (b"\r\n" + body).split(delimiter)
    if len(pieces) > 2 and pieces[-1].startswith(b"--"):  # noqa: PLR2004 before the first, between, behind the last
        for piece in pieces[1:-1]:
            head, blank, content = piece.partition(b"\r\n\r\n")
            name, filename = _NAME.search(head), _FILENAME.search(head)
            if blank and name is not None and name.group(1) == b"file":
                return filename.group(1).decode(errors="replace") if filename is not None else "", content
    raise RefusedError(400, "'file' is a required part")


def _remote_start(call: Call) -> None:
    action = call.object().get("action")
    if action not in {"start", "stop"}:
        raise RefusedError(400, "'action' must be one of start, stop")
    _carry_out(call, WebastoDevice.start if action == "start" else WebastoDevice.stop)


def _soft_reset(device: WebastoDevice) -> None:
    device.restart(soft=True)


def _carry_out(call: Call, what: Callable[[WebastoDevice], None]) -> None:
    if not call.ignores_writes:
        what(call.device)


def _simple(what: Callable[[WebastoDevice], None]) -> Callable[[Call], None]:
    return lambda call: _carry_out(call, what)


_ACTIONS: Mapping[Model, Mapping[str, Callable[[Call], None]]] = MappingProxyType(
    {
        "next": {
            "local-remote-start": _remote_start,
            "restart-system": _simple(WebastoDevice.restart),
            "factory-reset": _simple(WebastoDevice.factory_reset),
            "skip-random-delay": _simple(WebastoDevice.skip_delay),
        },
        "unite": {"restart-system": _simple(WebastoDevice.restart), "soft-reset": _simple(_soft_reset)},
    }
)
