"""Prometheus metrics, made from what is known at the moment of a scrape: nothing is counted here.

`docs/metrics.md` explains each of them to users. The text of an error never becomes a label: every new wording would be
a series of its own.
"""

from __future__ import annotations

import platform
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import accumulate

from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from bridge.charger.contract import Account, AccountHealth
from bridge.engine.histogram import Histogram
from bridge.engine.results import Outcome
from bridge.engine.view import ChargerView
from bridge.errors import Code
from bridge.web.broker_watch import Traffic

_PREFIX = "charger2mqtt_"
_CHARGER = ("charger", "vendor")

_USUAL_READ_FAILURES = (Code.VENDOR_UNREACHABLE, Code.VENDOR_REFUSED, Code.NOT_PERMITTED, Code.RATE_LIMITED)
_USUAL_RESULTS = (
    (Outcome.CONFIRMED, Code.OK),
    (Outcome.UNCONFIRMED, Code.NOT_CONFIRMED),
    (Outcome.FAILED, Code.VENDOR_UNREACHABLE),
)
"""These are there with 0 from the start, because a series that begins at 1 hides its first event from `increase()`."""


class Metrics(Collector):
    """Reads the chargers and the broker session whenever it is scraped."""

    content_type = "text/plain; version=0.0.4; charset=utf-8"
    """The one format that every Prometheus reads; the newer one has nothing that these metrics need."""

    def __init__(
        self,
        views: Callable[[], Iterable[ChargerView]],
        accounts: Callable[[], Iterable[Account]],
        traffic: Traffic,
        version: str,
        started: float,
        lags: Histogram,
    ) -> None:
        """Keep where to look; the registry is our own, so that nothing else in the process adds to it."""
        self._views = views
        self._accounts = accounts
        self._traffic = traffic
        self._version = version
        self._started = started
        self._lags = lags
        self.registry = CollectorRegistry()
        self.registry.register(self)
        ProcessCollector(registry=self.registry)

    def text(self) -> bytes:
        """Return everything in the exposition format."""
        return generate_latest(self.registry)

    def collect(self) -> Iterator[Metric]:
        """Return every metric as of now."""
        views = tuple(self._views())
        yield from self._bridge()
        yield from self._broker()
        yield _histogram("event_loop_lag_seconds", "How late the event loop is, looked at once a second.", self._lags)
        yield from _chargers(views)
        yield from _durations(views)
        yield _read_failures(views)
        yield _commands(views)
        yield from _account_budgets(tuple(self._accounts()))

    def _bridge(self) -> Iterator[Metric]:
        build = {"version": self._version, "python": platform.python_version()}
        yield InfoMetricFamily(_PREFIX + "build", "What is running.", value=build)
        yield GaugeMetricFamily(
            _PREFIX + "start_time_seconds", "When the bridge was started, in Unix time.", value=self._started
        )

    def _broker(self) -> Iterator[Metric]:
        traffic = self._traffic
        yield GaugeMetricFamily(
            _PREFIX + "mqtt_connected", "Whether the session with the broker stands.", value=traffic.connected
        )
        yield CounterMetricFamily(
            _PREFIX + "mqtt_messages_received_total", "Messages from the broker.", value=traffic.received
        )
        yield CounterMetricFamily(
            _PREFIX + "mqtt_messages_published_total", "Messages to the broker.", value=traffic.published
        )
        yield CounterMetricFamily(
            _PREFIX + "mqtt_reconnects_total", "Sessions with the broker after the first.", value=traffic.reconnects
        )


_GAUGES: Sequence[tuple[str, str, Callable[[ChargerView], float | None]]] = (
    ("charger_available", "Whether the charger counts as online.", lambda view: view.available),
    ("data_age_seconds", "Time since the last good read.", lambda view: _age_s(view.health.last_success)),
    ("read_latency_seconds", "How long the last good read took.", lambda view: _seconds(view.health.latency_ms)),
    ("consecutive_read_failures", "Failed reads since the last good one.", lambda v: v.health.consecutive_failures),
    (
        "poll_interval_seconds",
        "Time between two reads, as of the last one.",
        lambda view: view.health.interval_s or None,
    ),
)
_COUNTERS: Sequence[tuple[str, str, Callable[[ChargerView], float]]] = (
    ("reads_total", "Reads of the charger, good and failed.", lambda view: view.health.reads.number),
)
"""Name, what it means, and where it comes from; None where it is not known, which is no sample rather than a 0."""


def _chargers(views: Sequence[ChargerView]) -> Iterator[Metric]:
    about = InfoMetricFamily(_PREFIX + "charger", "What the charger says it is.", labels=_CHARGER)
    for view in views:
        if view.identity is not None:
            found = {"model": view.identity.model or "", "firmware": view.identity.firmware or ""}
            about.add_metric((view.id, view.vendor), found)
    yield about
    for name, text, value in _GAUGES:
        gauge = GaugeMetricFamily(_PREFIX + name, text, labels=_CHARGER)
        for view in views:
            known = value(view)
            if known is not None:
                gauge.add_metric((view.id, view.vendor), known)
        yield gauge
    for name, text, count in _COUNTERS:
        counter = CounterMetricFamily(_PREFIX + name, text, labels=_CHARGER)
        for view in views:
            counter.add_metric((view.id, view.vendor), count(view))
        yield counter


_HISTOGRAMS: Sequence[tuple[str, str, Callable[[ChargerView], Histogram]]] = (
    ("read_duration_seconds", "How long reads took, good and failed.", lambda view: view.health.reads),
    ("command_duration_seconds", "From a command's message to its final result.", lambda v: v.health.command_times),
)


def _durations(views: Sequence[ChargerView]) -> Iterator[Metric]:
    for name, text, durations in _HISTOGRAMS:
        family = HistogramMetricFamily(_PREFIX + name, text, labels=_CHARGER)
        for view in views:
            found = durations(view)
            family.add_metric((view.id, view.vendor), _buckets(found), found.total)
        yield family


def _histogram(name: str, text: str, durations: Histogram) -> Metric:
    return HistogramMetricFamily(_PREFIX + name, text, buckets=_buckets(durations), sum_value=durations.total)


def _buckets(durations: Histogram) -> list[tuple[str, float]]:
    """Return the classes as Prometheus counts them: each with all that are smaller."""
    names = [*(repr(float(limit)) for limit in durations.limits), "+Inf"]
    return list(zip(names, accumulate(durations.counts), strict=True))


def _read_failures(views: Sequence[ChargerView]) -> Metric:
    family = CounterMetricFamily(_PREFIX + "read_failures_total", "Failed reads by kind.", labels=(*_CHARGER, "code"))
    for view in views:
        failures = dict.fromkeys(_USUAL_READ_FAILURES, 0) | view.health.read_failures
        for code, count in failures.items():
            family.add_metric((view.id, view.vendor, code.value), count)
    return family


def _commands(views: Sequence[ChargerView]) -> Metric:
    labels = (*_CHARGER, "status", "code")
    family = CounterMetricFamily(_PREFIX + "commands_total", "Final results of commands.", labels=labels)
    for view in views:
        results = dict.fromkeys(_USUAL_RESULTS, 0) | view.health.commands
        for (status, code), count in results.items():
            family.add_metric((view.id, view.vendor, str(status), code.value), count)
    return family


_ACCOUNT_GAUGES: Sequence[tuple[str, str, Callable[[AccountHealth], float | None]]] = (
    ("account_reads_left", "Reads that the account may make right now.", lambda known: known.reads_left),
    ("account_writes_left", "Writes that the account may make right now.", lambda known: known.writes_left),
    ("account_login_valid", "Whether the account has a token that has not ended.", lambda k: k.login == "valid"),
)


def _account_budgets(accounts: Sequence[Account]) -> Iterator[Metric]:
    health = {account.name: account.health() for account in accounts}
    for name, text, value in _ACCOUNT_GAUGES:
        gauge = GaugeMetricFamily(_PREFIX + name, text, labels=("account",))
        for account, known in health.items():
            found = value(known)
            if found is not None:
                gauge.add_metric((account,), found)
        yield gauge


def _age_s(moment: datetime | None) -> float | None:
    # A wall clock can be set back; an age below 0 would be nonsense.
    return None if moment is None else max(0.0, (datetime.now(UTC) - moment).total_seconds())


def _seconds(milliseconds: int | None) -> float | None:
    return None if milliseconds is None else milliseconds / 1000
