"""A mapping file, read and found whole: its rules, code tables, contract and examples."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from bridge.domain.authority import Owner
from bridge.domain.dossier import LIST_KEYS, Fields, is_personal
from bridge.mapping.errors import Place
from bridge.mapping.transforms import Codes, Listing, Transform

OUTWARD = frozenset({"both", "out", "mirror"})
"""Ways in which a rule is lowered."""
READ_BACK = frozenset({"both", "in", "mirror"})
"""Ways in which a rule is lifted; what a mirror shows is compared and never taken in."""
INWARD = frozenset({"both", "in"})
"""Ways in which a system tells us something."""


@dataclass(frozen=True)
class Rule:
    """One rule as written, its transforms made.

    ``ours`` is the path it is about (the first it reads, ``""`` when it reads none), ``sources``
    all it reads. ``each`` are the rules of a list's rows; ``record`` those of a list of one row.
    """

    place: Place
    ours: str
    theirs: str
    sources: tuple[str, ...]
    via: tuple[Transform, ...]
    owner: Owner
    way: str
    required: bool
    personal: bool
    default: Any = None
    each: tuple[Rule, ...] = ()
    record: tuple[Rule, ...] = ()
    where: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    known: tuple[str, ...] = ()
    when: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    unless: str = ""

    @property
    def name(self) -> str:
        """What errors call it: ``rule 3``."""
        return self.place.rule

    @property
    def line(self) -> int:
        """Where it stands in its file."""
        return self.place.line

    @property
    def gathers(self) -> bool:
        """Whether it gathers several values, or rows, outward."""
        return bool(self.via) and self.via[0].gathers

    @property
    def takes_rows(self) -> bool:
        """Whether it gathers the rows of a list."""
        return self.gathers and any(path in LIST_KEYS for path in self.sources)

    @property
    def reads(self) -> tuple[str, ...]:
        """All our paths it looks at outward: its sources, its record's and its guard's."""
        inner = tuple(path for one in self.record for path in one.reads)
        known = self.known if self.record else ()
        return (*self.sources, *inner, *self.when, *known)

    @property
    def says_personal(self) -> bool:
        """Whether what it carries may say something about a living person."""
        return self.personal or any(map(is_personal, self.reads))

    @property
    def listings(self) -> tuple[Listing, ...]:
        """The code lists it and the rules below it look into."""
        own = tuple(step.listing for step in self.via if step.listing is not None)
        return own + tuple(one for rule in (*self.each, *self.record) for one in rule.listings)


@dataclass(frozen=True, slots=True)
class Taken:
    """What dossiers a mapping is for: the only ``values`` that may stand at ``path``."""

    place: Place
    path: str
    values: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class ResultTable:
    """The table as written: the list ``theirs``, and the field of a row for each column.

    ``when`` are the values of our fields that mean the ministry has decided; ``unless`` is a field
    of a row that says something only where the file was handed in.
    """

    theirs: str
    when: Mapping[str, tuple[Any, ...]]
    unless: str
    each: Mapping[str, str]

    @property
    def leaves(self) -> tuple[str, ...]:
        """The fields of the contract it reads."""
        fields = (*self.each.values(), *([self.unless] if self.unless else []))
        return tuple(f"{self.theirs}/*/{field}" for field in fields)

    def decided(self, ours: Fields) -> bool:
        """Tell whether what a record says of the dossier is that the ministry has decided."""
        return all(ours.get(path) in values for path, values in self.when.items())


@dataclass(frozen=True)
class Spec:
    """A mapping file. ``adapters`` are the contract's fields that the adapter sets."""

    source: str
    name: str
    version: int
    title: str
    valid_from: date | None
    key: str
    rules: tuple[Rule, ...]
    codes: Mapping[str, Codes]
    triggers: tuple[str, ...]
    ignored: tuple[str, ...]
    adapters: tuple[str, ...]
    contract: tuple[str, ...]
    examples: tuple[Mapping[str, Any], ...]
    fingerprint: str
    takes: tuple[Taken, ...]
    lists: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Of code lists the rows that the examples and the laws know: the name of each code."""
    results: ResultTable | None = None
