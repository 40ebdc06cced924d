"""What libxml2 found wrong, said without the text it found.

Its messages quote the value at fault (``The value 'Nguyễn…' is not accepted``). Only what stands
in the schema is taken out of them: names of elements, attributes and types, patterns, lists of
allowed words. Each of those stands last in its message, which is what the expressions hold on to.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from lxml import etree

__all__ = ["Violation", "locate", "parse_rule", "schema_rule"]

LONGEST = 200
"""Characters of a list of allowed words that are quoted."""
_PARSE_RULES = {
    value: name.removeprefix("NS_").removeprefix("ERR_").lower().replace("_", " ")
    for name, value in vars(etree.ErrorTypes).items()
    if name.startswith(("ERR_", "NS_ERR_"))
}
_SCHEMA_RULES = {
    value: name.removeprefix("SCHEMAV_").lower().replace("_", " ")
    for name, value in vars(etree.ErrorTypes).items()
    if name.startswith("SCHEMAV_")
}
_NAME = r"[^\W\d][\w.-]{0,63}"
_ELEMENT = re.compile(rf"^Element '(?:\{{[^}}']*\}})?({_NAME})'(?:, attribute '({_NAME})')?: ")
_EXPANDED = re.compile(r"\{[^}]*[:/][^}]*\}")
"""A namespace before a name; a pattern's ``{14}`` has neither colon nor slash."""
_SCHEMA_WORDS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"element of the set \{([^{}]*)\}\.$"), "not one of {}"),
    (re.compile(r"by the pattern '([^']*)'\.$"), "not of the form {}"),
    (re.compile(r"of the (?:local )?(?:atomic|list|union) type '([^']*)'\.$"), "not a valid {}"),
    (re.compile(r"^Missing child element\(s\)\. Expected is (?:one of )?\( (.*) \)\.$"),
     "lacks {}"),
    (re.compile(r"^This element is not expected\. Expected is (?:one of )?\( (.*) \)\.$"),
     "not expected here, where {} should stand"),
    (re.compile(r"^This element is not expected\.()$"), "not expected here"),
    (re.compile(rf"^The attribute '({_NAME})' is required but missing\.$"),
     "lacks the attribute {}"),
    (re.compile(rf"^The attribute '({_NAME})' is not allowed\.$"),
     "has the attribute {}, which is not allowed"),
    (re.compile(r"^Character content other than whitespace is not allowed()"),
     "holds text between its elements"),
    (re.compile(r"^No matching global declaration()"), "is not a document of this schema"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Violation:
    """One breach of a schema. ``line`` is 0 for an element that was never text.

    ``path`` names the element from the root (``DanhSachHoSo/HoSo[2]/NgaySinh``), ``what`` says
    which rule it breaks, without the value.
    """

    line: int
    path: str
    what: str

    @property
    def name(self) -> str:
        """The name of the element at fault, without its place."""
        return self.path.rpartition("/")[2].partition("[")[0]

    def __str__(self) -> str:
        """Say it in one line."""
        return f"{f'line {self.line}: ' if self.line else ''}{self.path}: {self.what}"


def parse_rule(error: Any) -> str:
    """Return line and rule of a document that is not well formed."""
    rule = _PARSE_RULES.get(error.code, "not well formed")
    return f"line {error.lineno or 1}: not well-formed XML ({rule})"


def schema_rule(rule: int, message: str) -> str:
    """Return which rule of the schema was broken, without the value that broke it."""
    element = _ELEMENT.match(message)
    rest = message[element.end() :] if element else message
    named = element[2] if element and f"attribute '{element[2]}'" not in rest else None
    at = f"attribute {named} " if named else ""
    for pattern, words in _SCHEMA_WORDS:
        found = pattern.search(rest)
        if found:
            return f"{at}{words.format(_short(_EXPANDED.sub('', found[1])))}"
    return f"{at}breaks the rule {_SCHEMA_RULES.get(rule, 'of its type')}"


def locate(root: etree._Element, entry: Any) -> str:
    """Return the path, in names, of the element a log entry speaks of."""
    _, _, below = str(entry.path or "").lstrip("/").partition("/")
    element: Any = root
    if below:
        try:
            found: Any = root.xpath(f"./{below}", namespaces=_prefixes(root))
        except etree.XPathError:
            found = ()
        if not found:
            named = _ELEMENT.match(entry.message)
            return named[1] if named else _local(root)
        element = found[0]
    steps: list[str] = []
    while element is not root:
        steps.append(_step(element))
        element = element.getparent()
    return "/".join((_local(root), *reversed(steps)))


def _step(element: etree._Element) -> str:
    parent = element.getparent()
    same = [] if parent is None else [each for each in parent if each.tag == element.tag]
    name = _local(element)
    return f"{name}[{same.index(element) + 1}]" if len(same) > 1 else name


def _prefixes(root: etree._Element) -> dict[str, str]:
    return {p: uri for node in root.iter() for p, uri in node.nsmap.items() if p}


def _local(element: etree._Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}..."
