"""Going through documents and texts: what is private by its name is exchanged, and then wherever else it stands."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from functools import cached_property

from bridge.charger.values import Json, is_finite
from bridge.disguise.stand_ins import PUBLIC_ADDRESS, UUID, StandIns, is_id, public
from bridge.private_names import NO_NAME, Private, is_secret, why_private
from bridge.redaction import MASK, mask_logins

MAX_DEPTH = 60
MAX_TEXT = 100_000
MOST_SECRETS = 2000
SHORTEST_SECRET = 4
"""Shorter ones are masked where they stand, but not looked for elsewhere: they would be found in every text."""
LONG_SECRET = 10
"""From this length on a secret is looked for in the middle of words, too."""

_LISTED_AS, VALUE = ("fieldKey", "key"), "value"
"""How lists of fields tell the name of each, and where its value is (Webasto)."""
_BROKEN = re.compile(r'"(?:[^"\\]|\\.)*(?:"|\\?\Z)(\s*:)?|(?<![\w.])-?\d{5,}', re.DOTALL)
"""The texts in JSON that cannot be read, also an unfinished one, and large numbers; with a colon it is a name."""
_PARAMETER = re.compile(r"([^?&=#\s]+)=([^&#\s]*)")


class Disguise:
    """Knows what is private in the documents that it was shown, and how it looks to others.

    `learn` everything first, so that what one document tells is found in the others, too.
    """

    def __init__(self) -> None:
        """Begin with nothing private known."""
        self.stand_ins = StandIns()
        self._secrets: dict[str, None] = {}
        self._known_words: set[str] = set()
        self._whole: set[int] = set()
        """The ids that stand somewhere as numbers: only for these another number may be one of them."""

    def keep(self, word: str) -> None:
        """Never mask this where it stands as something else: everybody knows it."""
        self._known_words.add(word)

    def hide(self, secret: str) -> None:
        """Mask this wherever it stands."""
        if secret in self._known_words or secret == MASK:
            return
        if len(secret) >= SHORTEST_SECRET and len(self._secrets) < MOST_SECRETS:
            self._secrets.setdefault(secret)
            self._forget_patterns()

    def learn(self, document: Json, name: str = "", holder: str = "") -> None:
        """Note what is private in a document."""
        for why, value in _private(document, name, holder, MAX_DEPTH):
            told = str(value)
            if why is Private.ID:
                self._note_id(value)
            elif not isinstance(value, str):
                continue
            elif UUID.fullmatch(told):
                self.stand_ins.id(told.lower())
            elif why is not Private.NAME:
                self.hide(told)

    def _note_id(self, value: int | str) -> None:
        if is_id(told := str(value)):
            self.stand_ins.id(told)
            self._forget_patterns()
            if isinstance(value, int):
                self._whole.add(value)

    def _forget_patterns(self) -> None:
        for name in ("_hidden", "_ids"):
            self.__dict__.pop(name, None)

    # Showing

    def document(self, document: Json, name: str = "", holder: str = "") -> Json:
        """Return a document fit for others; `name` is what it is called in what holds it."""
        return self._shown(document, name, holder, MAX_DEPTH)

    def body(self, body: bytes) -> tuple[str, Json]:
        """Return the body of an answer fit for others: `json` and a document, or `text` where it is none."""
        text = body.decode(errors="replace")
        try:
            found: Json = json.loads(text)
            if is_finite(found):
                return "json", self.document(found)
        except (ValueError, RecursionError):
            pass
        if text.lstrip()[:1] in {"{", "["}:
            text = _BROKEN.sub(_masked_part, text)
        return "text", self.text(text)

    def text(self, text: str) -> str:
        """Return a text fit for others."""
        if len(text) > MAX_TEXT:
            text = text[:MAX_TEXT] + "..."
        text = self._hidden.sub(MASK, text)
        text = self.stand_ins.addresses(text)
        text = self._ids.sub(lambda found: self.stand_ins.ids[found[0]], text)
        return mask_logins(text)

    def target(self, target: str) -> str:
        """Return the path and query of a request fit for others."""
        path, mark, query = target.partition("?")
        masked = _PARAMETER.sub(lambda found: f"{found[1]}={MASK}" if is_secret(found[1], "") else found[0], query)
        return self.text(path + mark + masked)

    @cached_property
    def _hidden(self) -> re.Pattern[str]:
        """What finds the secrets in a text."""
        return _any_of(self._secrets, whole_below=LONG_SECRET)

    @cached_property
    def _ids(self) -> re.Pattern[str]:
        return _any_of(self.stand_ins.ids, whole_below=MAX_TEXT)

    def _shown(self, value: Json, name: str, holder: str, depth: int) -> Json:
        if value is None or isinstance(value, bool):
            return value
        if depth == 0:
            return "..."
        why = why_private(name, holder, value)
        if why is Private.SECRET and isinstance(value, dict) and VALUE in value:
            # What is known of a field tells nothing of what is in it.
            return self._object({**value, VALUE: value[VALUE] and MASK}, holder, depth)
        if why in {Private.SECRET, Private.PERSONAL}:
            return MASK if value or isinstance(value, int) else value
        if isinstance(value, dict):
            return self._object(value, name or holder, depth)
        if isinstance(value, list):
            return [self._shown(each, "", name or holder, depth - 1) for each in value]
        if isinstance(value, str):
            return self._text(value, name, why)
        return int(self.stand_ins.id(str(value))) if isinstance(value, int) and value in self._whole else value

    def _object(self, value: dict[str, Json], holder: str, depth: int) -> Json:
        listed = _name_of_listed(value)
        return {
            self.text(inner): self._shown(each, listed if listed and inner == VALUE else inner, holder, depth - 1)
            for inner, each in value.items()
        }

    def _text(self, value: str, name: str, why: Private | None) -> str:
        if why is Private.NAME and value not in NO_NAME:
            return self.stand_ins.name(value)
        if "version" not in name.lower() and public(value):
            return PUBLIC_ADDRESS
        return self.text(value)


def _name_of_listed(value: dict[str, Json]) -> str | None:
    """Return the name of an entry in a list of fields, None for anything else."""
    if VALUE not in value:
        return None
    if "password" in str(value.get("configurationFieldType", "")):
        return "password"
    return next((told for key in _LISTED_AS if isinstance(told := value.get(key), str)), None)


def _masked_part(found: re.Match[str]) -> str:
    if not found[0].startswith('"'):
        return "0"
    return found[0] if found[1] else f'"{MASK}"'


def _private(
    value: Json, name: str, holder: str, depth: int, *, personal: bool = False
) -> Iterator[tuple[Private, int | str]]:
    """Yield what is private and why, at any depth; what stands in something secret is secret itself."""
    if value is None or isinstance(value, bool | float) or depth == 0:
        return
    why = why_private(name, holder, value)
    if isinstance(value, int | str):
        if why is not None:
            yield Private.PERSONAL if personal and why is Private.NAME else why, value
    elif why is Private.SECRET:
        for leaf in _leaves(value.get(VALUE, value) if isinstance(value, dict) else value, depth):
            yield Private.SECRET, leaf
    elif isinstance(value, dict):
        listed = _name_of_listed(value)
        personal = personal or why is Private.PERSONAL
        for inner, each in value.items():
            known_as = listed if listed and inner == VALUE else inner
            yield from _private(each, known_as, name or holder, depth - 1, personal=personal)
    else:
        for each in value:
            yield from _private(each, "", name or holder, depth - 1, personal=personal or why is Private.PERSONAL)


def _leaves(value: Json, depth: int) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list) and depth:
        for each in value.values() if isinstance(value, dict) else value:
            yield from _leaves(each, depth - 1)


def _any_of(words: Iterable[str], *, whole_below: int) -> re.Pattern[str]:
    """Return a pattern for these words, the longest first; those below a length only where they stand alone."""
    parts = [
        re.escape(word) if len(word) >= whole_below else rf"(?<![0-9A-Za-z]){re.escape(word)}(?![0-9A-Za-z])"
        for word in sorted(words, key=len, reverse=True)
    ]
    return re.compile("|".join(parts) or r"(?!)")
