"""What an adapter must have declared for a claim to concern it.

A claim is skipped for no other reason than these, and the reason is shown. They look at the
declaration alone: what an adapter can do but does not declare is not asked for, and what it
declares but can't do fails.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar, cast

import pytest
from pydantic import SecretStr

from bridge.sdk.adapter import Plugin

__all__ = [
    "ACKNOWLEDGES",
    "CODE_LISTS",
    "FEED",
    "FETCHES",
    "HTTP",
    "LISTS",
    "LOGIN",
    "PROBES",
    "READS_ONLY",
    "SAFE_FAULTS",
    "WRITES",
    "Need",
    "concerns",
]

Test = TypeVar("Test", bound=Callable[..., object])


@dataclass(frozen=True, slots=True)
class Need:
    """One need: how documents name it, why a claim is skipped without it, and when it is met."""

    name: str
    otherwise: str
    met: Callable[[Plugin], bool]


WRITES = Need(
    "`writes`", "it only reads (writes = false)", lambda plugin: plugin.capabilities.writes
)
READS_ONLY = Need(
    "not `writes`", "it writes (writes = true)", lambda plugin: not plugin.capabilities.writes
)
FEED = Need(
    "a `feed`", "it has no feed (feed = none)", lambda plugin: plugin.capabilities.feed != "none"
)
ACKNOWLEDGES = Need(
    "`feed` acknowledge or files",
    "its system keeps no account of what was read (feed is neither acknowledge nor files)",
    lambda plugin: plugin.capabilities.feed in {"acknowledge", "files"},
)
FETCHES = Need(
    "`fetches`",
    "its system shows no record by its number (fetches = false)",
    lambda plugin: plugin.capabilities.fetches,
)
LISTS = Need(
    "`lists`", "it can't list records (lists = false)", lambda plugin: plugin.capabilities.lists
)
CODE_LISTS = Need(
    "`code_lists`",
    "it shows no code lists (code_lists is empty)",
    lambda plugin: bool(plugin.capabilities.code_lists),
)
PROBES = Need(
    "`probes`", "it can't be asked (probes = false)", lambda plugin: plugin.capabilities.probes
)
HTTP = Need(
    "protocol rest or soap",
    "it exchanges files, so no answer can be disturbed (protocol is neither rest nor soap)",
    lambda plugin: plugin.protocol in {"rest", "soap"},
)
LOGIN = Need(
    "a secret option",
    "it has no login (none of its options must be a secret)",
    lambda plugin: any(
        field.annotation is SecretStr and field.is_required()
        for field in plugin.options.model_fields.values()
    ),
)
SAFE_FAULTS = Need(
    "`safe_faults`",
    "it names no answer that proves a write was not applied (safe_faults is empty)",
    lambda plugin: bool(plugin.safe_faults),
)


def concerns(*needs: Need) -> Callable[[Test], Test]:
    """Mark a claim as one that concerns only adapters which declare all of ``needs``."""

    def marked(test: Test) -> Test:
        return cast("Test", pytest.mark.concerns(*needs)(test))

    return marked
