"""What `/metrics` exposes, as Prometheus' own parser understands it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest
from prometheus_client import Metric
from prometheus_client.openmetrics.exposition import generate_latest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics
from prometheus_client.parser import text_string_to_metric_families as parse

from bridge.charger.contract import AccountHealth, Identity
from bridge.charger.values import Json
from bridge.engine.histogram import of_lag
from bridge.engine.results import Outcome
from bridge.engine.view import LastError
from bridge.errors import Code
from bridge.web.metrics import Metrics
from tests.web.conftest import Bridge

STARTED = 1_780_000_000.0

GARAGE = {"charger": "garage", "vendor": "go-e"}


class Scrape:
    """One answer of `/metrics`, parsed."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.families: dict[str, Metric] = {family.name: family for family in parse(text)}

    def value(self, sample: str, labels: Mapping[str, str] | None = None) -> float | None:
        """Return a sample's value, None when it is not there."""
        for family in self.families.values():
            for found in family.samples:
                if found.name == sample and found.labels == (labels or {}):
                    return found.value
        return None

    def labels(self, sample: str) -> list[Mapping[str, str]]:
        """Return the labels of every sample of this name."""
        samples = [found for family in self.families.values() for found in family.samples]
        return [found.labels for found in samples if found.name == sample]


class PretendAccount:
    """An account with a budget."""

    name = "home"

    def health(self) -> AccountHealth:
        """Tell of a different number in each place."""
        return AccountHealth(reads_left=2, writes_left=3, reset_in_s=4.0, login="valid", expires_at=None)

    def may_write_at(self) -> float:
        """At once."""
        return 0.0

    def abandon(self) -> None:
        """Nobody waits."""

    async def discover(self) -> list[Mapping[str, Json]]:
        """It has none."""
        return []


async def _scrape(http: aiohttp.ClientSession) -> Scrape:
    async with http.get("/metrics") as response:
        assert response.status == 200
        assert response.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
        return Scrape(await response.text())


def _busy(bridge: Bridge) -> None:
    """Fill a charger with a different number in each place."""
    bridge.traffic.connected = True
    bridge.traffic.received, bridge.traffic.published, bridge.traffic.reconnects = 11, 12, 13
    view = bridge.add("garage")
    view.available = True
    view.identity = Identity(
        serial="SERIAL-007", vendor="go-e", manufacturer="go-e", model='HOME "22"\\', firmware="59.4"
    )
    health = view.health
    health.last_success = datetime.now(UTC) - timedelta(seconds=90)
    health.last_error = LastError(code=Code.VENDOR_REFUSED, message="to 192.0.2.7: no", moment=datetime.now(UTC))
    health.consecutive_failures, health.latency_ms, health.interval_s = 3, 250, 7.5
    for seconds in (0.04, 0.04, 0.2, 40.0):
        health.reads.observe(seconds)
    health.command_times.observe(2.0)
    health.read_failures[Code.VENDOR_REFUSED] = 3
    health.read_failures[Code.WRONG_STATE] = 1
    health.commands[Outcome.CONFIRMED, Code.OK] = 5
    health.commands[Outcome.REJECTED, Code.OUT_OF_RANGE] = 2


async def test_how_late_the_event_loop_is(http: aiohttp.ClientSession) -> None:
    """Counted while the server runs; something that holds it up for a while is seen."""
    name = "charger2mqtt_event_loop_lag_seconds"
    time.sleep(0.6)  # noqa: ASYNC251 - this is what holds it up
    async with asyncio.timeout(10):
        while not (await _scrape(http)).value(f"{name}_count"):
            await asyncio.sleep(0.01)
    scrape = await _scrape(http)
    late = (scrape.value(f"{name}_count") or 0) - (scrape.value(f"{name}_bucket", {"le": "0.5"}) or 0)
    assert late >= 1
    assert (scrape.value(f"{name}_sum") or 0) > 0.5


@pytest.mark.parametrize(
    ("sample", "labels", "expected"),
    [
        ("mqtt_connected", {}, 1),
        ("mqtt_messages_received_total", {}, 11),
        ("mqtt_messages_published_total", {}, 12),
        ("mqtt_reconnects_total", {}, 13),
        ("charger_info", {**GARAGE, "model": 'HOME "22"\\', "firmware": "59.4"}, 1),
        ("charger_available", GARAGE, 1),
        ("consecutive_read_failures", GARAGE, 3),
        ("read_latency_seconds", GARAGE, 0.25),
        ("poll_interval_seconds", GARAGE, 7.5),
        ("reads_total", GARAGE, 4),
        ("read_duration_seconds_sum", GARAGE, 40.28),
        ("read_duration_seconds_count", GARAGE, 4),
        ("read_duration_seconds_bucket", GARAGE | {"le": "0.05"}, 2),
        ("read_duration_seconds_bucket", GARAGE | {"le": "0.25"}, 3),
        ("read_duration_seconds_bucket", GARAGE | {"le": "30.0"}, 3),
        ("read_duration_seconds_bucket", GARAGE | {"le": "+Inf"}, 4),
        ("command_duration_seconds_sum", GARAGE, 2.0),
        ("read_failures_total", {**GARAGE, "code": "vendor_refused"}, 3),
        ("read_failures_total", {**GARAGE, "code": "wrong_state"}, 1),
        ("commands_total", {**GARAGE, "status": "confirmed", "code": "ok"}, 5),
        ("commands_total", {**GARAGE, "status": "rejected", "code": "out_of_range"}, 2),
    ],
)
async def test_each_counter_has_its_metric(
    bridge: Bridge, http: aiohttp.ClientSession, sample: str, labels: Mapping[str, str], expected: float
) -> None:
    """What the bridge counts arrives under its documented name, in base units."""
    _busy(bridge)

    assert (await _scrape(http)).value(f"charger2mqtt_{sample}", labels) == expected


async def test_data_age_grows_by_itself(bridge: Bridge, http: aiohttp.ClientSession) -> None:
    """The age is that of the last good read at the moment of the scrape."""
    _busy(bridge)

    age = (await _scrape(http)).value("charger2mqtt_data_age_seconds", GARAGE)

    assert age is not None
    assert 90 <= age < 100


async def test_a_clock_set_back_makes_no_negative_age(bridge: Bridge, http: aiohttp.ClientSession) -> None:
    """Data from the future are new."""
    bridge.add("garage").health.last_success = datetime.now(UTC) + timedelta(hours=1)

    assert (await _scrape(http)).value("charger2mqtt_data_age_seconds", GARAGE) == 0


async def test_what_is_not_known_has_no_sample(bridge: Bridge, http: aiohttp.ClientSession) -> None:
    """Before the first read there is no age, latency or model, and no invented 0 either; counters are at 0."""
    bridge.add("garage")

    scrape = await _scrape(http)

    unknown = ("data_age_seconds", "read_latency_seconds", "poll_interval_seconds", "charger_info")
    assert [scrape.labels(f"charger2mqtt_{name}") for name in unknown] == [[], [], [], []]
    assert scrape.value("charger2mqtt_charger_available", GARAGE) == 0
    assert scrape.value("charger2mqtt_reads_total", GARAGE) == 0


async def test_usual_failures_start_at_zero(bridge: Bridge, http: aiohttp.ClientSession) -> None:
    """The first failure of a usual kind shows as an increase."""
    bridge.add("garage")

    scrape = await _scrape(http)

    assert scrape.value("charger2mqtt_read_failures_total", {**GARAGE, "code": "vendor_unreachable"}) == 0
    outcome = {"status": "failed", "code": "vendor_unreachable"}
    assert scrape.value("charger2mqtt_commands_total", GARAGE | outcome) == 0


async def test_every_charger_has_its_own_series(bridge: Bridge, http: aiohttp.ClientSession) -> None:
    """Several chargers share a metric and differ in labels; one that is removed is gone."""
    bridge.add("garage")
    bridge.add("street", vendor="wallbox")
    both = (await _scrape(http)).labels("charger2mqtt_reads_total")
    del bridge.views[0]
    one = (await _scrape(http)).labels("charger2mqtt_reads_total")

    assert both == [GARAGE, {"charger": "street", "vendor": "wallbox"}]
    assert one == [{"charger": "street", "vendor": "wallbox"}]


async def test_the_build_is_named(http: aiohttp.ClientSession) -> None:
    """Version and start time are there without any charger, and so are the process' own numbers."""
    scrape = await _scrape(http)

    (build,) = scrape.labels("charger2mqtt_build_info")
    assert build["version"] == "1.2.3"
    assert set(build) == {"version", "python"}
    started = scrape.value("charger2mqtt_start_time_seconds")
    assert started is not None
    assert 0 <= datetime.now(UTC).timestamp() - started < 60
    assert scrape.value("process_resident_memory_bytes")


async def test_no_serial_and_no_text_of_an_error_gets_out(bridge: Bridge, http: aiohttp.ClientSession) -> None:
    """Whoever reaches the port learns neither serial numbers nor addresses."""
    _busy(bridge)

    scrape = await _scrape(http)

    assert "SERIAL-007" not in scrape.text
    assert "192.0.2.7" not in scrape.text


def _metrics(bridge: Bridge) -> Metrics:
    return Metrics(lambda: bridge.views, lambda: bridge.accounts, bridge.traffic, "1.2.3", STARTED, of_lag())


def test_names_follow_the_conventions(bridge: Bridge) -> None:
    """Our prefix, `_total` on counters and on nothing else, base units, and a sentence of help for each."""
    _busy(bridge)
    bridge.accounts.append(PretendAccount())

    for family in _metrics(bridge).collect():
        assert family.name.startswith("charger2mqtt_")
        assert family.documentation.endswith(".")
        assert family.type in {"counter", "gauge", "histogram", "info"}
        assert not family.name.endswith(("_ms", "_milliseconds", "_minutes", "_kb", "_total", "_count", "_info"))
        endings = {"counter": ["_total"], "info": ["_info"], "gauge": [""], "histogram": ["_bucket", "_count", "_sum"]}
        assert {sample.name for sample in family.samples} == {family.name + end for end in endings[family.type]}


def test_the_stricter_format_accepts_them_too(bridge: Bridge) -> None:
    """The parser of OpenMetrics, which refuses doubled series and misnamed counters, reads everything."""
    _busy(bridge)
    bridge.add("street")
    metrics = _metrics(bridge)

    text = generate_latest(metrics.registry).decode()  # type: ignore[no-untyped-call]
    families = list(parse_openmetrics(text))  # type: ignore[no-untyped-call]

    assert {family.name for family in families} >= {family.name for family in metrics.collect()}


def test_every_metric_is_documented(bridge: Bridge, pytestconfig: pytest.Config) -> None:
    """The table for users has a row for each metric."""
    page = (pytestconfig.rootpath / "docs" / "metrics.md").read_text()
    ending = {"counter": "_total", "info": "_info"}

    names = [family.name + ending.get(family.type, "") for family in _metrics(bridge).collect()]

    assert [name for name in names if f"`{name}`" not in page] == []


def test_budgets_of_accounts(bridge: Bridge) -> None:
    """What an account may still do, and whether it is signed in."""
    bridge.accounts.append(PretendAccount())
    scrape = Scrape(_metrics(bridge).text().decode())
    names = ("account_reads_left", "account_writes_left", "account_login_valid")
    assert [scrape.value(f"charger2mqtt_{name}", {"account": "home"}) for name in names] == [2, 3, 1]
