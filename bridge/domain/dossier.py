"""The canonical dossier: one flat record both sides are translated to before anything is compared.

A snapshot is a flat mapping from a dotted path (``applicant.name``, ``details.licence_class``)
to a plain JSON value. Flat, because every question the engine asks is asked path by path: who
owns it, did it change, does the ministry know it. Lists (``documents``, ``fees``,
``supplements``, ``progress``, a list inside ``details``) are values of one path and hold flat
dictionaries.

Forms every producer of a snapshot keeps to, so that equal facts are equal values:

* text is NFC, trimmed, and never ``""`` (an empty text is ``None``);
* an instant is ISO 8601 text in ``+07:00`` with milliseconds
  (``2026-11-20T09:15:00.000+07:00``); whole days are ``YYYY-MM-DD``;
* a birth date is as much as is known: ``YYYY-MM-DD``, ``YYYY-MM`` or ``YYYY``;
* money is an ``int`` of VND, or text of a decimal where it has a fraction;
* flags are ``bool``; status, channel and kinds are ``int``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeAlias

Json: TypeAlias = bool | int | float | str | list[Any] | dict[str, Any] | None
Fields: TypeAlias = Mapping[str, Json]

#: Every fixed path of a canonical dossier with the kind of its value. ``details.*`` is open.
PATHS: Mapping[str, str] = {
    "code": "text",
    "procedure.code": "text",
    "procedure.local_code": "text",
    "procedure.name": "text",
    "procedure.sector_code": "text",
    "procedure.sector_name": "text",
    "agency.code": "text",
    "agency.name": "text",
    "reception_agency.code": "text",
    "reception_agency.name": "text",
    "channel": "int",
    "submitted_via": "int",
    "applicant.kind": "int",
    "applicant.name": "text",
    "applicant.id_type": "text",
    "applicant.id_number": "text",
    "applicant.id_issued_on": "day",
    "applicant.id_issued_by": "text",
    "applicant.birth_date": "partial_day",
    "applicant.sex": "text",
    "applicant.phone": "text",
    "applicant.email": "text",
    "applicant.vneid": "flag",
    "applicant.address": "text",
    "applicant.commune_code": "text",
    "summary": "text",
    "submitted_at": "instant",
    "received_at": "instant",
    "due_at": "instant",
    "refused_at": "instant",
    "finished_at": "instant",
    "returned_at": "instant",
    "result_delivery": "int",
    "status": "status",
    "status_note": "text",
    "ministry_ref": "text",
    "documents": "list",
    "fees": "list",
    "supplements": "list",
    "supplements_brought": "list",
    "progress": "list",
}

#: Keys of the records inside the list-valued paths (the columns of ``contracts/onestop.sql``).
LIST_KEYS: Mapping[str, tuple[str, ...]] = {
    "documents": (
        "id", "kind", "component_code", "name", "file_name", "media_type", "size", "sha256",
        "path", "digitised", "reused", "from_store", "result_code", "deleted",
    ),
    "fees": ("id", "code", "name", "kind", "stage", "amount", "gateway", "paid_at"),
    "supplements": (
        "id", "requested_at", "requested_by", "request", "completed_at", "old_due_at",
        "new_due_at",
    ),
    # derived: [supplement id, completed_at] of what the citizen has brought, sorted
    "supplements_brought": ("id", "completed_at"),
    "progress": ("id", "at", "status", "unit_name", "officer_name", "note", "source"),
}  # fmt: skip

#: Paths that say something about a living person, wherever they appear.
PERSONAL_PREFIXES = ("applicant.", "details.")
PERSONAL_PATHS = frozenset({"summary"})

#: Kinds of values in which nobody can be named, and the texts that are codes or names of offices.
_OPEN_KINDS = frozenset({"int", "status", "instant"})
_OPEN_TEXTS = frozenset({"code", "ministry_ref"})
_OPEN_PREFIXES = ("procedure.", "agency.", "reception_agency.")
_FIGURES = re.compile(r"[\d.,:+TZ-]*")

_CODE = re.compile(r"^(?P<unit>\S{1,40})-(?P<day>\d{6})-(?:\d{4}|\d{6,7}|M\d{6})\Z")


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A dossier as one side shows it now, in canonical form.

    ``stamp`` tells one version of the row from another (optimistic locking); it is opaque and
    meaningful only to the side that gave it. ``content_hash`` covers the fields.
    """

    code: str
    fields: Fields
    stamp: str = ""
    content_hash: str = ""
    extra: Mapping[str, Json] = field(default_factory=dict)

    def get(self, path: str) -> Json:
        """Return the value at ``path``, ``None`` when it is not known."""
        return self.fields.get(path)


def valid_code(code: str) -> bool:
    """Tell whether ``code`` is a dossier code: unit, day of reception, number (rules.md §1.3)."""
    match = _CODE.match(code)
    if match is None:
        return False
    day = match["day"]
    try:
        date(2000 + int(day[:2]), int(day[2:4]), int(day[4:6]))
    except ValueError:
        return False
    return True


def known_path(path: str) -> bool:
    """Tell whether ``path`` is a path a canonical dossier may have."""
    return path in PATHS or (path.startswith("details.") and len(path) > len("details."))


def is_personal(path: str) -> bool:
    """Tell whether a value at ``path`` must stay out of logs, errors, metrics and addresses."""
    return path.startswith(PERSONAL_PREFIXES) or path in PERSONAL_PATHS


def is_open(path: str, *values: Json) -> bool:
    """Tell whether values at ``path`` are known to name nobody: all else is shown only when asked for.

    Free texts, lists and what is not a path of the canonical dossier may name people, and so may a
    text where a number or a moment belongs.
    """
    if is_personal(path) or path not in PATHS:
        return False
    if PATHS[path] == "text":
        return path in _OPEN_TEXTS or path.startswith(_OPEN_PREFIXES)
    return PATHS[path] in _OPEN_KINDS and all(map(_is_figure, values))


def _is_figure(value: Json) -> bool:
    if isinstance(value, str):
        return _FIGURES.fullmatch(value) is not None
    return value is None or isinstance(value, int | float)


def flatten(record: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Json]]:
    """Yield ``(dotted path, value)`` for every leaf of a nested mapping; lists are leaves."""
    for key, value in record.items():
        path = f"{prefix}{key}"
        if isinstance(value, Mapping):
            yield from flatten(value, f"{path}.")
        else:
            yield path, value
