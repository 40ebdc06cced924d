"""One command as one file: checked by the schema before it is written, streamed while it is.

The schema is asked before any file is touched, with empty attachments; their base64 goes out
block by block, so a dossier with large papers costs no more memory than one without.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from lxml import etree

from bridge.sdk.documents import Document, once
from bridge.sdk.errors import Rejected
from bridge.sdk.records import Command
from bridge.sdk.xml import Element, Schema
from bridge.sdk.xml_sent import sent_document

__all__ = ["FIRST_STATUS", "NAMESPACE", "SCHEMA", "Outgoing", "outgoing"]

SCHEMA = Schema(Path(__file__).with_name("yte.xsd"))
NAMESPACE = "urn:onestop:yte:v1"
FIRST_STATUS = "MOI"


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A checked document whose attachments are not read yet; they stand between ``parts``."""

    parts: Sequence[bytes]
    attachments: Sequence[Document]

    def blocks(self) -> Iterator[bytes]:
        """Yield the file's bytes; raises ``DocumentFault`` when an attachment is not as told."""
        yield self.parts[0]
        for document, part in zip(self.attachments, self.parts[1:], strict=True):
            yield from _base64(document)
            yield part


def outgoing(command: Command, agency: str) -> Outgoing:
    """Return the file for ``command``.

    Raises:
        Rejected: the body breaks the schema, holds characters XML can't carry, or names a
            document that did not come with the command. Nothing was written.
    """
    body, papers = _body(command)
    plain = {"@maDonVi": agency, "HoSo": [body]}
    return _split(sent_document(SCHEMA, "DanhSachHoSo", plain), papers)


def _body(command: Command) -> tuple[Mapping[str, Any], list[Document | None]]:
    """Return the HoSo with empty attachments, and their files (None: the text is in the body)."""
    attached = [dict(item) for item in once(command.body.get("TepDinhKem") or (), "#text")]
    papers: list[Document | None] = []
    for item in attached:
        text = item.get("#text")
        papers.append(_document(command, text["document"]) if isinstance(text, dict) else None)
        item["#text"] = "" if isinstance(text, dict) else text
    body = {
        **command.body,
        "@phienBan": command.version,
        "MaHoSo": command.code,
        "SoTiepNhan": command.ref or None,
        "TrangThai": _status(command),
        "TepDinhKem": attached,
    }
    return body, papers


def _status(command: Command) -> str:
    """MOI with n = 1, later the last one received (contracts/systems.md, yte)."""
    last = command.known.get("TrangThai") if command.version > 1 else None
    return str(last or FIRST_STATUS)


def _document(command: Command, document_id: str) -> Document:
    if document_id not in command.documents:
        raise Rejected("DOCUMENT", "documents", f"document {document_id} is not with the dossier")
    return command.documents[document_id]


def _split(root: Element, papers: Sequence[Document | None]) -> Outgoing:
    slots = root.iter(f"{{{NAMESPACE}}}TepDinhKem")
    filled = [(slot, paper) for slot, paper in zip(slots, papers, strict=True) if paper]
    mark = uuid4().hex
    for slot, _ in filled:
        slot.text = mark
    whole = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
    return Outgoing(whole.split(mark.encode()), [paper for _, paper in filled])


def _base64(document: Document) -> Iterator[bytes]:
    rest = b""
    for block in document.chunks():
        joined = rest + block  # base64 is written in whole triplets
        whole = len(joined) - len(joined) % 3
        rest = joined[whole:]
        yield b64encode(joined[:whole])
    yield b64encode(rest)
