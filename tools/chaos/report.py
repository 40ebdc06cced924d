"""A run as a table for people and as JSON for machines."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from math import inf
from typing import Any

from tools.chaos.recovery import Recovery, percentile
from tools.chaos.run import Outcome

GOAL_SECONDS = 30.0
"""Within how many seconds 99 of 100 faults are recovered from, with nobody's help."""

NEVER = inf
"""What a fault took that was never recovered from: more than any other."""

SHOWN = 10


def in_time(outcome: Outcome) -> bool:
    """Tell whether the goal for recovery is met."""
    return _p99(outcome.recoveries) <= GOAL_SECONDS


def as_json(outcome: Outcome) -> dict[str, Any]:
    """Return everything that was measured; a time that never came is ``None``, and counted."""
    order, found = outcome.order, outcome.comparison
    return {
        "database": order.database,
        "seed": order.seed,
        "keyed": order.dossiers,
        "known": outcome.known,
        "dossiers": found.compared,
        "imported": outcome.balance.imported,
        "moved": outcome.moved,
        "seconds": round(outcome.seconds, 1),
        "rest_seconds": outcome.rest_seconds and round(outcome.rest_seconds, 1),
        "lost": len(found.lost),
        "duplicated": len(found.twice),
        "unlike": len(found.unlike),
        "conflicts": outcome.balance.conflicts,
        "dead": outcome.balance.dead,
        "in_doubt": outcome.balance.in_doubt,
        "waiting": outcome.balance.waiting,
        "quarantined": outcome.quarantined,
        "journal_entries": outcome.entries,
        "journal_broken_at": outcome.broken,
        "personal_values_told": len(outcome.told),
        "ended_unasked": outcome.unasked,
        "exit_code": outcome.exit_code,
        "faults": _by_kind(outcome.recoveries),
        "recovery_p99": _said(_p99(outcome.recoveries), 1),
        "never_recovered": sum(one.seconds is None for one in outcome.recoveries),
        "good": outcome.good and in_time(outcome),
        "findings": (found.findings + outcome.told)[:1000],
    }


def as_text(outcome: Outcome) -> str:
    """Return the table."""
    said = as_json(outcome)
    lines = [
        _head(said),
        f"{'fault':<20}{'times':>7}{'p50 s':>9}{'p99 s':>9}{'most s':>9}{'never':>7}",
        *(_row(kind, row) for kind, row in said["faults"].items()),
        *_verdict(said),
    ]
    lines += [f"  {one}" for one in said["findings"][:SHOWN]]
    if said["ended_unasked"]:
        lines.append(f"  the daemon ended by itself: {said['ended_unasked']}")
    lines.append("good" if said["good"] else "NOT GOOD")
    return "\n".join(lines)


def _head(said: Mapping[str, Any]) -> str:
    return (
        f"chaos on {said['database']}, seed {said['seed']}: {said['dossiers']} dossiers"
        f" ({said['imported']} keyed only at a ministry), {said['moved']} moves of ministries,"
        f" {said['seconds']:.0f} s"
    )


def _row(kind: str, row: Mapping[str, float | None]) -> str:
    times = "".join(f"{_told(row[key]):>9}" for key in ("p50", "p99", "most"))
    return f"{kind:<20}{row['times']:>7}{times}{row['never']:>7}"


def _told(seconds: float | None) -> str:
    return "never" if seconds is None else f"{seconds:.1f}"


def _verdict(said: Mapping[str, Any]) -> Iterator[str]:
    rest, broken = said["rest_seconds"], said["journal_broken_at"]
    yield (
        f"lost {said['lost']}, duplicated {said['duplicated']}, unlike {said['unlike']};"
        f" conflicts {said['conflicts']}, dead {said['dead']}, in doubt {said['in_doubt']},"
        f" waiting {said['waiting']}, quarantined {said['quarantined']}"
    )
    yield (
        f"recovered p99 {_told(said['recovery_p99'])} s (goal {GOAL_SECONDS:.0f}),"
        f" never {said['never_recovered']};"
        f" both sides the same {'never' if rest is None else f'{rest:.0f} s'} after the last fault"
    )
    yield (
        f"journal of {said['journal_entries']} entries"
        f" {'whole' if broken is None else f'broken at {broken}'};"
        f" personal values in logs, metrics, journal: {said['personal_values_told']}"
    )


def _by_kind(recoveries: list[Recovery]) -> dict[str, dict[str, float | None]]:
    seconds: dict[str, list[float]] = defaultdict(list)
    for one in recoveries:
        seconds[one.fault.kind].append(_seconds(one))
    return {
        kind: {
            "times": len(values),
            "p50": _said(percentile(values, 0.5)),
            "p99": _said(percentile(values, 0.99)),
            "most": _said(max(values)),
            "never": values.count(NEVER),
        }
        for kind, values in sorted(seconds.items())
    }


def _p99(recoveries: list[Recovery]) -> float:
    return percentile([_seconds(one) for one in recoveries], 0.99)


def _seconds(one: Recovery) -> float:
    return NEVER if one.seconds is None else one.seconds


def _said(seconds: float, digits: int = 2) -> float | None:
    """Return seconds as JSON has them: it knows no time that never comes."""
    return None if seconds == NEVER else round(seconds, digits)
