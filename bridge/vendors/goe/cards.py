"""`cards`, and `c0i` to `c9i` of firmware 60: the cards that a charger knows.

`[{}, {"name": "Anna", "energy": 0, "rfid": "..."}]`; an empty object leaves its card alone. Ids are written only.

Sources: the list of firmware 59.4, issue 305, recordings.
"""

from __future__ import annotations

from collections.abc import Mapping

from bridge.charger.document import boolean, items, number, text
from bridge.charger.values import JSON, TEXT, Json, plain_number
from bridge.vendors.goe.forms import Form, same
from bridge.vendors.goe.inside import Inside, an_object, mapping, wrong

MOST_CARDS = 10


class _Cards(Inside):
    """Changes of cards. Messages do not quote: an id would be in them."""

    def parse(self, raw: Json) -> list[Json]:
        cards = JSON.parse(raw)
        if not isinstance(cards, list) or len(cards) > MOST_CARDS:
            raise wrong(f"it must be a list of at most {MOST_CARDS} cards")
        return [self._card(card, place) for place, card in enumerate(cards)]

    @staticmethod
    def _card(raw: Json, place: int) -> Json:
        given = an_object(raw, ("name", "energy", "rfid"), f"card {place}")
        for key, value in given.items():
            if key == "energy" and (isinstance(value, bool) or not isinstance(value, int | float)):
                raise wrong(f"energy of card {place} must be a number of Wh")
            if key != "energy" and not isinstance(value, str):
                raise wrong(f"{key} of card {place} must be text")
        return given


def _read_cards(value: Json) -> list[Json]:
    cards = [mapping(card) for card in items(value)]
    return [
        {"name": text(card["name"]), "energy": plain_number(number(card["energy"])), "cardId": boolean(card["cardId"])}
        for card in cards
    ]


def _shows_cards(wished: list[Json], observed: object) -> bool:
    if not isinstance(observed, list) or len(observed) < len(wished):
        return False
    return all(_shows_card(mapping(card), mapping(shown)) for card, shown in zip(wished, observed, strict=False))


def _shows_card(wished: Mapping[str, Json], shown: Mapping[str, Json]) -> bool:
    if "rfid" in wished and shown["cardId"] is not bool(wished["rfid"]):
        return False
    return all(same(wished[key], shown[key]) for key in ("name", "energy") if key in wished)


class _CardId:
    """A card's id, which is written as text; what is read is only whether there is one."""

    name = "text"

    def parse(self, raw: Json) -> str:
        return TEXT.parse(raw)

    def json(self, value: bool | str) -> Json:  # noqa: FBT001 - the value itself
        return bool(value)

    def text(self, value: bool | str) -> str:  # noqa: FBT001 - the value itself
        return "true" if value else "false"


CARDS = Form(type=_Cards(), read=_read_cards, shows=_shows_cards, confidential=True)
CARD_ID = Form(type=_CardId(), read=boolean, shows=lambda wished, observed: observed is bool(wished), confidential=True)
