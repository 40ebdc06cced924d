"""A one-stop database spoken to in SQL: SQLite or PostgreSQL, the tables of ``onestop.sql``."""

from __future__ import annotations

from pydantic import BaseModel

from adapters.onestop_sql.adapter import SqlOneStop
from adapters.onestop_sql.create import create
from adapters.onestop_sql.invented import invent
from adapters.onestop_sql.options import OneStopOptions
from bridge.sdk.onestop import OneStop, OneStopContext, OneStopPlugin

__all__ = ["plugin"]


def _build(options: BaseModel, context: OneStopContext) -> OneStop:
    return SqlOneStop(OneStopOptions.model_validate(options), context)


plugin = OneStopPlugin(
    name="onestop_sql",
    title="Cơ sở dữ liệu một cửa điện tử (SQLite, PostgreSQL)",
    options=OneStopOptions,
    build=_build,
    create=create,
    invent=invent,
)
