"""Makes the reference one-stop database of ``onestop.sql`` where there is none."""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path

from pydantic import BaseModel
from sqlalchemy import inspect

from adapters.onestop_sql.faults import naming_faults
from adapters.onestop_sql.opening import WRITES, open_engine, sqlite_file
from adapters.onestop_sql.options import OneStopOptions
from adapters.onestop_sql.schema import COLUMNS
from bridge.sdk import Said
from bridge.sdk.onestop import OneStopContext, OneStopFault

OF_OUR_OWN = tuple(
    f"CREATE INDEX {table}_{column} ON {table} ({column})"
    for table, column in (("dossier_fee", "dossier_code"), ("dossier_supplement", "dossier_code"))
)
"""Indexes that the contract's schema lacks and every reading of dossiers wants: after 35,000
dossiers of a day a dossier cost 46 ms of processor without them. ``check`` tells of them elsewhere."""


def statements(dialect: str) -> list[str]:
    """Return the statements of ``onestop.sql``; times are TIMESTAMPTZ on PostgreSQL."""
    script = files("adapters.onestop_sql").joinpath("onestop.sql").read_text("utf-8")
    bare = re.sub(r"--[^\n]*", "", script)
    if dialect == "postgresql":
        bare = re.sub(r"\bTIMESTAMP\b", "TIMESTAMPTZ", bare)
    return [part.strip() for part in bare.split(";") if part.strip()]


def create(options: BaseModel, context: OneStopContext) -> None:
    """Create the tables on an empty database, and the documents folder.

    Raises:
        OneStopFault: the database is not empty, can't be reached, or has names of its own.

    """
    settings = OneStopOptions.model_validate(options)
    if settings.tables or settings.columns:
        reason = Said("tables with names of their own are made by the software they belong to")
        raise OneStopFault(reason, transient=False)
    _make_folder(context.folder / settings.documents)
    create_tables(settings, context.folder)


def create_schema(url: str) -> None:
    """Create the tables on the empty database at ``url``; see ``create``."""
    create_tables(OneStopOptions(url=url), Path.cwd())


def create_tables(settings: OneStopOptions, folder: Path) -> None:
    """Create the tables on an empty database; relative paths start at ``folder``."""
    if settings.address.get_backend_name() == "sqlite":
        file = sqlite_file(settings.address, folder)
        _make_folder(file.parent)
        file.touch()
    engine = open_engine(settings, folder)
    try:
        with (
            naming_faults(list),
            engine.connect().execution_options(**{WRITES: True}) as connection,
            connection.begin(),
        ):
            taken = sorted(set(inspect(connection).get_table_names()) & set(COLUMNS))
            if taken:
                reason = Said("the database is not empty: it has {names}", names=", ".join(taken))
                raise OneStopFault(reason, transient=False)
            for statement in (*statements(engine.dialect.name), *OF_OUR_OWN):
                connection.exec_driver_sql(statement)
    finally:
        engine.dispose()


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        detail = error.strerror or type(error).__name__
        reason = Said(
            "the folder {folder} can't be made: {detail}", folder=str(folder), detail=detail
        )
        raise OneStopFault(reason, transient=False) from None
