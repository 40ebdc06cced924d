"""Ids that depend on nothing but the facts, so that a repeated record writes nothing twice.

Source: contracts/systems.md, "Imports" and "Progress".
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid5

_NAMESPACE = UUID("5f0c1f0e-6a1c-5f7b-9b5e-2d1f6d9c4a10")


def step_id(system: str, ref: str, status: str, mark: str) -> str:
    """Return the id of the progress row for one status of one version (or time) of a record."""
    return _id("step", system, ref, status, mark)


def supplement_id(system: str, ref: str, mark: str) -> str:
    """Return the id of the supplement request that one version of a record opens."""
    return _id("supplement", system, ref, mark)


def result_id(system: str, code: str, sha256: str) -> str:
    """Return the id of a file that a system issued for a dossier: the same content, the same id."""
    return _id("result", system, code, sha256)


def notice_id(code: str, system: str, kind: str, field: str | None, at: datetime) -> str:
    """Return the id of the notice of one kind about one field of a dossier, given at a moment."""
    return _id("notice", code, system, kind, field or "", at.isoformat())


def import_prefix(agency_code: str, received_at: datetime) -> str:
    """Return what the codes of dossiers imported for one agency and day start with.

    ``received_at`` is local to the ministry.
    """
    return f"{agency_code}-{received_at:%y%m%d}-M"


def import_code(agency_code: str, received_at: datetime, number: int) -> str:
    """Return the dossier code of an imported dossier: prefix and six digits."""
    return f"{import_prefix(agency_code, received_at)}{number:06d}"


def _id(*facts: str) -> str:
    return str(uuid5(_NAMESPACE, "\x1f".join(facts)))
