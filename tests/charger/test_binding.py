"""Rows of a vendor's table: read one by one, written as values, narrowed by what the charger says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from bridge.charger import properties as p
from bridge.charger.binding import Binding, Capability, Request, capability, read_all
from bridge.charger.document import Document, number
from bridge.charger.property import Bounds, Property


def fails(error: Exception) -> Callable[[Document], Any]:
    """Return a function of a document that raises this."""

    def read(_: Document) -> Any:
        raise error

    return read


POWER: Binding[float] = Binding(property=p.POWER, read=lambda doc: number(doc["p"]))
LIMIT: Binding[float] = Binding(
    property=p.CURRENT_LIMIT,
    read=lambda doc: number(doc["amps"]),
    write=lambda amps, doc: Request(method="PUT", path=f"/{doc['id']}", body={"amps": amps}),
)


# Reading


def test_every_row_is_read() -> None:
    """In the catalogue's words."""
    found = read_all([POWER, LIMIT], {"p": 7, "amps": "16", "more": None})
    assert (found.values, found.failures) == ({"power": 7, "current_limit": 16}, {})


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (KeyError("wh"), "KeyError: 'wh'"),
        (IndexError("list index out of range"), "IndexError: list index out of range"),
        (LookupError("nothing"), "LookupError: nothing"),
        (TypeError("str where a number was expected"), "TypeError: str where a number was expected"),
        (ValueError("car 9 is not in the vendor's list"), "ValueError: car 9 is not in the vendor's list"),
        (OverflowError("int too large to convert to float"), "OverflowError: int too large"),
        (ZeroDivisionError("division by zero"), "ZeroDivisionError: division by zero"),
        (UnicodeDecodeError("utf-8", b"\xff", 0, 1, "bad"), "UnicodeDecodeError: 'utf-8' codec can't decode"),
    ],
)
def test_a_row_that_fails_costs_itself_alone(error: Exception, reason: str) -> None:
    """It is unknown, with the reason for the log; rows before and behind it are read."""
    broken: Binding[float] = Binding(property=p.SESSION_ENERGY, read=fails(error))
    found = read_all([POWER, broken, LIMIT], {"p": 7, "amps": 16})
    assert found.values == {"power": 7, "session_energy": None, "current_limit": 16}
    assert list(found.failures) == ["session_energy"]
    assert found.failures["session_energy"].startswith(reason)


def test_unknown_is_no_failure() -> None:
    """A vendor's null says nothing is wrong."""
    found = read_all([Binding(property=p.POWER, read=lambda _: None)], {})
    assert (found.values, found.failures) == ({"power": None}, {})


@pytest.mark.parametrize("bug", [AttributeError("bug"), AssertionError("bug"), RuntimeError("bug")])
def test_a_bug_in_a_row_is_seen(bug: Exception) -> None:
    """It is not a charger's nonsense, and is not swept under the carpet."""
    with pytest.raises(type(bug), match="bug"):
        read_all([Binding(property=p.POWER, read=fails(bug))], {})


def test_no_row_no_value() -> None:
    """What a vendor does not bind is absent, not null."""
    assert read_all([], {"p": 7}).values == {}


# Writing


def test_writes_are_values() -> None:
    """So that no network is needed to see what would be sent."""
    assert LIMIT.write is not None
    wanted = Request(method="PUT", path="/c1", body={"amps": 13})
    assert LIMIT.write(13, {"id": "c1"}) == wanted
    assert LIMIT.write(14, {"id": "c1"}) != wanted


@pytest.mark.parametrize("row", [p.POWER, p.STATUS, p.TOTAL_ENERGY, p.CABLE_LOCKED, p.FIRMWARE_VERSIONS])
def test_a_reading_cannot_have_a_write(row: Property[Any]) -> None:
    """Refused when the table is made."""
    with pytest.raises(ValueError, match=f"^{row.key} is a reading and cannot have a write$"):
        Binding(property=row, read=lambda _: None, write=lambda _, __: Request(method="GET", path="/"))


@pytest.mark.parametrize(
    ("request_", "names"),
    [
        (Request(method="GET", path="/api/set", query=(("frc", "1"),)), {"frc"}),
        (Request(method="GET", path="/api/set", query=(("a", "1"), ("b", "2"), ("a", "3"))), {"a", "b"}),
        (Request(method="PUT", path="/x", body={"amps": 1, "mode": 2}), {"amps", "mode"}),
        (Request(method="PUT", path="/x", query=(("a", "1"),), body={"b": 2}), {"a", "b"}),
        (Request(method="POST", path="/start"), {"/start"}),
        (Request(method="POST", path="/start", body=["a"]), {"/start"}),
    ],
)
def test_what_a_write_touches(request_: Request, names: set[str]) -> None:
    """The vendor's names, else the path: two properties with a name in common stand for one setting."""
    assert request_.touches == names


# What the charger allows now


def bound(**options: Any) -> Binding[Any]:
    """Return the row of the current limit with these options."""
    return Binding(property=p.CURRENT_LIMIT, read=lambda _: 16, write=LIMIT.write, **options)


LIVE = Bounds(minimum=6, maximum=16, step=1)


@pytest.mark.parametrize(
    ("binding", "wanted"),
    [
        pytest.param(bound(), (True, p.CURRENT_LIMIT.bounds, ()), id="the catalogue's bounds"),
        pytest.param(bound(bounds=lambda _: LIVE), (True, LIVE, ()), id="live bounds"),
        pytest.param(bound(bounds=fails(KeyError("ama"))), (True, p.CURRENT_LIMIT.bounds, ()), id="unreadable bounds"),
        pytest.param(POWER, (False, None, ()), id="a reading"),
        pytest.param(
            Binding(property=p.CURRENT_LIMIT, read=lambda _: 16), (False, None, ()), id="settable, but not here"
        ),
        pytest.param(
            Binding(property=p.PHASE_MODE, read=lambda _: "single"),
            (False, None, ("auto", "single", "three")),
            id="the catalogue's options",
        ),
        pytest.param(
            Binding(property=p.PHASE_MODE, read=lambda _: "single", options=lambda _: ["single", "three"]),
            (False, None, ("single", "three")),
            id="live options",
        ),
        pytest.param(
            Binding(property=p.PHASE_MODE, read=lambda _: "single", options=fails(TypeError("no list"))),
            (False, None, ("auto", "single", "three")),
            id="unreadable options",
        ),
    ],
)
def test_capability(binding: Binding[Any], wanted: tuple[bool, Bounds | None, tuple[str, ...]]) -> None:
    """Whether it can be set, and to what; where the charger's own limits cannot be read, the catalogue's hold."""
    found = capability(binding, {})
    assert (found.settable, found.bounds, found.options) == wanted
    assert found.property is binding.property


def test_read_only_leaves_the_rest() -> None:
    """The configuration forbids setting, and changes nothing else."""
    found = capability(bound(bounds=lambda _: LIVE), {}, read_only=True)
    assert found == Capability(property=p.CURRENT_LIMIT, settable=False, bounds=LIVE)


@pytest.mark.parametrize(
    ("unit", "wanted"), [(None, "A"), (lambda _: "mA", "mA"), (fails(KeyError("unit")), "A"), (lambda _: None, "A")]
)
def test_the_unit_is_the_catalogues_unless_the_charger_says_another(
    unit: Callable[[Document], str | None] | None, wanted: str
) -> None:
    """A currency, for example, is known to the charger alone."""
    assert capability(bound(unit=unit), {}).unit == wanted


def test_capabilities_follow_the_document() -> None:
    """A smaller cable is a smaller limit, at once."""
    binding = bound(bounds=lambda doc: Bounds(minimum=6, maximum=number(doc["cable"]), step=1))
    limits = [capability(binding, {"cable": amps}).bounds for amps in (32, 13)]
    assert [limit.maximum for limit in limits if limit] == [32, 13]


@pytest.mark.parametrize(
    ("row", "unit", "wanted"),
    [
        (p.SESSION_COST, lambda doc: doc["currency"], "EUR"),
        (p.SESSION_COST, lambda _: None, None),
        (p.SESSION_COST, fails(KeyError("currency")), None),
        (p.SESSION_COST, None, None),
        (p.POWER, None, "W"),
        (p.POWER, fails(KeyError("unit")), "W"),
    ],
)
def test_a_unit_may_be_the_chargers(row: Property[Any], unit: Any, wanted: str | None) -> None:
    """Money has the currency of the account; where it is not known, and everywhere else, the catalogue's unit holds."""
    binding: Binding[Any] = Binding(property=row, read=lambda _: 1, unit=unit)
    assert capability(binding, {"currency": "EUR"}).unit == wanted
