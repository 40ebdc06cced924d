"""The bridge's own tables. Rows never leave this room: what comes out are frozen records."""

from bridge.store.entries import (
    Arrival,
    Brake,
    CodeChanges,
    CodeListState,
    CodeSpan,
    Conflict,
    Delivery,
    JournalRow,
    KnownDossier,
    Link,
    NoticeRow,
    ProcedureVersion,
    SetAside,
    Waiting,
)
from bridge.store.store import CommitHook, Store, StoreClash, StoreFault, Unit
from bridge.store.upgrade import FIRST_REVISION, RevisionStatus, revision_status, upgrade

__all__ = [
    "FIRST_REVISION",
    "Arrival",
    "Brake",
    "CodeChanges",
    "CodeListState",
    "CodeSpan",
    "CommitHook",
    "Conflict",
    "Delivery",
    "JournalRow",
    "KnownDossier",
    "Link",
    "NoticeRow",
    "ProcedureVersion",
    "RevisionStatus",
    "SetAside",
    "Store",
    "StoreClash",
    "StoreFault",
    "Unit",
    "Waiting",
    "revision_status",
    "upgrade",
]
