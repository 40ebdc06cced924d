"""All or nothing, taken apart: finds the bad ones of a refused batch and sends the others.

A refusal proves that nothing of the batch was applied, so its parts may be sent again. The
portal may name the bad dossier; then that one is tried alone first. Doubt in one call concerns
what was in that call, and once the portal is closed or gone, the rest is not sent at all. So n
dossiers cost at most 2n - 1 calls, and one more for each that is turned.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from bridge.sdk.errors import AdapterError, AuthFailed, Maintenance, Rejected, Retryable
from bridge.sdk.records import Action, Answer, Command, Receipt

from .faults import already_there, folded, not_there

__all__ = ["send_dossiers", "send_steps"]

Call = Callable[[Sequence[Command], Action], AdapterError | None]
"""Sends commands as one call; the error that concerns them all, ``None`` when applied."""

THERE = "was there already: sent as an update"
ABSENT = "was not there: sent as a creation"


def send_dossiers(commands: Sequence[Command], call: Call) -> list[Answer]:
    """Send dossiers of one action; one answer each."""
    return _Sending(call).all(commands)


class _Sending:
    def __init__(self, call: Call) -> None:
        self._call = call
        self._stopped: AdapterError | None = None

    def all(self, commands: Sequence[Command]) -> list[Answer]:
        if self._stopped is not None:
            return [not_sent(self._stopped)] * len(commands)
        error = self._call(commands, commands[0].action)
        if error is None:
            return [Receipt(ref=one.code) for one in commands]
        if not isinstance(error, Rejected):
            self._stopped = error
            return [error] * len(commands)
        if len(commands) == 1:
            return [self._turned(commands[0], error)]
        return self._apart(commands, error)

    def _apart(self, commands: Sequence[Command], error: Rejected) -> list[Answer]:
        words = _words(error)
        named = [one for one in commands if folded(one.code) in words]
        if named and len(named) < len(commands):
            answers = {id(one): answer for one in named for answer in self.all([one])}
            others = [one for one in commands if id(one) not in answers]
            answers |= dict(zip(map(id, others), self.all(others), strict=True))
            return [answers[id(one)] for one in commands]
        half = len(commands) // 2
        return self.all(commands[:half]) + self.all(commands[half:])

    def _turned(self, command: Command, error: Rejected) -> Answer:
        """Create what is not there, update what is: the refusal proves nothing was applied."""
        if command.action is Action.CREATE and already_there(error):
            other, note = Action.UPDATE, THERE
        elif command.action is Action.UPDATE and not_there(error):
            other, note = Action.CREATE, ABSENT
        else:
            return error
        again = self._call([command], other)
        if again is None:
            return Receipt(ref=command.code, note=note)
        if not isinstance(again, Rejected):
            self._stopped = again
        return again


_WORD = re.compile(r"[^\s()\[\]{}<>,;:\"'“”]+")


def _words(error: Rejected) -> set[str]:
    """Return the words of a refusal, so that no code is found inside a longer one."""
    return {word.rstrip(".!?") for word in _WORD.findall(folded(error))}


def send_steps(commands: Sequence[Command], call: Call) -> list[Answer]:
    """Send steps in their order; after a step that failed, no later one of its dossier goes."""
    return _Steps(call).all(commands)


class _Steps:
    def __init__(self, call: Call) -> None:
        self._call = call
        self._stopped: AdapterError | None = None
        self._waiting: set[str] = set()

    def all(self, commands: Sequence[Command]) -> list[Answer]:
        if self._stopped is not None:
            return [not_sent(self._stopped)] * len(commands)
        going = [one for one in commands if one.code not in self._waiting]
        sent = dict(zip(map(id, going), self._send(going), strict=True)) if going else {}
        later = Retryable("waits for an earlier step of the dossier")
        return [sent.get(id(one), later) for one in commands]

    def _send(self, commands: Sequence[Command]) -> list[Answer]:
        error = self._call(commands, Action.STEP)
        if error is None:
            return [Receipt(ref=one.code) for one in commands]
        if not isinstance(error, Rejected):
            self._stopped = error
            return [error] * len(commands)
        if len(commands) == 1:
            self._waiting.add(commands[0].code)
            return [error]
        half = len(commands) // 2
        return self.all(commands[:half]) + self.all(commands[half:])


def not_sent(cause: AdapterError) -> AdapterError:
    """Return what becomes of a command that was not sent because of what happened before it."""
    if isinstance(cause, (Retryable, Maintenance, AuthFailed)):
        return cause
    return Retryable(f"not sent: {cause.reason}")
