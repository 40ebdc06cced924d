"""One file of the ministry's changes, read as a stream: records, or the reason it is broken."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from typing import Any, BinaryIO

from bridge.sdk.folder_feed import Attachment
from bridge.sdk.folder_names import change_time
from bridge.sdk.records import Record, Unreadable
from bridge.sdk.xml import Element, to_plain
from bridge.sdk.xml_content import shortened
from bridge.sdk.xml_stream import stream

from .outgoing import NAMESPACE, SCHEMA

__all__ = ["ATTACHMENT", "FILE", "records", "word"]

HOSO = f"{{{NAMESPACE}}}HoSo"
FILE = "@tep"
"""Where a record names the file of ``di/`` that its attachments are in; the contract has no such word."""
LISTS = frozenset({"VanBang", "TepDinhKem"})
ATTACHMENT = Attachment("TepDinhKem", "sha256")


def records(file: BinaryIO, name: str) -> list[Record | Unreadable]:
    """Return the dossiers of a whole file, in its order.

    The texts of attachments are left out, for they are most of a file: a record names the file it
    came in (``FILE``), where they are read once more when they are wanted.

    Raises:
        ContractBroken: the file breaks the schema; none of it counts.
        OSError: it could not be read.
    """
    return list(_read(shortened(file), name))


def _read(file: BinaryIO, name: str) -> Iterator[Record | Unreadable]:
    at = change_time(name)
    for number, element in enumerate(stream(file, HOSO, SCHEMA), start=1):
        body = _body(element, name)
        ref, code = word(body.get("SoTiepNhan")), word(body.get("MaHoSo"))
        if ref or code:
            yield Record(ref=ref, body=body, version=int(body["@phienBan"]), at=at)
        else:
            reason = f"HoSo[{number}]: has neither SoTiepNhan nor MaHoSo"
            yield Unreadable(f"{name}#{number}", reason)


def _body(element: Element, name: str) -> dict[str, Any]:
    body: dict[str, Any] = to_plain(element, LISTS)
    for paper in body.get("TepDinhKem", ()):
        paper.pop("#text")
        body[FILE] = name
    return body


def word(value: object) -> str:
    """Return a code or number as it is compared: NFC, trimmed, ``""`` when there is none."""
    return unicodedata.normalize("NFC", str(value or "")).strip()
