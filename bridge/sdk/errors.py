"""What an adapter may say when a call did not simply succeed.

::

    AdapterError
    ├── Retryable        known not applied: same key again, later
    ├── Rejected         understood and refused: a person must mend something
    ├── InDoubt          may have been applied: never sent again, asked about
    ├── AuthFailed       our login is refused: the system is held
    ├── Maintenance      the system is closed: held until it opens
    └── ContractBroken   the reply breaks the agreed schema

Anything else that escapes a write counts as ``InDoubt``, anything else that escapes a read as
``Retryable``. A message names codes, fields and formats, never the value of a personal field; it
is plain English, or ``Said`` to be heard in the reader's language.
"""

from __future__ import annotations

from datetime import datetime

__all__ = [
    "AdapterError",
    "AuthFailed",
    "ContractBroken",
    "InDoubt",
    "Maintenance",
    "Rejected",
    "Retryable",
]


class AdapterError(Exception):
    """The system did not answer a call with a plain success."""

    def __init__(self, reason: str | None = None) -> None:
        """Keep ``reason``; without one the class says what happened."""
        self.reason = reason or (type(self).__doc__ or "").partition("\n")[0]
        super().__init__(self.reason)


class Retryable(AdapterError):
    """The call was not applied and may be made again with the same key.

    ``after`` is the number of seconds the system asked us to wait (``Retry-After``), ``None``
    when it did not say. ``unreachable`` means that nothing answered at the address at all.
    """

    def __init__(
        self, reason: str | None = None, *, after: float | None = None, unreachable: bool = False
    ) -> None:
        super().__init__(reason)
        self.after = after
        self.unreachable = unreachable


class Rejected(AdapterError):
    """The system understood the call and refused it.

    ``code`` is the system's own error code, ``field`` its name of the field at fault (``None``
    when it names none), ``reason`` the system's words. Words of the adapter's own are ``Said``:
    no clerk is shown them, the field is named, in the clerk's language.
    """

    def __init__(self, code: str, field: str | None, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.field = field


class InDoubt(AdapterError):
    """The call may have been applied; only asking the system can tell."""


class AuthFailed(AdapterError):
    """The system refuses our login."""


class Maintenance(AdapterError):
    """The system is closed. ``until`` (aware) is when it says it opens again, if it says."""

    def __init__(self, reason: str | None = None, *, until: datetime | None = None) -> None:
        super().__init__(reason)
        self.until = until


class ContractBroken(AdapterError):
    """The reply breaks the agreed schema. ``evidence`` says how, without values."""

    def __init__(self, evidence: str) -> None:
        super().__init__(evidence)
        self.evidence = evidence
