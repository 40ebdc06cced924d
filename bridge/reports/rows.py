"""The findings of a comparison as rows: one a field, one for a finding without."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bridge.domain.comparison import Place, Placed
from bridge.domain.finding_record import refs_of
from bridge.domain.reconcile import (
    Different,
    FieldDifference,
    Finding,
    InStep,
    NotSeen,
    Withdrawn,
)


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a sheet: a finding, and one of its fields where it has any."""

    finding: Finding
    place: Place
    field: FieldDifference | None = None


def as_rows(rows: Iterable[Placed]) -> Iterator[Row]:
    """Yield a row for each field that differs, one for a finding without; what agrees has none."""
    for placed in rows:
        finding = placed.finding
        if isinstance(finding, InStep | Withdrawn):
            continue
        fields = finding.fields if isinstance(finding, Different) else ()
        for field in fields or (None,):
            yield Row(finding, placed.place, field)


def code_of(finding: Finding) -> str | None:
    """Return the dossier's code; of a side that could not be read, its name there."""
    return finding.name if isinstance(finding, NotSeen) else finding.code


def ref_of(finding: Finding) -> str | None:
    """Return the ministry's number; all of them of a dossier that is there twice."""
    return ", ".join(refs_of(finding)) or None
