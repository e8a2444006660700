"""How numbers are written where they stand in text."""

from __future__ import annotations

from collections.abc import Sequence

from bridge.simulators.webasto.manners import TripleForm
from bridge.simulators.wire import JsonValue


def decimal(value: float, places: int, *, comma: bool) -> str:
    """A number with so many places, and a point or a comma before them."""
    text = f"{value:.{places}f}"
    return text.replace(".", ",") if comma else text


def triple(values: Sequence[float], unit: str, form: TripleForm, places: int = 1) -> JsonValue:
    """The values of three phases in one field."""
    if form == TripleForm.OBJECT:
        return {f"l{phase}": round(value, places) for phase, value in enumerate(values, 1)}
    texts = [decimal(value, places, comma=form == TripleForm.DECIMAL_COMMA) for value in values]
    if form == TripleForm.PLAIN:
        # Volts are the sample, in whole numbers; a current in whole numbers would say too little.
        shown = [f"{value:.0f}" if unit == "V" else text for value, text in zip(values, texts, strict=True)]
        return ", ".join(f"{text} {unit}" for text in shown)
    between, blank = (" = ", " ") if form == TripleForm.EQUALS else (": ", "")
    return ", ".join(f"L{phase}{between}{text}{blank}{unit}" for phase, text in enumerate(texts, 1))
