"""What an adapter declares that it can do; checked at registration, believed by the engine."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

__all__ = ["Capabilities", "CapabilityFault"]

Feed = Literal["cursor", "since", "acknowledge", "window", "files", "none"]
Submit = Literal["idempotent", "duplicate_refused", "not_idempotent", "none"]
Confirms = Literal["in_reply", "by_fetch", "by_file"]
Deletes = Literal["tombstones", "sweep", "none"]

_LIST_NAME = re.compile(r"[a-z][a-z0-9_]*").fullmatch


class CapabilityFault(ValueError):  # noqa: N818 - a fault in a declaration
    """An adapter declares capabilities that contradict one another."""


@dataclass(frozen=True, slots=True)
class Capabilities:
    """The declaration: what the system behind an adapter does, not what we wish it did.

    ``reads``: the system tells us of records: its feed, or one by its number.
    ``writes``: dossiers are sent to it.
    ``feed``: how its changes are read: by a growing cursor, since a day, until acknowledged, by
    windows of time, as files, or not at all.
    ``submit``: what the same dossier, sent twice, does: it is there once, is refused the second
    time, or is there twice; none: nothing is sent.
    ``confirms``: what proves that a dossier was applied: the reply to the call, reading it back,
    or a receipt file.
    ``batch``: the most commands one ``submit`` may carry.
    ``probes``: the system can be asked what became of one command.
    ``lists``: the system lists what it received on a day; reconciliation is built on it.
    ``deletes``: how a deletion over there is seen: as a tombstone in the feed, by a sweep over its
    lists, or not.
    ``steps``: the system takes progress steps as calls of their own, each shown once.
    ``step_batch``: the most steps one ``submit`` may carry.
    ``supplements``: the system takes supplement documents as a new version.
    ``updates``: the system takes corrections of a dossier it has; where it takes none, a later
    change is refused before it is sent, and the clerk is told which fields it was.
    ``catalogue``: the system publishes the procedures (``sdk.catalogue.CatalogueSource``).
    ``code_lists``: the lists of codes the system shows (``sdk.code_lists.CodeListSource``).
    ``results``: its records show files it issues (``sdk.results.ResultSource``).
    ``fetches``: the system shows a record by its number; where it does not, ``fetch`` is Rejected.
    """

    reads: bool = True
    writes: bool = True
    feed: Feed = "none"
    submit: Submit = "not_idempotent"
    confirms: Confirms = "in_reply"
    batch: int = 1
    probes: bool = False
    lists: bool = False
    deletes: Deletes = "none"
    steps: bool = False
    step_batch: int = 1
    supplements: bool = False
    updates: bool = True
    catalogue: bool = False
    code_lists: tuple[str, ...] = ()
    results: bool = False
    fetches: bool = True

    @property
    def mirrors(self) -> bool:
        """Whether the system shows the one-stop's dossiers and owns nothing: it gives no feed."""
        return self.feed == "none"

    def verify(self, name: str) -> None:
        """Refuse a declaration the engine can't be safe with.

        Raises:
            CapabilityFault: naming the adapter and the two declarations that clash.
        """
        if self.writes and self.submit == "none":
            raise CapabilityFault(f"{name}: writes, but submit = none")
        if self.writes and self.submit == "not_idempotent" and not self.probes:
            raise CapabilityFault(f"{name}: submit = not_idempotent without probes may not write")
        if self.steps and not self.probes:
            raise CapabilityFault(f"{name}: steps are append only, so they need probes")
        for one in self.code_lists:
            if not _LIST_NAME(one) or self.code_lists.count(one) > 1:
                raise CapabilityFault(f"{name}: code_lists: {one!r} is no name, or stands twice")
        if self.batch < 1 or self.step_batch < 1:
            raise CapabilityFault(f"{name}: batch must be at least 1")
