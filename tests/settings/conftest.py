"""A configuration written for one test, and a vendor that has everything a vendor can have."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import pytest
from pydantic import Field, SecretStr

from bridge.charger.contract import AccountSettings, Charger, ChargerSettings
from bridge.errors import ConfigError
from bridge.setting_types import Section
from bridge.settings import Loaded, load
from bridge.vendors import VENDORS, Means, Vendor
from tests.settings.given import Faults, Load


class Door(Section):
    """A section with a secret, deep inside."""

    code: SecretStr


class AcmeSettings(ChargerSettings):
    """A charger with an account, secrets, and sections that may be missing."""

    vendor: Literal["acme"]
    account: str = Field(min_length=1)
    pin: SecretStr | None = None
    door: Door | None = None
    doors: tuple[Door, ...] = ()


class AcmeAccount(AccountSettings):
    """An account whose secret is required."""

    vendor: Literal["acme"]
    email: str
    password: SecretStr


def _connect(_: AcmeSettings, __: Means) -> Charger:
    raise NotImplementedError


@pytest.fixture
def acme(monkeypatch: pytest.MonkeyPatch) -> None:
    """Add the vendor acme, which has accounts."""
    row = Vendor(name="acme", settings=AcmeSettings, connect=_connect, account_settings=AcmeAccount)
    monkeypatch.setitem(VENDORS, "acme", row)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current directory, empty."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def load_text(folder: Path) -> Load:
    """Load this text as ./config.yaml, with these environment variables."""

    def load_it(text: str, **environ: str) -> Loaded:
        (folder / "config.yaml").write_text(text, encoding="utf-8")
        return load(None, environ)

    return load_it


@pytest.fixture
def faults_of(load_text: Load) -> Faults:
    """Return the faults of this text with these environment variables."""

    def find(text: str, **environ: str) -> list[str]:
        with pytest.raises(ConfigError) as caught:
            load_text(text, **environ)
        assert str(caught.value) == "\n".join(caught.value.faults)
        return list(caught.value.faults)

    return find
