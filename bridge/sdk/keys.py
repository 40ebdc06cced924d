"""The condition that a column is one of any number of keys: one parameter, a statement made once.

A list of parameters would be spelt out anew for each execution, which costs more than to look the keys
up.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Self

import orjson
from sqlalchemy import ARRAY, Boolean, ColumnElement, Dialect, Text, bindparam
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator, TypeEngine

__all__ = ["among", "named"]


def among(column: ColumnElement[Any], values: Iterable[Any]) -> ColumnElement[bool]:
    """Return the condition that ``column`` is one of ``values``, however many they are."""
    return _OneOf(column, bindparam(None, list(values), type_=_Keys(column.type)))


def named(column: ColumnElement[Any], name: str) -> ColumnElement[bool]:
    """Return the condition that ``column`` is one of the keys in the list called ``name``."""
    return _OneOf(column, bindparam(name, type_=_Keys(column.type)))


class _Keys(TypeDecorator[Sequence[Any]]):
    """Any number of keys in one parameter: an array, or on SQLite a list in JSON."""

    impl = Text
    cache_ok = True

    def __init__(self, one: TypeEngine[Any]) -> None:
        super().__init__()
        self.one = one

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Return the type the database knows."""
        return ARRAY(self.one) if dialect.name == "postgresql" else Text()

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        """Return the keys as the type takes them."""
        keys = list(value)
        return keys if dialect.name == "postgresql" else orjson.dumps(keys).decode()


class _OneOf(FunctionElement[bool]):
    """That a column is one of the keys of a parameter."""

    name = "one_of"
    type = Boolean()
    inherit_cache = True

    def self_group(self, against: Any = None) -> Self:
        """Return it as it is: a condition already, which "= 1" would keep from every index.

        SQLAlchemy asks any other function of type Boolean for its value on SQLite, which knows
        none.
        """
        del against
        return self


@compiles(_OneOf, "postgresql")
def _in_array(element: _OneOf, compiler: SQLCompiler, **how: Any) -> str:
    column, keys = (compiler.process(one, **how) for one in element.clauses)
    return f"{column} = ANY ({keys})"


@compiles(_OneOf, "sqlite")
def _in_json(element: _OneOf, compiler: SQLCompiler, **how: Any) -> str:
    column, keys = (compiler.process(one, **how) for one in element.clauses)
    return f"{column} IN (SELECT value FROM json_each({keys}))"  # noqa: S608 - no value in it
