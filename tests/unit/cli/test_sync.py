"""``sync``: one full round, counted by system; its exit code tells what is left."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from bridge.sdk.rehearsal import Fault
from tests.journey.town import GPLX, Town

from .conftest import Call

KEYS = [
    "name",
    "captured",
    "delivered",
    "confirmed",
    "received",
    "imported",
    "conflicts",
    "in_doubt",
    "dead",
]
ZERO = dict.fromkeys(KEYS[1:], 0)


def _refused(town: Town) -> None:
    town.key(GPLX, details={"licence_class": "Z9"})


def _lost(town: Town) -> None:
    town.ministries["gplx"].faults.next(Fault.LOST_ANSWER, operation="NopHoSo")
    town.key(GPLX)


def _withdrawn(town: Town) -> None:
    code = town.key(GPLX)
    town.settle(2)
    town.move("gplx", code, "HUY")


def _closed(town: Town) -> None:
    opens = (town.clock() + timedelta(hours=1)).isoformat(timespec="seconds")
    town.ministries["gplx"].shut("DangBaoTri", DenLuc=opens)
    town.key(GPLX)


def _locked_out(town: Town) -> None:
    town.ministries["gplx"].faults.always(Fault.EXPIRED_SESSION)
    town.key(GPLX)


def test_a_round_takes_a_dossier_the_whole_way(call: Call, town: Town) -> None:
    """What was keyed is captured, delivered and confirmed in one round; the next has nothing."""
    town.key(GPLX)
    first, second = call("sync", "--json"), call("sync", "--json")
    [row] = first.document()["systems"]
    assert (first.code, first.err) == (0, "")
    assert list(row) == KEYS
    assert row == {"name": "gplx", **ZERO, "captured": 1, "delivered": 1, "confirmed": 1} | {
        "received": 1  # the ministry's number is written into the one-stop
    }
    assert (second.code, second.document()) == (0, {"systems": [{"name": "gplx", **ZERO}]})


def test_what_only_the_ministry_has_is_imported(call: Call, town: Town) -> None:
    """A dossier filed at the ministry is counted as imported."""
    town.ministries["gplx"].file_own(1)
    ended = call("sync", "gplx", "--json")
    [row] = ended.document()["systems"]
    assert (ended.code, row["imported"]) == (0, 1)


@pytest.mark.parametrize(
    ("trouble", "counts"),
    [
        (_refused, {"captured": 1, "delivered": 1, "dead": 1}),
        (_lost, {"captured": 1, "delivered": 1, "in_doubt": 1}),
        (_withdrawn, {"conflicts": 1}),
        (_closed, {"captured": 1}),
        (_locked_out, {"captured": 1}),
    ],
)
def test_what_is_left_ends_with_1(
    call: Call, town: Town, trouble: Callable[[Town], None], counts: dict[str, int]
) -> None:
    """Refused, in doubt, in conflict, closed, locked out: something is left to do."""
    trouble(town)
    ended = call("sync", "--json")
    [row] = ended.document()["systems"]
    assert ended.code == 1
    assert {key: row[key] for key in ("conflicts", "in_doubt", "dead", *counts)} == {
        "conflicts": 0,
        "in_doubt": 0,
        "dead": 0,
        **counts,
    }
    assert row["delivered"] == counts.get("delivered", 0)
    assert "Traceback" not in ended.err


def test_a_row_that_can_not_be_read_ends_with_1(call: Call, town: Town) -> None:
    """It waits for its clerk, in no system's line: it is named, in this round and the next."""
    code = town.key(GPLX, details="{")
    for _ in range(2):
        ended = call("sync", "--json")
        assert (ended.code, ended.document()) == (1, {"systems": [{"name": "gplx", **ZERO}]})
        assert code in ended.err
    town.edit(code, details={"licence_class": "A1"})
    assert call("sync").code == 0


def test_a_refusal_that_is_mended_is_delivered(call: Call, town: Town) -> None:
    """The clerk corrects what was refused: the next round delivers it, and ends well."""
    code = town.key(GPLX, details={"licence_class": "Z9"})
    assert call("sync").code == 1
    town.edit(code, details={"licence_class": "A1"})
    ended = call("sync", "--json")
    [row] = ended.document()["systems"]
    assert (ended.code, row["dead"]) == (0, 0)
    assert (row["captured"], row["delivered"], row["confirmed"]) == (1, 1, 1)


def test_a_file_that_is_put_back_is_sent_in_the_next_round(call: Call, town: Town) -> None:
    """The daemon looks for it now and then; who runs a round looks now."""
    code = town.key(GPLX)
    town.paper(code, "don.pdf", b"%PDF", "component")
    place = town.folder / "documents" / f"{code}-don.pdf"
    place.unlink()
    assert [call("sync").code for _ in range(2)] == [1, 1]
    place.write_bytes(b"%PDF")
    ended = call("sync", "--json")
    [row] = ended.document()["systems"]
    assert (ended.code, row["confirmed"], row["dead"]) == (0, 1, 0)


def test_no_system_answers(call: Call, town: Town) -> None:
    """With the only ministry away the code is 3, it is named, and nothing counts as delivered."""
    town.key(GPLX)
    town.ministries["gplx"].down()
    ended = call("sync", "--json")
    [row] = ended.document()["systems"]
    assert (ended.code, row["captured"], row["delivered"]) == (3, 1, 0)
    assert ended.err.startswith("gplx: 127.0.0.1:")
    assert "connection refused" in ended.err


def test_a_gap_of_a_feed_is_said(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows that a ministry announces and never shows: told on stderr, once, and the code is 1."""
    monkeypatch.chdir(tmp_path)
    with Town(tmp_path, ("dkkd",)) as town:
        file = tmp_path / "systems" / "dkkd.toml"
        file.write_text(f"{file.read_text('utf-8')}first_days = 0\n", encoding="utf-8")
        town.ministries["dkkd"].announced_too_many = 2
        ended = call("sync", "--json")
        assert ended.code == 1
        assert ended.err.startswith("dkkd: today from 00:00: 2 of 2 announced rows were not found")
        assert ended.document()["systems"][0]["name"] == "dkkd"
        again = call("sync", "--json")
        assert (again.code, again.err) == (0, "")


def test_one_of_two_systems_answers(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One ministry away beside one that answers is 1; alone, each ends for itself."""
    monkeypatch.chdir(tmp_path)
    with Town(tmp_path, ("dvcqg", "gplx")) as town:
        town.ministries["gplx"].down()
        assert call("sync").code == 1
        assert call("sync", "dvcqg").code == 0
        assert call("sync", "gplx").code == 3


@pytest.mark.parametrize(
    ("language", "headings"),
    [
        ("en", "system posted sent confirmed received imported conflicts in doubt dead"),
        (
            "vi",
            (
                "hệ thống đã xếp hàng đã gửi đã xác nhận đã nhận đã lấy về xung đột "
                "chưa rõ kết quả bị từ chối"
            ),
        ),
    ],
)
def test_the_table_is_in_the_reader_s_language(
    call: Call, town: Town, language: str, headings: str
) -> None:
    """Headings and a line a system, aligned, in the language asked for."""
    ended = call("sync", "--lang", language)
    heading, line = ended.out.splitlines()
    assert " ".join(heading.split()) == headings
    assert line.split() == ["gplx", *"00000000"]


@pytest.mark.parametrize(
    ("language", "told"), [("en", "no system is switched on"), ("vi", "chưa bật hệ thống nào")]
)
def test_without_systems_there_is_nothing_to_do(
    call: Call, tmp_path: Path, language: str, told: str
) -> None:
    """A new configuration has no system switched on: said, and 0."""
    call("init", str(tmp_path / "b"))
    config = ("--config", str(tmp_path / "b"), "--lang", language)
    plain, data = call("sync", *config), call("sync", "--json", *config)
    assert (plain.code, plain.out) == (0, f"{told}\n")
    assert (data.code, data.document()) == (0, {"systems": []})


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("en", 'there is no system gplk; did you mean "gplx"?'),
        ("vi", 'không có hệ thống gplk; có phải ý bạn là "gplx"?'),
    ],
)
def test_an_unknown_system_is_told(call: Call, town: Town, language: str, told: str) -> None:
    """A misspelt system ends with 2, names what is near, and runs no round."""
    town.key(GPLX)
    ended = call("sync", "gplk", "--json", "--lang", language)
    assert (ended.code, ended.out, ended.err) == (2, "", f"{told}\n")
    assert town.ministries["gplx"].records() == []
