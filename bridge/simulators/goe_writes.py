"""Writing to the pretend go-e: what is refused, in the charger's words, and what an accepted value does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from bridge.simulators.goe_family import Family
from bridge.simulators.goe_objects import CARDS, empty_card, merged_load_total, merged_schedule, updated_card
from bridge.simulators.goe_values import WriteRefusedError, parse_literal
from bridge.simulators.wire import Json, JsonValue

if TYPE_CHECKING:
    from bridge.simulators.goe_device import GoeDevice


def checked_value(family: Family, name: str, raw: str) -> JsonValue:
    """The value that a decoded text stands for.

    Raises:
        WriteRefusedError: With the whole text that the charger answers.
    """
    key = family.keys.get(name)
    if key is None:
        # Nobody has published what the charger says to a key it does not know.
        raise WriteRefusedError(f"{name}: tried to set unknown api key ({raw})")
    if key.rule is None:
        raise WriteRefusedError(f"{name}: tried to set api key without setter ({raw})")
    try:
        value = parse_literal(raw)
    except WriteRefusedError as refused:
        raise WriteRefusedError(f"{name}: tried to set api key with invalid json {refused} ({raw})") from None
    try:
        key.rule.check(value)
        if name == "trx" and value and not family.card_transactions:
            raise WriteRefusedError(f"starting transaction for {value} is not allowed")  # noqa: TRY301  one prefix for all
    except WriteRefusedError as refused:
        shown = value if isinstance(value, str) else raw
        raise WriteRefusedError(f"{name}: failed: {refused} ({shown})") from None
    if isinstance(value, bool) and key.rule.kind == "uint8_t":
        return int(value)  # how the charger's JSON library reads a bool as a number
    return value


def carry_out(device: GoeDevice, name: str, value: JsonValue) -> None:
    """Let an accepted value take effect; write-only keys that stand for nothing here are swallowed."""
    if (action := _ACTIONS.get(name)) is not None:
        action(device, name, value)
    elif device.rules.keys[name].readable:
        device.settings[name] = value


def _send_solar_reading(device: GoeDevice, _: str, value: JsonValue) -> None:
    device.charging.surplus = value if isinstance(value, dict) else None
    device.expect_solar_reading()


def _authorise(device: GoeDevice, _: str, value: JsonValue) -> None:
    device.charging.transaction = value if isinstance(value, int) else None
    device.expect_car()


def _limit_for_a_while(device: GoeDevice, name: str, value: JsonValue) -> None:
    device.settings[name] = value
    device.expect_temporary_limit()


def _delete_card(device: GoeDevice, _: str, value: JsonValue) -> None:
    if isinstance(value, int):
        device.cards[value] = empty_card()


def _teach_card(device: GoeDevice, _: str, value: JsonValue) -> None:
    if isinstance(value, int):
        device.cards[value] = {**device.cards[value], "cardId": True}


def _change_cards(device: GoeDevice, _: str, value: JsonValue) -> None:
    for index, change in enumerate(value if isinstance(value, list) else []):
        device.cards[index] = updated_card(device.cards[index], change)


def _change_flat_card(device: GoeDevice, name: str, value: JsonValue) -> None:
    index, field = int(name[1]), {"n": "name", "e": "energy", "i": "rfid"}[name[2]]
    device.cards[index] = updated_card(device.cards[index], {field: value})


def _change_schedule(device: GoeDevice, name: str, value: JsonValue) -> None:
    device.settings[name] = merged_schedule(device.settings[name], value)


def _change_load_total(device: GoeDevice, name: str, value: JsonValue) -> None:
    device.settings[name] = merged_load_total(device.settings[name], value)


def _change_networks(device: GoeDevice, name: str, value: JsonValue) -> None:
    """Set Wi-Fi networks; an empty object leaves an entry as it is."""
    old, new = device.settings[name], value if isinstance(value, list) else []
    networks = list(old) if isinstance(old, list) else []
    for index, change in enumerate(new[: len(networks)]):
        entry = networks[index]
        if isinstance(entry, dict) and isinstance(change, dict):
            networks[index] = {**entry, **change}
    device.settings[name] = networks


def _delete_network(device: GoeDevice, _: str, value: JsonValue) -> None:
    networks = device.settings["wifis"]
    empty: Json = {"ssid": "", "key": ""}
    if isinstance(networks, list):
        device.settings["wifis"] = [empty if place == value else entry for place, entry in enumerate(networks)]


def _ignore(_device: GoeDevice, _name: str, _value: JsonValue) -> None:
    """Take the value and change nothing."""


_ACTIONS: Mapping[str, Callable[[GoeDevice, str, JsonValue], None]] = {
    "ids": _send_solar_reading,
    "trx": _authorise,
    "tcl": _limit_for_a_while,
    "del": _delete_card,
    "lrn": _teach_card,
    "cards": _change_cards,
    **{f"c{card}{letter}": _change_flat_card for card in range(CARDS) for letter in "nei"},
    **dict.fromkeys(("sch_week", "sch_satur", "sch_sund"), _change_schedule),
    "lot": _change_load_total,
    "wifis": _change_networks,
    "delw": _delete_network,
    "utc": _ignore,  # the right time comes from the network again at once
}
