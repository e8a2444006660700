"""How a validator says where inside its value the fault is."""

from __future__ import annotations

from pydantic import ValidationError
from pydantic_core import InitErrorDetails, PydanticCustomError

OWN_WORDS = "own_words"
"""The type of such an error: its message is already meant for people."""


def complaint(*faults: tuple[tuple[str, ...], str]) -> ValidationError:
    """Return an error for a validator to raise, with one (place below the value, message) for each fault.

    A plain ValueError would do for faults of the value as a whole; this one also names keys inside it.
    """
    return ValidationError.from_exception_data(
        "settings",
        [
            InitErrorDetails(
                type=PydanticCustomError(OWN_WORDS, "{message}", {"message": message}), loc=place, input=None
            )
            for place, message in faults
        ],
        hide_input=True,
    )
