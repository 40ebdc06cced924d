"""The one interface between the engine and a ministry system.

An adapter speaks the system's protocol and nothing else: it never retries, sleeps, logs a body
or keeps state the engine needs. Its constructor does no I/O. Every method may be called from
several threads at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Protocol, runtime_checkable

from pydantic import BaseModel

from bridge.domain.dossier import Json
from bridge.sdk.capabilities import Capabilities
from bridge.sdk.records import Answer, Check, Command, Confirmation, Page, Probe, Record

__all__ = ["Adapter", "AdapterContext", "Plugin"]


@runtime_checkable
class Adapter(Protocol):
    """A ministry system, spoken to in its own words."""

    capabilities: Capabilities

    def check(self) -> Iterable[Check]:
        """Look at name, address, certificate, login and clock; yields findings, never raises."""
        ...

    def changes(self, cursor: Json) -> Page:
        """Return the page of the feed after ``cursor`` (``None``: from the beginning).

        Raises:
            AdapterError: the page could not be had; the same cursor is asked again.
        """
        ...

    def acknowledge(self, token: object) -> None:
        """Tell the system that a page is safely stored (called after the commit, maybe twice)."""
        ...

    def submit(self, commands: Sequence[Command]) -> Sequence[Answer]:
        """Write; one answer a command, in order. Errors are returned, not raised.

        The engine gives at most ``capabilities.batch`` commands of one action, each of another
        dossier (steps: ``step_batch``, several of one dossier in their order).
        """
        ...

    def confirm(self, commands: Sequence[Command]) -> Sequence[Confirmation]:
        """Say what became of commands whose receipt proved nothing (``confirms`` not in_reply)."""
        ...

    def probe(self, command: Command) -> Probe:
        """Say whether ``command``, whose answer was lost, was applied.

        Raises:
            AdapterError: the question could not be asked; it is asked again.
        """
        ...

    def fetch(self, ref: str) -> Record | None:
        """Return the record with this number, ``None`` when the system has none."""
        ...

    def list(self, since: date, until: date, cursor: Json) -> Page:
        """Return a page of all records received from ``since`` to ``until``, both included."""
        ...

    def close(self) -> None:
        """Let go of connections; harmless when called twice."""
        ...


@dataclass(frozen=True, slots=True)
class AdapterContext:
    """What the engine hands every adapter.

    ``name`` is the system's name in the configuration, ``folder`` the folder of
    ``bridge.toml`` (relative paths start there), ``timeout_seconds`` the longest wait for one
    answer, ``now`` the engine's clock (aware).
    """

    name: str
    folder: Path
    timeout_seconds: float
    max_in_flight: int
    now: Callable[[], datetime]
    allow_insecure: bool = False


@dataclass(frozen=True, slots=True)
class Plugin:
    """What an adapter package offers under the entry point ``dossier_bridge.adapters``.

    ``options`` is the pydantic model of ``[options]`` in the system's file (fields of type
    ``SecretStr`` are given as references there). ``mappings`` names the mapping of each kind of
    record: ``dossier`` is how a dossier goes out and is shown whole, ``step`` how a progress step
    goes out, any other what a ``Record`` of that kind shows of a dossier. ``safe_faults`` is the table of
    answers that prove a write was not applied, for the documents. ``max_document_mb`` is the
    largest file it can be sent, in MB of 1,048,576 bytes, where its own file names none.
    ``by_options`` is for an adapter that learns from its options what its system can do: it returns
    the plug-in of that one system.
    """

    name: str
    title: str
    protocol: str
    options: type[BaseModel]
    capabilities: Capabilities
    build: Callable[[BaseModel, AdapterContext], Adapter]
    mappings: Mapping[str, str] = field(default_factory=dict)
    rehearsal: Callable[..., object] | None = None
    safe_faults: Mapping[str, str] = field(default_factory=dict)
    max_document_mb: float = 20.0
    by_options: Callable[[BaseModel], Plugin] | None = None

    def of(self, options: BaseModel) -> Plugin:
        """Return the plug-in of a system with these options: mostly the same for all."""
        return self if self.by_options is None else self.by_options(options)
