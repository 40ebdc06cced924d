"""Sets a rehearsal ministry back to what it held before, as a ministry does from yesterday's backup.

Only the register goes back: sessions, tokens, the files of an exchange and what was counted stay,
as they do when a database alone is restored.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from typing import Any, Protocol, runtime_checkable

__all__ = ["Backup", "Restorable", "copied", "put_back"]

Backup = dict[str, Any]
"""What a register held at one moment; nothing that happens later changes it."""


@runtime_checkable
class Restorable(Protocol):
    """A rehearsal ministry with a backup; one backup may be restored more than once."""

    def snapshot(self) -> Backup:
        """Return what the register holds now."""
        ...

    def restore(self, backup: Backup) -> None:
        """Hold what the register held then: what came since is gone, and its numbers with it."""
        ...


def copied(register: object, names: Sequence[str]) -> Backup:
    """Copy these attributes of a register as one, so that what two of them share stays shared."""
    return deepcopy({name: getattr(register, name) for name in names})


def put_back(register: object, backup: Backup) -> None:
    """Give a register the attributes of a backup."""
    for name, held in deepcopy(backup).items():
        setattr(register, name, held)
