"""One file of the ministry's changes, read as a stream: records, or the reason it is broken."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from typing import Any, BinaryIO

from bridge.sdk.folder_names import change_time
from bridge.sdk.records import Record, Unreadable
from bridge.sdk.xml import Element, to_plain
from bridge.sdk.xml_stream import stream

from .outgoing import NAMESPACE, SCHEMA

__all__ = ["records", "word"]

HOSO = f"{{{NAMESPACE}}}HoSo"
LISTS = frozenset({"VanBang", "TepDinhKem"})


def records(file: BinaryIO, name: str) -> list[Record | Unreadable]:
    """Return the dossiers of a whole file, in its order.

    The texts of attachments are left out: the one-stop reads none, and they are most of a file.

    Raises:
        ContractBroken: the file breaks the schema; none of it counts.
        OSError: it could not be read.
    """
    return list(_read(file, name))


def _read(file: BinaryIO, name: str) -> Iterator[Record | Unreadable]:
    at = change_time(name)
    for number, element in enumerate(stream(file, HOSO, SCHEMA), start=1):
        body = _body(element)
        ref, code = word(body.get("SoTiepNhan")), word(body.get("MaHoSo"))
        if ref or code:
            yield Record(ref=ref, body=body, version=int(body["@phienBan"]), at=at)
        else:
            reason = f"HoSo[{number}]: has neither SoTiepNhan nor MaHoSo"
            yield Unreadable(f"{name}#{number}", reason)


def _body(element: Element) -> dict[str, Any]:
    body: dict[str, Any] = to_plain(element, LISTS)
    for paper in body.get("TepDinhKem", ()):
        paper.pop("#text")
    return body


def word(value: object) -> str:
    """Return a code or number as it is compared: NFC, trimmed, ``""`` when there is none."""
    return unicodedata.normalize("NFC", str(value or "")).strip()
