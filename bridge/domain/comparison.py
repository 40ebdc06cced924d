"""A comparison of both sides as it is kept and reported: its counts, and its findings in their places."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from bridge.domain.reconcile import (
    Different,
    Duplicates,
    Finding,
    InStep,
    MissingAtMinistry,
    MissingAtOneStop,
    NotSeen,
    OnItsWay,
    OrphanLink,
    Withdrawn,
)


class Kind(StrEnum):
    """What a finding is called where it is counted."""

    IN_STEP = "in_step"
    ON_ITS_WAY = "on_its_way"
    MISSING_AT_MINISTRY = "missing_at_ministry"
    MISSING_AT_ONESTOP = "missing_at_onestop"
    DIFFERENT = "different"
    DUPLICATES = "duplicates"
    ORPHAN_LINK = "orphan_link"
    WITHDRAWN = "withdrawn"
    NOT_SEEN = "not_seen"


DIFFERING = frozenset(
    {
        Kind.MISSING_AT_MINISTRY,
        Kind.MISSING_AT_ONESTOP,
        Kind.DIFFERENT,
        Kind.DUPLICATES,
        Kind.ORPHAN_LINK,
    }
)
"""The kinds in which both sides do not agree."""


def differing(counts: Mapping[Kind, int]) -> int:
    """Return in how many dossiers and records both sides do not agree."""
    return sum(counts.get(kind, 0) for kind in DIFFERING)


_KINDS: Mapping[type[Finding], Kind] = {
    InStep: Kind.IN_STEP,
    OnItsWay: Kind.ON_ITS_WAY,
    MissingAtMinistry: Kind.MISSING_AT_MINISTRY,
    MissingAtOneStop: Kind.MISSING_AT_ONESTOP,
    Different: Kind.DIFFERENT,
    Duplicates: Kind.DUPLICATES,
    OrphanLink: Kind.ORPHAN_LINK,
    Withdrawn: Kind.WITHDRAWN,
    NotSeen: Kind.NOT_SEEN,
}


def kind_of(finding: Finding) -> Kind:
    """Return what a finding is called where it is counted."""
    return _KINDS[type(finding)]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a finding belongs; ``None`` where nobody knows.

    ``day`` is that of reception (``YYYY-MM-DD``), ``unit`` the one that handles the dossier
    (``agency.code``), ``procedure`` its code.
    """

    day: str | None = None
    unit: str | None = None
    procedure: str | None = None


@dataclass(frozen=True, slots=True)
class Placed:
    """A finding in its place."""

    finding: Finding
    place: Place


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a comparison of a system over some days of reception (both included) came to.

    ``counts`` are of all findings by kind, ``by_day``, ``by_unit`` and ``by_procedure`` the same of
    each place (``""`` for those that have none).
    """

    system: str
    since: date
    until: date
    made_at: datetime
    counts: Mapping[Kind, int]
    by_day: Mapping[str, Mapping[Kind, int]] = field(default_factory=dict)
    by_unit: Mapping[str, Mapping[Kind, int]] = field(default_factory=dict)
    by_procedure: Mapping[str, Mapping[Kind, int]] = field(default_factory=dict)

    @property
    def compared(self) -> int:
        """How many dossiers and records were looked at."""
        return sum(self.counts.values())
