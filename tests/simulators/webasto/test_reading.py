"""What a Next tells."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bridge.simulators.meter import MAINS_V
from bridge.simulators.webasto import Field, TripleForm
from tests.simulators.fake_clock import FakeClock
from tests.simulators.webasto.client import Client

FIELDS_OF = {"auth": 3, "backend": 2, "hems": 17, "network": 17, "power": 11, "profile": 0, "system": 37}


async def test_dashboard(client: Client) -> None:
    """As in the document, in its order."""
    groups = await client.get("dashboard-information")
    assert [group["key"] for group in groups] == ["indicator", "summary", "ocpp-status"]
    assert groups[0]["entries"][0] == {
        "dashboardInformationEntryType": "simple-string-dashboard-information-entry",
        "key": "status-wallbox",
        "label": "Status Wallbox",
        "value": "OK",
        "color": "green",
        "isMainStatusEntry": True,
    }
    assert await client.dashboard() == {
        "status-wallbox": "OK",
        "free-charging": "ON",
        "connectivity-status": "",
        "total-charging-sessions": "28 Sessions",
        "duration": "0.00 minutes",
        "power": "0.000 kWh",
        "charge-point-id": "NEXT-WS110064",
        "ocpp-state": "Available",
    }


async def test_structure_and_sections_agree(client: Client) -> None:
    """Every section can be read, and its fields are in groups that it has."""
    sections = (await client.get("configuration-structure"))["sections"]
    assert [section["key"] for section in sections] == list(FIELDS_OF)
    for section in sections:
        groups = {group["key"] for group in section["groups"]}
        fields = await client.fields(section["key"])
        assert len(fields) == FIELDS_OF[section["key"]]
        assert {field["groupKey"] for field in fields.values()} <= groups


async def test_a_field(client: Client) -> None:
    """As in the document."""
    fields = await client.fields("system")
    assert fields["led-brightness"] == {
        "fieldKey": "led-brightness",
        "fieldLabel": "LED brightness [%]",
        "groupKey": "general",
        "configurationFieldType": "number-configuration-field",
        "value": 10,
        "permission": {"permissionLevel": "WRITE"},
        "validation": {"min": 0, "max": 100},
    }
    assert fields["comboard-sw-version"] == {
        "fieldKey": "comboard-sw-version",
        "fieldLabel": "Comboard SW version",
        "groupKey": "system-information",
        "configurationFieldType": "readonly-configuration-field",
        "value": "3.1.16",
        "permission": {"permissionLevel": "READ"},
    }


async def test_no_label_survives_the_language(client: Client) -> None:
    """A client that relies on labels fails in the other language; keys and their order stay."""
    paths = ["dashboard-information", "configuration-structure", *(f"sections/{key}" for key in FIELDS_OF)]
    for path in paths:
        client.language = "en"
        english = texts(await client.get(path))
        client.language = "de-DE,de;q=0.9"
        german = texts(await client.get(path))
        assert [key for key, _ in english] == [key for key, _ in german]
        same = [one for one, other in zip(english, german, strict=True) if one == other]
        assert same == [], path


def texts(document: Any) -> list[tuple[Any, Any]]:
    """Every key with its label."""
    if isinstance(document, list):
        return [found for each in document for found in texts(each)]
    if not isinstance(document, dict):
        return []
    label = document.get("label", document.get("fieldLabel"))
    own = [(document.get("key", document.get("fieldKey")), label)] if label else []
    return [*own, *(found for each in document.values() for found in texts(each))]


async def test_the_numbers_of_the_dashboard(client: Client, clock: FakeClock) -> None:
    """Minutes and session energy, in the words of the language."""
    client.sim.car.plug()
    clock.pass_time(600)
    found = await client.dashboard()
    assert (found["duration"], found["total-charging-sessions"]) == ("10.00 minutes", "29 Sessions")
    assert found["power"].endswith(" kWh")
    assert 1.7 < float(found["power"].removesuffix(" kWh")) < 1.84
    client.language = "de"
    german = await client.dashboard()
    assert (german["duration"], german["free-charging"]) == ("10,00 Minuten", "EIN")
    assert german["power"] == found["power"].replace(".", ",")
    client.language, client.sim.manners.decimal_comma = "en", True
    assert (await client.dashboard())["duration"] == "10,00 minutes"
    assert await client.value("system", "duration-of-current-charging-session") == 600


@pytest.mark.parametrize(
    ("form", "current", "power"),
    [
        (TripleForm.LABELLED, "L1: 16.0A, L2: 16.0A, L3: 0.0A", "L1: {}mW, L2: {}mW, L3: {}mW"),
        (TripleForm.EQUALS, "L1 = 16.0 A, L2 = 16.0 A, L3 = 0.0 A", "L1 = {} mW, L2 = {} mW, L3 = {} mW"),
        (TripleForm.DECIMAL_COMMA, "L1: 16,0A, L2: 16,0A, L3: 0,0A", "L1: {}mW, L2: {}mW, L3: {}mW"),
        (TripleForm.PLAIN, "16.0 A, 16.0 A, 0.0 A", "{} mW, {} mW, {} mW"),
        (TripleForm.OBJECT, {"l1": 16.0, "l2": 16.0, "l3": 0.0}, None),
    ],
)
async def test_three_phases(
    client: Client, clock: FakeClock, form: TripleForm, current: object, power: str | None
) -> None:
    """In every form; the power is in mW."""
    client.sim.manners.triples = form
    client.sim.car.plug(phases=2)
    clock.pass_time(60)
    fields = await client.fields("system")
    assert fields["signal-current"]["value"] == current
    told = fields["power-of-current-charging-session"]["value"]
    numbers = list(told.values()) if power is None else [int(word) for word in only_digits(told)]
    assert numbers[:2] == [pytest.approx(16 * MAINS_V * 1_000, rel=0.01)] * 2
    assert numbers[2] == 0
    if power is not None:
        assert told == power.format(*numbers)
    volts = fields["signal-voltage"]["value"]
    assert "V" in volts if power is not None else list(volts) == ["l1", "l2", "l3"]


def only_digits(text: str) -> list[str]:
    """The numbers of a text, without those of the phases."""
    for phase in ("L1", "L2", "L3"):
        text = text.replace(phase, "")
    return "".join(each if each.isdigit() else " " for each in text).split()


async def test_errors(client: Client) -> None:
    """With code, words and time; the text in the section has its own word for none."""
    assert await client.get("current-errors") == []
    assert await client.value("system", "errors") == "No Error"
    client.sim.device.set_error()
    assert await client.get("current-errors") == [
        {
            "errorCode": "ConnectorLockFailure",
            "errorDescription": "Lock mechanism failed",
            "timestamp": "2026-11-20T10:00:00Z",
        }
    ]
    fields = await client.fields("system")
    found = [fields[key]["value"] for key in ("errors", "error-counter", "ocpp-state")]
    assert found == ["ConnectorLockFailure", 4, "Faulted"]
    for _ in range(100):
        client.sim.device.set_error("Other", "x")
    assert len(await client.get("current-errors")) == 32
    client.sim.device.clear_errors()
    assert await client.get("current-errors") == []
    assert (await client.dashboard())["ocpp-state"] == "Available"


async def test_fields_that_no_document_knows(client: Client) -> None:
    """Newer firmware has some."""
    client.sim.device.add_field("power", Field(key="new-field", group="installation", kind="number", value=1))
    assert await client.value("power", "new-field") == 1
    assert (await client.update("new-field", 2))[0] == 200
    assert await client.value("power", "new-field") == 2


async def test_both_spellings_and_both_forms_of_free_charging(client: Client) -> None:
    """As the manners say."""
    client.sim.manners.tag_key, client.sim.manners.flags_as_text = "free-charging-alias", True
    fields = await client.fields("auth")
    assert fields["free-charging"]["value"] == "true"
    assert "free-charging-alias" in fields
    assert "free-charging-alais" not in fields
    assert (await client.update("free-charging-alais", "x", "simple-string"))[0] == 400
    status, answer = await client.update("free-charging-alias", "x", "simple-string")
    assert (status, answer) == (200, {"success": True, "updatedFields": ["free-charging-alias"]})
    assert (await client.fields("auth"))["free-charging-alias"]["value"] == "x"


async def test_forced_values(client: Client) -> None:
    """Show in the dashboard and in the sections."""
    client.sim.device.forced |= {"status-wallbox": "Strange", "type-2-state": "Z"}
    assert (await client.dashboard())["status-wallbox"] == "Strange"
    assert await client.value("system", "type-2-state") == "Z"
    client.sim.device.release()
    assert "Strange" not in json.dumps(await client.dashboard())


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/api/system-information", 404),
        ("GET", "/api/configuration-fields/", 404),
        ("GET", "/api/sections/nothing", 404),
        ("GET", "/api/sections/", 404),
        ("POST", "/api/custom-actions/soft-reset", 404),
        ("POST", "/api/files/anything", 404),
        ("PUT", "/api/configuration-updates", 405),
        ("GET", "/api/login", 405),
        ("DELETE", "/api/current-errors", 405),
    ],
)
async def test_what_is_not_there(client: Client, method: str, path: str, status: int) -> None:
    """Is told in a problem document."""
    found, answer = await client.ask(method, path)
    assert (found, answer["status"], set(answer)) == (status, status, {"detail", "status", "title", "type"})


async def test_outside_of_the_api(client: Client) -> None:
    """There is the web interface, without a login."""
    assert "<title>Wallbox</title>" in (await client.ask("GET", "/", token=""))[1]
    _, languages = await client.ask("GET", "/static/translations/available-languages.json", token="")
    assert [language["localeID"] for language in languages] == ["en", "de"]
    status, page = await client.ask("GET", "/nothing", token="")
    assert (status, "404 Not Found" in page) == (404, True)
