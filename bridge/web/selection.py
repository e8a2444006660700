"""Which chargers the overview shows: filtered by text and status, a page at a time. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Self
from urllib.parse import urlencode

from bridge.charger.properties import STATUS
from bridge.engine.view import ChargerView
from bridge.web import cards, words

PER_PAGE = 50
"""As many as a phone shows without trouble, and as many as one viewer is told of."""
FEW = 8
"""So many can be seen at a glance: nobody needs a filter for them."""
LONGEST_SEARCH = 100

STATUSES: Sequence[tuple[str, str]] = (
    ("", "any"),
    ("attention", "needs attention"),
    ("away", "not reachable"),
    *((key, text) for key, text in words.STATUS.items()),
)
"""What can be asked for, with its words."""


@dataclass(frozen=True, slots=True)
class Query:
    """What the address of the page asks for."""

    text: str = ""
    status: str = ""
    page: int = 1

    @classmethod
    def read(cls, asked: Mapping[str, str]) -> Self:
        """Read the part of the address behind the question mark; nonsense asks for nothing."""
        status, page = asked.get("status", ""), asked.get("page", "")
        return cls(
            text=asked.get("q", "").strip()[:LONGEST_SEARCH],
            status=status if status in dict(STATUSES) else "",
            page=int(page) if page.isascii() and page.isdigit() and len(page) < LONGEST_SEARCH else 1,
        )

    def address(self, page: int) -> str:
        """Return the address of another page of the same."""
        asked = {"q": self.text, "status": self.status, "page": str(page) if page > 1 else ""}
        return "?" + urlencode({key: value for key, value in asked.items() if value})


@dataclass(frozen=True, slots=True)
class Selection:
    """One page of what was found."""

    views: Sequence[ChargerView]
    found: int
    page: int
    pages: int


def select(views: Iterable[ChargerView], query: Query) -> Selection:
    """Return a page of the chargers that are asked for, the last one where there are fewer pages."""
    found = [view for view in views if _has_status(view, query.status) and _has_text(view, query.text.casefold())]
    pages = max(1, -(-len(found) // PER_PAGE))
    page = min(max(1, query.page), pages)
    return Selection(found[(page - 1) * PER_PAGE : page * PER_PAGE], len(found), page, pages)


def _has_status(view: ChargerView, status: str) -> bool:
    match status:
        case "":
            return True
        case "attention":
            return cards.needs_attention(view)
        case "away":
            return not view.available
    return view.available and view.values.get(STATUS.key) == status


def _has_text(view: ChargerView, text: str) -> bool:
    return not text or any(
        text in told.casefold() for told in (view.id, view.vendor, cards.name(view), cards.model(view))
    )
