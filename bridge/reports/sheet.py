"""A comparison as a CSV file that a spreadsheet opens: one row a field that differs."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from typing import TextIO

from bridge.domain.comparison import Comparison, Placed, kind_of
from bridge.domain.reconcile import Different, FieldDifference
from bridge.domain.said import Said
from bridge.reports.look import Look
from bridge.reports.rows import Row, as_rows, code_of, ref_of
from bridge.reports.values import told
from bridge.reports.words import KINDS, OWNERS, TOLD, UNLIKE, deed_of, why_of
from bridge.reports.writing import writing

_BOM = "\ufeff"
_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
"""How a cell begins that a spreadsheet would reckon out (OWASP, "CSV Injection")."""

_HEADS = (
    Said("System"),
    Said("Kind"),
    Said("Dossier code"),
    Said("Ministry's number"),
    Said("Day of reception"),
    Said("Unit"),
    Said("Name of the unit"),
    Said("Procedure"),
    Said("Name of the procedure"),
    Said("Why"),
    Said("Field"),
    Said("Path"),
    Said("In the one-stop"),
    Said("At the ministry"),
    Said("Owner"),
    Said("They differ in"),
    Said("Compared by"),
    Said("Will be told"),
    Said("Steps the ministry lacks"),
    Said("What is done"),
    Said("By whom"),
)


def write_csv(out: TextIO, comparison: Comparison, rows: Iterable[Placed], look: Look) -> None:
    """Write the sheet: UTF-8 with a byte order mark, rows end with CR LF (RFC 4180).

    ``out`` is opened with ``encoding="utf-8", newline=""``. Rows are written as they come.
    """
    out.write(_BOM)
    sheet = csv.writer(out)
    sheet.writerow([_head(head, look) for head in _HEADS])
    for row in as_rows(rows):
        sheet.writerow([safe(cell) for cell in _cells(comparison.system, row, look)])


def safe(cell: str) -> str:
    """Return a cell that is a text to every spreadsheet, and no formula."""
    text = writing(cell)
    return f"'{text}" if text.lstrip().startswith(_FORMULA) else text


def _head(head: Said, look: Look) -> str:
    return look.say(head)


def _cells(system: str, row: Row, look: Look) -> list[str]:
    finding, place, deed = row.finding, row.place, deed_of(row.finding)
    return [
        system,
        look.say(KINDS[kind_of(finding)]),
        code_of(finding) or "",
        ref_of(finding) or "",
        place.day or "",
        place.unit or "",
        look.titles.get(place.unit or "", ""),
        place.procedure or "",
        look.titles.get(place.procedure or "", ""),
        look.say(why_of(finding)),
        *(_field(row.field, look) if row.field is not None else [""] * 8),
        ", ".join(finding.steps) if isinstance(finding, Different) else "",
        look.say(deed.what),
        look.say(deed.who),
    ]


def _field(one: FieldDifference, look: Look) -> list[str]:
    return [
        look.field(one.path),
        one.path,
        *told(one, look),
        look.say(OWNERS[one.owner]),
        look.say(UNLIKE[one.unlike]),
        ", ".join(one.forms),
        look.say(TOLD[one.to]),
    ]
