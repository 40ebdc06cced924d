"""The condition that a column is one of any number of keys: one parameter, a statement made once.

A list of parameters would be spelt out anew for each execution, which costs more than to look the keys
up.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Self

import orjson
from sqlalchemy import ARRAY, Boolean, ColumnElement, Dialect, Text, bindparam, cast
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator

__all__ = ["among", "named"]


def among(column: ColumnElement[Any], values: Iterable[Any]) -> ColumnElement[bool]:
    """Return the condition that ``column`` is one of ``values``, however many they are."""
    return _OneOf(column, bindparam(None, list(values), type_=_Keys()))


def named(column: ColumnElement[Any], name: str) -> ColumnElement[bool]:
    """Return the condition that ``column`` is one of the keys in the list called ``name``."""
    return _OneOf(column, bindparam(name, type_=_Keys()))


class _Keys(TypeDecorator[Sequence[Any]]):
    """Any number of keys in one parameter, as the text of an array, or on SQLite of a list in JSON.

    A driver that is given a list writes that text itself, and slower.
    """

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str:
        """Return the keys as the database reads them."""
        keys = list(value)
        return _array(keys) if dialect.name == "postgresql" else orjson.dumps(keys).decode()


def _array(keys: Sequence[Any]) -> str:
    """Return the text of PostgreSQL's array of these keys."""
    return f"{{{','.join(map(_told, keys))}}}"


def _told(key: Any) -> str:
    if not isinstance(key, str):
        return "NULL" if key is None else str(key)
    escaped = key.replace("\\", r"\\").replace('"', r"\"")
    return f'"{escaped}"'


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
    column, keys = element.clauses
    array = cast(keys, ARRAY(column.type))
    return f"{compiler.process(column, **how)} = ANY ({compiler.process(array, **how)})"


@compiles(_OneOf, "sqlite")
def _in_json(element: _OneOf, compiler: SQLCompiler, **how: Any) -> str:
    column, keys = (compiler.process(one, **how) for one in element.clauses)
    return f"{column} IN (SELECT value FROM json_each({keys}))"  # noqa: S608 - no value in it
