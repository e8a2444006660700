"""What happened at a charger, told from one reading to the next."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bridge.charger.session import Event, EventType, SessionRecord, SessionTracker
from bridge.charger.values import Json, Value

START = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
STEP_S = 10


class Story:
    """A charger that is read every 10 s."""

    def __init__(self, tracker: SessionTracker | None = None) -> None:
        self.tracker = tracker or SessionTracker()
        self.moment = START - timedelta(seconds=STEP_S)
        self.events: list[Event] = []
        self.values: dict[str, Value] = {}

    def read(self, plugged: Value, energy: Value = None, *, gap: bool = False, **more: Value) -> dict[str, Value]:
        """Take a reading; `gap` when some before it failed. Returns the values as they are published."""
        self.moment += timedelta(seconds=STEP_S)
        self.values = {"vehicle_connected": plugged, "session_energy": energy, **more}
        self.events = self.tracker.update(self.values, self.moment, gap=gap)
        return self.values

    def plugged(self, energy: Value, *, gap: bool = False, **more: Value) -> dict[str, Value]:
        """Take a reading with a car."""
        return self.read(plugged=True, energy=energy, gap=gap, **more)

    def empty(self, energy: Value, *, gap: bool = False, **more: Value) -> dict[str, Value]:
        """Take a reading without one."""
        return self.read(plugged=False, energy=energy, gap=gap, **more)

    @property
    def happened(self) -> list[str]:
        """What the last reading told, in order."""
        return [event.type.value for event in self.events]

    @property
    def record(self) -> SessionRecord:
        """The last finished session."""
        assert self.tracker.finished is not None
        return self.tracker.finished


def energies(*readings: tuple[Value, Value]) -> list[Value]:
    """Return the `session_energy` that is published for readings of plug and energy."""
    story = Story()
    return [story.read(plugged, energy)["session_energy"] for plugged, energy in readings]


# Events


def test_a_session_from_plug_to_plug() -> None:
    """Plugged before started, finished before unplugged; nothing in between."""
    story = Story()
    told = []
    for plugged, energy in [(False, 0), (True, 0), (True, 1), (True, 2), (False, 2), (False, 2)]:
        story.read(plugged, energy)
        told.append(story.happened)
    assert told == [[], ["plugged", "session_started"], [], [], ["session_finished", "unplugged"], []]


def test_a_car_that_was_there_before_us_did_not_just_come() -> None:
    """A restart of the bridge tells nothing; the session's end is told all the same, with what is known of it."""
    story = Story()
    values = story.plugged(4)
    assert (story.happened, values["session_energy"], values["session_start"]) == ([], 4, None)
    assert values["session_duration"] is None
    story.plugged(5)
    story.empty(5)
    assert story.happened == ["session_finished", "unplugged"]
    assert story.record == SessionRecord(
        started_at=None, finished_at=story.moment, energy=5, duration=None, cost=None, currency=None, card=None
    )


def test_the_first_reading_tells_nothing() -> None:
    """Whatever it shows: nobody knows since when."""
    story = Story()
    story.plugged(4, status="error", problem=True, error_code="3")
    assert story.happened == []


def test_an_unknown_plug_is_neither_in_nor_out() -> None:
    """An error, or a charger away from its cloud, does not end a session."""
    story = Story()
    told = []
    for plugged in (False, None, True, None, None, True, None, False):
        story.read(plugged, 1)
        told.append(story.happened)
    started, finished = ["plugged", "session_started"], ["session_finished", "unplugged"]
    assert told == [[], [], started, [], [], [], [], finished]


@pytest.mark.parametrize("gap", [False, True])
def test_a_car_that_left_while_nobody_looked(gap: bool) -> None:  # noqa: FBT001 - the case itself
    """Its session ends with the first reading that shows it."""
    story = Story()
    story.empty(0)
    story.plugged(0)
    story.plugged(3)
    story.empty(3.5, gap=gap)
    assert story.happened == ["session_finished", "unplugged"]
    assert story.record.energy == 3.5


def test_another_car_over_a_gap() -> None:
    """A counter that fell while readings failed belongs to another session; both are told, in order."""
    story = Story()
    story.empty(0)
    story.plugged(0, session_card="Anna")
    story.plugged(7, session_card="Anna")
    values = story.plugged(1, gap=True, session_card=None)
    assert story.happened == ["session_finished", "unplugged", "plugged", "session_started"]
    assert (story.record.energy, story.record.card) == (7, "Anna")
    assert (values["session_energy"], values["session_start"]) == (0, story.moment)
    assert story.plugged(1.5)["session_energy"] == 1.5
    story.empty(1.5)
    assert (story.record.energy, story.record.card) == (1.5, None)


@pytest.mark.parametrize("energy", [7, 7.5, None])
def test_the_same_car_over_a_gap(energy: float | None) -> None:
    """What did not fall goes on."""
    story = Story()
    story.empty(0)
    story.plugged(7)
    story.plugged(7)
    assert story.plugged(energy, gap=True)["session_energy"] == energy
    assert story.happened == []


def test_status_changes() -> None:
    """From one to the other; unknown in between is no change, and the first status none either."""
    story = Story()
    told: list[Json] = []
    for status in ("connected", "connected", "charging", None, "charging", None, "finished"):
        story.plugged(1, status=status)
        told += [event.json() for event in story.events]
    assert [(one["event_type"], one["from"], one["to"]) for one in told if isinstance(one, dict)] == [
        ("status_changed", "connected", "charging"),
        ("status_changed", "charging", "finished"),
    ]


def test_what_happened_is_told_before_the_status_that_follows() -> None:
    """A plug, then what the charger does about it."""
    story = Story()
    story.empty(0, status="disconnected", problem=False)
    story.plugged(0, status="error", problem=True)
    assert story.happened == ["plugged", "session_started", "status_changed", "fault"]


def test_faults_come_and_go() -> None:
    """With code and text when they come; an unknown reading changes nothing."""
    story = Story()
    told = []
    for problem in (False, True, True, None, True, False, None, False):
        story.empty(0, problem=problem, error_code="3", error_text="phase disturbance")
        told += story.events
    assert [event.type for event in told] == [EventType.FAULT, EventType.FAULT_CLEARED]
    assert told[0].details == {"error_code": "3", "error_text": "phase disturbance"}
    assert told[1].details == {}


def test_a_fault_without_a_code() -> None:
    """Null, not a word for it."""
    story = Story()
    story.empty(0, problem=False)
    story.empty(0, problem=True)
    assert story.events[0].details == {"error_code": None, "error_text": None}


def test_an_event_on_its_topic() -> None:
    """Type and time first, then what there is to say."""
    event = Event(type=EventType.SESSION_FINISHED, moment=START, details={"energy": 7, "duration": None})
    assert list(event.json().items()) == [
        ("event_type", "session_finished"),
        ("ts", "2026-11-20T10:00:00.000Z"),
        ("energy", 7),
        ("duration", None),
    ]


def test_the_list_of_events_is_that_of_the_contract() -> None:
    """Closed, as automations need it."""
    wanted = "plugged unplugged session_started session_finished fault fault_cleared status_changed"
    assert {event.value for event in EventType} == set(wanted.split())


# Energy that never lies


def test_a_session_begins_with_one_real_0() -> None:
    """Also when its first reading is higher than the last session's, so that consumers see the counter start again."""
    assert energies((False, 3), (True, 5), (True, 5), (True, 6)) == [3, 0, 5, 6]


def test_the_last_value_stays_until_the_next_session() -> None:
    """Whatever the vendor shows between sessions."""
    between = [(False, 0), (False, None), (None, 0), (False, 9), (False, 9)]
    found = energies((False, 0), (True, 0), (True, 8), (False, 8), *between, (True, 0))
    assert found == [0, 0, 8, 8, *[8] * len(between), 0]


def test_what_flowed_since_the_reading_before_the_end_counts() -> None:
    """The reading that shows the empty plug may still have the session's energy."""
    story = Story()
    for plugged, energy in [(False, 0), (True, 0), (True, 8), (False, 8.4)]:
        story.read(plugged, energy)
    assert (story.values["session_energy"], story.record.energy) == (8.4, 8.4)


def test_a_counter_that_is_cleared_at_the_end_does_not_count() -> None:
    """It belongs to the next session already."""
    story = Story()
    for plugged, energy in [(False, 0), (True, 0), (True, 8), (False, 0)]:
        story.read(plugged, energy)
    assert (story.values["session_energy"], story.record.energy) == (8, 8)


def test_a_glitch_within_a_session_is_held_back() -> None:
    """Two readings of 0 are not believed."""
    found = energies((False, 0), (True, 0), (True, 8), (True, 0), (True, 0), (True, 8.1))
    assert found == [0, 0, 8, 8, 8, 8.1]


def test_a_counter_that_starts_again_within_a_session_is_added() -> None:
    """Some chargers count anew after a phase switch; the session's energy goes on, and never falls."""
    readings = [0, 8, 0, 0.1, 0.2, 0.3, 2, 0, 0, 0, 1]
    found = energies((False, 0), *((True, energy) for energy in readings))
    assert found == [0, 0, 8, 8, 8, 8.2, 8.3, 10, 10, 10, 10, 11]


def test_the_next_session_knows_nothing_of_such_a_restart() -> None:
    """What was added belongs to the one that is over."""
    story = Story()
    for energy in (0, 8, 0, 0, 0, 1):
        story.read(energy is not None, energy)
    story.empty(1)
    assert story.record.energy == 9
    story.plugged(0)
    assert story.plugged(2)["session_energy"] == 2


def test_unknown_energy_is_unknown() -> None:
    """Neither 0 nor the last value; the session goes on with the next reading."""
    assert energies((False, 0), (True, 0), (True, 3), (True, None), (True, 4)) == [0, 0, 3, None, 4]


@pytest.mark.parametrize("nonsense", [True, "8", START])
def test_energy_that_is_no_number_is_unknown(nonsense: Value) -> None:
    """Whatever a vendor's row returned."""
    assert energies((True, 3), (True, nonsense), (True, 4)) == [3, None, 4]


def test_a_session_whose_energy_was_never_known() -> None:
    """Its record says null: a 0 would be invented."""
    story = Story()
    for plugged in (False, True, True, False):
        story.read(plugged, None)
    assert story.record.energy is None
    assert story.events[0].details == {"energy": None, "duration": 2 * STEP_S}
    assert story.values["session_energy"] is None


def test_a_charger_without_session_energy_does_not_get_one() -> None:
    """What a vendor does not report is absent, and the record has null."""
    tracker = SessionTracker()
    for step, plugged in enumerate((False, True, True, False)):
        values: dict[str, Value] = {"vehicle_connected": plugged}
        tracker.update(values, START + timedelta(seconds=step), gap=False)
        assert "session_energy" not in values
        assert "total_energy" not in values
    assert tracker.finished is not None
    assert tracker.finished.energy is None


@pytest.mark.parametrize(
    ("readings", "published"),
    [
        ([100, 101, 0, 101.5], [100, 101, 101, 101.5]),
        ([100, 0, 0, 0, 1], [100, 100, 100, 0, 1]),
        ([100, None, 100], [100, None, 100]),
    ],
)
def test_lifetime_energy_does_not_fall_by_accident(readings: list[float | None], published: list[float | None]) -> None:
    """Also without a car; a new meter is believed after three readings."""
    story = Story()
    assert [story.empty(0, total_energy=reading)["total_energy"] for reading in readings] == published


# Start and duration


def test_start_and_duration_while_a_car_is_there() -> None:
    """From the reading that showed it first; null before and after."""
    story = Story()
    seen = []
    for plugged in (False, True, True, True, False):
        values = story.read(plugged, 0)
        seen.append((values["session_start"], values["session_duration"]))
    began = START + timedelta(seconds=STEP_S)
    assert seen == [(None, None), (began, 0), (began, STEP_S), (began, 2 * STEP_S), (None, None)]
    assert (story.record.started_at, story.record.duration) == (began, 3 * STEP_S)


def test_a_vendor_that_knows_the_start_is_believed() -> None:
    """Also for the record and for a session that began before us."""
    story = Story()
    began = START - timedelta(hours=1)
    values = story.plugged(3, session_start=began, session_duration=3_000)
    assert (values["session_start"], values["session_duration"]) == (began, 3_000)
    story.empty(3, session_start=None)
    assert (story.record.started_at, story.record.duration) == (began, 3_600 + STEP_S)
    assert story.values["session_start"] is None


def test_a_clock_that_is_set_back_gives_no_negative_duration() -> None:
    """0 until time has caught up."""
    story = Story()
    story.empty(0)
    story.plugged(0)
    story.moment -= timedelta(hours=1)
    assert story.plugged(1)["session_duration"] == 0
    story.empty(1)
    assert story.record.duration == 0


# The record


def test_cost_and_card_are_carried_to_the_end() -> None:
    """The last ones known while the car was there; the reading of the empty plug has none of them any more."""
    story = Story(SessionTracker(currency="EUR"))
    story.empty(0, session_cost=99.0, session_card="Bob")
    story.plugged(0, session_cost=None, session_card=None)
    story.plugged(4, session_cost=1.2, session_card="Anna")
    story.plugged(8, session_cost=2.4, session_card=None)
    story.plugged(8, session_cost=None, session_card=None)
    story.empty(8, session_cost=0.0, session_card=None)
    record = story.record
    assert (record.cost, record.currency, record.card) == (2.4, "EUR", "Anna")


def test_cost_and_card_do_not_leak_into_the_next_session() -> None:
    """Another driver's name is nobody's business."""
    story = Story()
    story.empty(0)
    for cost, card in ((2.4, "Anna"), (None, None)):
        story.plugged(0, session_cost=cost, session_card=card)
        story.empty(0)
        assert (story.record.cost, story.record.card) == (cost, card)


def test_the_record_stays_until_the_next_one() -> None:
    """While nobody is there, and while the next car is."""
    story = Story()
    for plugged, energy in [(False, 0), (True, 0), (True, 5), (False, 5)]:
        story.read(plugged, energy)
    first = story.record
    for plugged, energy in [(False, 0), (True, 0), (True, 6)]:
        story.read(plugged, energy)
        assert story.record is first
    story.empty(6)
    assert (story.record.energy, first.energy) == (6, 5)


def test_there_is_no_record_before_a_session_ended() -> None:
    """A car that is there, or was never there, left nothing to tell."""
    story = Story()
    story.empty(0)
    story.plugged(0)
    assert story.tracker.finished is None


def test_the_record_on_its_topic() -> None:
    """Times in UTC, numbers plain, null where it is not known."""
    record = SessionRecord(
        started_at=START, finished_at=START, energy=7.0, duration=5, cost=1.23456, currency="EUR", card="Anna"
    )
    assert record.json() == {
        "started_at": "2026-11-20T10:00:00.000Z",
        "finished_at": "2026-11-20T10:00:00.000Z",
        "energy": 7,
        "duration": 5,
        "cost": 1.235,
        "currency": "EUR",
        "card": "Anna",
    }
    unknown = SessionRecord(
        started_at=None, finished_at=START, energy=None, duration=None, cost=None, currency=None, card=None
    )
    assert {key for key, value in unknown.json().items() if value is not None} == {"finished_at"}
    assert list(unknown.json()) == list(record.json())
