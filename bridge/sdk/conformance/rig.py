"""What the kit must be told of an adapter and of the pretend ministry it speaks to.

``RehearsalRig`` is all of this for a rehearsal that follows the ``Rehearsal`` protocol.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Sequence
from contextlib import AbstractContextManager
from typing import Literal, TypeAlias

from bridge.sdk.adapter import Adapter, Plugin
from bridge.sdk.records import Action, Command
from bridge.sdk.rehearsal import Fault

__all__ = ["Call", "Rig"]

Call: TypeAlias = Literal["create", "update", "step", "changes", "fetch", "list", "probe"]
"""What an adapter is asked to do: a command of one action, or one of its questions."""


class Rig(ABC):
    """An adapter over a ministry that does as it is told; made anew for every claim.

    ``plugin`` is what is declared. ``more_than_a_page`` is a number of records that one page of
    the feed, or of the list, does not hold. ``unknown_ref`` is a number that no record has.
    """

    plugin: Plugin
    more_than_a_page: int = 3
    unknown_ref: str = "0"

    @property
    def fetches(self) -> bool:
        """Whether ``fetch`` asks the ministry."""
        return True

    @abstractmethod
    def adapter(self, *, timeout: float = 5.0, login: bool = True) -> Adapter:
        """Build an adapter as the engine does; nothing else may happen in here.

        ``timeout`` is in seconds. Without ``login`` its secrets are wrong.
        """

    @abstractmethod
    def command(
        self,
        number: int = 1,
        action: Action = Action.CREATE,
        *,
        ref: str | None = None,
        text: str | None = None,
    ) -> Command:
        """Return a command for invented dossier ``number`` (from 1) that the ministry takes.

        ``text`` stands in one personal field of its body that is free text and required: with
        ``""`` the ministry refuses the command. A step is of the dossier of that number.
        """

    @abstractmethod
    def seed(self, count: int = 1) -> Sequence[str]:
        """Let the ministry have so many records more, and return their numbers.

        They are what the feed, the list and ``fetch`` show.
        """

    @abstractmethod
    def spoil(self) -> None:
        """Let the ministry have one record more that breaks its contract."""

    @abstractmethod
    def fault(
        self, fault: Fault, call: Call | None = None, *, once: bool = False
    ) -> AbstractContextManager[None]:
        """Let calls (of any kind, without ``call``) go wrong while the block runs.

        Of a call that takes several steps, only the one that does it goes wrong: not the login
        before it. With ``once`` only the first call meets the fault.
        """

    @abstractmethod
    def down(self) -> None:
        """Let nothing answer at the address any more."""

    @abstractmethod
    def up(self) -> None:
        """Answer again."""

    @abstractmethod
    def applied(self, command: Command) -> int:
        """Return how often the ministry holds what the command asks for.

        A creation: its records with that code. An update: those that hold its text. A step: how
        often it is shown.
        """

    @abstractmethod
    def held(self, command: Command) -> str | None:
        """Return the text of the command's dossier as the ministry holds it."""

    @abstractmethod
    def answering(self, code: str) -> AbstractContextManager[Adapter]:
        """Give an adapter whose next creation meets an answer of ``Plugin.safe_faults``."""

    @abstractmethod
    def confidential(self) -> Collection[str]:
        """Return the secrets, and the personal values in commands and records of this rig."""

    def settle(self) -> None:  # noqa: B027 - most ministries work while they are called
        """Let the ministry work off what was handed to it."""
