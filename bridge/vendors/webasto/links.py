"""Addresses that may hold a login, such as that of an OCPP backend. Pure."""

from __future__ import annotations

import re

from bridge.charger.values import Json

_LOGIN = re.compile(r"://[^/\s]*@|://\S*[?&][\w.-]+=")


def shown_link(value: Json) -> str | None:
    """Return the address, None for one with a login or a parameter in it, which could be a token."""
    if not isinstance(value, str):
        raise TypeError(f"{type(value).__name__} where text was expected")
    return None if _LOGIN.search(value) else value[:500]
