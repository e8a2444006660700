"""How each kind of key is read, checked and written: what is on the wire, and what counts as the same."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bridge.charger.values import NOTHING, Json
from bridge.errors import Code, CommandRejectedError
from bridge.simulators.secret import SECRET
from bridge.vendors.goe.vendor_keys import binding
from tests.vendors.goe.samples import NIGHT


def parsed(key: str, raw: Json) -> Any:
    """Return what a command's value is read as."""
    return binding(key).property.type.parse(raw)


def refused(key: str, raw: Json) -> CommandRejectedError:
    """Return why a value is refused."""
    with pytest.raises(CommandRejectedError) as caught:
        parsed(key, raw)
    return caught.value


def literal(key: str, raw: Json, **document: Json) -> Any:
    """Return what is sent for a command's value, as JSON."""
    write = binding(key).write
    assert write is not None
    ((name, text),) = write(parsed(key, raw), document).query
    assert name == key
    assert text == json.dumps(json.loads(text), separators=(",", ":"), ensure_ascii=False), "no blanks: space is short"
    return json.loads(text)


def shows(key: str, raw: Json, told: Json) -> bool:
    """Tell whether a command counts as carried out when the charger tells that."""
    row = binding(key)
    wished, observed = parsed(key, raw), row.read({key: told})
    return wished == observed if row.shows is None else row.shows(wished, observed)


def ranges(*times: str, **more: Json) -> list[Any]:
    """Return ranges such as `22:00-6:30`; `more` is in each of their ends."""
    ends = [[each.split(":") for each in time.split("-")] for time in times]
    return [
        {name: {"hour": int(h), "minute": int(m), **more} for name, (h, m) in zip(("begin", "end"), pair, strict=True)}
        for pair in ends
    ]


# Schedules

TOLD: Json = {"control": 1, "ranges": ranges("22:00-6:30", "0:00-0:00", second=0)}


@pytest.mark.parametrize(
    ("wish", "sent"),
    [
        (NIGHT, NIGHT),
        (json.dumps(NIGHT), NIGHT),
        ({"control": 2, "ranges": ranges("1:00-2:00", second=0)}, {"control": 2, "ranges": ranges("1:00-2:00")}),
        ({"control": 1.0, "ranges": []}, {"control": 1, "ranges": []}),
        ({"control": 0}, {"control": 0, "ranges": ranges("22:00-6:30", "0:00-0:00")}),
        ({"ranges": ranges("1:00-24:00")}, {"control": 1, "ranges": ranges("1:00-24:00")}),
    ],
)
def test_what_is_sent_of_a_schedule(wish: Json, sent: Json) -> None:
    """Never `second`; of a part the rest stays as it is told."""
    assert literal("sch_week", wish, sch_week=TOLD) == sent


def test_a_part_of_a_schedule_that_is_not_known() -> None:
    """It cannot be made whole."""
    with pytest.raises(TypeError):
        literal("sch_week", {"control": 1})
    assert literal("sch_week", NIGHT) == NIGHT


@pytest.mark.parametrize(
    ("wish", "told", "same"),
    [
        ({"control": 1, "ranges": ranges("22:00-6:30")}, TOLD, True),
        ({"control": 1, "ranges": ranges("22:00-6:30", "0:00-0:00")}, TOLD, True),
        ({"control": 1}, TOLD, True),
        ({"ranges": ranges("22:00-6:30")}, TOLD, True),
        ({"control": 2, "ranges": ranges("22:00-6:30")}, TOLD, False),
        ({"control": 1, "ranges": ranges("22:00-6:31")}, TOLD, False),
        ({"control": 1, "ranges": []}, TOLD, False),
        ({"ranges": []}, {"control": 0, "ranges": ranges("0:00-0:00", "7:15-7:15")}, True),
        ({"ranges": ranges("1:00-2:00")}, {"control": 0, "ranges": ranges("1:00-2:00", "3:00-4:00")}, False),
        ({"ranges": ranges("1:00-2:00", "3:00-4:00")}, {"control": 0, "ranges": ranges("1:00-2:00")}, False),
    ],
)
def test_when_a_schedule_is_as_wished(wish: Json, told: Json, same: bool) -> None:  # noqa: FBT001 - the value itself
    """The places that are left are empty ranges; of a part, the part."""
    assert shows("sch_satur", wish, told) is same


@pytest.mark.parametrize("second", [1, 59, "0", None, True])
def test_seconds_are_refused_unless_there_are_none(second: Json) -> None:
    """The charger has none, and writing them makes the value too long."""
    assert "second of begin" in refused("sch_sund", {"ranges": ranges("1:00-2:00", second=second)}).message


@pytest.mark.parametrize(
    "told",
    [None, 1, {"control": 1}, {"control": "x", "ranges": []}, {"control": 1, "ranges": [{"begin": {"hour": 1}}]}],
)
def test_a_schedule_that_makes_no_sense(told: Json) -> None:
    """It is unknown, and nothing else suffers."""
    if told is None:
        assert binding("sch_week").read({"sch_week": None}) is None
    else:
        with pytest.raises((LookupError, TypeError, ValueError)):
            binding("sch_week").read({"sch_week": told})


# What a meter tells


@pytest.mark.parametrize(
    ("wish", "sent"),
    [
        (-1400, {"pGrid": -1400}),
        ("-1400,5", {"pGrid": -1400.5}),
        (" -1400.12345 ", {"pGrid": -1400.123}),
        ({"pGrid": 0}, {"pGrid": 0}),
        ('{"pGrid": -1400, "pPv": 3000.0, "pAkku": -0.5}', {"pGrid": -1400, "pPv": 3000, "pAkku": -0.5}),
        (None, None),
        ("null", None),
        ("None", None),
    ],
)
def test_what_is_sent_of_what_a_meter_tells(wish: Json, sent: Json) -> None:
    """A number alone is the power at the connection to the grid; null takes it back."""
    assert literal("ids", wish) == sent


@pytest.mark.parametrize(
    ("wish", "message"),
    [
        ({"pPv": 3000}, "pGrid is missing"),
        ({"pGrid": 1, "pCar": 2}, "a surplus has no 'pCar'; it has pGrid, pPv, pAkku"),
        ({"pGrid": "much"}, "pGrid must be a number of watts"),
        ({"pGrid": True}, "pGrid must be a number of watts"),
        ({"pGrid": None}, "pGrid must be a number of watts"),
        ('{"pGrid": NaN}', "a surplus is not a JSON object"),
    ],
)
def test_what_a_meter_must_not_tell(wish: Json, message: str) -> None:
    """A sentence that says what is wrong."""
    assert message in refused("ids", wish).message


@pytest.mark.parametrize(
    ("told", "shown"),
    [
        ({"pgrid": -1400.0, "ppv": 3000.25, "pakku": None}, {"pGrid": -1400, "pPv": 3000.25}),
        ({"pgrid": 0}, {"pGrid": 0}),
        ({"pgrid": None, "ppv": None, "pakku": None}, NOTHING),
        ({"pgrid": None, "ppv": 3000, "pakku": None}, NOTHING),
    ],
)
def test_what_a_meter_told_is_read_back(told: dict[str, Json], shown: Any) -> None:
    """From three keys; nothing after it lapsed."""
    row = binding("ids")
    assert row.supported(told)
    assert row.read(told) == shown
    assert row.shows is not None
    if shown is NOTHING:
        assert row.shows(NOTHING, NOTHING)
        assert not row.shows({"pGrid": 0}, NOTHING)
    else:
        assert row.shows({"pGrid": shown["pGrid"] * (1 + 1e-7)}, shown)
        assert not row.shows({"pGrid": shown["pGrid"] + 1}, shown)
        assert not row.shows(NOTHING, shown)


def test_the_pace_of_a_meter() -> None:
    """Not faster than every 2 s, never older than 10 s, and each time anew."""
    row = binding("ids")
    assert (row.min_interval_s, row.max_age_s, row.lapses, row.answer_decides) == (2.0, 10.0, True, False)
    assert not row.supported({"amp": 16})
    assert binding("tcl").lapses
    assert not binding("amp").lapses


# Cards


CARDS: Json = [{"name": "Anna", "energy": 1234.5, "cardId": True}, {"name": "n/a", "energy": 0, "cardId": False}]


@pytest.mark.parametrize(
    ("wish", "same"),
    [
        ([{}, {}], True),
        ([{}], True),
        ([], True),
        ([{"name": "Anna", "rfid": "04a1"}], True),
        ([{"rfid": ""}], False),
        ([{}, {"rfid": ""}], True),
        ([{}, {"rfid": "04a1"}], False),
        ([{"name": "Bob"}], False),
        ([{"energy": 1234.5}], True),
        ([{"energy": 0}], False),
        ([{}, {}, {}], False),
    ],
)
def test_when_cards_are_as_wished(wish: Json, same: bool) -> None:  # noqa: FBT001 - the value itself
    """Each by its place; of an id, whether there is one."""
    assert shows("cards", wish, CARDS) is same
    assert literal("cards", wish) == wish


@pytest.mark.parametrize(
    "wish",
    [
        [{"rfid": 5, "name": SECRET}],
        [{"rfid": SECRET, "energy": SECRET}],
        [{"rfid": SECRET, "colour": "red"}],
        [SECRET],
        {"rfid": SECRET},
        [{"rfid": SECRET}] * 11,
    ],
)
def test_refusals_of_cards_do_not_quote(wish: Json) -> None:
    """The id of a card opens the charger."""
    assert SECRET not in refused("cards", wish).message


@pytest.mark.parametrize(("told", "wish", "same"), [(True, "04a1", True), (False, "04a1", False), (False, "", True)])
def test_a_flat_card(told: bool, wish: str, same: bool) -> None:  # noqa: FBT001 - the value itself
    """Written as text, read as whether there is one."""
    assert literal("c4i", wish) == wish
    assert shows("c4i", wish, told) is same
    assert binding("c4i").property.type.json(told) is told


@pytest.mark.parametrize("key", ["cards", "c0i", "c9i"])
def test_what_is_set_of_cards_is_not_repeated(key: str) -> None:
    """Although what is read is published."""
    assert not binding(key).property.repeatable
    assert not binding(key).property.secret


# Buttons, presets, colours


@pytest.mark.parametrize(
    ("wish", "number", "truth"),
    [(0, 0, False), (1, 1, True), (True, 1, True), ("off", 0, False), ("1", 1, True), (2, 2, None), ("3", 3, None)],
)
def test_what_the_button_may_do(wish: Json, number: int, truth: bool | None) -> None:  # noqa: FBT001 - the value itself
    """Written in the form in which the charger tells it: truth values by old firmware, 0 to 3 by newer."""
    for told in (0, 3, None):
        assert literal("bac", wish, bac=told) == number
    if truth is None:
        with pytest.raises(CommandRejectedError, match="this firmware takes 0"):
            literal("sdp", wish, sdp=True)
    else:
        assert literal("sdp", wish, sdp=False) is truth
        assert shows("sdp", wish, truth)
    assert shows("bac", wish, number)


@pytest.mark.parametrize(("told", "highest"), [(True, 1), (False, 1), (0, 3), (1, 3), (None, 3)])
def test_the_bounds_of_the_button(told: Json, highest: int) -> None:
    """Those of the form that the charger tells."""
    bounds = binding("bac").bounds
    assert bounds is not None
    found = bounds({"bac": told})
    assert (found.minimum, found.maximum, found.step) == (0, highest, 1)


def test_presets_and_colours() -> None:
    """Whole amperes; colours in capitals, whichever way they are written."""
    assert literal("clp", "[6, 8.0, 32]") == [6, 8, 32]
    assert shows("clp", [6, 8], [6, 8])
    assert not shows("clp", [6, 8], [6, 8, 10])
    for colour in ("#00ff80", ' "#00FF80" '):
        assert literal("cch", colour) == "#00FF80"
        assert shows("cch", colour, "#00fF80")
    assert "is not a colour such as" in refused("cch", "00ff80").message


# Numbers, texts, null


@pytest.mark.parametrize(
    ("wish", "told", "same"),
    [
        (49.8, 49.79999924, True),
        (49.8, 49.8001, False),
        (253, 253.0, True),
        (195.5, 195.5, True),
        (0, 1e-7, True),
        (0.1, 0.10000000149, True),
        (1_000_000, 999_999.9375, True),
        (4200, 4201, False),
        (3, True, False),
    ],
)
def test_numbers_come_back_as_the_charger_keeps_them(wish: float, told: float, same: bool) -> None:  # noqa: FBT001
    """In 32 bits."""
    row = binding("ufa")
    assert row.shows is not None
    assert row.shows(wish, told) is same
    assert not row.shows(wish, None)


@pytest.mark.parametrize("key", ["dwo", "trx", "tcl", "mcpea", "ocppf"])
def test_null_is_a_value_of_its_own(key: str) -> None:
    """Written as null, in any of its spellings, and told from what is not known."""
    for spelling in (None, "null", " None ", "NULL"):
        assert parsed(key, spelling) is NOTHING
        assert literal(key, spelling) is None
    row = binding(key)
    assert row.read({key: None}) is NOTHING
    assert (row.property.type.json(NOTHING), row.property.type.text(NOTHING)) == (None, "None")
    assert literal(key, "7") == 7
    with pytest.raises(KeyError):
        row.read({})


@pytest.mark.parametrize("key", ["amp", "fna", "lmo", "sch_week"])
def test_null_is_none_elsewhere(key: str) -> None:
    """There it means that the charger does not know."""
    assert refused(key, None).code is Code.INVALID_VALUE
    assert binding(key).read({key: None}) is None


@pytest.mark.parametrize(
    ("wish", "told", "same"),
    [
        (20, {"amp": 20, "dyn": 0, "sta": 20, "ts": 3}, True),
        (20, {"amp": 20, "sta": 32}, True),
        (20, {"amp": 21, "sta": 20}, False),
        ({"dyn": 16}, {"amp": 20, "dyn": 16}, True),
        ({"dyn": 16}, {"amp": 20}, False),
        ("20", 20, True),
        (20, 32, False),
        ([1], {"amp": 1}, False),
    ],
)
def test_what_comes_in_more_than_one_form(wish: Json, told: Json, same: bool) -> None:  # noqa: FBT001 - the value itself
    """The current that several chargers share: a number, or parts of an object."""
    assert shows("lot", wish, told) is same


@pytest.mark.parametrize(("key", "told", "shown"), [("loty", True, 1), ("loty", 0, 0), ("adi", 1, True)])
def test_truth_values_and_numbers_change_places(key: str, told: Json, shown: Json) -> None:
    """Between versions of the firmware."""
    found = binding(key).read({key: told})
    assert (found, type(found)) == (shown, type(shown))


def test_a_name_as_it_is() -> None:
    """With its blanks and quotes."""
    assert literal("fna", ' "Küche" ') == ' "Küche" '
