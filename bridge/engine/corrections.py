"""What a ministry that takes no corrections is not sent: a later change of a dossier it has.

The change becomes a dead letter before it is sent, and the clerk reads which fields it was. When
they are as they were, ``post`` takes the delivery back, and the notice ends.
"""

from __future__ import annotations

from bridge.domain import notices as texts
from bridge.domain.delivery import Refused
from bridge.domain.said import Said
from bridge.engine.house import Ministry
from bridge.mapping.labels import named
from bridge.store import Delivery, Link

NO_CORRECTIONS = "NO_CORRECTIONS"
"""The code such a dead letter carries."""


def refusal(ministry: Ministry, delivery: Delivery, link: Link) -> tuple[Refused, str]:
    """Return why a change is not sent, and what the clerk reads: the fields, never a value."""
    lens, base = ministry.lens, link.base or {}
    sent = lens.project(delivery.fields)
    changed = [path for path in sorted(lens.outgoing) if sent.get(path) != base.get(path)]
    reason = Said(
        "the ministry takes no corrections; changed since: {fields}", fields=", ".join(changed)
    )
    text = texts.no_corrections([named(path) for path in changed], ministry.title)
    return Refused(NO_CORRECTIONS, next(iter(changed), None), reason), text
