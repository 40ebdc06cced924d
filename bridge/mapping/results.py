"""The part of a mapping that says where a record shows the files its ministry issues.

Results are no field of a dossier: nobody compares them, and they only ever come in. So they stand
apart from the rules, in a table of their own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bridge.domain.results import Issued, plain_name
from bridge.mapping.errors import Unfit
from bridge.mapping.inward import getter
from bridge.mapping.page import Page, nearest
from bridge.mapping.rulebook import Paths, choices
from bridge.mapping.spec import ResultTable
from bridge.mapping.texts import clean
from bridge.mapping.yaml_lines import LinedTable

RESULT_KEYS: Mapping[str, str] = {
    "theirs": "text",
    "when": "table",
    "unless": "text",
    "each": "table",
}
FILE_COLUMNS: Mapping[str, str] = {
    "sha256": "text",
    "file_name": "text",
    "media_type": "text",
    "name": "text",
    "result_code": "text",
}
"""What of a file a record may tell: columns of ``dossier_document``."""

ANY_FILE = "application/octet-stream"
UNNAMED = "ket-qua"


def files_of(table: ResultTable, theirs: Mapping[str, Any]) -> tuple[Issued, ...]:
    """Return the files a record shows that may be results; a row that is none is no file."""
    try:
        shown = getter(table.theirs)(theirs)
    except Unfit:
        return ()
    rows = shown if isinstance(shown, list) else [shown]
    return tuple(
        _file(table, row)
        for row in rows
        if isinstance(row, Mapping) and not (table.unless and _text(row.get(table.unless)))
    )


def _file(table: ResultTable, row: Mapping[str, Any]) -> Issued:
    told = {column: _text(row.get(field)) for column, field in table.each.items()}
    file_name = plain_name(told.get("file_name") or "") or UNNAMED
    return Issued(
        (told["sha256"] or "").lower(),
        file_name,
        told.get("name") or file_name,
        told.get("media_type") or ANY_FILE,
        told.get("result_code"),
    )


def read_results(page: Page, document: LinedTable, paths: Paths) -> ResultTable | None:
    """Return the table of a mapping file, if it has one; what is wrong goes on the page."""
    table = document.get("results")
    if not isinstance(table, LinedTable):
        return None
    good = page.table(table, RESULT_KEYS, "results", "theirs", "when", "each")
    columns = {}
    if "each" in good:
        columns = page.table(good["each"], FILE_COLUMNS, "results", "sha256", "file_name")
    when = choices(good.get("when", {}))
    for path in when:
        if not paths.know(path):
            text = f'unknown path "{path}"{nearest(path, paths.names)}'
            page.say(good["when"], path, "results", text)
    return ResultTable(
        str(good.get("theirs", "")),
        when,
        str(good.get("unless", "")),
        {name: str(field) for name, field in columns.items()},
    )


def _text(value: Any) -> str | None:
    cleaned = clean(value)
    return cleaned if isinstance(cleaned, str) else None
