"""Reading the YAML file more strictly than YAML does: keys given twice and keys that are no text are faults."""

from __future__ import annotations

from pathlib import Path

import yaml

from bridge.charger.values import Json
from bridge.errors import ConfigError
from bridge.settings.draft import Draft, Place

MAX_BYTES = 1024 * 1024
MAX_VALUES = 100_000
"""Counted after aliases are followed: a small file of aliases to aliases can stand for billions of values."""

_CORE = "tag:yaml.org,2002:"
_MERGE = _CORE + "merge"
_TEXT = _CORE + "str"
_READ_AS = {"bool": "true or false", "int": "a number", "float": "a number", "null": "nothing", "timestamp": "a date"}


def read(path: Path) -> Draft:
    """Return what the file says; raises ConfigError if it is no YAML mapping. Never quotes the file."""
    draft = Draft(folder=path.parent)
    text = _read_text(path)
    try:
        loader = yaml.SafeLoader(text)
        try:
            node = loader.get_single_node()
            found = None if node is None else _Reader(path, loader, draft).value(node, ())
        finally:
            loader.dispose()
    # The texts of these errors quote the file, where a password may stand: neither shown nor chained.
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"line {mark.line + 1}, column {mark.column + 1}" if mark else "somewhere"
        raise ConfigError([f"{path}: {where}: {_SYNTAX}"]) from None
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise ConfigError([f"{path}: line {line}: there is a character that YAML does not allow"]) from None
    except RecursionError:
        raise ConfigError([f"{path}: it is nested too deep"]) from None
    if found is None:  # an empty file, or everything commented out
        found = {}
    if not isinstance(found, dict):
        raise ConfigError([f"{path}: it must consist of `key: value` lines"])
    draft.data = found
    return draft


_SYNTAX = (
    "this is not valid YAML; often it is the indentation, a tab, a missing blank after a colon, or a text that "
    "needs quotes, in this line or the one before"
)


def _read_text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except IsADirectoryError:
        # The classic: Docker makes a directory of that name when the file it should mount does not exist.
        raise ConfigError([f"{path}: it is a directory, not a file"]) from None
    except (OSError, ValueError) as error:
        reason = (isinstance(error, OSError) and error.strerror) or "not a path"
        raise ConfigError([f"{path}: it cannot be read: {reason.lower()}"]) from None
    if len(content) > MAX_BYTES:
        raise ConfigError([f"{path}: it is larger than 1 MiB, which no configuration is"])
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ConfigError([f"{path}: line {line}: it is not UTF-8 text; save it as UTF-8"]) from None


class _Reader:
    """Turns YAML nodes into plain values, noting the line of each key."""

    def __init__(self, file: Path, loader: yaml.SafeLoader, draft: Draft) -> None:
        self._file = file
        self._loader = loader
        self._draft = draft
        self._values = 0

    def value(self, node: yaml.Node, place: Place) -> Json:
        self._values += 1
        if self._values > MAX_VALUES:
            raise ConfigError(["configuration: it holds too many values, probably through its aliases"])
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, place)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(item, (*place, str(index))) for index, item in enumerate(node.value)]
        return self._scalar(node, place)

    def _mapping(self, node: yaml.MappingNode, place: Place) -> dict[str, Json]:
        found: dict[str, Json] = {}
        for key_node, value_node in node.value:
            if key_node.tag == _MERGE:
                found |= self._merged(value_node, place)
        lines: dict[str, int] = {}
        for key_node, value_node in node.value:
            if key_node.tag == _MERGE:
                continue
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, yaml.ScalarNode):
                self._draft.fault(place, f"in line {line} a whole list or mapping stands where a key should")
                continue
            key = key_node.value
            inner = (*place, key)
            if key in lines:
                self._draft.origins[inner] = f"{self._file} lines {lines[key]} and {line}"
                self._draft.fault(inner, "it is given twice")
                continue
            lines[key] = line
            self._draft.origins[inner] = f"{self._file} line {line}"
            found[key] = self.value(value_node, inner)
            if key_node.tag != _TEXT and found[key] is None:
                # `{password: 12,34}` is a mapping with the keys `password` and 34: the key may be part of a secret.
                self._draft.fault(inner, "there is a key that is not text and has no value", shown=place)
            elif key_node.tag != _TEXT:
                read_as = _READ_AS.get(key_node.tag.removeprefix(_CORE), "something else")
                self._draft.fault(inner, f'YAML reads this key as {read_as}; quote it: "{key}"')
        return found

    def _merged(self, node: yaml.Node, place: Place) -> dict[str, Json]:
        """Return what `<<` brings in: one mapping, or several of which the first goes before the others."""
        found: dict[str, Json] = {}
        for item in reversed(node.value) if isinstance(node, yaml.SequenceNode) else [node]:
            inner = self.value(item, place)
            if isinstance(inner, dict):
                found |= inner
            else:
                self._draft.fault(place, "only mappings can be merged with `<<`")
        return found

    def _scalar(self, node: yaml.Node, place: Place) -> Json:
        kind = node.tag.removeprefix(_CORE)
        if kind == "null":
            return None
        if kind in {"bool", "int", "float"}:
            try:
                found: Json = self._loader.construct_object(node)
            except (ValueError, LookupError):  # `!!int text`, or thousands of digits
                self._draft.fault(place, f"it cannot be read as {_READ_AS[kind]}")
                return None
            return found
        if kind in {"str", "timestamp", "value"}:  # no setting is a date
            text: str = node.value
            return text
        self._draft.fault(place, "it starts with a tag that is not known; quote a text that begins with `!`")
        return None
