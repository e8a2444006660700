"""The example and the documentation know every setting."""

from __future__ import annotations

import re
import types
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest
import yaml
from pydantic import BaseModel, SecretStr

from bridge.charger.contract import ChargerSettings
from bridge.settings import Settings, load
from bridge.vendors import VENDORS

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "config.example.yaml"
PAGE = ROOT / "docs" / "configuration.md"


def _keys(model: type[BaseModel]) -> Iterator[tuple[str, ...]]:
    """Yield the place of every field of a model and of the sections in it; a secret can also be a file."""
    for name, field in model.model_fields.items():
        yield (name,)
        kinds = get_args(field.annotation) if isinstance(field.annotation, types.UnionType) else (field.annotation,)
        if SecretStr in kinds:
            yield (f"{name}_file",)
        for kind in kinds:
            if isinstance(kind, type) and issubclass(kind, BaseModel):
                yield from ((name, *inner) for inner in _keys(kind))


GENERAL = sorted({*_keys(Settings), *_keys(ChargerSettings)})
OF_VENDORS = sorted(
    (vendor.name, *place)
    for vendor in VENDORS.values()
    for model in (vendor.settings, vendor.account_settings)
    if model is not None
    for place in _keys(model)
    if place[0] not in ChargerSettings.model_fields
)


@pytest.fixture
def example(tmp_path: Path) -> Path:
    """The example, as a user's own file: its secrets are not for everyone to read."""
    copy = tmp_path / "config.yaml"
    copy.write_bytes(EXAMPLE.read_bytes())
    copy.chmod(0o600)
    return copy


def test_the_example_is_a_configuration(example: Path) -> None:
    """As it stands, without a warning."""
    loaded = load(example, {})

    assert loaded.warnings == ()
    assert {charger.vendor for charger in loaded.settings.chargers.values()} == set(VENDORS)


def test_the_example_shows_the_defaults() -> None:
    """What it says outside of accounts and chargers is what holds without it."""
    shown = load(EXAMPLE, {}).settings
    least = {"accounts": shown.accounts, "chargers": shown.chargers}
    shared = {"accounts", "chargers"}

    assert shown.model_dump(exclude=shared) == Settings.model_validate(least).model_dump(exclude=shared)


def test_the_example_works_with_its_comments_taken_off(tmp_path: Path) -> None:
    """What stands behind `#` and could be a setting is no less right than the rest."""
    text = re.sub(r"(?m)^( *)# ?(?=[a-z_]+: )", r"\1", EXAMPLE.read_text(encoding="utf-8"))
    for name in re.findall(r"\b\w+_file: (\S+)", text):
        if name != "null":
            (tmp_path / Path(name).name).write_text("content-of-a-file")
            text = text.replace(name, Path(name).name)
    text = re.sub(r"(?m)^(  password|  token|    client_secret): .*\n", "", text)  # their files are there, too
    (tmp_path / "config.yaml").write_text(text, encoding="utf-8")

    assert yaml.safe_load(text) != yaml.safe_load(EXAMPLE.read_text(encoding="utf-8"))
    assert load(tmp_path / "config.yaml", {}).settings.mqtt.password is not None


@pytest.mark.parametrize("place", [*GENERAL, *OF_VENDORS], ids=".".join)
def test_the_example_names_every_key(place: tuple[str, ...]) -> None:
    """In use or behind a comment sign."""
    assert re.search(rf"(?m)(^[ #]*|[{{,] *){re.escape(place[-1])}:", EXAMPLE.read_text(encoding="utf-8"))


@pytest.mark.parametrize("place", GENERAL, ids=".".join)
def test_the_page_describes_every_key(place: tuple[str, ...]) -> None:
    """Each has a row of a table, under its whole name."""
    assert re.search(rf"(?m)^\| `{re.escape('.'.join(place))}`", PAGE.read_text(encoding="utf-8"))


@pytest.mark.parametrize("place", OF_VENDORS, ids=".".join)
def test_the_page_describes_every_key_of_every_vendor(place: tuple[str, ...]) -> None:
    """Each vendor has a chapter of its own."""
    chapter = re.search(rf"(?ms)^### {re.escape(place[0])}$(.*?)(^##|\Z)", PAGE.read_text(encoding="utf-8"))

    assert chapter is not None
    assert re.search(rf"(?m)^\| `{re.escape('.'.join(place[1:]))}`", chapter[1])
