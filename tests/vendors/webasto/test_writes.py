"""What is sent, asserted at the charger; and what it can be told to do."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bridge.charger.binding import Request
from bridge.charger.values import Json
from bridge.errors import Code, CommandRejectedError, NoAnswerError, RefusedError, UnreachableError
from bridge.simulators.webasto import Field, Manners, WebastoSimulator
from bridge.vendors.webasto import charger as charger_module
from bridge.vendors.webasto.charger import WebastoCharger
from bridge.vendors.webasto.fields import UNITE_KNOWN, is_secret
from tests.vendors.webasto.conftest import Connect, paths, rows, values


async def write(charger: WebastoCharger, key: str, raw: Json) -> Request:
    """Set one property the way a command does, and return what was sent."""
    document = await charger.fetch()
    binding = rows(charger, document)[key]
    assert binding.write is not None
    request = binding.write(binding.property.type.parse(raw), document)
    await charger.send(request)
    return request


async def keep_reading(charger: WebastoCharger) -> None:
    """Read until it fails."""
    while True:
        await charger.fetch()


def sent(simulator: WebastoSimulator) -> tuple[str, Any]:
    """Return path and body of the last write."""
    last = [request for request in simulator.requests if request.method == "POST"][-1]
    return last.path, json.loads(last.body) if last.body else None


@pytest.mark.parametrize(
    ("key", "raw", "field", "value", "kind"),
    [
        ("current_limit", "13", "operator-current-limit", 13, "number"),
        ("led_brightness", 55, "led-brightness", 55, "number"),
        ("vendor/free-charging", "off", "free-charging", False, "boolean"),
        ("vendor/free-charging-alais", "04A1B2", "free-charging-alais", "04A1B2", "simple-string"),
        ("vendor/wlan-pre-shared-key", "open sesame", "wlan-pre-shared-key", "open sesame", "password"),
        ("vendor/wlan-pre-shared-key", 12345678, "wlan-pre-shared-key", "12345678", "password"),
        ("vendor/wlan-ssid", "home", "wlan-ssid", "home", "simple-string"),
        ("vendor/mode-modbus", "dlm", "mode-modbus", "DLM", "select"),
        ("vendor/time-zone", "Europe/Rome", "time-zone", "Europe/Rome", "select"),
        ("vendor/off-peak-period1-start", "06:30", "off-peak-period1-start", "06:30", "time"),
        ("vendor/port-modbus", "503", "port-modbus", 503, "number"),
        ("vendor/hostname-lan", "depot", "hostname-lan", "depot", "simple-string"),
    ],
)
async def test_a_field_of_a_next(connect: Connect, key: str, raw: Json, field: str, value: Json, kind: str) -> None:
    """One update in the field's own type, which a strict charger insists on."""
    async with WebastoSimulator(slow_s=0, manners=Manners(strict_types=True)) as sim:
        charger = connect(sim, allow=["credentials"])
        request = await write(charger, key, raw)
        update = {
            "fieldKey": field,
            "value": value,
            "configurationFieldUpdateType": f"{kind}-configuration-field-update",
        }
        assert sent(sim) == ("/api/configuration-updates", [update])
        assert request.touches == {field}
        assert sim.device.settings[field] == value


async def test_the_newer_spelling_of_the_tag(connect: Connect) -> None:
    """What the charger calls it, it is called."""
    async with WebastoSimulator(slow_s=0, manners=Manners(tag_key="free-charging-alias")) as sim:
        await write(connect(sim), "vendor/free-charging-alias", "04A1B2")
        assert sent(sim)[1][0]["fieldKey"] == "free-charging-alias"


@pytest.mark.parametrize(
    ("key", "raw", "field", "value"),
    [
        ("current_limit", 13, "installationSettings.currentLimiterValue", "13"),
        ("vendor/ocppConfigurations_freeModeActive", "off", "ocppConfigurations.freeModeActive", "FALSE"),
        ("vendor/ocppConfigurations_freeModeRfid", "04A1B2", "ocppConfigurations.freeModeRfid", "04A1B2"),
        ("vendor/generalSettings_ledDimmingLevel", "VERYLOW", "generalSettings.ledDimmingLevel", "veryLow"),
        (
            "vendor/generalSettings_randomisedDelayMaximumDuration",
            60,
            "generalSettings.randomisedDelayMaximumDuration",
            "60",
        ),
        ("vendor/installationSettings_currentLimiterPhase", 0, "installationSettings.currentLimiterPhase", "0"),
        ("vendor/wifiSettings_ssid", "home", "wifiSettings.ssid", "home"),
    ],
)
async def test_a_field_of_a_unite(
    unite: WebastoSimulator, connect: Connect, key: str, raw: Json, field: str, value: str
) -> None:
    """Everything is text there, and no type is sent."""
    charger = connect(unite)
    await write(charger, key, raw)
    assert sent(unite) == ("/api/configuration-updates", [{"fieldKey": field, "value": value}])
    assert str(unite.device.settings[field]) == value
    if not is_secret(field):
        assert values(charger, await charger.fetch())[key] in {raw, value, value == "TRUE"}


async def test_what_was_written_is_read_again(connect: Connect) -> None:
    """The section of the field, and no other."""
    async with WebastoSimulator(slow_s=0) as sim:
        charger = connect(sim)
        await write(charger, "current_limit", 13)
        before = len(sim.requests)
        assert values(charger, await charger.fetch())["current_limit"] == 13
        assert paths(sim, before) == ["dashboard-information", "current-errors", "sections/power"]


@pytest.mark.parametrize(("on", "word"), [(True, "start"), (False, "stop")])
async def test_start_and_stop(sim: WebastoSimulator, connect: Connect, word: str, *, on: bool) -> None:
    """By the charger's own action."""
    sim.car.plug()
    charger = connect(sim)
    if on:
        sim.device.stop()
    await write(charger, "charging_enabled", on)
    assert sent(sim) == ("/api/custom-actions/local-remote-start", {"action": word})
    assert sim.device.charging.running is on


async def test_without_a_car_there_is_nothing_to_start(sim: WebastoSimulator, connect: Connect) -> None:
    """A sentence says so."""
    charger = connect(sim)
    document = await charger.fetch()
    row = rows(charger, document)["charging_enabled"]
    assert row.forbidden is not None
    assert row.forbidden(True, document) == "no car is connected, so that there is nothing to start or stop"  # noqa: FBT003


ACTIONS = {
    "next": {"restart": "restart-system", "skip_random_delay": "skip-random-delay", "factory_reset": "factory-reset"},
    "unite": {"restart": "restart-system", "soft_reset": "soft-reset"},
}


@pytest.mark.parametrize("model", ACTIONS)
@pytest.mark.parametrize("answers", [False, True])
async def test_the_buttons(connect: Connect, model: str, *, answers: bool) -> None:
    """Each is sent once and without a body; a connection lost by it is success."""
    for key, path in ACTIONS[model].items():
        manners = Manners(restart_answers=answers)
        async with WebastoSimulator(model=model, slow_s=0, manners=manners) as sim:  # type: ignore[arg-type]
            charger = connect(sim, tls_fingerprint=sim.fingerprint)
            document = await charger.fetch()
            offered = {action.key: action for action in charger.actions if action.supported(document)}
            assert set(offered) == set(ACTIONS[model])
            assert offered[key].needs_allow is (key == "factory_reset")
            await charger.send(offered[key].request(document))
            assert sent(sim) == (f"/api/custom-actions/{path}", None)
            assert paths(sim).count(f"custom-actions/{path}") == 1


async def test_a_restart_is_no_alarm(connect: Connect) -> None:
    """For the minutes that it takes the charger is unavailable with a reason, and then everything is read anew."""
    async with WebastoSimulator(slow_s=0, speed=300) as sim:  # away for half a second
        charger = connect(sim)
        document = await charger.fetch()
        identity = charger.identify(document)
        restart = next(action for action in charger.actions if action.key == "restart")
        await charger.send(restart.request(document))
        away = await charger.fetch()
        found = values(charger, away)
        assert (found["status"], found["status_reason"], found["online"]) == ("unavailable", "restarting", False)
        assert charger.identify(away) == identity
        before = len(sim.requests)
        while (found := values(charger, await charger.fetch()))["status"] == "unavailable":
            pass
        assert found["status"] == "disconnected"
        await charger.fetch()
        assert "sections/network" in paths(sim, before)


async def test_one_that_does_not_come_back(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    """Is an alarm after all."""
    monkeypatch.setattr(charger_module, "AWAY_S", 0.1)
    async with WebastoSimulator(slow_s=0, away_s=1000) as sim:
        charger = connect(sim)
        document = await charger.fetch()
        await charger.send(next(a for a in charger.actions if a.key == "restart").request(document))
        assert values(charger, await charger.fetch())["status"] == "unavailable"
        with pytest.raises((NoAnswerError, UnreachableError)):
            await keep_reading(charger)


async def test_a_refusal_in_the_chargers_words(sim: WebastoSimulator, connect: Connect) -> None:
    """With its kind; 403 is a matter of permission."""
    charger = connect(sim)
    await charger.fetch()
    with pytest.raises(RefusedError, match="HTTP 400: Unknown field") as caught:
        await charger.send(
            Request(
                method="POST",
                path="/api/configuration-updates",
                body=[
                    {
                        "fieldKey": "nonsense",
                        "value": 1,
                        "configurationFieldUpdateType": "number-configuration-field-update",
                    }
                ],
            )
        )
    assert caught.value.code is Code.VENDOR_REFUSED
    await sim.set_fault("refuse_writes")
    with pytest.raises(RefusedError, match="Insufficient permissions") as caught:
        await write(charger, "current_limit", 10)
    assert caught.value.code is Code.NOT_PERMITTED


@pytest.mark.parametrize("raw", [True, None, 1.5, ["hush"], {"a": "hush"}])
async def test_a_secret_that_is_no_text(sim: WebastoSimulator, connect: Connect, raw: Json) -> None:
    """Is refused without being quoted."""
    charger = connect(sim)
    row = rows(charger, await charger.fetch())["vendor/wlan-pre-shared-key"].property
    with pytest.raises(CommandRejectedError, match="must be text") as caught:
        row.type.parse(raw)
    assert "hush" not in caught.value.message


# Rows made from the charger's own answers


async def test_a_field_of_newer_firmware(sim: WebastoSimulator, connect: Connect) -> None:
    """It appears by itself, of its own type and with its own bounds, and can be set."""
    charger = connect(sim)
    await charger.fetch()
    known = charger.bindings
    sim.device.add_field("power", Field(key="new amps", kind="number", value=5, least=2, most=9, label="New"))
    sim.device.add_field("power", Field(key="new.flag", kind="boolean", value=True))
    sim.device.add_field("power", Field(key="new-word", kind="password", value="hush"))
    charger._reader.start_over()
    document = await charger.fetch()
    assert charger.bindings is known
    found = rows(charger, document)
    bounds = found["vendor/new_amps"].bounds
    assert bounds is not None
    assert (bounds(document).minimum, bounds(document).maximum) == (2, 9)
    assert found["vendor/new-word"].property.secret
    await write(charger, "vendor/new_amps", 7)
    await write(charger, "vendor/new_flag", "off")
    now = values(charger, await charger.fetch())
    assert (now["vendor/new_amps"], now["vendor/new_flag"]) == (7, False)


async def test_bounds_are_the_chargers_own(connect: Connect) -> None:
    """Live; without them those of the documents."""
    async with WebastoSimulator(slow_s=0, manners=Manners(limit_bounds=(8, 20))) as sim:
        charger = connect(sim)
        document = await charger.fetch()
        bounds = rows(charger, document)["current_limit"].bounds
        assert bounds is not None
        assert (bounds(document).minimum, bounds(document).maximum) == (8, 20)
        sim.manners.limit_bounds = None
        charger._reader.start_over()
        document = await charger.fetch()
        assert (bounds(document).minimum, bounds(document).maximum) == (6, 32)


async def test_permission_is_the_chargers_own(sim: WebastoSimulator, connect: Connect) -> None:
    """What it says can only be read, has no write."""
    for section in sim.device.sections.values():
        section[:] = [Field(key=each.key, kind=each.kind, value=each.value, writable=False) for each in section]
    charger = connect(sim)
    document = await charger.fetch()
    found = rows(charger, document)
    assert [key for key, row in found.items() if row.write is not None] == []
    assert [action.key for action in charger.actions if action.supported(document)] == []
    assert values(charger, document)["current_limit"] == 16
    assert "vendor/wlan-pre-shared-key" not in found


@pytest.mark.parametrize(
    ("wanted", "there", "missing"),
    [
        (None, {"vendor/free-charging", "vendor/status-wallbox"}, {"vendor/interfaces", "vendor/wlan-ssid"}),
        (["MAC-Address WiFi", "power"], {"vendor/MAC-Address_WiFi", "vendor/power"}, {"vendor/free-charging"}),
        (["MAC-Address_Eth0"], {"vendor/MAC-Address_Eth0"}, {"vendor/MAC-Address_WiFi"}),
        ([], set(), {"vendor/free-charging"}),
    ],
)
async def test_which_keys_are_published(
    sim: WebastoSimulator, connect: Connect, wanted: Any, there: set[str], missing: set[str]
) -> None:
    """Those that the configuration names, in the charger's spelling or in that of the topic; else a useful few."""
    charger = connect(sim, vendor_keys=wanted)
    found = set(rows(charger, await charger.fetch()))
    assert there <= found
    assert not missing & found


async def test_secrets_are_offered_where_they_are_allowed(sim: WebastoSimulator, connect: Connect) -> None:
    """Also without a word about vendor's keys."""
    charger = connect(sim, vendor_keys=None, allow=["credentials"])
    found = rows(charger, await charger.fetch())
    assert {key for key, row in found.items() if row.property.secret} == {
        *("vendor/free-charging-alais", "vendor/wlan-ssid", "vendor/wlan-pre-shared-key"),
    }


async def test_no_secret_is_even_kept(sim: WebastoSimulator, unite: WebastoSimulator, connect: Connect) -> None:
    """What the charger tells of one is dropped where it is read."""
    assert "do-not-publish" not in repr(await connect(sim).fetch())
    assert "do-not-publish" not in repr(await connect(unite).fetch())
    assert {key for key in UNITE_KNOWN if is_secret(key)} == {"ocppConfigurations.freeModeRfid", "wifiSettings.ssid"}


@pytest.mark.parametrize("raw", ["24:00", "7:30", "07:60", "noon", "07:30:99", 730, ""])
async def test_what_is_no_time_of_day(sim: WebastoSimulator, connect: Connect, raw: Json) -> None:
    """Is refused before it is sent."""
    charger = connect(sim)
    row = rows(charger, await charger.fetch())["vendor/off-peak-period1-start"].property
    with pytest.raises(CommandRejectedError) as caught:
        row.type.parse(raw)
    assert caught.value.code is Code.INVALID_VALUE


async def test_what_is_no_option(sim: WebastoSimulator, connect: Connect) -> None:
    """Is refused with the options."""
    charger = connect(sim)
    row = rows(charger, await charger.fetch())["vendor/mode-modbus"].property
    with pytest.raises(CommandRejectedError, match="is not one of HEMS, DLM, OFF"):
        row.type.parse("AUTO")
