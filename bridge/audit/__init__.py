"""The journal's auditor: proves the chain whole without a line of what wrote it.

It reads the table by SQL of its own, writes the words down by its own hand and knows neither the
store nor the domain, so that a fault of the writer can't hide itself. docs/audit.md tells the
format so exactly that a stranger can do the same in another language.
"""

from __future__ import annotations

from bridge.audit.anchors import Anchor, BadAnchor, anchor_of, anchors_in
from bridge.audit.chain import GENESIS, Break, Kind, Row, breaks, digest
from bridge.audit.rows import Ledger, Unreadable
from bridge.audit.verdict import KEPT_MOST, Verdict, audit

__all__ = [
    "GENESIS",
    "KEPT_MOST",
    "Anchor",
    "BadAnchor",
    "Break",
    "Kind",
    "Ledger",
    "Row",
    "Unreadable",
    "Verdict",
    "anchor_of",
    "anchors_in",
    "audit",
    "breaks",
    "digest",
]
