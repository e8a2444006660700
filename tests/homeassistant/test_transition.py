"""From the messages that are held to the ones that are wanted."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bridge.charger.properties import CATALOGUE
from bridge.charger.values import BOOLEAN, INTEGER
from bridge.homeassistant.transition import LET_GO, steps
from tests.homeassistant.chargers import announcement, capability, discovery, own

DEVICE = "homeassistant/device/charger2mqtt_123456/config"


def told(*keys: str, settable: bool = True, mode: Any = "device") -> dict[str, str]:
    """Return the messages of a charger with these properties."""
    capabilities = {key: capability(key, settable=settable and CATALOGUE[key].settable) for key in keys}
    return discovery(mode).charger_messages(announcement(capabilities))


def single(platform: str, key: str) -> str:
    """Return the topic of one entity."""
    return f"homeassistant/{platform}/charger2mqtt_123456/{key}/config"


def cut_down(payload: str) -> dict[str, Any]:
    """Return the components of which only the platform is left."""
    components: dict[str, Any] = json.loads(payload)["components"]
    return {key: component for key, component in components.items() if len(component) == 1}


def test_nothing_changes() -> None:
    """No message is sent twice."""
    assert steps(told("power"), told("power")) == []
    assert steps({}, {}) == []


def test_new() -> None:
    """The first time there is one step."""
    assert steps({}, told("power")) == [told("power")]


@pytest.mark.parametrize("mode", ["device", "component"])
def test_more(mode: str) -> None:
    """What is added needs one step, and only the messages that differ."""
    before, after = told("power", mode=mode), told("power", "charging", mode=mode)
    assert steps(before, after) == [dict(after.items() - before.items())]


@pytest.mark.parametrize("mode", ["device", "component"])
def test_gone(mode: str) -> None:
    """A charger that is removed leaves no message."""
    before = told("power", mode=mode)
    assert steps(before, {}) == [dict.fromkeys(before, "")]


@pytest.mark.parametrize("mode", ["device", "component"])
def test_a_vendor_key_that_is_configured_no_more(mode: Any) -> None:
    """It goes as any other property does."""
    both = own("fup", BOOLEAN, settable=True) | own("rbc", INTEGER)
    before = discovery(mode).charger_messages(announcement(both))
    after = discovery(mode).charger_messages(announcement(own("rbc", INTEGER)))
    first, *rest = steps(before, after)
    if mode == "device":
        assert cut_down(first[DEVICE]) == {"vendor_fup": {"platform": "switch"}}
        assert rest == [after]
    else:
        assert first == {single("switch", "vendor_fup"): ""}
        assert rest == []


def test_an_entity_leaves_its_device() -> None:
    """Left out it would stay, so it is cut down to its platform first."""
    first, last = steps(told("power", "charging"), told("power"))
    assert cut_down(first[DEVICE]) == {"charging": {"platform": "binary_sensor"}}
    assert json.loads(first[DEVICE])["components"].keys() >= {"power", "charging"}
    assert last == told("power")


def test_an_entity_changes_its_platform() -> None:
    """A charger that becomes read-only: the control goes before the reading comes under the same key."""
    first, last = steps(told("current_limit"), told("current_limit", settable=False))
    assert cut_down(first[DEVICE]) == {"current_limit": {"platform": "number"}}
    assert last == told("current_limit", settable=False)


def test_an_entity_changes_its_platform_as_a_single_message() -> None:
    """There it is another topic."""
    wanted = told("current_limit", settable=False, mode="component")
    first, last = steps(told("current_limit", mode="component"), wanted)
    assert first == {single("number", "current_limit"): ""}
    assert last == {single("sensor", "current_limit"): wanted[single("sensor", "current_limit")]}


@pytest.mark.parametrize(("before", "after"), [("device", "component"), ("component", "device")])
def test_the_mode_changes(before: str, after: str) -> None:
    """The old topics let go and are emptied before the new ones speak, so that every entity stays what it is."""
    held, wanted = told("power", "locked", mode=before), told("power", "locked", mode=after)
    let_go, announce = steps(held, wanted)
    assert let_go == dict.fromkeys(held, LET_GO)
    assert announce == dict.fromkeys(held, "") | wanted
    assert list(announce) == [*held, *wanted]


def test_the_mode_changes_and_an_entity_goes() -> None:
    """It is removed by the old device before that lets go of the rest."""
    first, let_go, _ = steps(told("power", "charging"), told("power", mode="component"))
    assert cut_down(first[DEVICE]) == {"charging": {"platform": "binary_sensor"}}
    assert let_go == {DEVICE: LET_GO}
    first, let_go, _ = steps(told("power", "charging", mode="component"), told("power"))
    assert first == {single("binary_sensor", "charging"): ""}
    assert let_go.keys() == told("power", mode="component").keys()


@pytest.mark.parametrize("payload", ["", LET_GO, "nonsense", "[]", '{"components": 1}', '{"components": {"a": 1}}'])
def test_a_held_message_that_cannot_be_read(payload: str) -> None:
    """It is replaced where its topic is wanted, and emptied where not; nothing breaks."""
    assert steps({DEVICE: payload}, told("power")) == [told("power")]
    assert steps({DEVICE: payload}, {}) == [{DEVICE: ""}]


def test_a_topic_that_is_no_discovery_topic_is_emptied() -> None:
    """It was handed in as ours."""
    assert steps({"homeassistant/config": "x"}, {}) == [{"homeassistant/config": ""}]
