"""The piece of docs/mapping.md about transforms: what each is for, and what it makes, both ways.

What a transform makes is not written here: the rule is compiled and the value put through it.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bridge.mapping import Lens, LowerErrors, compile_text, transform_reference
from bridge.mapping.gathers import KINDS
from tools.reference.tables import table

HEAD = """\
mapping: thu/mot
version: 1
key: {ours: code, theirs: Ma}
codes:
  sex: {Nam: male, Nữ: female}
rules:
"""
"""A mapping that one rule is put into."""


@dataclass(frozen=True, slots=True)
class Example:
    """One rule in the mapping language, and the fields of a dossier that are put through it."""

    rule: str
    ours: Mapping[str, Any]


_FEES = [
    {"code": "LP01", "amount": 20000, "gateway": None},
    {"code": "LP02", "amount": 135000, "gateway": 2},
]
_TEXT = "Đổi giấy phép lái xe"

EXAMPLES: Mapping[str, tuple[Example, ...]] = {
    "trim": (Example("{ours: summary, theirs: A, via: [trim]}", {"summary": f"  {_TEXT} "}),),
    "nfc": (Example("{ours: summary, theirs: A, via: [nfc]}", {"summary": "Đo\u031bn"}),),
    "code": (
        Example(
            "{ours: applicant.sex, theirs: A, via: [{code: sex}]}", {"applicant.sex": "female"}
        ),
        Example("{ours: applicant.sex, theirs: A, via: [{code: sex}]}", {"applicant.sex": "other"}),
    ),
    "number": (Example("{ours: channel, theirs: A, via: [number]}", {"channel": 2}),),
    "flag": (
        Example("{ours: applicant.vneid, theirs: A, via: [flag]}", {"applicant.vneid": True}),
    ),
    "amount": (
        Example("{ours: details.price, theirs: A, via: [amount]}", {"details.price": 135000}),
    ),
    "max_length": (
        Example("{ours: summary, theirs: A, via: [{max_length: 500}]}", {"summary": _TEXT}),
        Example("{ours: summary, theirs: A, via: [{max_length: 8}]}", {"summary": _TEXT}),
    ),
    "cut": (Example("{ours: summary, theirs: A, via: [{cut: 8}]}", {"summary": _TEXT}),),
    "content": (
        Example(
            "{ours: documents, theirs: A, way: out, each: [{ours: id, theirs: Tep, via: [content]}]}",
            {"documents": [{"id": "d1"}]},
        ),
    ),
    "partial_date": (
        Example(
            '{ours: applicant.birth_date, theirs: A, via: [{partial_date: "%d/%m/%Y"}]}',
            {"applicant.birth_date": "1990-02"},
        ),
        Example(
            '{ours: applicant.birth_date, theirs: A, via: [{partial_date: "%d/%m/%Y"}]}',
            {"applicant.birth_date": "1990-02-31"},
        ),
    ),
    "date": (
        Example(
            '{ours: details.declared_on, theirs: A, via: [{date: "%d/%m/%Y"}]}',
            {"details.declared_on": "2026-11-20"},
        ),
    ),
    "datetime": (
        Example(
            '{ours: received_at, theirs: A, via: [{datetime: "%Y%m%d%H%M%S"}]}',
            {"received_at": "2026-11-20T09:15:00.250+07:00"},
        ),
        Example(
            "{ours: received_at, theirs: A, via: [{datetime: iso}]}",
            {"received_at": "2026-11-20T09:15:00.250+07:00"},
        ),
    ),
    "const": (Example('{theirs: A, via: [{const: "1"}]}', {}),),
    "first_of": (
        Example(
            "{from: [reception_agency.name, agency.name], theirs: A, via: [first_of]}",
            {"agency.name": "Sở Giao thông vận tải"},
        ),
    ),
    "or_status_name": (
        Example("{from: [status_note, status], theirs: A, via: [or_status_name]}", {"status": 4}),
    ),
    "present": (
        Example("{from: [finished_at], theirs: A, via: [present]}", {"finished_at": None}),
    ),
    "any": (
        Example("{from: [fees], theirs: A, via: [any], known: [gateway]}", {"fees": _FEES}),
        Example("{from: [fees], theirs: A, via: [any], known: [gateway]}", {"fees": _FEES[:1]}),
    ),
    "first": (Example("{from: [fees], theirs: A, via: [{first: gateway}]}", {"fees": _FEES}),),
    "total": (Example("{from: [fees], theirs: A, via: [{total: amount}]}", {"fees": _FEES}),),
}


def piece() -> str:
    """Return the table of transforms, and the table of what each makes."""
    heads = ["rule", "ours", "lowered", "lifted back"]
    return (
        f"{transform_reference()}\nWhat each makes of a value, as the code makes it:\n\n"
        f"{table(heads, _made())}\n"
    )


def _made() -> Iterator[list[str]]:
    for name in KINDS:
        for example in EXAMPLES[name]:
            yield [f"`{example.rule}`", _json(dict(example.ours)), *_ways(example)]


def _ways(example: Example) -> tuple[str, str]:
    lens = compile_text(f"{HEAD}  - {example.rule}\n", "example.yaml")
    try:
        lowered = lens.lower(example.ours)
    except LowerErrors as errors:
        return f"refused: {errors.problems[0].reason}", ""
    cut = "".join(f", cut from {one.length} characters" for one in lowered.cuts)
    return _json(lowered.body) + cut, _back(lens, lowered.body)


def _back(lens: Lens, body: Mapping[str, Any]) -> str:
    back = lens.lift(body)
    return _json(back) if back else ""


def _json(value: Any) -> str:
    """Return a value as it is read; a mark that stands apart from its letter is spelt out."""
    if not value:
        return ""
    text = json.dumps(value, ensure_ascii=False)
    marks = [f"\\u{ord(one):04x}" if unicodedata.combining(one) else one for one in text]
    return f"`{''.join(marks)}`"
