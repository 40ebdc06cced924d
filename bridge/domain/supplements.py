"""Which papers of a dossier may go out: what is brought goes when all that was asked for is here.

Source: contracts/systems.md, "Supplements".
"""

from __future__ import annotations

from typing import Any

from bridge.domain.dossier import Fields


def ready(fields: Fields, agreed: Fields | None) -> Fields:
    """Return the dossier without the papers that are not ready to be sent.

    While a supplement is open, of its papers only those stay that both sides have ``agreed`` on:
    what was brought for an earlier one is the ministry's already, and must not be taken back.
    """
    documents = _rows(fields, "documents")
    if all_brought(fields):
        return fields
    sent = {one["id"] for one in _rows(agreed or {}, "documents") if "id" in one}
    kept = [one for one in documents if one["kind"] != "supplement" or one["id"] in sent]
    return {**fields, "documents": kept}


def all_brought(fields: Fields) -> bool:
    """Tell whether nothing that was asked for is still missing."""
    return all(one.get("completed_at") for one in _rows(fields, "supplements"))


def _rows(fields: Fields, path: str) -> list[dict[str, Any]]:
    rows: Any = fields.get(path)
    return rows or []
