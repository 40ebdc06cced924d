"""All that the author of an adapter may import."""

from __future__ import annotations

from bridge.domain.dossier import (
    LIST_KEYS,
    PATHS,
    Fields,
    Json,
    Snapshot,
    flatten,
    known_path,
    valid_code,
)
from bridge.domain.said import Said, joined

__all__ = [
    "LIST_KEYS",
    "PATHS",
    "Fields",
    "Json",
    "Said",
    "Snapshot",
    "flatten",
    "joined",
    "known_path",
    "valid_code",
]
