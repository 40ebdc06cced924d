"""Looks: statements made once, with names in the place of their values.

To make a statement takes several times as long as to run it, and a daemon at rest does nothing but
look. So what is looked for again and again stands at the head of its module as a constant, and a
look that has several shapes is a function that keeps each shape it made (``functools.cache``). A
noun of the store only hands in the values: ``connection.execute(_OF, {"name": name})``. Where a
value depends on nothing (a state, a kind), it stands in the statement itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Integer, bindparam, literal

from bridge.sdk.keys import among, named
from bridge.store.columns import Instant

__all__ = ["MOST", "NOW", "among", "each", "named"]

NOW: BindParameter[Any] = bindparam("now", type_=Instant())
"""The moment of the transaction."""

MOST: BindParameter[Any] = bindparam("most", type_=Integer())
"""How many rows are wanted at most."""


def each(values: Iterable[str]) -> Sequence[ColumnElement[str]]:
    """Return fixed values for ``in_``: a plain list would be spelt out anew at each execution."""
    return [literal(value) for value in sorted(values)]
