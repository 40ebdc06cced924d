"""Where something stands in an answer: names with dots between them, as ``Data.0.MaHoSo``.

A whole number is a place in a list, the empty path is the answer itself. There is nothing else: no
search, no condition, no expression.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import AfterValidator

from bridge.domain.said import Said

__all__ = ["Path", "stands_at", "text_at", "value_at"]


def _path(given: str) -> str:
    if given and not all(given.split(".")):
        raise ValueError(Said("expected names with dots between them, as Data.0.MaHoSo"))
    return given


Path = Annotated[str, AfterValidator(_path)]
"""A path, proved to be one."""


def value_at(plain: Any, path: str) -> Any:
    """Return what stands at a path, ``None`` when nothing does."""
    if not path:
        return plain
    if plain.__class__ is dict and "." not in path:
        return plain.get(path)
    for name in path.split("."):
        if isinstance(plain, Mapping):
            plain = plain.get(name)
        elif isinstance(plain, list) and name.isdecimal() and int(name) < len(plain):
            plain = plain[int(name)]
        else:
            return None
    return plain


def text_at(plain: Any, path: str | None) -> str | None:
    """Return the text or number at a path, without what surrounds it; ``None`` when it is empty."""
    if path is None:
        return None
    found = value_at(plain, path)
    if isinstance(found, bool) or not isinstance(found, (str, int, float)):
        return None
    return str(found).strip().strip("\ufeff\u200b").strip() or None


def stands_at(plain: Any, path: str) -> bool:
    """Tell whether anything stands at a path, be it ``null``."""
    group, _, name = path.rpartition(".")
    above = value_at(plain, group)
    if isinstance(above, list):
        return name.isdecimal() and int(name) < len(above)
    return not path or (isinstance(above, Mapping) and name in above)
