"""How one vendor does one property: a catalogue row, where to read it, and how to write it.

Bindings are pure. `read` takes the vendor's last document and returns the value in the catalogue's unit; `write`
returns the request that would set it. A row's presence means supported, the presence of `write` means settable.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from bridge.charger.document import Document
from bridge.charger.property import Bounds, Property
from bridge.charger.values import Json, Value

T = TypeVar("T", bound=Value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One write to a vendor's API, as a value: comparing two needs no network.

    `query` holds the decoded parameters in order; `drops_connection` says that a connection lost after the request was
    sent is what success looks like (a restart). `names` is what it changes where neither query nor body is keyed by it.
    """

    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    body: Json = None
    drops_connection: bool = False
    names: tuple[str, ...] = ()

    @property
    def touches(self) -> frozenset[str]:
        """The names of what this write changes, in the vendor's words; the path where it names nothing."""
        if self.names:
            return frozenset(self.names)
        named = [name for name, _ in self.query] + (list(self.body) if isinstance(self.body, dict) else [])
        return frozenset(named or [self.path])


def _always(_: Document) -> bool:
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding(Generic[T]):
    """One row of a vendor's table.

    `read` may raise LookupError, TypeError, ValueError or ArithmeticError: that property is unknown then, and nothing
    else suffers.
    `supported` decides from the document whether this very charger has the property. `bounds` and `options` narrow
    what the catalogue allows to what the charger allows now. `forbidden` returns a sentence when the charger's state
    does not permit this value. `settle_s` is how long the charger takes to show a write, None for the vendor's usual
    time. `unit` is for rows whose unit only the charger knows, such as a currency; None from it means not known.
    `shows(wished, observed)` is for values that are read back in another form than they are written.
    """

    property: Property[T]
    read: Callable[[Document], T | None]
    write: Callable[[T, Document], Request] | None = None
    supported: Callable[[Document], bool] = _always
    bounds: Callable[[Document], Bounds] | None = None
    options: Callable[[Document], Sequence[str]] | None = None
    forbidden: Callable[[T, Document], str | None] | None = None
    settle_s: float | None = None
    unit: Callable[[Document], str | None] | None = None
    shows: Callable[[T, T], bool] | None = None
    lapses: bool = False
    """The charger forgets it after a while, so a value that it shows already is written all the same."""
    answer_decides: bool = False
    """Nothing shows what became of a write: what the charger answers to it is all there is to know."""
    min_interval_s: float | None = None
    """How far apart writes of this row must be; None for what the configuration says."""
    max_age_s: float | None = None
    """How old a value may become before it is sent; None for what the configuration says."""

    def __post_init__(self) -> None:
        """Refuse a write on a row that the catalogue calls a reading."""
        if self.write is not None and not self.property.settable:
            msg = f"{self.property.key} is a reading and cannot have a write"
            raise ValueError(msg)


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """Something a charger does when it is told to, with no value to read back: a button.

    `needs_allow` marks actions that the configuration must name under `allow` first.
    """

    key: str
    name: str
    request: Callable[[Document], Request]
    device_class: str | None = None
    category: str | None = None
    enabled: bool = False
    needs_allow: bool = False
    supported: Callable[[Document], bool] = _always


@dataclass(frozen=True, slots=True, kw_only=True)
class Capability:
    """What this charger can do with one property right now; `unit` is the property's where nothing else is said."""

    property: Property[Any]
    settable: bool
    bounds: Bounds | None = None
    options: tuple[str, ...] = ()
    unit: str | None = None

    def __post_init__(self) -> None:
        """Take the property's unit where there is no other."""
        if self.unit is None:
            object.__setattr__(self, "unit", self.property.unit)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """The values of one document, and the rows that could not be read, with the reason."""

    values: Mapping[str, Value]
    failures: Mapping[str, str] = field(default_factory=dict)


def read_all(bindings: Iterable[Binding[Any]], document: Document) -> Reading:
    """Read every row by itself: one that fails costs that property alone."""
    values: dict[str, Value] = {}
    failures: dict[str, str] = {}
    for binding in bindings:
        key = binding.property.key
        try:
            values[key] = binding.read(document)
        except (LookupError, TypeError, ValueError, ArithmeticError) as error:
            values[key] = None
            failures[key] = f"{type(error).__name__}: {error}"
    return Reading(values=values, failures=failures)


def capability(binding: Binding[Any], document: Document, *, read_only: bool = False) -> Capability:
    """Return what the charger allows for one row now; where its own limits cannot be read, the catalogue's hold."""
    row = binding.property
    settable = binding.write is not None and not read_only
    bounds, options, unit = row.bounds if binding.write else None, row.options, row.unit
    with suppress(LookupError, TypeError, ValueError):
        if binding.unit is not None:
            unit = binding.unit(document)
    with suppress(LookupError, TypeError, ValueError):
        if binding.bounds is not None:
            bounds = binding.bounds(document)
        if binding.options is not None:
            options = tuple(binding.options(document))
    return Capability(property=row, settable=settable, bounds=bounds, options=options, unit=unit)
