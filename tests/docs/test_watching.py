"""docs/watching.md tells of every rule and every metric, as they are."""

from __future__ import annotations

import re
from pathlib import Path

from bridge.domain.alerts import TABLE
from bridge.metrics import Metrics
from tests.journey.test_alerts import watched

PAGE = (Path(__file__).parents[2] / "docs" / "watching.md").read_text(encoding="utf-8")


def test_every_rule_is_told_with_its_default() -> None:
    """A row of the table a rule: its key, its thresholds, how grave it is at the last."""
    rows = {key: (default, told) for key, default, told in _rows()}
    assert list(rows) == [row.key for row in TABLE]
    for row in TABLE:
        default, told = rows[row.key]
        assert default == ", ".join(f"{one:g}" for one in row.defaults)
        assert told.endswith(row.severities[-1].value)


def _rows() -> list[tuple[str, str, str]]:
    return re.findall(r"^\| [^|]+ \| `(\w+)` \| ([\d, ]+) \| ([^|]+) \|$", PAGE, re.MULTILINE)


def test_every_metric_is_told(tmp_path: Path) -> None:
    """What a monitor reads is on the page, by name or by its last words."""
    with watched(tmp_path) as (town, _, _):
        exposed = Metrics(town.house).exposition().decode()
    names = set(re.findall(r"^# TYPE dossier_bridge_(\w+) ", exposed, re.MULTILINE))
    assert names
    assert {one for one in names if f"_{one}" not in PAGE} == set()
