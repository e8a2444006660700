"""`charger2mqtt discover`: the chargers in the local network and of the configured accounts, as YAML to paste."""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass, field
from ipaddress import IPv4Address
from pathlib import Path
from typing import Annotated

import typer

from bridge.charger.contract import ChargerSettings
from bridge.charger.search import Found, Search
from bridge.cli import EXIT_FAILED
from bridge.cli.options import ConfigOption, StateDirOption
from bridge.cli.pasting import as_yaml, configured_as, one_line
from bridge.errors import ChargerError
from bridge.fleet import Fleet
from bridge.http import Http
from bridge.log import LogFormat, LogLevel, configure
from bridge.settings import Settings, load
from bridge.state_files import state_directory
from bridge.vendors import VENDORS

LONGEST_SEARCH_S = 60
ASK_S = 10.0
"""For asking the configured chargers which they are."""
AT_ONCE = 32

SecondsOption = Annotated[
    int,
    typer.Option(
        "--seconds",
        metavar="SECONDS",
        min=0,
        max=LONGEST_SEARCH_S,
        help="How long to listen in the local network; 0 leaves it out.",
    ),
]
InterfaceOption = Annotated[
    IPv4Address | None,
    typer.Option(
        "--interface",
        metavar="ADDRESS",
        parser=IPv4Address,
        help="The address of this machine in the network to search; else all its networks.",
    ),
]


@dataclass(slots=True)
class _Findings:
    """What there was, and what went wrong."""

    nearby: list[Found] = field(default_factory=list)
    of_accounts: list[Found] = field(default_factory=list)
    same: dict[str, str] = field(default_factory=dict)
    """By serial number: under which id such a charger is configured."""
    errors: list[str] = field(default_factory=list)
    accounts_failed: bool = False
    search_failed: bool = False


def command(
    config: ConfigOption = None,
    state_dir: StateDirOption = None,
    seconds: SecondsOption = 3,
    interface: InterfaceOption = None,
) -> None:
    """List the chargers in the local network and of every account; what is configured already is marked.

    Needs no configuration to search the local network.
    """
    settings = load(config, os.environ, chargers_needed=False).settings
    configure(LogLevel.ERROR, LogFormat.AUTO)
    search = Search(seconds=seconds, interface=str(interface) if interface else None)
    findings = asyncio.run(_discover(settings, state_directory(state_dir, os.environ), search))
    for line in [*findings.errors, *_nothing(findings, settings, seconds)]:
        typer.echo(one_line(line), err=True)
    if found := [*findings.nearby, *findings.of_accounts]:
        typer.echo(as_yaml(found, settings, findings.same))
    if findings.errors:
        raise typer.Exit(EXIT_FAILED)


def _nothing(findings: _Findings, settings: Settings, seconds: int) -> list[str]:
    """Return where there was nothing, although it could be asked."""
    said = []
    if seconds and not findings.nearby and not findings.search_failed:
        said.append(f"no charger in the local network answered within {seconds} s; --seconds waits longer")
    if settings.accounts and not findings.of_accounts and not findings.accounts_failed:
        said.append("the accounts have no chargers")
    if not seconds and not settings.accounts:
        said.append("nobody was asked: no accounts are configured, and --seconds 0 leaves the local network out")
    return said


async def _discover(settings: Settings, state_dir: Path, search: Search) -> _Findings:
    findings = _Findings()
    async with Http() as http:
        fleet = Fleet(settings, http, state_dir)
        await asyncio.gather(_look_around(http, search, findings), _ask_accounts(fleet, findings))
        hosts_unknown = [found for found in findings.nearby if found.serial and not configured_as(found, settings)]
        if hosts_unknown:
            findings.same = await _serials_of(fleet)
    return findings


async def _look_around(http: Http, search: Search, findings: _Findings) -> None:
    for vendor in VENDORS.values():
        if vendor.discover is None or not search.seconds:
            continue
        try:
            findings.nearby += await vendor.discover(http, search)
        except ChargerError as error:
            findings.errors.append(error.message)
            findings.search_failed = True


async def _ask_accounts(fleet: Fleet, findings: _Findings) -> None:
    for name in fleet.settings.accounts:
        try:
            findings.of_accounts += [Found(settings=each) for each in await fleet.account(name).discover()]
        except ChargerError as error:
            findings.errors.append(f"account {name}: {error.message}")
            findings.accounts_failed = True


async def _serials_of(fleet: Fleet) -> dict[str, str]:
    """Return the ids of the configured chargers that answer, by their serial numbers.

    They may be configured by a name of the network, or have another address now.
    """
    serials: dict[str, str] = {}
    at_once = asyncio.Semaphore(AT_ONCE)

    async def ask(id_: str) -> None:
        charger = fleet.charger(id_)
        try:
            async with at_once:
                serials.setdefault(charger.identify(await charger.fetch()).serial, id_)
        except (ChargerError, LookupError, TypeError, ValueError):
            pass  # who does not tell cannot be compared
        finally:
            await charger.close()

    unknown = [id_ for id_, own in fleet.settings.chargers.items() if _may_be_nearby(own)]
    tasks = [asyncio.create_task(ask(id_), name=f"ask-{id_}") for id_ in unknown]
    if tasks:
        done, late = await asyncio.wait(tasks, timeout=ASK_S)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)
        for task in done:
            task.result()
    return serials


def _may_be_nearby(own: ChargerSettings) -> bool:
    """Whether it can be found, and nothing but itself tells its serial number."""
    return VENDORS[own.vendor].discover is not None and getattr(own, "serial", None) is None
