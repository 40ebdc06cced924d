"""The options of ``[onestop]`` for a one-stop database spoken to in SQL."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from adapters.onestop_sql.schema import COLUMNS
from bridge.sdk import Said, joined

POSTGRESQL = "postgresql+psycopg"
SQLITE = "sqlite"


class OneStopOptions(BaseModel):
    """Where the one-stop database is, and what it calls its tables and columns."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: str = Field(
        description="sqlite:///path (relative to the folder of bridge.toml) or "
        "postgresql+psycopg://user@host/database"
    )
    password: SecretStr | None = Field(
        default=None, description="The password of the database user, kept out of the url"
    )
    documents: Path = Field(
        default=Path("var/documents"), description="The folder the paths of documents start at"
    )
    results: bool = Field(
        default=True,
        description="Whether files that ministries issue are written into the documents folder and "
        "its table; false where that table may only be read",
    )
    tables: Mapping[str, str] = Field(
        default_factory=dict,
        description='Other names of tables or views: dossier = "motcua.ho_so"',
    )
    columns: Mapping[str, Mapping[str, str]] = Field(
        default_factory=dict,
        description='Other names of columns, a table: [onestop.columns.dossier] code = "ma"',
    )
    overlap_seconds: int = Field(
        default=600,
        ge=60,
        description="How long a transaction of the one-stop software may take to become visible",
    )
    overlap_every_seconds: int = Field(
        default=20,
        ge=0,
        description="How often all of that is read again, and not its last 20 seconds; 0: every time",
    )
    busy_timeout_seconds: float = Field(
        default=10.0, gt=0, description="The longest wait for a lock somebody else holds"
    )

    @field_validator("url")
    @classmethod
    def _known_database(cls, url: str) -> str:
        try:
            parsed = make_url(url)
        except ArgumentError:
            words = Said("not a database url, e.g. sqlite:///var/onestop.db")
            raise ValueError(words) from None
        if parsed.drivername not in {SQLITE, POSTGRESQL}:
            kinds = {"sqlite": SQLITE, "postgresql": POSTGRESQL}
            raise ValueError(Said("expected {sqlite}:///… or {postgresql}://…", **kinds))
        if parsed.drivername == SQLITE and parsed.database in {None, "", ":memory:"}:
            raise ValueError(Said("expected the path of a file, e.g. sqlite:///var/onestop.db"))
        return url

    @model_validator(mode="after")
    def _known_names(self) -> Self:
        for table in (*self.tables, *self.columns):
            _require(table, COLUMNS, Said("{name} is no table of the contract", name=table))
        for table, names in self.columns.items():
            for column in names:
                words = Said("{table} has no column {name}", table=table, name=column)
                _require(column, COLUMNS[table], words)
        return self

    @property
    def address(self) -> URL:
        """The url with the password in its place."""
        parsed = make_url(self.url)
        if self.password is None:
            return parsed
        return parsed.set(password=self.password.get_secret_value())


def _require(name: str, known: Iterable[str], unknown: Said) -> None:
    names = list(known)
    if name in names:
        return
    near = get_close_matches(name, names, n=1, cutoff=0.4)
    hint = Said("did you mean {name}?", name=near[0]) if near else None
    raise ValueError(joined([unknown, hint]) if hint else unknown)
