"""A comparison as data: CSV for a spreadsheet, JSON for a script, lines for a terminal."""

from __future__ import annotations

import csv
import io
import json
import tracemalloc
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest

from bridge.domain.comparison import Kind, Placed
from bridge.domain.dossier import LIST_KEYS, PATHS, is_open
from bridge.domain.reconcile import Action, Different, Mark, NotSeen, OnItsWay, Waits
from bridge.domain.said import Both
from bridge.domain.unlike import Unlike
from bridge.reports import Look, comparison_text, trend_text, write_csv, write_html, write_json
from bridge.reports.sheet import safe
from tests.discretion import leaks
from tests.unit.reports.invented import (
    EN,
    HOSTILE,
    PEOPLE,
    VI,
    VI_OPEN,
    code,
    compared,
    differs,
    earlier,
    fields,
    placed,
    rows,
)


def sheet(look: Look) -> list[dict[str, str]]:
    out = io.StringIO(newline="")
    write_csv(out, compared(rows()), rows(), look)
    text = out.getvalue()
    assert text.startswith("\ufeff")
    assert text.endswith("\r\n")
    return list(csv.DictReader(io.StringIO(text[1:], newline="")))


def document(look: Look, found: Iterable[Placed] | None = None) -> dict[str, Any]:
    found = list(rows() if found is None else found)
    out = io.StringIO()
    write_json(out, compared(found), found, look, {"complete": True})
    whole: dict[str, Any] = json.loads(out.getvalue())
    return whole


def test_a_sheet_has_a_row_for_each_field_and_one_for_what_has_none() -> None:
    """What agrees has none; heads and words are in the language asked for."""
    found = sheet(VI)
    assert sum(row["Mã hồ sơ"] == code(240) for row in found) == len(fields())
    assert {row["Loại"] for row in found} == {
        "Bộ chưa có", "Một cửa chưa có", "Khác nội dung", "Trùng ở bộ", "Đã xóa ở một cửa",
        "Đang chuyển", "Chưa so được",
    }  # fmt: skip
    twice = next(row for row in found if row["Loại"] == "Trùng ở bộ")
    assert twice["Số của bộ"] == "GPLX-26-0000250, GPLX-26-0000251"
    status = next(row for row in found if row["Đường dẫn"] == "status")
    assert (status["Ở một cửa"], status["Bên được báo"]) == ("4 Đang xử lý", "chờ người quyết định")
    assert status["Tên đơn vị"]
    assert "Dossier code" in sheet(EN)[0]


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("=1+1", "'=1+1"),
        ("+84912345678", "'+84912345678"),
        ("-", "'-"),
        ("@SUM(A1)", "'@SUM(A1)"),
        (" \t=1", "' \t=1"),
        ("＝1", "'＝1"),
        ("\r=1", "\ufffd=1"),
        ("a=1", "a=1"),
        ("", ""),
    ],
)
def test_no_cell_is_a_formula(cell: str, expected: str) -> None:
    """What a spreadsheet would reckon out is a text."""
    assert safe(cell) == expected


def test_a_hostile_value_is_a_text_in_its_cell() -> None:
    """Quotes, separators and line ends stay in it."""
    row = next(row for row in sheet(VI) if row["Đường dẫn"] == "agency.name")
    assert row["Ở bộ, ngành"].startswith("'=cmd|' /C calc'!A0 <script>")


@pytest.mark.parametrize("kind", ["csv", "json", "lines"])
def test_no_personal_value_leaves_unless_asked_for(kind: str) -> None:
    """Masked in every form; shown, the first of them is there."""

    def told(look: Look) -> str:
        if kind == "csv":
            return json.dumps(sheet(look), ensure_ascii=False)
        if kind == "json":
            return json.dumps(document(look), ensure_ascii=False)
        lines = "\n".join(comparison_text(compared(rows()), rows(), look))
        return lines.replace("[", "").replace("]", "")

    assert leaks([told(VI)], PEOPLE) == []
    assert PEOPLE[0] in told(VI_OPEN)


def test_the_document_has_the_keys_of_the_contract() -> None:
    """Counts by kind, differences with their fields and actions; more beside them."""
    told = document(VI)
    counted = {kind.value: told[kind.value] for kind in Kind}
    assert counted == {kind.value: count for kind, count in compared(rows()).counts.items()}
    assert (told["since"], told["until"]) == ("2026-11-01", "2026-11-27")
    assert told["compared"] == sum(counted.values())
    assert len(told["differences"]) == told["differing"] == 14
    assert (len(told["waiting"]), len(told["unread"])) == (9, 1)
    assert (told["waits"], told["complete"]) == ({why.value: 1 for why in Waits}, True)
    one = next(row for row in told["differences"] if row["code"] == code(240))
    assert (one["kind"], one["action"], one["ministry_ref"]) == (
        "different", "take_in", "GPLX-26-0000240",
    )  # fmt: skip
    by_path = {field["path"]: field for field in one["fields"]}
    assert by_path["status"] == {
        "path": "status", "onestop": 4, "ministry": 5, "owner": "by_status", "unlike": "value",
        "forms": [], "to": "person", "masked": False,
        "kept": True,
    }  # fmt: skip
    assert by_path["applicant.phone"]["onestop"] == "•••"
    assert by_path["applicant.phone"]["ministry"] is None
    assert by_path["agency.name"]["ministry"] == HOSTILE


def test_a_terminal_gets_no_control_character_and_no_endless_list() -> None:
    """What steers a terminal is replaced; of a kind the first are listed and the rest counted."""
    lines = list(comparison_text(compared(rows()), rows(), VI, earlier()))
    assert not any(ord(one) < 32 or one == "\u202e" for line in lines for one in line)
    assert lines[0].endswith("14 trong 225 hồ sơ chưa khớp")
    assert any("một cửa: •••" in line for line in lines)
    missing = [row for row in rows() if type(row.finding).__name__ == "MissingAtMinistry"] * 9
    lines = list(comparison_text(compared(missing), missing, EN))
    assert lines[-1] == "  and 34 more: --csv FILE tells them all"
    assert len(trend_text(earlier(), VI)) == 6


def test_values_that_are_not_kept_are_not_said_to_be_empty() -> None:
    """Of an earlier comparison it is known which field differs, how, and which side has none."""
    at = next(row for row in rows() if isinstance(row.finding, Different) and row.finding.fields)
    assert isinstance(at.finding, Different)
    lost = tuple(replace(one, onestop=None, ministry=None) for one in at.finding.fields)
    found = [replace(at, finding=replace(at.finding, fields=lost))]
    lines = "\n".join(comparison_text(compared(found), found, VI_OPEN))
    assert "ghi chú trạng thái  một cửa: (không lưu)  bộ: (không lưu)" in lines
    assert "điện thoại của người nộp  một cửa: (không lưu)  bộ: -" in lines
    lines = "\n".join(comparison_text(compared(found), found, VI))
    assert "điện thoại của người nộp  một cửa: •••  bộ: -" in lines
    fields = document(VI, found)["differences"][0]["fields"]
    assert {(one["onestop"], one["kept"]) for one in fields} == {(None, False)}


def test_what_an_adapter_says_in_both_languages_is_said_in_the_reader_s() -> None:
    """The reason of what could not be read is Vietnamese in a Vietnamese report."""
    said = NotSeen(code(1), Both("closed for the night", "đóng cửa ban đêm"))
    found = [replace(rows()[-1], finding=said)]
    assert document(VI, found)["unread"][0]["reason"] == "đóng cửa ban đêm"
    assert document(EN, found)["unread"][0]["reason"] == "closed for the night"


SECRET = "Vương Thị Bích Ngọc 036199004321"
"""Somebody whose name and number stand wherever a field may hold a text."""


def named(path: str, other: str = "") -> Any:
    """Return a value of a path that names a person as far as its kind lets it."""
    who = f"{SECRET}{other}"
    if PATHS.get(path) == "list":
        return [dict.fromkeys(LIST_KEYS[path], who)]
    return [{"name": who}] if path == "details.witnesses" else who


@pytest.mark.parametrize("look", [VI, EN], ids=["vi", "en"])
def test_whoever_stands_in_a_field_is_told_to_nobody(look: Look) -> None:
    """A person's name in every field of either side, texts, lists, even dates: in none of the four."""
    offices = {path for path in PATHS if PATHS[path] == "text" and is_open(path)}
    paths = [*(PATHS.keys() - offices), "details.spouse", "details.witnesses", "no_such_path"]
    every = [
        different
        for path in sorted(paths)
        for different in (
            differs(path, named(path), named(path, " B")),
            differs(path, named(path), None),
            differs(path, None, named(path)),
            replace(differs(path, named(path), None), unlike=Unlike.NOT_SHOWN),
        )
    ]
    finding = Different(code(1), "GPLX-26-1", tuple(every), (), Action.TAKE_IN, Mark())
    found = list(placed([finding]))
    page, table, lines = io.StringIO(), io.StringIO(), comparison_text(compared(found), found, look)
    write_html(page, compared(found), found, look)
    write_csv(table, compared(found), found, look)
    told = [page.getvalue(), table.getvalue(), json.dumps(document(look, found)), "\n".join(lines)]
    assert [leaks([one], [SECRET, *SECRET.rsplit(" ", 1)]) for one in told] == [[], [], [], []]
    assert not any("036199" in one or "Ngọc" in one for one in told)
    assert SECRET in json.dumps(document(VI_OPEN, found), ensure_ascii=False)


def test_what_the_ministry_never_shows_is_not_said_to_be_missing_there() -> None:
    """A field that only goes out is "not shown" in each form, and has no value at the ministry."""
    at = next(row for row in rows() if isinstance(row.finding, Different) and row.finding.fields)
    assert isinstance(at.finding, Different)
    unseen = tuple(
        replace(differs(path, value, None), unlike=Unlike.NOT_SHOWN)
        for path, value in (("due_at", "2026-11-20T09:15:00.000+07:00"), ("summary", "Cấp mới"))
    )
    found = [replace(at, finding=replace(at.finding, fields=unseen))]
    lines = "\n".join(comparison_text(compared(found), found, VI))
    assert "ngày hẹn trả  một cửa: 20/11/2026 09:15  bộ: (bộ không hiển thị)" in lines
    assert "trích yếu  một cửa: •••  bộ: (bộ không hiển thị)" in lines
    told = document(VI, found)["differences"][0]["fields"]
    assert [(one["ministry"], one["unlike"]) for one in told] == [(None, "not_shown")] * 2
    table = io.StringIO(newline="")
    write_csv(table, compared(found), found, EN)
    assert table.getvalue().count("(not shown)") == 2


def test_of_many_that_are_on_their_way_a_terminal_gets_counts_and_examples() -> None:
    """However many wait, they are counted by what for; a few are named."""
    waiting = [
        OnItsWay(code(n), None, Waits.DELIVERY if n % 3 else Waits.YOUNG) for n in range(900)
    ]
    found = list(placed(waiting))
    lines = list(comparison_text(compared(found), found, VI))
    assert sum(" 000.11.22.H40-" in line for line in lines) == 3
    assert any(line.startswith("  600  ") for line in lines)
    assert any(line.startswith("  300  ") for line in lines)
    assert lines[-1].startswith("  và còn 897")


@pytest.mark.parametrize("write", [write_json, write_csv])
def test_a_report_of_any_length_takes_the_same_memory(
    write: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Six times the findings, and what is held does not grow: rows go out as they come."""
    monkeypatch.setattr("bridge.reports.document.IN_MEMORY", 10_000)

    class Nowhere(io.TextIOBase):
        def write(self, text: str) -> int:
            return len(text)

    row = next(row for row in rows() if len(getattr(row.finding, "fields", ())) == 1)

    def most(count: int) -> int:
        fresh = (replace(row) for _ in range(count))
        tracemalloc.start()
        write(Nowhere(), compared([row]), fresh, VI)
        _now, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return peak

    most(10)  # what is made once is made here
    assert most(1_200) < 1.2 * most(200)
