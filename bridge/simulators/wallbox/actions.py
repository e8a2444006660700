"""What a charger can be told to do."""

from __future__ import annotations

from enum import IntEnum


class Action(IntEnum):
    """The numbers of `remote-action`."""

    RESUME = 1
    PAUSE = 2
    RESTART = 3
    FACTORY_RESET = 4
    UPDATE = 5
    RESUME_SCHEDULE = 9  # after a manual stop or start: schedules and eco-smart decide again
