"""What a monitor reads: every count of ``status``, fresh at each scrape. No personal value."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from bridge.engine import survey
from bridge.engine.house import House

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


class _Standings(Collector):
    def __init__(self, house: House) -> None:
        self._house = house

    def collect(self) -> Iterator[GaugeMetricFamily]:
        deliveries = GaugeMetricFamily(
            "dossier_bridge_deliveries",
            "Deliveries by system and state",
            labels=["system", "state"],
        )
        posted = _gauge("posted", "Deliveries ever posted: the sum of all states")
        conflicts = _gauge("conflicts", "Open conflicts")
        quarantined = _gauge("quarantined", "Records that could not be read")
        overdue = _gauge("overdue", "Deliveries whose answer is past its deadline")
        orphans = _gauge("orphans", "Links whose dossier was deleted in the one-stop")
        lag = _gauge("lag_seconds", "Age of the oldest item that waits")
        up = _gauge("system_up", "1 while the system may be called")
        for one in survey.standings(self._house):
            for state in _STATES:
                deliveries.add_metric([one.name, state], getattr(one, state))
            posted.add_metric([one.name], one.posted)
            conflicts.add_metric([one.name], one.conflicts)
            quarantined.add_metric([one.name], one.quarantined)
            overdue.add_metric([one.name], one.overdue)
            orphans.add_metric([one.name], one.orphans)
            lag.add_metric([one.name], one.lag_seconds)
            up.add_metric([one.name], float(one.state == "running"))
        yield from (deliveries, posted, conflicts, quarantined, overdue, orphans, lag, up)


def _gauge(name: str, text: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"dossier_bridge_{name}", text, labels=["system"])


def exposition(house: House) -> bytes:
    """Return the metrics in the text format of Prometheus."""
    registry = CollectorRegistry()
    registry.register(_Standings(house))
    return generate_latest(registry)
