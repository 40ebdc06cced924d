"""XML as ministries send it and take it: read without trust, checked by schema, turned into dicts.

The parser never resolves an entity, never opens an address, loads no DTD, keeps libxml2's size
limits, and a document with a DOCTYPE is refused. What is wrong is said by line, element and rule:
libxml2's own messages quote the text they dislike, and that text may be a person's name.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from threading import Lock
from typing import Any, cast

from lxml import etree

from bridge.sdk.errors import ContractBroken
from bridge.sdk.xml_shape import Shape, local_name, read_shapes
from bridge.sdk.xml_words import (
    Violation,
    locate,
    parse_rule,
    schema_rule,
)

__all__ = [
    "SAFE",
    "Element",
    "Schema",
    "Shape",
    "Unwritable",
    "Violation",
    "from_plain",
    "local_name",
    "parse",
    "refuse_doctype",
    "to_plain",
]

Element = etree._Element  # noqa: SLF001 - lxml names the type nowhere else

XSI = "{http://www.w3.org/2001/XMLSchema-instance}"
BOM = b"\xef\xbb\xbf"
#: For every parser of ours: no entities, no network, no DTD, libxml2's limits.
SAFE: dict[str, Any] = {
    "resolve_entities": False,
    "no_network": True,
    "load_dtd": False,
    "huge_tree": False,
    "remove_comments": True,
    "remove_pis": True,
}


class Unwritable(ValueError):  # noqa: N818 - a fault of the text, not of the program
    """A text holds characters that XML can't carry (control characters); ``path`` says where."""

    def __init__(self, path: str) -> None:
        super().__init__(f"{path}: holds characters that XML can't carry")
        self.path = path


class Schema:
    """An XML schema: compiled at first use, then shared by all threads.

    ``source`` is the path of an ``.xsd`` file, or a function that returns an ``xs:schema``
    element (one that stands inside a WSDL).
    """

    def __init__(self, source: Path | Callable[[], Element]) -> None:
        self._source = source
        self._lock = Lock()
        self._parts: tuple[etree.XMLSchema, Mapping[str, Shape]] | None = None

    def compile(self) -> etree.XMLSchema:
        """Return lxml's own object; raises OSError or lxml's errors when the file is no schema."""
        return self._read()[0]

    def violations(self, element: Element) -> list[Violation]:
        """Return what in ``element`` breaks the schema, in order; empty when it is valid."""
        compiled = self.compile()
        with self._lock:  # lxml keeps the findings of the last call on the schema itself
            if compiled.validate(element):
                return []
            entries: list[Any] = [*cast("Any", compiled.error_log)]
        found = [Violation(e.line, locate(element, e), schema_rule(e.type, e.message))
                 for e in entries]  # fmt: skip
        return list(dict.fromkeys(found))

    def require(self, element: Element) -> None:
        """Raise ContractBroken, naming the first violation, unless ``element`` is valid."""
        found = self.violations(element)
        if found:
            raise ContractBroken(str(found[0]))

    def shape(self, name: str) -> Shape:
        """Return the outline of the global element ``name``; KeyError when there is none."""
        return self.shapes()[name]

    def shapes(self) -> Mapping[str, Shape]:
        """Return the outlines of all global elements by name."""
        return self._read()[1]

    def _read(self) -> tuple[etree.XMLSchema, Mapping[str, Shape]]:
        with self._lock:
            if self._parts is None:
                document = (
                    parse(self._source.read_bytes())
                    if isinstance(self._source, Path)
                    else self._source()
                )
                self._parts = etree.XMLSchema(document), read_shapes(document)
            return self._parts


def parse(content: bytes) -> Element:
    """Return the root of a whole document; a byte order mark is tolerated.

    Raises:
        ContractBroken: not well formed, too large for libxml2's limits, or with a DOCTYPE;
            names the line and the rule, never the content.
    """
    try:
        root = etree.fromstring(content.removeprefix(BOM), etree.XMLParser(**SAFE))
    except etree.XMLSyntaxError as error:
        raise ContractBroken(parse_rule(error)) from None
    refuse_doctype(root)
    return root


def to_plain(element: Element, lists: Collection[str] = frozenset()) -> Any:
    """Return ``element`` as plain values, namespaces dropped.

    A leaf is its text (``""`` when empty, None when ``xsi:nil``), a leaf with attributes
    ``{"@name": …, "#text": …}``, anything else a dict by child name. The names in ``lists`` are
    lists, also with one item.

    Raises:
        ContractBroken: an element that is not in ``lists`` stands twice.
    """
    if element.get(f"{XSI}nil") in {"true", "1"}:
        return None
    plain: dict[str, Any] = {
        f"@{local_name(str(name))}": value
        for name, value in element.attrib.items()
        if not str(name).startswith(XSI)
    }
    children = [child for child in element if isinstance(child.tag, str)]
    if not children:
        text = element.text or ""
        return {**plain, "#text": text} if plain else text
    for child in children:
        name, value = local_name(child.tag), to_plain(child, lists)
        if name in lists:
            plain.setdefault(name, []).append(value)
        elif name in plain:
            raise ContractBroken(f"line {child.sourceline}: {name} stands more than once")
        else:
            plain[name] = value
    return plain


def from_plain(shape: Shape, plain: Any) -> Element:
    """Return the element that ``to_plain`` would turn into ``plain``, in the schema's order.

    ``None`` leaves an element out. A name the schema does not know comes last, where the check by
    schema names it, rather than being dropped in silence.

    Raises:
        Unwritable: a text XML can't carry.
    """
    nsmap: Any = {None: shape.namespace} if shape.namespace else None
    root = etree.Element(shape.tag, nsmap=nsmap)
    _fill(root, shape, plain, shape.name)
    return root


def _fill(element: Element, shape: Shape, plain: Any, path: str) -> None:
    plain = plain if isinstance(plain, dict) else {"#text": plain}
    for name, value in plain.items():
        if name.startswith(("@", "#")) and value is not None:
            _write(element, name, _text(value), path)
    known = {child.name: child for child in shape.children}
    strangers = [n for n in plain if not n.startswith(("@", "#")) and n not in known]
    for name in [*known, *strangers]:
        child = known.get(name) or Shape.stranger(name, shape.namespace)
        value = plain.get(name)
        for item in value if isinstance(value, list) else [value]:
            if item is not None:
                _fill(_below(element, child.tag, f"{path}/{name}"), child, item, f"{path}/{name}")


def _below(element: Element, tag: str, path: str) -> Element:
    try:
        return etree.SubElement(element, tag)
    except ValueError:
        raise Unwritable(path) from None


def _write(element: Element, name: str, text: str, path: str) -> None:
    try:
        if name == "#text":
            element.text = text
        else:
            element.set(name[1:], text)
    except ValueError:
        raise Unwritable(path if name == "#text" else f"{path}/{name}") from None


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def refuse_doctype(element: Element) -> None:
    """Raise ContractBroken when the element's document has a DOCTYPE."""
    docinfo: Any = element.getroottree().docinfo
    if docinfo.doctype:
        raise ContractBroken("line 1: a DOCTYPE is not allowed")
