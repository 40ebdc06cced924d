"""What the watch works with beside the house: the rules, the receivers, the places to look at."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import time
from pathlib import Path
from typing import Any

from bridge.domain.alerts import Quiet, Rule, Severity
from bridge.sdk.certificates import CertificateFound

Speak = Callable[[str], str]
"""Says a text in one language, if it can be said again."""


@dataclass(frozen=True, slots=True)
class Letter:
    """What a receiver is sent: a text for people, ``facts`` for programs; no personal value.

    ``key`` is the same when it is sent again.
    """

    key: str
    subject: str
    text: str
    facts: Mapping[str, Any]


@dataclass(frozen=True)
class Receiver:
    """Who is told of alerts of at least one severity, and in which language.

    ``send`` returns when the letter was taken, and raises an ``AdapterError`` when it was not, or
    when nobody knows (``InDoubt``).
    """

    name: str
    send: Callable[[Letter], None]
    speak: Speak
    least: Severity = Severity.WARNING

    def wants(self, severity: Severity) -> bool:
        """Tell whether it is told of alerts this grave."""
        return self.least is Severity.WARNING or severity is Severity.CRITICAL


@dataclass(frozen=True)
class DigestRound:
    """The daily mail to the offices where dossiers are received.

    ``at`` is local. ``addresses`` are by the code of the agency, ``other`` is where those go that
    are not named; without it they get none. ``send`` takes address and letter.
    """

    at: time
    addresses: Mapping[str, str]
    other: str | None
    send: Callable[[str, Letter], None]

    def address(self, agency: str | None) -> str | None:
        """Return where the mail of an agency goes."""
        return self.addresses.get(agency, self.other) if agency is not None else self.other


@dataclass(frozen=True)
class Watch:
    """The rules in force, who is told, and what is looked at.

    ``folders`` maps a name to a folder whose disk must not fill. ``certificates`` looks at those of
    each system, and of each setting that names a server (``mail.host``, ``console.public_url``).
    """

    rules: tuple[Rule, ...]
    quiet: Quiet | None = None
    receivers: Mapping[str, Receiver] = field(default_factory=dict)
    folders: Mapping[str, Path] = field(default_factory=dict)
    certificates: Mapping[str, Callable[[], Iterable[CertificateFound]]] = field(
        default_factory=dict
    )
    digest: DigestRound | None = None
