"""What is private, by the name that it has in a document: the one place that says so.

Every vendor's own list of what it withholds is compared with this one by a test.
"""

from __future__ import annotations

import re
from enum import Enum, auto


class Private(Enum):
    """Why a value is not shown, and where."""

    SECRET = auto()
    """Opens something, or tells who somebody is or where: masked everywhere, also in the log."""
    PERSONAL = auto()
    """Of persons: masked in files that people hand on. Elsewhere the name means other things, too."""
    NAME = auto()
    """Chosen by a person: another name takes its place in files that people hand on."""
    ID = auto()
    """No secret, but traceable to one device or account: another one takes its place, the same everywhere."""


_SECRET_ENDINGS = re.compile(
    # Logins
    r"(password|passwd|passphrase|passcode|token|secret|authorization|cookie|credentials?|jwt|"
    r"api[_-]?key|private[_-]?key|access[_-]?key|auth[_-]?key|pre-?shared(?:[_-]?key)?|psk|"
    # Cards, Wi-Fi networks, SIM cards
    r"card[_-]?ids?|rfid|id[_-]?tag|alias|alais|ssid|bssid|iccid|imsi|msisdn|"
    # Persons and places
    r"e-?mail(?:[_-]?address)?|user[_-]?name|first[_-]?name|last[_-]?name|surname|full[_-]?name|"
    r"(?:car|number|licen[cs]e)[_-]?plate|phone(?:[_-]?number)?|"
    r"(?:user|owner|car|driver)[_-]?u?u?id|latitude|longitude|coordinates)s?$",
    re.IGNORECASE,
)
_TELLTALE = re.compile(
    r"pass(?:word|wd|phrase|code)|pre-?shared|psk|secret|token|(?:private|auth)-?key|ssid|rfid|alias|alais|e-?mail|"
    r"log-?in|user-?name|pin$",
    re.IGNORECASE,
)
"""In the middle of a name, too: enough to leave a value out of a file, but not to leave it out of the log."""
_SECRET_NAMES = frozenset(
    {"pass", "pwd", "auth", "lat", "lon", "lng", "gps"}
    # go-e, access point and Wi-Fi: keys, names, addresses of networks, and errors that name them
    | {"wak", "facwak", "wan", "fwan", "wifis", "scan", "ccw", "wcb", "wfb", "wpb", "wsl", "wsm"}
    # go-e, cloud, export link, controller, MQTT, OCPP: tokens, keys, certificates, addresses with logins
    | {"cak", "dll", "pco", "mck", "mcu", "mqcc", "msc", "ocppck", "ocppcc", "ocppsc", "ocppu"}
    # go-e: ids of cards
    | {"lri", "tsi", "ocppd"}
)
_SECRET_TEXTS = frozenset({"data"})
"""Secret where they are text (go-e's token for its data); elsewhere the name of whatever an answer holds."""

_PERSONAL_NAMES = frozenset(
    {"users", "owner", "customer", "billinginformation", "subscription", "avatar", "image", "rfid_type"}
    | {"address", "street", "city", "zip", "zipcode", "postal_code", "postcode", "state"}
    # Links that may carry tokens or logins: to what manages charging, and Podero's
    | {"connection-uri"}
    | {"embeddable_url", "authorization_url", "cloud_service_signup_link", "resolution_link"}
)
_NAME_NAMES = frozenset(
    {"name", "depot_name", "session_card", "comment", "external_id", "external_device_id", "host", "nickname"}
    # go-e
    | {"fna", "ffna"}
)
_NAME_FORMS = re.compile(r"hostname.*|c\dn", re.IGNORECASE)
_NAMES_OF_THINGS = frozenset(
    {"currency", "country", "plan", "profile", "led", "device_type", "device_model", "software", "tariffs"}
)
"""What holds a `name` that nobody chose."""
NO_NAME = frozenset({"", "n/a"})

_ID = re.compile(
    r"(?:^|[_\-. ])(?:id|uid|uuid|serial|serial[_-]?number|identifier|unique[_-]?identifier)$"
    r"|(?:[a-z](?:Id|Uid|SerialNumber|Identifier))$|^(?:sse|serialNumber|uniqueIdentifier)$"
)

_FLAG = re.compile(r"(?:show|has|is|with|enable)[_-]|.*[_-](?:ttl|type|timeout)$", re.IGNORECASE)
"""The names of what is switched on or off, and of what is known of a secret."""


def is_secret(name: str, value: object = None) -> bool:
    """Tell whether what has this name must never be seen."""
    if name.lower() in _SECRET_NAMES:
        return True
    if name.lower() in _SECRET_TEXTS:
        return isinstance(value, str)
    return _SECRET_ENDINGS.search(name) is not None and not _FLAG.match(name)


def why_private(name: str, holder: str = "", value: object = None) -> Private | None:
    """Return why a value in a document is private, None if it is not; `holder` is the name of what holds it."""
    lower = name.lower()
    if is_secret(name, value) or (_TELLTALE.search(name) and not _FLAG.match(name)):
        return Private.SECRET
    if lower in _PERSONAL_NAMES:
        return Private.PERSONAL
    if lower in _NAME_NAMES or _NAME_FORMS.fullmatch(name):
        return None if lower == "name" and holder in _NAMES_OF_THINGS else Private.NAME
    return Private.ID if _ID.search(name) else None
