"""Code lists that come with mappings, as files: ``lists/<name>.csv`` beside the systems' folders.

A file says from when until when each row is valid, where a system shows only its list of today:
the provinces before and after 1-7-2025, say, where code 37 is two territories. Columns: ``code``,
``name``, ``valid_from``, ``valid_until`` (the first day it is not valid any more); days may be
empty.
"""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path

from bridge.mapping.errors import MappingErrors, Problem
from bridge.mapping.lists import Span, Table
from bridge.mapping.texts import clean_text

COLUMNS = ("code", "name", "valid_from", "valid_until")
FOLDER = "lists"


def lists_beside(mapping: Path) -> dict[str, Table]:
    """Return the lists that come with a mapping file, by name; raises ``MappingErrors``."""
    folder = mapping.resolve().parent.parent / FOLDER
    return {path.stem: list_file(path) for path in sorted(folder.glob("*.csv"))}


def list_file(path: Path) -> Table:
    """Read a list; raises ``MappingErrors`` with every line that is wrong."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise MappingErrors([Problem(str(path), 0, "", f"can't be read: {reason}")]) from None
    except UnicodeDecodeError:
        raise MappingErrors([Problem(str(path), 0, "", "is not UTF-8 text")]) from None
    reader = csv.DictReader(io.StringIO(text), strict=True)
    problems: list[Problem] = []
    spans: list[tuple[int, Span]] = []
    if tuple(reader.fieldnames or ()) != COLUMNS:
        text = f"expected the columns {','.join(COLUMNS)}"
        raise MappingErrors([Problem(str(path), 1, "", text)])
    try:
        for row in reader:
            try:
                spans.append((reader.line_num, _span(row)))
            except ValueError as error:
                problems.append(Problem(str(path), reader.line_num, "", str(error)))
    except csv.Error as error:
        problems.append(Problem(str(path), reader.line_num, "", f"not CSV: {error}"))
    problems += [Problem(str(path), line, "", text) for line, text in _overlaps(spans)]
    if not (spans or problems):
        problems.append(Problem(str(path), 1, "", "has no row"))
    if problems:
        raise MappingErrors(problems)
    return Table(path.stem, [span for _, span in spans])


def _span(row: Mapping[str, str | None]) -> Span:
    """Return a row's span; raises ``ValueError`` with what is wrong."""
    if None in row or None in row.values():
        raise ValueError(f"expected {len(COLUMNS)} columns")
    code, name, begun, ended = (clean_text(row[key] or "") for key in COLUMNS)
    if code is None or name is None:
        raise ValueError("a row has a code and a name")
    try:
        days = [None if one is None else date.fromisoformat(one) for one in (begun, ended)]
    except ValueError:
        raise ValueError("expected a day like 2025-07-01") from None
    if days[0] is not None and days[1] is not None and days[0] >= days[1]:
        raise ValueError("valid_until is not after valid_from")
    return Span(code, name, *days)


def _overlaps(spans: list[tuple[int, Span]]) -> Iterator[tuple[int, str]]:
    """Yield the lines on which a code is valid that is valid on an earlier line too."""
    before: dict[str, list[tuple[int, Span]]] = defaultdict(list)
    for line, one in spans:
        for other_line, other in before[one.code]:
            if _begins(one) < _ends(other) and _begins(other) < _ends(one):
                yield line, f"code {one.code} is valid on the same days as on line {other_line}"
        before[one.code].append((line, one))


def _begins(span: Span) -> date:
    return span.valid_from or date.min


def _ends(span: Span) -> date:
    return span.valid_until or date.max
