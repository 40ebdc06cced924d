"""A long XML document read element by element: checked as it comes, forgotten when it is used.

lxml can check by schema while it parses, but then ``iterparse`` ends without an error at some
documents that are not well formed, and what it had not yet shown is lost in silence. So each
element is checked alone instead, in a root like its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, BinaryIO

from lxml import etree

from bridge.sdk.errors import ContractBroken
from bridge.sdk.xml import SAFE, Element, Schema, local_name, refuse_doctype
from bridge.sdk.xml_words import Violation, parse_rule

__all__ = ["closed", "stream"]

EDGE = 4096
"""Bytes looked at, at either end of a file."""
_REMARK = re.compile(rb"<!--.*?-->|<\?.*?\?>", re.DOTALL)
_ROOT = re.compile(rb"<(?:[\w.-]+:)?([A-Za-z_][\w.-]*)[\s/>]")


def closed(file: BinaryIO, root: str) -> bool:
    """Tell whether the root's closing tag is there; leaves the file at its beginning.

    ``root`` is the name that it has where the first bytes of the file don't tell.

    Looked for near the end, not at it: a comment or blanks may follow. NULs are dropped, so
    UTF-16 is understood, and a file whose end was only reserved on the disk is not closed.
    """
    head = _REMARK.sub(b"", file.read(EDGE).replace(b"\0", b""))
    found = _ROOT.search(head)
    name = found[1] if found else root.encode()
    size = file.seek(0, 2)
    file.seek(max(0, size - EDGE))
    tail = file.read(EDGE).replace(b"\0", b"")
    file.seek(0)
    return re.search(rb"</(?:[\w.-]+:)?" + re.escape(name) + rb"\s*>", tail) is not None


def stream(file: BinaryIO, tag: str, schema: Schema | None = None) -> Iterator[Element]:
    """Yield each ``tag`` (``{namespace}name``) below the root as it is read, then forget it.

    With a ``schema`` the document is one whose root holds ``tag`` and nothing else. Each is checked
    before it is yielded, as if it stood alone in the root, and the rest at the end; so what was
    yielded is good only once the iterator has ended.

    Raises:
        ContractBroken: as ``parse``, or the document breaks the schema.
        OSError: reading ``file`` failed.
    """
    reading = _Reading(tag, schema)
    ended: Element | None = None
    events = etree.iterparse(file, events=("start", "end"), tag=tag, **SAFE)
    try:
        for event, element in events:
            root = element.getroottree().getroot()
            reading.begin(root)
            if element.getparent() is not root:
                continue
            if event == "end":
                ended = element
            elif ended is not None:  # only now can the parser no longer be writing behind it
                yield reading.take(root, ended)
                ended = None
        if ended is not None:
            yield reading.take(events.root, ended)
        reading.finish(events.root)
    except etree.XMLSyntaxError as error:
        raise ContractBroken(parse_rule(error)) from None


class _Reading:
    """A document read element by element: what was taken out of it, and what is left."""

    def __init__(self, tag: str, schema: Schema | None) -> None:
        self._tag = tag
        self._schema = schema
        self._count = 0
        self._most: int | None = None
        self._begun = False

    def begin(self, root: Element) -> None:
        """Look at the root, once."""
        if self._begun:
            return
        self._begun = True
        refuse_doctype(root)
        if self._schema is not None:
            outline = self._schema.shapes().get(local_name(str(root.tag)))
            children = outline.children if outline else ()
            self._most = next((c.most for c in children if c.tag == self._tag), None)

    def take(self, root: Element, element: Element) -> Element:
        """Move ``element`` into a root like its own, check it there, and return it."""
        alone = _like(root)
        alone.append(element)
        self._count += 1
        if self._schema is not None:
            self._check(self._schema, alone, element)
        return element

    def _check(self, schema: Schema, alone: Element, element: Element) -> None:
        name = f"{local_name(str(alone.tag))}/{local_name(self._tag)}"
        found = schema.violations(alone)
        if self._most is not None and self._count > self._most:
            line: Any = element.sourceline
            found.insert(0, Violation(line or 0, name, f"more than {self._most} of them"))
        if found:
            first, path = found[0], found[0].path
            if path.startswith(name):
                path = f"{name}[{self._count}]{path.removeprefix(name)}"
            raise ContractBroken(str(replace(first, path=path)))

    def finish(self, root: Element | None) -> None:
        """Check what is left."""
        if root is None:
            raise ContractBroken("line 1: not well-formed XML")
        self.begin(root)
        if self._schema is None:
            return
        if self._count == 0:
            self._schema.require(root)
        name = local_name(str(root.tag))
        for stranger in root:
            where = f"line {stranger.sourceline}: {name}/{local_name(str(stranger.tag))}"
            raise ContractBroken(f"{where}: not expected here")
        if (root.text or "").strip():
            raise ContractBroken(f"{name}: holds text between its elements")


def _like(root: Element) -> Element:
    nsmap: Any = root.nsmap
    attributes = {str(name): str(value) for name, value in root.attrib.items()}
    try:
        return etree.Element(root.tag, attributes, nsmap)
    except ValueError:  # a prefix nobody declared, which the parser reports only at the end
        line = root.sourceline or 1
        raise ContractBroken(f"line {line}: not well-formed XML (undefined namespace)") from None
