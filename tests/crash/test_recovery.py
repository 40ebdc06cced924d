"""How recoveries are told from a journal, and what a run leaves behind is searched."""

from __future__ import annotations

import json
import unicodedata
from datetime import UTC, datetime, timedelta
from math import inf
from pathlib import Path

import pytest

from bridge.engine.survey import Balance
from tools.chaos.comparison import Comparison, Office, compare
from tools.chaos.evidence import told
from tools.chaos.recovery import Fault, Move, Recovery, percentile, recoveries
from tools.chaos.report import as_json, as_text
from tools.chaos.run import Order, Outcome

NOON = datetime(2026, 11, 20, 5, tzinfo=UTC)


def at(second: float) -> datetime:
    return NOON + timedelta(seconds=second)


def fault(second: float, *systems: str) -> Fault:
    return Fault("kill", "daemon", frozenset(systems), at(second), at(second))


MOVES = [
    Move(at(0), "gplx", "sending", 1),
    Move(at(8), "gplx", "in_doubt", 1),
    Move(at(9), "gplx", "sending", 2),
    Move(at(9.5), "gplx", "confirmed", 2),
    Move(at(20), "gplx", "confirmed", 1),
    Move(at(30.5), "yte", "confirmed", 3),
]
WORK: dict[str, list[tuple[datetime, datetime | None]]] = {
    "gplx": [(at(-1), at(20)), (at(5), at(9.5))],
    "yte": [(at(30), at(30.5))],
}


@pytest.mark.parametrize(
    ("moment", "seconds"),
    [
        (1.0, 19.0),  # the first delivery hangs on until it is found
        (-0.5, 10.0),  # nothing is on its way yet, but something waits to be taken
        (25.0, 0.0),  # all is done
    ],
)
def test_a_recovery_ends_when_all_is_settled_and_something_is_taken(
    moment: float, seconds: float
) -> None:
    """Counted from the fault's end to the later of the two."""
    (one,) = recoveries([fault(moment, "gplx")], MOVES, WORK)
    assert one.seconds == pytest.approx(seconds)


def test_what_is_never_settled_is_never_recovered_from() -> None:
    """A delivery that stays in doubt leaves its fault without an end."""
    (one,) = recoveries([fault(1, "gplx")], MOVES[:2], WORK)
    assert one.seconds is None


@pytest.mark.parametrize(("ended", "seconds"), [(None, None), (at(12), 11.0)])
def test_what_is_never_taken_is_no_recovery_of_no_time(
    ended: datetime | None, seconds: float | None
) -> None:
    """Something waited and the system took nothing more: never, or until what waited was ended."""
    (one,) = recoveries([fault(1, "gplx")], [], {"gplx": [(at(0), ended)]})
    assert one.seconds == (None if seconds is None else pytest.approx(seconds))


def test_a_fault_counts_only_for_the_systems_it_reached() -> None:
    """What another system had on its way is none of its business."""
    (one,) = recoveries([fault(1, "yte")], MOVES, WORK)
    assert one.seconds == pytest.approx(0.5)


def test_percentiles_are_values_that_were_measured() -> None:
    """Nearest rank: the 99th of a hundred is the ninety-ninth, of ten the last."""
    assert percentile([float(n) for n in range(1, 101)], 0.99) == 99
    assert percentile([float(n) for n in range(1, 11)], 0.99) == 10
    assert percentile([1.0, 2.0, 3.0], 0.5) == 2
    assert percentile([], 0.99) == 0.0


NAME = "Nguyễn Thị Mẫu"


@pytest.mark.parametrize(
    "line",
    [
        json.dumps({"reason": f"no such person: {NAME}!"}),
        json.dumps({"reason": unicodedata.normalize("NFD", NAME)}, ensure_ascii=False),
        f"plain text about {NAME}",
    ],
)
def test_a_personal_value_is_found_however_it_is_written(tmp_path: Path, line: str) -> None:
    """Escaped, decomposed, in the middle of a text: the place is named, the value is not."""
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "a.jsonl").write_text(f"{{}}\n{line}\n", encoding="utf-8")
    (tmp_path / "documents.pdf").write_text(NAME, encoding="utf-8")
    assert told(tmp_path, {NAME, "036090001234"}) == ["logs/a.jsonl:2"]
    assert told(tmp_path, {"036090001234"}) == []


def test_what_is_lost_or_there_twice_or_unlike_is_told_apart() -> None:
    """One dossier each way, by code and system alone."""
    row = {
        "procedure_code": "1.002835",
        "status": 2,
        "applicant_name": NAME,
        "ministry_ref": None,
    }
    office = Office({code: {"code": code, **row} for code in "ABC"}, {"A": [2], "B": [2], "C": [2]})
    body = {"ChuHoSo": NAME, "NguoiNop": {"HoTen": "Trần Văn Mẫu"}}

    def record(code: str, steps: int = 1) -> dict[str, object]:
        shown = [{"TrangThai": "2"}] * steps
        return {"ref": f"R{code}", "code": code, "status": 2, "body": body, "steps": shown}

    held = {
        "dvcqg": [record("A"), record("B", 2), record("C", 0)],
        "gplx": [record("A"), record("B"), record("B"), record("D")],
    }
    found = compare(office, held)
    assert found.lost == [
        "one-stop: gplx D is not there",
        "gplx: C is not there",
        "dvcqg: C shows [], ours [2]",
    ]
    assert found.twice == ["gplx: B is there 2 times", "dvcqg: B shows [2, 2], ours [2]"]
    assert found.unlike == ["gplx: A has another applicant"]
    assert not found.good


def test_a_report_of_a_fault_never_recovered_from_is_json(tmp_path: Path) -> None:
    """It has no number that JSON does not know: such a time is null, and such faults are counted."""
    found = [Recovery(fault(9), 1.5, 1.5), Recovery(fault(9), inf, None)]
    outcome = Outcome(
        order=Order("sqlite", 10, 60, 7, 0),
        folder=tmp_path,
        seconds=60.0,
        rest_seconds=None,
        moved=0,
        known=0,
        comparison=Comparison(),
        recoveries=found,
        balance=Balance(0, 0, 0, 0, 0, 0, 0),
        quarantined=0,
        entries=1,
        broken=None,
        told=[],
        unasked=[],
        exit_code=0,
    )
    said = json.loads(json.dumps(as_json(outcome), allow_nan=False))
    assert (said["recovery_p99"], said["never_recovered"], said["good"]) == (None, 1, False)
    assert said["faults"]["kill"] == {
        "times": 2,
        "p50": 1.5,
        "p99": None,
        "most": None,
        "never": 1,
    }
    assert "never" in as_text(outcome)
