"""Sessions, attempts and forms have an end."""

from __future__ import annotations

import pytest

from bridge.web import door
from tests.web.visitor import TOKEN


class Clock:
    """Stands still unless it is moved."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        """Return seconds."""
        return self.now


def test_sessions_end_by_themselves() -> None:
    """After half a day, whatever was done meanwhile."""
    clock = Clock()
    entrance = door.Door(TOKEN, clock)
    session = entrance.enter("a", TOKEN)
    assert session is not None
    clock.now += door.SESSION_S - 1
    assert entrance.session(session.id) is session
    clock.now += 1
    assert entrance.session(session.id) is None
    assert entrance.session(None) is None


def test_sessions_are_few() -> None:
    """The oldest one ends when there are too many."""
    entrance = door.Door(TOKEN)
    sessions = [entrance.enter("a", TOKEN) for _ in range(door.MOST_SESSIONS + 1)]

    alive = [session is not None and entrance.session(session.id) is session for session in sessions]
    assert alive == [False, *[True] * door.MOST_SESSIONS]
    assert len({(session.id, session.csrf) for session in sessions if session}) == len(sessions)


def test_one_guesser_does_not_lock_out_others() -> None:
    """Each address has its own count, all have one together, and both are forgotten after a minute."""
    clock = Clock()
    entrance = door.Door(TOKEN, clock)
    for _ in range(door.ATTEMPTS):
        assert entrance.enter("bad", "wrong") is None
    with pytest.raises(door.TooManyAttemptsError):
        entrance.enter("bad", TOKEN)
    assert entrance.enter("good", TOKEN) is not None
    for number in range(door.ATTEMPTS_OF_ALL - door.ATTEMPTS):
        assert entrance.enter(f"bad-{number}", "wrong") is None
    with pytest.raises(door.TooManyAttemptsError) as caught:
        entrance.enter("good", TOKEN)
    assert caught.value.retry_s == door.ATTEMPTS_WITHIN_S
    clock.now += door.ATTEMPTS_WITHIN_S
    assert entrance.enter("bad", TOKEN) is not None


def test_a_form_for_signing_in_has_an_end() -> None:
    """It is good for an hour, and nobody else can make one."""
    clock = Clock()
    entrance = door.Door(TOKEN, clock)
    form = entrance.form_token()
    assert entrance.is_own_form(form)
    assert not door.Door(TOKEN, clock).is_own_form(form)
    for wrong in ("", ".", "x.y", form[:-1], "9" + form, "\udcff.\udcff", "nan." + form.partition(".")[2]):
        assert not entrance.is_own_form(wrong)
    clock.now += door.FORM_S + 1
    assert not entrance.is_own_form(form)
