"""The pages that are made from code: whole ones, and pieces between marks in one that is not."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tools.reference import capabilities, errors, fields, transforms

DOCS = Path(__file__).resolve().parents[2] / "docs"


@dataclass(frozen=True, slots=True)
class Page:
    """One page, and what it should hold now."""

    path: Path
    text: Callable[[], str]


def _between(path: Path, name: str, made: Callable[[], str]) -> Callable[[], str]:
    """Return a page with what is made between its two marks."""
    marks = rf"(<!-- {name}: python -m tools\.reference -->\n).*?(<!-- /{name} -->)"

    def text() -> str:
        page = path.read_text(encoding="utf-8")
        found = re.search(marks, page, re.DOTALL)
        if found is None:
            raise LookupError(f"{path.name} has no marks for {name}")
        return f"{page[: found.end(1)]}{made()}{page[found.start(2) :]}"

    return text


def all_pages() -> tuple[Page, ...]:
    """Return every page that is made from code."""
    glossary, mapping = DOCS / "glossary.md", DOCS / "mapping.md"
    return (
        Page(DOCS / "errors.md", errors.page),
        Page(DOCS / "capabilities.md", capabilities.page),
        Page(glossary, _between(glossary, "fields", fields.piece)),
        Page(mapping, _between(mapping, "transforms", transforms.piece)),
    )


def stale() -> Iterator[Page]:
    """Yield the pages that do not say what the code says."""
    for page in all_pages():
        if not page.path.exists() or page.path.read_text(encoding="utf-8") != page.text():
            yield page
