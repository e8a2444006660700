"""What becomes of documents and texts that strangers will see."""

from __future__ import annotations

import json
from typing import Any, get_args

import pytest

from bridge.disguise import Disguise
from bridge.simulators.goe_device import GoeDevice
from bridge.simulators.goe_family import FamilyName
from bridge.simulators.secret import SECRET


def shown(document: Any, *, name: str = "") -> Any:
    """Return a document as strangers see it."""
    disguise = Disguise()
    disguise.learn(document, name)
    return disguise.document(document, name)


@pytest.mark.parametrize("family", get_args(FamilyName))
def test_no_key_of_a_goe_charger_gives_anything_away(family: FamilyName) -> None:
    """All keys of its firmware, also those that the bridge never asks for."""
    status = GoeDevice(family=family).status()
    assert SECRET in json.dumps(status)
    assert SECRET not in json.dumps(shown(status))


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ({"password": "hunter2"}, {"password": "***"}),
        ({"wifis": [{"ssid": "a", "key": "b"}]}, {"wifis": "***"}),
        ({"pin": None, "token": False, "ssid": ""}, {"pin": None, "token": False, "ssid": ""}),
        ({"latitude": 48.1}, {"latitude": "***"}),
        ({"name": "Anna", "fna": "Anna"}, {"name": "name-1", "fna": "name-1"}),
        ({"cards": [{"name": "n/a"}, {"name": "Anna"}]}, {"cards": [{"name": "n/a"}, {"name": "name-1"}]}),
        ({"currency": {"name": "Euro"}}, {"currency": {"name": "Euro"}}),
        ({"fieldKey": "wlan-ssid", "value": "Anna"}, {"fieldKey": "wlan-ssid", "value": "***"}),
        ([{"key": "charge-point-id", "value": "NEXT-1"}], [{"key": "charge-point-id", "value": "ID0001"}]),
        ({"wlan-ssid": {"kind": "text", "value": "Anna"}}, {"wlan-ssid": {"kind": "text", "value": "***"}}),
        ({"wlan-ssid": {"kind": "text", "value": None}}, {"wlan-ssid": {"kind": "text", "value": None}}),
        ({"gateway": "8.8.8.8", "ip": "192.168.1.1"}, {"gateway": "203.0.113.1", "ip": "192.168.1.1"}),
        ({"powerboard-sw-version": "213.5.8.0"}, {"powerboard-sw-version": "213.5.8.0"}),
        ({"interfaces": "inet 8.8.8.8 mask"}, {"interfaces": "inet 203.0.113.1 mask"}),
        ({"status_id": 164, "car": 2, "id": 4}, {"status_id": 164, "car": 2, "id": 4}),
        ({"firmware": "055.5", "ok": True, "nothing": None}, {"firmware": "055.5", "ok": True, "nothing": None}),
    ],
)  # fmt: skip
def test_what_becomes_of_a_value(document: Any, expected: Any) -> None:
    """By its name, by what holds it, and by how it looks; whatever is harmless stays as it is."""
    assert shown(document) == expected


def test_an_id_is_the_same_everywhere() -> None:
    """As a number, as a text, inside another text, and in the address of a request; others are other ones."""
    disguise = Disguise()
    document: Any = {"id": 234567, "serial_number": "234567", "group": {"id": 34567}, "other": 34567, "power": 1234567}
    disguise.learn(document)

    assert disguise.document(document) == {
        "id": 100001, "serial_number": "100001", "group": {"id": 10002}, "other": 10002, "power": 1234567,
    }  # fmt: skip
    assert disguise.text("PulsarPlus SN 234567, not 1234567") == "PulsarPlus SN 100001, not 1234567"
    assert disguise.target("/chargers/status/234567") == "/chargers/status/100001"


def test_a_number_is_only_exchanged_where_its_id_is_one() -> None:
    """A meter may stand at the serial number some day."""
    assert shown({"sse": "123456", "eto": 123456}) == {"sse": "100001", "eto": 123456}


@pytest.mark.parametrize(
    ("original", "expected"),
    [
        ("3c90c3cc-0d44-4b50-8888-8dd25736052a", "00000000-0000-4000-8000-000000000001"),
        ("00:1A:2b:3c:4d:5e", "02:00:00:00:00:01"),
        ("00-1A-2B-3C-4D-5E", "02-00-00-00-00-01"),
        ("WS110064", "ID000001"),
        ("012345", "100001"),
    ],
)
def test_what_takes_an_ids_place_has_its_form(original: str, expected: str) -> None:
    """So that whoever reads it can still do so."""
    assert shown({"serial": original, "about": f"it is {original}."}) == {
        "serial": expected,
        "about": f"it is {expected}.",
    }


def test_a_secret_is_found_wherever_else_it_stands() -> None:
    """A network's name in an error, an owner's in a comment; what a person's container holds is found by its names."""
    document = {
        "wifis": [{"ssid": "Annas Netz", "key": "geheim-123"}],
        "users": [{"name": "Anna", "profile": "admin", "id": 7}],
        "message": "no answer from Annas Netz (geheim-123), says Anna, the admin, not Annabel",
        "Annas Netz": 1,
    }

    assert shown(document) == {
        "wifis": "***",
        "users": "***",
        "message": "no answer from *** (***), says ***, the admin, not Annabel",
        "***": 1,
    }


def test_what_everybody_knows_stays() -> None:
    """A charger's network may be called like its product: masked in its place, and nowhere else."""
    disguise = Disguise()
    disguise.keep("go-eCharger")
    document: Any = {"wan": "go-eCharger", "wak": "geheim-123", "typ": "go-eCharger", "log": "geheim-123"}
    disguise.learn(document)
    assert disguise.document(document) == {"wan": "***", "wak": "***", "typ": "go-eCharger", "log": "***"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("write to anna@example.com.", "write to ***."),
        ("it said eyJhbGciOi.eyJleHAiOjF9.c2lnbmF0dXJl", "it said ***"),
        ("GET /x?token=abc", "GET /x?token=***"),
    ],
)
def test_addresses_and_tokens_are_known_by_their_form(text: str, expected: str) -> None:
    """Wherever they stand."""
    assert shown({"text": text}) == {"text": expected}
    assert Disguise().text(text) == expected


def test_parameters_of_an_address_are_looked_at_by_name() -> None:
    """The rest stands as it was sent."""
    target = "/api/status?filter=car,amp&ssid=Anna&x=%5B1%5D"
    assert Disguise().target(target) == "/api/status?filter=car,amp&ssid=***&x=%5B1%5D"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b'{"ssid": "Anna", "x": 1}', ("json", {"ssid": "***", "x": 1})),
        (b'{"ssid": "Anna", "x": [1, 12345678, "te', ("text", '{"ssid": "***", "x": [1, 0, "***"')),
        (b'{"a\\"b": "c\\"d", "n": NaN}', ("text", '{"a\\"b": "***", "n": NaN}')),
        (b"<html>anna@example.com</html>", ("text", "<html>***</html>")),
        (b"\xff", ("text", "\ufffd")),
        (b"", ("text", "")),
        (b"null", ("json", None)),
    ],
)
def test_a_body_that_is_no_json_shows_its_form(body: bytes, expected: tuple[str, Any]) -> None:
    """But no text in it: what its names would tell cannot be known for certain."""
    assert Disguise().body(body) == expected


def test_depth_and_length_are_bounded() -> None:
    """Whatever a charger sends."""
    deep: Any = "end"
    for _ in range(200):
        deep = [deep]
    assert "..." in json.dumps(shown(deep))
    assert len(shown({"x": "y" * 1_000_000})["x"]) < 200_000
    assert json.loads(json.dumps(shown({"x": ["[" * 1000]}))) == {"x": ["[" * 1000]}
