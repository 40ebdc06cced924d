"""The hash by which two snapshots of a dossier are told to show the same facts."""

from __future__ import annotations

import hashlib

import orjson

from bridge.domain.dossier import Fields

__all__ = ["content_hash"]


def content_hash(fields: Fields) -> str:
    """Return the lower-case hex sha256 of canonical ``fields``, whatever their order."""
    return hashlib.sha256(
        orjson.dumps(
            fields if isinstance(fields, dict) else dict(fields), option=orjson.OPT_SORT_KEYS
        )
    ).hexdigest()
