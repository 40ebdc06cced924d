"""The condition that a column is one of any number of codes: one parameter, a statement made once.

A list of parameters would be spelt out anew for each execution, which costs more than to look the codes
up.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import orjson
from sqlalchemy import ARRAY, Boolean, ColumnElement, Dialect, Text, bindparam
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator, TypeEngine


def among_codes(column: ColumnElement[Any]) -> ColumnElement[bool]:
    """Return the condition that ``column`` is one of the parameter ``codes``."""
    return _Among(column, bindparam("codes", type_=_Codes()))


class _Codes(TypeDecorator[Sequence[str]]):
    """Any number of codes: an array, or on SQLite a list in JSON."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Return the type the database knows."""
        return ARRAY(Text()) if dialect.name == "postgresql" else Text()

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        """Return the codes as the type takes them."""
        return list(value) if dialect.name == "postgresql" else orjson.dumps(list(value)).decode()


class _Among(FunctionElement[bool]):
    """That a column is one of the codes of a parameter."""

    name = "among"
    type = Boolean()
    inherit_cache = True

    def self_group(self, against: Any = None) -> Self:
        """Return it as it is: a condition, which ``= 1`` would keep from every index."""
        del against
        return self


@compiles(_Among, "postgresql")
def _in_array(element: _Among, compiler: SQLCompiler, **how: Any) -> str:
    column, codes = (compiler.process(one, **how) for one in element.clauses)
    return f"{column} = ANY ({codes})"


@compiles(_Among, "sqlite")
def _in_json(element: _Among, compiler: SQLCompiler, **how: Any) -> str:
    column, codes = (compiler.process(one, **how) for one in element.clauses)
    return f"{column} IN (SELECT value FROM json_each({codes}))"  # noqa: S608 - no value in it
