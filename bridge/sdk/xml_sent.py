"""A document that goes out: written in the schema's order, and judged before anything is sent."""

from __future__ import annotations

from typing import Any

from lxml import etree

from bridge.domain.said import Said
from bridge.sdk.errors import Rejected
from bridge.sdk.xml import Element, Schema, Unwritable, from_plain, local_name

__all__ = ["sent_content", "sent_document"]


def sent_document(schema: Schema, name: str, plain: Any) -> Element:
    """Return the document whose root is the schema's global element ``name``.

    ``plain`` is what ``from_plain`` takes.

    Raises:
        Rejected: (code ``XML``) a text holds characters that XML can't carry, or (code ``XSD``)
            the document breaks the schema; with the name of the element, and never a value.
    """
    try:
        root = from_plain(schema.shape(name), plain)
    except Unwritable as error:
        field = local_name(error.path.rpartition("/")[2])
        raise Rejected("XML", field, Said("{detail}", detail=str(error))) from None
    found = schema.violations(root)
    if found:
        reason = "; ".join(str(each) for each in found)
        raise Rejected("XSD", found[0].name, Said("{detail}", detail=reason))
    return root


def sent_content(schema: Schema, name: str, plain: Any) -> bytes:
    """Return the bytes of ``sent_document``, in UTF-8 with a declaration; raises like it."""
    root = sent_document(schema, name, plain)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")
