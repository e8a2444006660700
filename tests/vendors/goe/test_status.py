"""What a go-e is doing and why: the go-e column of contract section 3, row by row."""

from __future__ import annotations

import pytest

from bridge.charger.status import Status
from bridge.charger.values import Json
from bridge.vendors.goe.status import firmware_number
from tests.vendors.goe.documents import changed, failure, rows, value


def status(**keys: Json) -> object:
    """Return the status that keys stand for; `alw` is false unless said otherwise."""
    return value("status", changed(**{"alw": False, **keys}))


# Status

HELD_BACK = (16, 17, 18, 24, 27, 28, 31, 32, 34, 1, 23, 29, 30, 35, 36, 37, 38, 39, 41)
"""The numbers of the contract, and their like."""


@pytest.mark.parametrize(
    ("keys", "wanted"),
    [
        ({"car": 1}, "disconnected"),
        ({"car": 2}, "charging"),
        ({"car": 3, "modelStatus": 15}, "connected"),
        ({"car": 3, "modelStatus": None}, "connected"),
        ({"car": 3, "modelStatus": 6}, "connected"),
        ({"car": 3, "modelStatus": 2}, "awaiting_authorization"),
        ({"car": 3, "modelStatus": 5}, "scheduled"),
        ({"car": 4, "modelStatus": 5}, "scheduled"),
        *[({"car": car, "modelStatus": number}, "queued") for car in (3, 4) for number in HELD_BACK],
        ({"car": 3, "modelStatus": 4, "frc": 1}, "paused"),
        ({"car": 4, "modelStatus": 4, "frc": 1}, "paused"),
        ({"car": 3, "modelStatus": 15, "alw": True}, "suspended_ev"),
        ({"car": 4, "modelStatus": 15, "alw": True}, "suspended_ev"),
        ({"car": 4, "modelStatus": 3, "frc": 2, "alw": True}, "suspended_ev"),
        ({"car": 4, "modelStatus": 15}, "finished"),
        ({"car": 4, "modelStatus": 6}, "finished"),
        ({"car": 4, "modelStatus": None}, "finished"),
        ({"car": 6}, "unavailable"),
        ({"car": 0}, "error"),
        ({"car": 5}, "error"),
        ({"car": None}, "error"),
        # What `car` says alone counts, whatever the rest says.
        ({"car": 1, "modelStatus": 5, "frc": 1, "alw": True}, "disconnected"),
        ({"car": 2, "modelStatus": 2, "frc": 1}, "charging"),
        ({"car": 5, "modelStatus": 17, "frc": 1}, "error"),
        # What waits for a person, a card or a time comes before the pause, the pause before the car.
        ({"car": 3, "modelStatus": 2, "frc": 1}, "awaiting_authorization"),
        ({"car": 3, "modelStatus": 5, "frc": 1}, "scheduled"),
        ({"car": 4, "modelStatus": 27, "frc": 1}, "queued"),
        ({"car": 3, "modelStatus": 4, "frc": 1, "alw": True}, "paused"),
    ],
    ids=str,
)
def test_status(keys: dict[str, Json], wanted: str) -> None:
    """One row of the table each."""
    assert status(**keys) == wanted


@pytest.mark.parametrize(
    ("car", "keys", "wanted"),
    [
        (3, {}, "connected"),
        (4, {}, "finished"),
        (3, {"frc": 1}, "paused"),
        (4, {"frc": 1}, "paused"),
        (3, {"alw": True}, "suspended_ev"),
        (1, {}, "disconnected"),
        (2, {}, "charging"),
    ],
)
def test_status_without_the_later_keys(car: int, keys: dict[str, Json], wanted: str) -> None:
    """The original document has no `modelStatus`; some firmware leaves other keys out."""
    document = changed("modelStatus", "alw", "frc", car=car)
    assert value("status", {**document, **keys}) == wanted


@pytest.mark.parametrize(
    ("car", "raw"), [(7, "7"), (9, "9"), (255, "255"), (-1, "-1"), (1.5, "1.5"), ("Idle", "Idle"), (True, "True")]
)
def test_a_code_that_no_document_lists(car: Json, raw: str) -> None:
    """Unknown, with the vendor's own code for whoever asks, and a failure that names it for the log."""
    document = changed(car=car)
    assert failure("status", document).split(":")[0] in {"TypeError", "ValueError"}
    assert value("status_raw", document) == raw
    assert value("status_reason", document) is None


def test_the_failure_names_the_code() -> None:
    """So that it can be reported."""
    assert failure("status", changed(car=9)) == "ValueError: car 9 is not in the vendor's list"


def test_a_reason_that_no_document_lists_does_not_cost_the_status() -> None:
    """`car` says what is happening; only why is unknown."""
    document = changed(car=3, alw=False, modelStatus=99)
    assert value("status", document) == "connected"
    assert failure("status_reason", document) == "ValueError: modelStatus 99 is not in the vendor's list"


@pytest.mark.parametrize(
    ("car", "raw"), [(0, "0"), (1, "1"), (6, "6"), (None, "null"), ("x" * 100, "x" * 40), ([1], "[1]")]
)
def test_the_raw_status_is_the_code_as_text(car: Json, raw: str) -> None:
    """Whatever it is, at most 40 characters of it."""
    assert value("status_raw", changed(car=car)) == raw


def test_every_status_is_in_the_closed_list() -> None:
    """Over all codes of all documents."""
    found = {
        status(car=car, modelStatus=number, frc=force, alw=allowed)
        for car in (None, 0, 1, 2, 3, 4, 5, 6)
        for number in (*range(42), None)
        for force in (0, 1, 2)
        for allowed in (True, False)
    }
    assert found == {
        Status.DISCONNECTED,
        Status.CONNECTED,
        Status.AWAITING_AUTHORIZATION,
        Status.SCHEDULED,
        Status.QUEUED,
        Status.CHARGING,
        Status.PAUSED,
        Status.SUSPENDED_EV,
        Status.FINISHED,
        Status.UNAVAILABLE,
        Status.ERROR,
    }


def test_without_car_there_is_no_status() -> None:
    """Not supported rather than guessed."""
    assert not {"status", "status_reason", "status_raw"} & set(rows(changed("car")))


# Reasons

REASONS: dict[str | None, tuple[int, ...]] = {
    None: (0, 13, 15),
    "temperature": (1,),
    "authorization": (2,),
    "user": (3, 4),
    "schedule": (5, 14),
    "energy_limit": (6,),
    "price": (7, 16, 17),
    "next_trip": (8, 9, 10, 11, 18),
    "surplus": (12, 33),
    "vehicle": (19, 20, 22),
    "phase_switch": (23,),
    "minimum_pause": (24, 29),
    "fault": (26,),
    "load_balancing": (27, 32),
    "backend": (28, 35, 37),
    "adapter": (30,),
    "grid_limit": (31, 34, 38, 39, 41),
    "installation": (36,),
    "maintenance": (40,),
}


@pytest.mark.parametrize("car", [2, 3, 4])
@pytest.mark.parametrize(
    ("number", "reason"), [(number, reason) for reason, numbers in REASONS.items() for number in numbers]
)
def test_reasons(car: int, number: int, reason: str | None) -> None:
    """Why it charges or does not; the normal state needs no reason."""
    assert value("status_reason", changed(car=car, modelStatus=number)) == reason


def test_every_number_of_the_documents_has_a_reason() -> None:
    """0 to 41 without 21 and 25, which no public list assigns."""
    listed = {number for numbers in REASONS.values() for number in numbers}
    assert listed == set(range(42)) - {21, 25}


@pytest.mark.parametrize("car", [0, 1, 5, 6, None])
def test_without_a_car_there_is_nothing_to_explain(car: Json) -> None:
    """`modelStatus` goes on saying why it would not charge."""
    assert value("status_reason", changed(car=car, modelStatus=5)) is None


@pytest.mark.parametrize(("force", "reason"), [(0, None), (1, "user"), (2, None)])
@pytest.mark.parametrize("missing", [True, False])
def test_reasons_without_model_status(force: int, reason: str | None, missing: bool) -> None:  # noqa: FBT001 - the case
    """A pause is somebody's wish, also where the charger does not say so."""
    document = changed("modelStatus", frc=force) if missing else changed(modelStatus=None, frc=force)
    assert value("status_reason", document) == reason


# Errors


@pytest.mark.parametrize(
    ("code", "before_59", "since_59"),
    [
        (1, "residual current (AC)", "residual current (AC)"),
        (2, "residual current (DC)", "residual current (DC)"),
        (3, "phase disturbance", "phase disturbance"),
        (4, "overvoltage", "overvoltage"),
        (5, "overcurrent", "overcurrent"),
        (6, "diode fault in the car", "diode fault in the car"),
        (7, "proximity pilot invalid", "proximity pilot invalid"),
        (8, "no earth", "no earth"),
        (9, "contactor stuck", "contactor stuck"),
        (10, "contactor missing", "contactor missing"),
        (11, "residual current, kind unknown", "error 11"),
        (12, "unknown error", "cable lock stuck open"),
        (13, "overtemperature", "cable lock stuck locked"),
        (14, "no communication with the charge controller", "residual current, kind unknown"),
        (15, "cable lock stuck open", "unknown error"),
        (16, "cable lock stuck locked", "overtemperature"),
        (17, "error 17", "no communication with the charge controller"),
        (18, "error 18", "control pilot invalid"),
        (23, "error 23", "self-test of the residual current detector failed"),
        (99, "error 99", "error 99"),
    ],
)
def test_errors_in_words(code: int, before_59: str, since_59: str) -> None:
    """From 11 up the words depend on the firmware; a code that no list has is shown as a number."""
    for version, text in (("055.5", before_59), ("59.4", since_59)):
        document = changed(err=code, fwv=version)
        assert (value("error_code", document), value("error_text", document)) == (str(code), text)


@pytest.mark.parametrize("code", [0, None])
def test_no_error(code: Json) -> None:
    """Null, not `0` and not `none`; null is an internal error, which `car` tells."""
    document = changed(err=code)
    assert (value("error_code", document), value("error_text", document)) == (None, None)


@pytest.mark.parametrize(
    ("version", "text"),
    [
        ("051.3", "unknown error"),
        ("058.9", "unknown error"),
        ("59.0", "cable lock stuck open"),
        ("059.4", "cable lock stuck open"),
        ("60.4", "cable lock stuck open"),
        ("60.4-rc1", "cable lock stuck open"),
        (None, "unknown error"),
        ("", "unknown error"),
        (60, "unknown error"),
    ],
)
def test_the_list_of_errors_follows_the_firmware(version: Json, text: str) -> None:
    """Without a version it is the older list."""
    assert value("error_text", changed(err=12, fwv=version)) == text
    assert value("error_text", changed("fwv", err=12)) == "unknown error"


@pytest.mark.parametrize("code", ["x", [], {}, 1.5])
def test_an_error_that_is_no_code(code: Json) -> None:
    """Unknown."""
    assert failure("error_code", changed(err=code))
    assert failure("error_text", changed(err=code))


@pytest.mark.parametrize(
    ("version", "number"),
    [
        ("055.5", (55, 5)),
        ("59.4", (59, 4)),
        ("020-rc1", (20, 1)),
        ("35.6-1-ga0d44e5", (35, 6, 1, 0)),
        ("V 051.9 OUTDATED", (51, 9)),
        ("", ()),
        ("none", ()),
        ("9" * 5_000, (999_999_999,) * 4),
        (None, ()),
        (55, ()),
    ],
)
def test_versions_are_compared_by_their_numbers(version: object, number: tuple[int, ...]) -> None:
    """Leading zeros came and went; suffixes do not matter."""
    assert firmware_number(version) == number
