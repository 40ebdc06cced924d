"""Reports of a comparison of both sides: for a terminal, a script, a spreadsheet, a manager.

    Look(language, with_values, titles)
    comparison_text(comparison, rows, look, trend=()) -> Iterator[str]     lines for a terminal
    write_json(out, comparison, rows, look, more={})                       contracts/cli.md, ``reconcile``
    write_csv(out, comparison, rows, look)                                 one row a field
    write_html(out, comparison, rows, look, trend=())                      one self-contained page

``rows`` are read once, in their order, and need not be in memory; ``trend`` are earlier comparisons
of the same system, the oldest first. No value that may name a person is told unless ``look.with_values``.
"""

from bridge.domain.comparison import differing
from bridge.reports.document import write_json
from bridge.reports.look import Look
from bridge.reports.page import write_html
from bridge.reports.rows import Row, as_rows
from bridge.reports.sheet import write_csv
from bridge.reports.terminal import comparison_text, trend_text
from bridge.reports.words import deed_of, why_of

__all__ = [
    "Look",
    "Row",
    "as_rows",
    "comparison_text",
    "deed_of",
    "differing",
    "trend_text",
    "why_of",
    "write_csv",
    "write_html",
    "write_json",
]
