"""Who decides, and why: what every decision of a person leaves in the journal."""

from __future__ import annotations

from dataclasses import dataclass

from bridge.domain.dossier import Json
from bridge.domain.journal import Event
from bridge.store import Unit


@dataclass(frozen=True, slots=True)
class Decision:
    """A person's decision: ``by`` names the account it was made from, ``reason`` is in their words.

    The reason is kept for ever and read by many: no personal value belongs into it.
    """

    by: str
    reason: str

    def journal(
        self,
        unit: Unit,
        what: str,
        *,
        code: str | None = None,
        system: str | None = None,
        **detail: Json,
    ) -> None:
        """Note the decision in the transaction that carries it out; ``what`` names the matter."""
        unit.journal.add(
            Event.DECIDED,
            code=code,
            system=system,
            what=what,
            by=self.by,
            reason=self.reason,
            **detail,
        )
