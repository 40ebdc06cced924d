"""Column types that mean the same on SQLite and PostgreSQL: an instant, a JSON value, a sentence."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias

import orjson
from sqlalchemy import BigInteger, Dialect, String, Text
from sqlalchemy.types import TypeDecorator

from bridge.domain.said import Both, Said, as_json, from_json

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


Way: TypeAlias = Callable[[Any], Any] | None


def milliseconds(at: datetime | None) -> int | None:
    """Return an aware instant as the table keeps it."""
    return None if at is None else (at - _EPOCH) // _MILLISECOND


def instant(value: int) -> datetime:
    """Return the aware instant that the table keeps as whole milliseconds."""
    return _EPOCH + value * _MILLISECOND


def _instant(value: int | None) -> datetime | None:
    return None if value is None else instant(value)


def written(value: Any | None) -> str | None:
    """Return a plain JSON value as the table keeps it."""
    return None if value is None else orjson.dumps(value).decode()


def _read(value: str | None) -> Any | None:
    return None if value is None else orjson.loads(value)


class Instant(TypeDecorator[datetime]):
    """An aware datetime kept as whole milliseconds since 1970: compared as an instant."""

    impl = BigInteger
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Way:
        """Return what turns an aware datetime into milliseconds."""
        del dialect
        return milliseconds

    def result_processor(self, dialect: Dialect, coltype: object) -> Way:
        """Return what turns milliseconds into an aware datetime in UTC."""
        del dialect, coltype
        return _instant


class JsonText(TypeDecorator[Any]):
    """A plain JSON value kept as compact text: the same bytes on every database."""

    impl = Text
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Way:
        """Return what writes the value as JSON."""
        del dialect
        return written

    def result_processor(self, dialect: Dialect, coltype: object) -> Way:
        """Return what reads the value back."""
        del dialect, coltype
        return _read


class SaidText(TypeDecorator[str]):
    """A text that may be ``Said``: what is plain is kept as it is, the other with its pattern.

    JSON is told from plain text by how it begins, so plain text that begins so is kept as JSON too.
    """

    impl = String
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Way:
        """Return what writes the text."""
        del dialect
        return _kept

    def result_processor(self, dialect: Dialect, coltype: object) -> Way:
        """Return what reads the text back, to be said in any language."""
        del dialect, coltype
        return _said


_JSON_BEGINS = ("{", '"')


def _kept(text: str | None) -> str | None:
    if isinstance(text, (Said, Both)) or (text is not None and text.startswith(_JSON_BEGINS)):
        return written(as_json(text))
    return text


def _said(kept: str | None) -> str | None:
    if kept is None or not kept.startswith(_JSON_BEGINS):
        return kept
    try:
        return from_json(orjson.loads(kept))
    except (orjson.JSONDecodeError, LookupError):  # written by a release that kept all as it was
        return kept
