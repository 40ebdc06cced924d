"""The piece of docs/glossary.md about fields: what a clerk calls each, its path, and its column."""

from __future__ import annotations

from bridge.domain.dossier import is_personal
from bridge.mapping.labels import LABELS, column_of
from tools.reference.tables import table


def piece() -> str:
    """Return the table of fields, in the order of the canonical dossier."""
    heads = ["Vietnamese", "path", "column, or key of `details`", "personal"]
    rows = (
        [label, f"`{path}`", f"`{column_of(path)}`", "✓" if is_personal(path) else ""]
        for path, label in LABELS.items()
    )
    return f"{table(heads, rows)}\n"
