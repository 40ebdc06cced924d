"""The bridge's own tables. Rows never leave this room: what comes out are frozen records."""

from bridge.store.agreements import Agreement
from bridge.store.comparisons import Kept as KeptComparison
from bridge.store.comparisons import Portion as ComparedPortion
from bridge.store.comparisons import Row as ComparedRow
from bridge.store.entries import (
    Arrival,
    Brake,
    Certificate,
    Chosen,
    CodeChanges,
    CodeListState,
    CodeSpan,
    Conflict,
    Delivery,
    JournalRow,
    KnownDossier,
    Link,
    Message,
    NewMessage,
    NoticeRow,
    Onboarding,
    ProcedureVersion,
    ReceiverState,
    SetAside,
    Tally,
    Waiting,
)
from bridge.store.imprints import Imprint
from bridge.store.journal import Noted
from bridge.store.store import CommitHook, Listener, Store, StoreClash, StoreFault, Unit
from bridge.store.upgrade import FIRST_REVISION, RevisionStatus, revision_status, upgrade

__all__ = [
    "FIRST_REVISION",
    "Agreement",
    "Arrival",
    "Brake",
    "Certificate",
    "Chosen",
    "CodeChanges",
    "CodeListState",
    "CodeSpan",
    "CommitHook",
    "ComparedPortion",
    "ComparedRow",
    "Conflict",
    "Delivery",
    "Imprint",
    "JournalRow",
    "KeptComparison",
    "KnownDossier",
    "Link",
    "Listener",
    "Message",
    "NewMessage",
    "Noted",
    "NoticeRow",
    "Onboarding",
    "ProcedureVersion",
    "ReceiverState",
    "RevisionStatus",
    "SetAside",
    "Store",
    "StoreClash",
    "StoreFault",
    "Tally",
    "Unit",
    "Waiting",
    "revision_status",
    "upgrade",
]
