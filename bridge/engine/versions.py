"""A dossier keeps the version of its procedure that it was received under.

The one-stop shows its list as it is now. What is sent of a dossier is what the list said when it
was received, where a version of that time is known and has ended since.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from bridge.domain.dossier import Fields, Snapshot
from bridge.store import ProcedureVersion, Unit

_COLUMNS = {
    "procedure.local_code": "local_code",
    "procedure.name": "name",
    "procedure.sector_code": "sector_code",
    "procedure.sector_name": "sector_name",
}
"""What a dossier shows of its procedure, and the column of the one-stop's list it comes from."""


def as_received(unit: Unit, snapshots: Sequence[Snapshot]) -> list[Snapshot]:
    """Return the dossiers with what their procedures were when they were received."""
    codes = {code for one in snapshots if isinstance(code := one.get("procedure.code"), str)}
    past = unit.procedures.past(codes)
    if not past:
        return list(snapshots)
    return [replace(one, fields=_of_then(one.fields, past)) for one in snapshots]


def _of_then(fields: Fields, past: Mapping[str, Sequence[ProcedureVersion]]) -> Fields:
    code, received = fields.get("procedure.code"), fields.get("received_at")
    if not isinstance(code, str) or not isinstance(received, str):
        return fields
    moment = datetime.fromisoformat(received)
    then = next((one for one in past.get(code, ()) if one.held_at(moment)), None)
    if then is None:
        return fields
    return {**fields, **{path: then.content.get(name) for path, name in _COLUMNS.items()}}
