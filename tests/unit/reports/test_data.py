"""A comparison as data: CSV for a spreadsheet, JSON for a script, lines for a terminal."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace

import pytest

from bridge.domain.comparison import Kind
from bridge.domain.reconcile import Different, NotSeen
from bridge.domain.said import Both
from bridge.reports import Look, as_json, comparison_text, trend_text, write_csv
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
    earlier,
    fields,
    rows,
)


def sheet(look: Look) -> list[dict[str, str]]:
    out = io.StringIO(newline="")
    write_csv(out, compared(rows()), rows(), look)
    text = out.getvalue()
    assert text.startswith("\ufeff")
    assert text.endswith("\r\n")
    return list(csv.DictReader(io.StringIO(text[1:], newline="")))


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
            return json.dumps(as_json(compared(rows()), rows(), look), ensure_ascii=False)
        lines = "\n".join(comparison_text(compared(rows()), rows(), look))
        return lines.replace("[", "").replace("]", "")

    assert leaks([told(VI)], PEOPLE) == []
    assert PEOPLE[0] in told(VI_OPEN)


def test_the_document_has_the_keys_of_the_contract() -> None:
    """Counts by kind, differences with their fields and actions; more beside them."""
    document = json.loads(json.dumps(as_json(compared(rows()), rows(), VI)))
    counted = {kind.value: document[kind.value] for kind in Kind}
    assert counted == {kind.value: count for kind, count in compared(rows()).counts.items()}
    assert (document["since"], document["until"]) == ("2026-11-01", "2026-11-27")
    assert document["compared"] == sum(counted.values())
    assert len(document["differences"]) == document["differing"] == 14
    assert (len(document["waiting"]), len(document["unread"])) == (9, 1)
    one = next(row for row in document["differences"] if row["code"] == code(240))
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
    assert any("một cửa: [C]hờ bổ sung [g]iấy khám" in line for line in lines)
    missing = [row for row in rows() if type(row.finding).__name__ == "MissingAtMinistry"] * 9
    lines = list(comparison_text(compared(missing), missing, EN))
    assert lines[-1] == "  and 34 more: --csv or --html tells them all"
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
    fields = as_json(compared(found), found, VI)["differences"][0]["fields"]
    assert {(one["onestop"], one["kept"]) for one in fields} == {(None, False)}


def test_what_an_adapter_says_in_both_languages_is_said_in_the_reader_s() -> None:
    """The reason of what could not be read is Vietnamese in a Vietnamese report."""
    said = NotSeen(code(1), Both("closed for the night", "đóng cửa ban đêm"))
    found = [replace(rows()[-1], finding=said)]
    assert as_json(compared(found), found, VI)["unread"][0]["reason"] == "đóng cửa ban đêm"
    assert as_json(compared(found), found, EN)["unread"][0]["reason"] == "closed for the night"
