"""Markup that can't be got wrong: what is not ``Html`` already is escaped when it is put in."""

from __future__ import annotations

from html import escape
from typing import Literal

from bridge.reports.writing import writing

VOID = frozenset({"br", "col", "meta", "rect", "line"})
"""Elements of a page, and of a drawing in it, that hold nothing."""


class Html(str):
    """A text that is markup."""

    __slots__ = ()


def html(text: str) -> Html:
    """Return a text as markup that says it."""
    return text if isinstance(text, Html) else Html(escape(writing(text)))


def together(*content: str) -> Html:
    """Return several texts as one."""
    return Html("".join(map(html, content)))


def element(name: str, /, *content: str, **attributes: str | bool) -> Html:
    """Return an element: ``class_`` is ``class``, ``aria_label`` ``aria-label``; False is none."""
    told = "".join(
        _attribute(key, value) for key, value in attributes.items() if value is not False
    )
    if name in VOID:
        return Html(f"<{name}{told}>" if name in {"br", "col", "meta"} else f"<{name}{told}/>")
    return Html(f"<{name}{told}>{together(*content)}</{name}>")


def _attribute(key: str, value: str | Literal[True]) -> str:
    name = key.rstrip("_").replace("_", "-")
    return f" {name}" if value is True else f' {name}="{escape(writing(value))}"'
