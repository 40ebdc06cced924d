"""What a monitor reads: every count of ``status``, and what the watch knows. No personal value.

At a million deliveries the counting takes most of two tenths of a second, so an answer serves
whoever asks again within a few seconds.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from prometheus_client import CollectorRegistry, Metric, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from bridge.domain.alerts import Matter, Opened, Severity
from bridge.domain.stage import Stage
from bridge.engine import survey
from bridge.engine.house import House
from bridge.engine.survey import Standing
from bridge.engine.watch.observe import Tallies, tallies, unaccounted
from bridge.store import Brake, Certificate, ReceiverState
from bridge.store import systems as words

__all__ = ["Metrics"]

_STATES = (
    "pending",
    "held",
    "in_flight",
    "accepted",
    "in_doubt",
    "dead",
    "confirmed",
    "superseded",
    "dropped",
)
_BRAKES = (words.RUNNING, words.PAUSED, words.HELD, words.MAINTENANCE, words.UNREACHABLE)
_OF_SYSTEM: Mapping[str, tuple[str, str]] = {
    "posted": ("posted", "Deliveries ever posted: the sum of all states"),
    "conflicts": ("conflicts", "Open conflicts"),
    "quarantined": ("quarantined", "Records that could not be read"),
    "overdue": ("overdue", "Deliveries whose answer is past its deadline"),
    "orphans": ("orphans", "Links whose dossier was deleted in the one-stop"),
    "unanswered": ("unanswered", "Dossiers not sent, for the system gives no answer about them"),
    "differing": ("differing", "Dossiers in which both sides differed in the last night"),
    "lag_seconds": ("lag_seconds", "Age of the oldest item that waits"),
}
_DAY = timedelta(days=1)
KEPT = timedelta(seconds=5)
"""How long an answer serves whoever asks again."""


class Metrics:
    """The metrics of a house, in the text format of Prometheus."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._lock = threading.Lock()
        self._made: tuple[datetime, bytes] | None = None

    def exposition(self) -> bytes:
        """Return the metrics as they were at most a few seconds ago.

        Raises:
            StoreFault: the store does not answer.
        """
        with self._lock:
            now = self._house.now()
            if self._made is None or not self._made[0] <= now < self._made[0] + KEPT:
                registry = CollectorRegistry()
                registry.register(_Collected(list(_families(self._house))))
                self._made = now, generate_latest(registry)
            return self._made[1]


class _Collected(Collector):
    def __init__(self, families: Sequence[Metric]) -> None:
        self._families = families

    def collect(self) -> Iterable[Metric]:
        return self._families


def _families(house: House) -> Iterator[Metric]:
    """Yield everything, of one state of the store."""
    with house.store.read() as unit:
        standings = survey.standings_in(unit, house)
        yield from _of_systems(standings)
        yield from _deliveries(standings)
        yield _brakes(standings, unit.systems.all())
        yield _stages(standings)
        counted = tallies(unit)
        if counted is not None:
            yield _unaccounted(counted, standings)
            yield _events(counted)
        yield _certificates(unit.watched.certificates(), unit.now)
        yield _alerts(unit.alerts.open())
        yield from _receivers(unit.alerts.receivers())


def _gauge(name: str, text: str, *labels: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"dossier_bridge_{name}", text, labels=labels)


def _of_systems(standings: Sequence[Standing]) -> Iterator[Metric]:
    for attribute, (name, text) in _OF_SYSTEM.items():
        family = _gauge(name, text, "system")
        for one in standings:
            if (amount := getattr(one, attribute)) is not None:
                family.add_metric([one.name], amount)
        yield family
    up = _gauge("system_up", "1 while the system may be called", "system")
    for one in standings:
        up.add_metric([one.name], float(one.state == words.RUNNING))
    yield up


def _deliveries(standings: Sequence[Standing]) -> Iterator[Metric]:
    deliveries = _gauge("deliveries", "Deliveries by system and state", "system", "state")
    oldest = _gauge(
        "oldest_seconds",
        "Age of the oldest delivery by system and state; in doubt and dead: since it was last sent",
        "system",
        "state",
    )
    for one in standings:
        for state in _STATES:
            deliveries.add_metric([one.name, state], getattr(one, state))
        for state, seconds in one.oldest.items():
            oldest.add_metric([one.name, state], seconds)
    yield deliveries
    yield oldest


def _unaccounted(counted: Tallies, standings: Sequence[Standing]) -> Metric:
    family = _gauge(
        "unaccounted",
        "Deliveries posted by the journal, less those in any state: 0, or something is lost",
        "system",
    )
    for system, count in unaccounted(counted, standings).items():
        family.add_metric([system], count)
    return family


def _brakes(standings: Sequence[Standing], brakes: Mapping[str, Brake]) -> Metric:
    """Return 1 for the state each system is in, by what was last learnt of it, 0 for the others."""
    family = _gauge("system_state", "1 for the state a system is in", "system", "state")
    for one in standings:
        state = brakes[one.name].state if one.name in brakes else words.RUNNING
        for word in dict.fromkeys((*_BRAKES, state)):
            family.add_metric([one.name, word], float(word == state))
    return family


def _stages(standings: Sequence[Standing]) -> Metric:
    """Return 1 for the stage each system is at, 0 for the others."""
    family = _gauge("system_stage", "1 for how far a system is let in", "system", "stage")
    for one in standings:
        for stage in Stage:
            family.add_metric([one.name, stage.value], float(one.stage is stage))
    return family


def _events(counted: Tallies) -> Metric:
    family = CounterMetricFamily(
        "dossier_bridge_events",
        "What happened, by the journal: rates are made of these",
        labels=["system", "event"],
    )
    for (system, event), tally in sorted(counted.items()):
        family.add_metric([system, event], tally.entries)
    return family


def _certificates(found: Sequence[Certificate], now: datetime) -> Metric:
    family = _gauge("certificate_days_left", "Days until a certificate ends", "system", "place")
    for one in found:
        if one.ends_at is not None:
            family.add_metric([one.system, one.place], (one.ends_at - now) / _DAY)
    return family


def _alerts(alerts: Sequence[Opened]) -> Metric:
    family = _gauge("alerts_open", "Alerts that are open", "matter", "severity")
    counts = Counter((one.matter, one.severity) for one in alerts)
    for matter in Matter:
        for severity in Severity:
            family.add_metric([matter.value, severity.value], counts[matter, severity])
    return family


def _receivers(receivers: Sequence[ReceiverState]) -> Iterator[Metric]:
    waiting = _gauge("messages_waiting", "Messages a receiver was not told yet", "receiver")
    failing = _gauge("receiver_failing", "1 while a receiver can't be told", "receiver")
    for one in receivers:
        waiting.add_metric([one.name], one.waiting)
        failing.add_metric([one.name], float(one.trouble is not None))
    yield waiting
    yield failing
