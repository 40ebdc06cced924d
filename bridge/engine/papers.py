"""The files of a dossier on their way out: named by its body, given addresses, weighed."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from bridge.domain.dossier import Fields
from bridge.engine.house import House, Ministry
from bridge.sdk.documents import Document

CONTENT, ADDRESS = "document", "address"
"""What a lowered body says in place of a file's bytes, and of its address: ``{word: row id}``."""


def documents(house: House, fields: Fields, body: Mapping[str, Any]) -> dict[str, Document]:
    """Return the files that ``body`` names, by the id of their row.

    A paper that is deleted has no file any more; only its address still stands in a body.

    Raises:
        DocumentFault: the path of one leads out of the documents folder.
    """
    wanted, linked = set(_named(body, CONTENT)), set(_named(body, ADDRESS))
    return {
        row["id"]: house.onestop.document(row)
        for row in _rows(fields)
        if row["id"] in wanted or (row["id"] in linked and not row["deleted"])
    }


def weigh(ministry: Ministry, files: Mapping[str, Document]) -> None:
    """See that all files are there and small enough for the system; nothing of them is read.

    Raises:
        DocumentTooLarge: one is larger than ``max_document_mb``.
        DocumentFault: one is not there.
    """
    for document in files.values():
        document.weigh(ministry.max_document_mb)


def addressed(
    house: House, ministry: Ministry, fields: Fields, body: dict[str, Any]
) -> dict[str, Any]:
    """Return ``body`` with the addresses of its files.

    Rows that hold the same file share one address, so that a file is fetched once.
    """
    addresses = house.addresses
    if addresses is None:
        return body
    now, first = house.now(), _first_of_each(_rows(fields))
    made = {
        one: addresses.address(ministry.name, first.get(one, one), now)
        for one in _named(body, ADDRESS)
    }
    return {key: _filled(part, made) for key, part in body.items()} if made else body


def _first_of_each(rows: Collection[Any]) -> dict[str, str]:
    """Return for each row that is not deleted the first such row with the same file."""
    first: dict[tuple[Any, ...], str] = {}
    return {
        row["id"]: first.setdefault((row["sha256"], row["size"], row["media_type"]), row["id"])
        for row in rows
        if not row["deleted"]
    }


def _filled(part: Any, made: Mapping[str, str]) -> Any:
    if isinstance(part, dict):
        if part.keys() == {ADDRESS}:
            return made[str(part[ADDRESS])]
        return {key: _filled(value, made) for key, value in part.items()}
    return [_filled(value, made) for value in part] if isinstance(part, list) else part


def _rows(fields: Fields) -> list[Any]:
    rows = fields.get("documents")
    return rows if isinstance(rows, list) else []


def _named(part: Any, word: str) -> Iterator[str]:
    """Yield the ids of the documents named ``{word: id}`` anywhere in a body."""
    if isinstance(part, dict):
        if part.keys() == {word}:
            yield str(part[word])
        for value in part.values():
            yield from _named(value, word)
    elif isinstance(part, list):
        for value in part:
            yield from _named(value, word)
