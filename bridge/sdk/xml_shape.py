"""The outline of an XML schema: which children an element has and in what order.

Read from the schema itself, so that a document is written in the order the schema asks for
without a second list of the same names beside it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from lxml import etree

__all__ = ["Shape", "local_name", "read_shapes"]

XS = "{http://www.w3.org/2001/XMLSchema}"
GROUPS = {f"{XS}{name}" for name in ("sequence", "choice", "all", "complexContent")}


@dataclass(frozen=True)
class Shape:
    """One element of a schema. ``most`` is how often it may stand, None without a limit.

    ``namespace`` is ``""`` for an unqualified element.
    """

    name: str
    namespace: str
    most: int | None
    schema: etree._Element | None
    declaration: etree._Element | None

    @classmethod
    def stranger(cls, name: str, namespace: str) -> Shape:
        """Return the shape of an element the schema does not know."""
        return cls(name, namespace, most=1, schema=None, declaration=None)

    @property
    def repeated(self) -> bool:
        """Whether it may stand more than once."""
        return self.most is None or self.most > 1

    @property
    def tag(self) -> str:
        """The element's name as lxml writes it."""
        return f"{{{self.namespace}}}{self.name}" if self.namespace else self.name

    @cached_property
    def children(self) -> tuple[Shape, ...]:
        """The child elements, in the schema's order; read when asked, for types that nest."""
        if self.schema is None or self.declaration is None:
            return ()
        body = _type_of(self.schema, self.declaration)
        if body is None:
            return ()
        return tuple(_child(self.schema, found) for found in _elements(self.schema, body))

    @cached_property
    def lists(self) -> frozenset[str]:
        """The names of all elements below that may stand more than once."""
        below = [shape.lists for shape in self.children]
        return frozenset(c.name for c in self.children if c.repeated).union(*below)


def local_name(tag: str) -> str:
    """Return a tag without its namespace."""
    return tag.rpartition("}")[2]


def read_shapes(schema: etree._Element) -> Mapping[str, Shape]:
    """Return the global elements of an ``xs:schema`` by name."""
    namespace = schema.get("targetNamespace") or ""
    return {
        str(declared.get("name")): Shape(
            str(declared.get("name")), namespace, most=1, schema=schema,
            declaration=declared,
        )
        for declared in schema.findall(f"{XS}element")
    }  # fmt: skip


def _child(schema: etree._Element, found: etree._Element) -> Shape:
    target = schema.get("targetNamespace") or ""
    reference = found.get("ref")
    limit = found.get("maxOccurs", "1")
    most = None if limit == "unbounded" else int(limit)
    if reference is not None:
        name = reference.rpartition(":")[2]
        return Shape(name, target, most, schema, _named(schema, "element", name))
    form = found.get("form") or schema.get("elementFormDefault") or "unqualified"
    namespace = target if form == "qualified" else ""
    return Shape(str(found.get("name")), namespace, most, schema, found)


def _type_of(schema: etree._Element, declaration: etree._Element) -> etree._Element | None:
    inline = declaration.find(f"{XS}complexType")
    if inline is not None:
        return inline
    return _named(schema, "complexType", (declaration.get("type") or "").rpartition(":")[2])


def _named(schema: etree._Element, kind: str, name: str) -> etree._Element | None:
    found = (node for node in schema.findall(f"{XS}{kind}") if node.get("name") == name)
    return next(found, None)


def _elements(schema: etree._Element, body: etree._Element) -> Iterator[etree._Element]:
    for node in body:
        if node.tag == f"{XS}element":
            yield node
        elif node.tag == f"{XS}extension":
            base = _named(schema, "complexType", (node.get("base") or "").rpartition(":")[2])
            if base is not None:
                yield from _elements(schema, base)
            yield from _elements(schema, node)
        elif node.tag in GROUPS:
            yield from _elements(schema, node)
