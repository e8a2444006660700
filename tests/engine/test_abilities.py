"""What a charger supports, learnt from its own answers."""

from __future__ import annotations

from typing import Any

import pytest

from bridge.charger import properties as p
from bridge.charger.binding import Action, Binding, Request, read_all
from bridge.charger.contract import ChargerSettings
from bridge.charger.document import Document, number
from bridge.charger.property import Bounds, Property
from bridge.charger.values import TEXT
from bridge.engine.abilities import Abilities
from tests.engine.pretend import ACTIONS, BINDINGS, FACTORY


def _abilities(**settings: Any) -> Abilities:
    return Abilities(BINDINGS, ACTIONS, ChargerSettings.model_validate({"vendor": "pretend", **settings}))


def _has(key: str) -> Any:
    return lambda document: key in document


ROWS = (
    Binding(property=p.POWER, read=lambda doc: number(doc["watt"]), supported=_has("watt")),
    Binding(property=p.POWER, read=lambda doc: number(doc["average"]), supported=_has("average")),
    Binding(property=p.TEMPERATURE, read=lambda doc: number(doc["celsius"]), supported=_has("celsius")),
)
RESTART = Action(
    key="restart", name="Restart", request=lambda _: Request(method="POST", path="/restart"), supported=_has("rst")
)


def _learnt(*documents: Document) -> Abilities:
    abilities = Abilities(ROWS, [RESTART], ChargerSettings(vendor="pretend"))
    for document in documents:
        abilities.learn(document)
    return abilities


def test_support_grows() -> None:
    """A firmware update brings something new: it is there with the next answer."""
    abilities = _learnt({"watt": 1})
    assert set(abilities.bindings) == {"power"}
    assert set(abilities.actions) == {"refresh"}

    abilities.learn({"watt": 1, "celsius": 20, "rst": None})
    assert set(abilities.bindings) == {"power", "temperature"}
    assert set(abilities.actions) == {"refresh", "restart"}
    assert {"power", "temperature"} <= set(abilities.capabilities)


def test_support_does_not_shrink() -> None:
    """A key that is missing once makes its property unknown, not unsupported."""
    abilities = _learnt({"watt": 1, "celsius": 20, "rst": None}, {})

    assert set(abilities.bindings) == {"power", "temperature"}
    assert set(abilities.actions) == {"refresh", "restart"}
    assert read_all(abilities.bindings.values(), {}).values == {"power": None, "temperature": None}


@pytest.mark.parametrize(
    ("documents", "power"),
    [
        ([{"watt": 1, "average": 2}], 1),
        ([{"average": 2}], 2),
        ([{"average": 1}, {"average": 2, "watt": 3}], 2),
        ([{}, {"watt": 3}], 3),
    ],
)
def test_of_two_rows_for_a_property_the_first_supported_one_stays(documents: list[Document], power: float) -> None:
    """A property does not change its source, because the two differ."""
    abilities = _learnt(*documents)

    assert read_all(abilities.bindings.values(), documents[-1]).values["power"] == power


def test_what_the_bridge_adds_is_always_there() -> None:
    """Also when the charger's answer is empty; the bounds of the current only with a current to set."""
    without, with_limit = _learnt({}).capabilities, _abilities()
    with_limit.learn(FACTORY)

    assert set(without) == {
        *("iec61851", "vehicle_connected", "charging", "problem", "session_start", "session_duration"),
        *("online", "last_update", "stale", "data_age_s"),
    }
    assert not any(ability.settable for ability in without.values())
    added = set(with_limit.capabilities) - {row.property.key for row in BINDINGS} - set(without)
    assert added == {"current_limit_min", "current_limit_max"}


def test_bounds_and_options_follow_the_charger() -> None:
    """Consumers see that something changed by the object being another one."""
    abilities = _abilities()
    abilities.learn(FACTORY)
    first = abilities.capabilities
    assert first["current_limit"].bounds == Bounds(minimum=6, maximum=16, step=0.5)
    assert first["phase_mode"].options == ("single", "three")

    abilities.learn({**FACTORY, "amp": 11, "watt": 5000})
    assert abilities.capabilities is first

    abilities.learn({**FACTORY, "max": 32, "phases_possible": ["three"]})
    assert abilities.capabilities is not first
    assert abilities.capabilities["current_limit"].bounds == Bounds(minimum=6, maximum=32, step=0.5)
    assert abilities.capabilities["phase_mode"].options == ("three",)
    assert first["phase_mode"].options == ("single", "three")


def test_units_follow_the_charger() -> None:
    """A currency may become known later than the price."""
    price = Binding(property=p.ENERGY_PRICE, read=lambda doc: number(doc["price"]), unit=lambda doc: str(doc["money"]))
    abilities = Abilities([price], [], ChargerSettings(vendor="pretend"))
    told = []
    documents: list[Document] = [{"price": 1}, {"price": 1, "money": "EUR/kWh"}, {"price": 2, "money": "EUR/kWh"}]
    for document in documents:
        abilities.learn(document)
        told.append(abilities.capabilities)

    assert [abilities["energy_price"].unit for abilities in told] == [None, "EUR/kWh", "EUR/kWh"]
    assert told[1] is told[2]


def test_bounds_that_cannot_be_read_are_the_catalogues() -> None:
    """Until the charger tells them again."""
    abilities = _abilities()
    document: Document = {key: value for key, value in FACTORY.items() if key not in {"max", "phases_possible"}}
    abilities.learn(document)

    assert abilities.capabilities["current_limit"].bounds == p.CURRENT_LIMIT.bounds
    assert abilities.capabilities["phase_mode"].options == p.PHASE_MODE.options


def test_read_only_shows_readings() -> None:
    """Nothing is settable, and of the buttons only the one that writes nothing is shown."""
    abilities = _abilities(read_only=True, allow=["factory_reset"])
    abilities.learn(FACTORY)

    assert {row.property.key for row in BINDINGS} <= set(abilities.capabilities)
    assert not any(ability.settable for ability in abilities.capabilities.values())
    assert [action.key for action in abilities.offered_actions] == ["refresh"]
    assert set(abilities.actions) == {"refresh", "restart", "factory_reset"}


@pytest.mark.parametrize(
    ("allow", "expected"), [([], {"refresh", "restart"}), (["factory_reset"], {"refresh", "restart", "factory_reset"})]
)
def test_dangerous_actions_must_be_allowed(allow: list[str], expected: set[str]) -> None:
    """By name, in the configuration."""
    abilities = _abilities(allow=allow)
    abilities.learn(FACTORY)

    assert {action.key for action in abilities.offered_actions} == expected


def test_the_table_may_grow() -> None:
    """A charger whose rows follow from its own answers adds them at the end; none is looked at twice."""
    table = list(ROWS)
    abilities = Abilities(table, [], ChargerSettings(vendor="pretend"))
    abilities.learn({"watt": 1})
    assert set(abilities.bindings) == {"power"}

    table.append(Binding(property=p.FREQUENCY, read=lambda doc: number(doc["hz"]), supported=_has("hz")))
    abilities.learn({"watt": 1})
    assert set(abilities.bindings) == {"power"}
    abilities.learn({"watt": 1, "hz": 50})
    assert set(abilities.bindings) == {"power", "frequency"}
    assert "frequency" in abilities.capabilities


def test_a_row_about_the_connection_is_there_before_any_answer() -> None:
    """A login that is refused from the start must have a place to be told."""
    row = Binding(property=p.REAUTH_REQUIRED, read=lambda _: False)
    assert "reauth_required" in Abilities([row], [], ChargerSettings(vendor="pretend")).before_any_answer
    assert "reauth_required" not in Abilities([], [], ChargerSettings(vendor="pretend")).before_any_answer


SECRET = Property(key="vendor/psk", name="Key", type=TEXT, settable=True, vendor=True, secret=True)
WIFI = Binding(property=SECRET, read=lambda _: None, write=lambda text, _: Request(method="PUT", path="/", body=text))


@pytest.mark.parametrize(
    ("settings", "settable"),
    [({}, False), ({"allow": ["credentials"]}, True), ({"allow": ["credentials"], "read_only": True}, False)],
)
def test_a_secret_can_be_set_where_that_is_allowed(settings: dict[str, Any], *, settable: bool) -> None:
    """And is known to be one in any case."""
    abilities = Abilities([WIFI], [], ChargerSettings.model_validate({"vendor": "pretend", **settings}))
    abilities.learn({})
    ability = abilities.capabilities["vendor/psk"]
    assert (ability.settable, ability.property.secret) == (settable, True)
