"""A birth in the ministry's words: the XML document we send, and whether it is what is there."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lxml import etree

from bridge.sdk.errors import Rejected
from bridge.sdk.xml import Schema, Unwritable, from_plain

from .faults import DOCUMENT_FIELDS

__all__ = ["SCHEMA", "agrees", "written"]

SCHEMA = Schema(Path(__file__).with_name("hotich.xsd"))


def written(body: Mapping[str, Any]) -> str:
    """Return the document of a lowered dossier; what is not known is left out.

    It has no declaration: it travels as a text, whose encoding is the envelope's (UTF-8).

    Raises:
        Rejected: (code ``XML``) a text holds what XML can't carry.
    """
    said = {name: body[name] for name in DOCUMENT_FIELDS if body.get(name) not in (None, "")}
    try:
        root = from_plain(SCHEMA.shape("hotich"), {"hoso": said})
    except Unwritable as fault:
        field = fault.path.rpartition("/")[2]
        raise Rejected("XML", field, "có ký tự không viết được trong XML") from fault
    return etree.tostring(root, encoding="unicode")


def agrees(sent: Mapping[str, Any], held: Mapping[str, Any]) -> bool:
    """Tell whether a record holds what was sent, and nothing where nothing was said."""
    return all(_text(sent.get(name)) == _text(held.get(name)) for name in DOCUMENT_FIELDS)


def _text(value: Any) -> str:
    return "" if value is None else unicodedata.normalize("NFC", str(value)).strip()
