"""``status``: a line a system, each delivery in one column, and whether a person is needed."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bridge.cli.status import _age
from bridge.daemon import Daemon
from bridge.sdk.rehearsal import Fault
from bridge.store import upgrade
from tests.journey.town import GPLX, VIETNAM, Town

from .conftest import Call

COLUMNS = [
    "pending",
    "held",
    "in_flight",
    "accepted",
    "in_doubt",
    "dead",
    "conflicts",
    "quarantined",
    "confirmed",
    "superseded",
]
KEYS = ["name", "state", "reason", *COLUMNS, "lag_seconds", "last_success_at", "next_poll_at"]
OURS = ["dropped", "posted", "overdue", "orphans", "unanswered", "stale_lists"]
OURS += ["until", "failure_rate", "received", "stage", "differing", "enabled"]
"""Keys beyond the contract: the rest of the sum, the sum, what is waited for too long, the brake."""


def test_each_delivery_stands_in_one_column(call: Call, town: Town) -> None:
    """The keys are the contract's; what was posted is the sum of where it stands."""
    town.key(GPLX)
    town.settle(2)
    town.key(GPLX)
    town.front()
    ended = call("status", "--json")
    [row] = ended.document()["systems"]
    assert (ended.code, ended.err) == (0, "")
    assert [key for key in row if key not in OURS] == KEYS
    assert (row["name"], row["state"], row["reason"]) == ("gplx", "running", None)
    assert (row["pending"], row["confirmed"], row["posted"]) == (1, 1, 2)
    assert row["posted"] == row["dropped"] + sum(
        row[key] for key in COLUMNS if key not in ("conflicts", "quarantined")
    )
    assert row["last_success_at"].endswith("+00:00")


@pytest.mark.parametrize(
    ("state", "reason", "code"),
    [
        ("running", None, 0),
        ("paused", "họp giao ban", 0),
        ("held", "login refused", 1),
        ("maintenance", "closed until ten", 0),
        ("unreachable", "connection refused", 0),
    ],
)
def test_the_state_is_told_with_its_reason(
    call: Call, town: Town, state: str, reason: str | None, code: int
) -> None:
    """All five states are told in JSON and in words; a refused login needs a person."""
    town.key(GPLX)
    town.front()
    with town.house.store.write("brake") as unit:
        until = None if state == "running" else town.clock() + timedelta(hours=1)
        unit.systems.set("gplx", state=state, reason=reason, until=until)
    data, plain = call("status", "gplx", "--json"), call("status")
    [row] = data.document()["systems"]
    assert (data.code, plain.code) == (code, code)
    assert (row["state"], row["reason"]) == (state, reason)
    assert (row["pending"], row["held"]) == ((1, 0) if state == "running" else (0, 1))
    assert f"gplx    {state}" in plain.out
    assert (f"gplx: {reason}" in plain.out) is (reason is not None)
    waits = state not in ("running", "paused")
    assert ("gplx: tried again from " in plain.out) is waits
    assert (row["until"] is not None) is waits


def test_outside_its_hours_a_system_waits_for_nobody(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Closed by the clock is held with the reason, and no matter for a person."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DOSSIER_BRIDGE__LOCALE", "en")
    now = datetime.now(VIETNAM)
    hours = "-".join(f"{now + timedelta(hours=ahead):%H:%M}" for ahead in (2, 3))
    with Town(tmp_path, ("gplx",), extra={"gplx": f'open_hours = "{hours}"'}):
        ended = call("status", "--json")
        [row] = ended.document()["systems"]
        assert (ended.code, row["state"]) == (0, "held")
        assert row["reason"] == "outside opening hours"


def _refused(town: Town) -> None:
    town.key(GPLX, details={"licence_class": "Z9"})
    town.round()


def _lost(town: Town) -> None:
    town.ministries["gplx"].faults.next(Fault.LOST_ANSWER, operation="NopHoSo")
    town.key(GPLX)
    town.round()


def _withdrawn(town: Town) -> None:
    code = town.key(GPLX)
    town.settle(2)
    town.move("gplx", code, "HUY")
    town.round()


def _unreadable(town: Town) -> None:
    code = town.key(GPLX)
    town.settle(2)
    town.ministry_edits(code, NgaySinh="31/02/1990", TrangThai="XL")
    town.round()


@pytest.mark.parametrize(
    ("trouble", "column"),
    [
        (_refused, "dead"),
        (_lost, "in_doubt"),
        (_withdrawn, "conflicts"),
        (_unreadable, "quarantined"),
    ],
)
def test_what_needs_a_person_ends_with_1(
    call: Call, town: Town, trouble: Callable[[Town], None], column: str
) -> None:
    """A dead letter, a doubt, a conflict and an unreadable record are counted and end with 1."""
    trouble(town)
    ended = call("status", "--json")
    [row] = ended.document()["systems"]
    assert (ended.code, row[column]) == (1, 1)


def test_what_lies_at_a_system_that_is_switched_off_is_seen(call: Call, town: Town) -> None:
    """Counted by `status`, listed by `dead`, `doubt` and `conflicts`, said to be off; nothing hides.

    A person can't decide about it before the system is switched on, and is told so.
    """
    _withdrawn(town)
    _refused(town)
    _lost(town)
    place = town.folder / "systems" / "gplx.toml"
    place.write_text("enabled = false\n" + place.read_text(encoding="utf-8"), encoding="utf-8")
    ended = call("status", "--json")
    [row] = ended.document()["systems"]
    assert (ended.code, row["name"], row["state"], row["enabled"]) == (1, "gplx", "held", False)
    assert row["reason"].startswith("switched off in the configuration")
    assert (row["dead"], row["in_doubt"], row["conflicts"], row["confirmed"]) == (1, 1, 1, 1)
    assert "gplx: switched off" in call("status", "gplx").out
    for command, key in (("dead", "dead"), ("doubt", "in_doubt"), ("conflicts", "conflicts")):
        [one] = call(command, "list", "--system", "gplx", "--json").document()[key]
        assert (one["system"], one["enabled"]) == ("gplx", False)
        plain = call(command)
        assert (plain.code, "gplx (switched off)" in plain.out) == (1, True)
    number = str(call("dead", "--json").document()["dead"][0]["id"])
    assert "is not switched on" in call("dead", "retry", number).out


@pytest.mark.parametrize(
    ("language", "state", "headings", "success"),
    [
        (
            "en",
            "running",
            "system state pending in doubt dead conflicts confirmed oldest",
            "gplx: last success",
        ),
        (
            "vi",
            "đang chạy",
            (
                "hệ thống trạng thái đang chờ chưa rõ kết quả bị từ chối xung đột đã xác nhận "
                "cũ nhất"
            ),
            "gplx: thành công gần nhất",
        ),
    ],
)
def test_the_table_is_in_the_reader_s_language(
    call: Call, town: Town, language: str, state: str, headings: str, success: str
) -> None:
    """Headings, states and the last success, on the clock of the office, in either language.

    Columns with nothing in them make way, but for those everybody looks for.
    """
    town.key(GPLX)
    town.settle(2)
    heading, line, last = call("status", "--lang", language).out.splitlines()
    assert " ".join(heading.split()) == headings
    assert " ".join(line.split()) == f"gplx {state} 0 0 0 0 1 0:00:00"
    assert re.fullmatch(rf"{success} \d{{4}}-\d\d-\d\d \d\d:\d\d:\d\d", last)


def test_what_can_not_be_read_in_the_one_stop_is_named(call: Call, town: Town) -> None:
    """Such a row waits for its clerk: it is named beside the table, and ends with 1."""
    code = town.key(GPLX, details="{")
    town.settle(2)
    ended = call("status", "--json", "--lang", "en")
    assert (ended.code, ended.document()["systems"][0]["posted"]) == (1, 0)
    assert code in ended.err
    assert "can't be read in the one-stop" in ended.err


def test_the_daemon_says_when_it_asks_next(call: Call, town: Town) -> None:
    """Each time the feed is read it is noted when it is read again; before that nothing is known."""
    assert call("status", "--json").document()["systems"][0]["next_poll_at"] is None
    before = town.clock()
    Daemon(town.house).poll("gplx")
    said = call("status", "--json").document()["systems"][0]["next_poll_at"]
    assert before < datetime.fromisoformat(said)


def test_an_age_needs_no_words() -> None:
    """Hours, minutes and seconds, and beyond a day more hours: the same in every language."""
    assert [_age(59), _age(3 * 3600 + 61), _age(50 * 3600)] == ["0:00:59", "3:01:01", "50:00:00"]


@pytest.mark.parametrize(
    ("language", "nothing", "made"),
    [
        ("en", "no system is switched on", "the bridge's tables were made\n"),
        ("vi", "chưa bật hệ thống nào", "đã tạo các bảng của cầu nối\n"),
    ],
)
def test_a_store_that_is_not_there_is_made(
    call: Call, tmp_path: Path, language: str, nothing: str, made: str
) -> None:
    """The first status makes the bridge's tables and says so; the next has nothing to make."""
    call("init", str(tmp_path / "b"))
    config = ("--config", str(tmp_path / "b"), "--lang", language)
    first, second = call("status", *config), call("status", "--json", *config)
    assert (first.code, first.out) == (0, f"{nothing}\n")
    assert first.err == made
    assert (second.code, second.document(), second.err) == (
        0,
        {"systems": [], "alerts": [], "receivers": []},
        "",
    )
    assert upgrade(f"sqlite:///{tmp_path}/b/var/bridge.db") == []


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("en", "there is no system thue; known: gplx"),
        ("vi", "không có hệ thống thue; các tên hợp lệ: gplx"),
    ],
)
def test_an_unknown_system_is_told(call: Call, town: Town, language: str, told: str) -> None:
    """A system nobody configured ends with 2 and the names there are."""
    ended = call("status", "gplx", "thue", "--json", "--lang", language)
    assert (ended.code, ended.out, ended.err) == (2, "", f"{told}\n")
