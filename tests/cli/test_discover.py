"""`charger2mqtt discover` as a process, against pretend clouds; test_discover_local.py has the local network."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml

from bridge.charger.search import Found
from bridge.charger.values import Json
from bridge.cli.pasting import as_yaml
from bridge.settings import Settings, load
from bridge.simulators.secret import SECRET
from bridge.simulators.wallbox import AccountSpec, ChargerSpec, GroupSpec, WallboxSimulator
from tests.cli.conftest import Outcome, Run

ANOTHER = AccountSpec(email=f"{SECRET}-2@example.com", password=f"{SECRET}-password-2", id=2)


def account(cloud: WallboxSimulator, spec: AccountSpec | None = None, **changed: Any) -> dict[str, Any]:
    """Return the configuration of an account of the cloud."""
    spec = spec or cloud.account().spec
    urls = {"api_url": cloud.api_url, "auth_url": cloud.auth_url}
    return {"vendor": "wallbox", "email": spec.email, "password": spec.password, **urls, **changed}


def configuration(folder: Path, accounts: dict[str, Any], chargers: dict[str, Any]) -> Path:
    """Write a configuration of these; without chargers there is nothing said of them."""
    path = folder / "config.yaml"
    path.write_text(yaml.safe_dump({"accounts": accounts, **({"chargers": chargers} if chargers else {})}))
    path.chmod(0o600)
    return path


async def discover(
    folder: Path, accounts: dict[str, Any], chargers: dict[str, Any], options: Sequence[str] = ("--seconds", "0")
) -> Outcome:
    """Run it with a configuration of these; the local network is left alone unless options say something else."""
    path = configuration(folder, accounts, chargers)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bridge", "discover", "--config", str(path), "--state-dir", str(folder / "state")),
        *options,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=dict(os.environ),
    )
    try:
        async with asyncio.timeout(30):
            out, err = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
    return Outcome(process.returncode or 0, out.decode(), err.decode())


def cloud_with(*names: str | None) -> WallboxSimulator:
    """Return a cloud with chargers of these names, numbered from 1001."""
    chargers = [ChargerSpec(id=1001 + position, name=name) for position, name in enumerate(names)]
    return WallboxSimulator(groups=(GroupSpec(chargers=chargers),))


async def test_what_is_found_can_be_pasted(tmp_path: Path) -> None:
    """One of two is configured already, and stands there as a comment; the result is a configuration that works."""
    async with cloud_with("Street", "Yard #2: left") as cloud:
        accounts = {"home": account(cloud)}
        known = {"vendor": "wallbox", "account": "home", "charger_id": 1001, "name": "Front"}
        outcome = await discover(tmp_path, accounts, {"yard_2_left": known})
        assert outcome == (
            0,
            (
                "chargers:\n"
                "  # yard_2_left: {vendor: wallbox, account: home, charger_id: 1001, name: Street}"
                "   # configured already\n"
                "  yard_2_left_2: {vendor: wallbox, account: home, charger_id: 1002, name: 'Yard #2: left'}\n"
            ),
            "",
        )
        assert cloud.counters.sign_ins == 1
        again = await discover(tmp_path, accounts, {"yard_2_left": known})
        assert (again.out, cloud.counters.sign_ins) == (outcome.out, 1), "tokens are kept"
    settings = pasted(tmp_path, outcome.out, accounts)
    assert list(settings.chargers) == ["yard_2_left_2"]


def pasted(folder: Path, found: str, accounts: dict[str, Any]) -> Settings:
    """Return the settings that come of pasting what was found."""
    path = folder / "pasted.yaml"
    path.write_text(yaml.safe_dump({"accounts": accounts}) + found)
    return load(path, {}).settings


async def test_one_account_fails_and_the_other_does_not(tmp_path: Path) -> None:
    """A wrong password is said, naming the account and no person; what was found is shown all the same."""
    async with cloud_with("Street") as cloud:
        accounts = {"wrong": account(cloud, password=f"{SECRET}-wrong"), "home": account(cloud)}
        code, out, err = await discover(tmp_path, accounts, {})
    assert (code, out) == (
        1,
        "chargers:\n  street: {vendor: wallbox, account: home, charger_id: 1001, name: Street}\n",
    )
    assert err.endswith("account wrong: the cloud refuses the credentials of account wrong\n")
    assert SECRET not in err


async def test_a_cloud_that_is_away(tmp_path: Path) -> None:
    """One line on standard error, and no list."""
    async with cloud_with("Street") as cloud:
        accounts = {"home": account(cloud)}
    code, out, err = await discover(tmp_path, accounts, {})
    assert (code, out) == (1, "")
    assert err.startswith("account home: no connection to 127.0.0.1")
    assert len(err.splitlines()) == 1


async def test_an_account_without_chargers(tmp_path: Path) -> None:
    """That is no error, and it is said."""
    members = {AccountSpec().email: "super-admin"}
    group = GroupSpec(members=members)  # type: ignore[arg-type]
    async with WallboxSimulator(accounts=(AccountSpec(), ANOTHER), groups=(group,)) as cloud:
        outcome = await discover(tmp_path, {"guest": account(cloud, ANOTHER)}, {})
    assert outcome == (0, "", "the accounts have no chargers\n")


def test_no_accounts(run: Run, config: Path) -> None:
    """With nowhere else to look there is nobody to ask."""
    code, out, err = run("discover", "--config", str(config), "--seconds", "0")
    assert (code, out) == (0, "")
    assert err == "nobody was asked: no accounts are configured, and --seconds 0 leaves the local network out\n"


async def test_a_network_that_cannot_be_searched(tmp_path: Path) -> None:
    """The accounts are asked all the same."""
    async with cloud_with("Street") as cloud:
        options = ["--interface", "203.0.113.7"]
        code, out, err = await discover(tmp_path, {"home": account(cloud)}, {}, options)
    assert (code, out) == (
        1,
        "chargers:\n  street: {vendor: wallbox, account: home, charger_id: 1001, name: Street}\n",
    )
    assert err == "the local network cannot be searched: this machine does not have the address 203.0.113.7\n"


@pytest.mark.parametrize(
    ("names", "ids"),
    [
        (["Garage", "garage!", "GARAGE"], ["garage", "garage_2", "garage_3"]),
        (["Straße 1", "ガレージ", "", None], ["stra_e_1", "charger", "wallbox", "wallbox_2"]),
        (["bridge", "Bridge"], ["bridge_2", "bridge_3"]),
        (["1001", "12:30", "on", "No", "null", "~", "1e3", "0x10"], None),
        (["  Two\nlines: x\r\n# y\u2028z  "], ["two_lines_x_y_z"]),
        (["n" * 300], ["n" * 50]),
        (["word " * 300], ["_".join(["word"] * 10)]),
        (["'\"{}[],&*!|>%@`", "a: {b: c}, d"], ["charger", "a_b_c_d"]),
        (["\x1b[31mred\x07", "a\u202eb", "\ud800"], ["31mred", "ab", "wallbox"]),
        ([5, True, ["x"]], ["wallbox", "wallbox_2", "wallbox_3"]),
    ],
)
def test_names_that_are_none(tmp_path: Path, names: Sequence[Any], ids: list[str] | None) -> None:
    """Whatever people call a charger, there is one line for it that works, and nothing of it reaches the terminal."""
    home = {"vendor": "wallbox", "email": "a@example.com", "password": "x"}
    found = [
        Found(settings={"vendor": "wallbox", "account": "home", "charger_id": number, "name": name})
        for number, name in enumerate(names, 1)
    ]
    text = as_yaml(found, load(configuration(tmp_path, {"home": home}, {}), {}, chargers_needed=False).settings, {})
    assert len(text.splitlines()) == 1 + len(names)
    assert all(character.isprintable() or character == "\n" for character in text)
    chargers = pasted(tmp_path, text, {"home": home}).chargers
    assert ids is None or list(chargers) == ids
    assert [charger.charger_id for charger in chargers.values()] == [*range(1, 1 + len(names))]  # type: ignore[attr-defined]
    for charger, name in zip(chargers.values(), names, strict=True):
        told = "".join(filter(str.isprintable, " ".join(name.split()))) if isinstance(name, str) else ""
        assert charger.name == (told[:100].strip() or None)


def test_a_comment_stays_one() -> None:
    """A name cannot break out of the line of a charger that is configured already."""
    own: dict[str, Json] = {"vendor": "wallbox", "account": "home", "charger_id": 1}
    home = {"vendor": "wallbox", "email": "a@example.com", "password": "x"}
    settings = Settings.model_validate({"accounts": {"home": home}, "chargers": {"street": own}})
    found = Found(settings={**own, "name": "x\n  evil: {vendor: go-e, host: h}"})
    assert yaml.safe_load(as_yaml([found], settings, {})) == {"chargers": None}


EVIL = "x\n  evil: {vendor: go-e, host: h}\r\u2028\x1b[2J\u202e\ud800"


def test_nothing_of_a_stranger_leaves_its_line() -> None:
    """Who a charger says it is stands in the comment, whatever it says."""
    own: dict[str, Json] = {"vendor": "go-e", "host": "192.168.1.40", "name": EVIL}
    found = Found(settings=own, serial=EVIL, model=EVIL, firmware=EVIL * 1000, hint=EVIL)
    text = as_yaml([found], Settings.model_validate({"chargers": {}}, context={"chargers_needed": False}), {})
    assert all(character.isprintable() or character == "\n" for character in text)
    assert len(text.splitlines()) == 2
    assert len(text) < 3000
    parsed = yaml.safe_load(text)["chargers"]
    assert len(parsed) == 1
    assert parsed.popitem()[1] == {
        "vendor": "go-e",
        "host": "192.168.1.40",
        "name": "x evil: {vendor: go-e, host: h} [2J",
    }


def test_the_same_charger_twice() -> None:
    """One that has two addresses is to be pasted once; without serial numbers nobody can tell."""
    spec = [("192.168.1.40", "123456"), ("192.168.1.41", "123456"), ("192.168.1.42", None), ("192.168.1.43", None)]
    found = [Found(settings={"vendor": "go-e", "host": host}, serial=serial) for host, serial in spec]
    text = as_yaml(found, Settings.model_validate({"chargers": {}}, context={"chargers_needed": False}), {})
    assert text.splitlines() == [
        "chargers:",
        "  go_e: {vendor: go-e, host: 192.168.1.40}   # serial 123456",
        "  # go_e_2: {vendor: go-e, host: 192.168.1.41}   # serial 123456; the same serial number as go_e",
        "  go_e_3: {vendor: go-e, host: 192.168.1.42}",
        "  go_e_4: {vendor: go-e, host: 192.168.1.43}",
    ]
