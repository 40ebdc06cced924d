"""Every entry of the journal is a sentence of the reader's language."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from bridge.cli.telling import field_name, tell
from bridge.domain.journal import Event
from bridge.i18n import LANGUAGES, use

FULL: dict[str, Any] = {
    "action": "create",
    "answer": "applied",
    "attempt": 1,
    "attempts": 2,
    "cause": "unreachable",
    "field": "due_at",
    "fields": ["due_at", "status"],
    "how": "both sides agree",
    "hours": "24",
    "limit": 50,
    "note": "x",
    "outcome": "Taken",
    "reason": "x",
    "received_at": "when first seen",
    "ref": "GPLX-1",
    "side": "ministry",
    "status": 4,
    "steps": [2, 4],
    "why": "no_owner",
}


@pytest.fixture(autouse=True)
def english_again() -> Iterator[None]:
    yield
    use("en")


@pytest.mark.parametrize("detail", [{}, FULL], ids=["empty", "full"])
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("event", list(Event))
def test_every_event_is_told(event: Event, language: str, detail: dict[str, Any]) -> None:
    """Whatever an entry lacks, it is told: no code name, no hole, no error."""
    use(language)
    told = tell(event, detail)
    assert told not in ("", event.value)
    assert not re.search(r"[{}]|\bNone\b", told)


@pytest.mark.parametrize("event", sorted(set(Event) - {Event.FEED_WARNING}))
def test_vietnamese_is_not_mixed_with_english(event: Event) -> None:
    """What the journal says in words of its own, causes and conflicts, is Vietnamese."""
    use("vi")
    told = tell(event, FULL | {"reason": "x"})
    assert not re.search(
        r"\b(the|was|both|first|unreachable|no_owner|agree|taken)\b", told, re.IGNORECASE
    )


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("event", "one", "other"),
    [
        (Event.RETRY, {"cause": "unreachable"}, {"cause": "not applied"}),
        (Event.HELD, {"cause": "login"}, {"cause": "maintenance"}),
        (Event.DEAD, {"cause": "refused"}, {"cause": "failed for too long"}),
        (Event.DEAD, {"cause": "refused"}, {"cause": "crashed us"}),
        (Event.LATE_ANSWER, {"outcome": "Taken"}, {"outcome": "Unknown"}),
        (Event.CLASH, {"why": "twice"}, {"why": "alike"}),
        (Event.FILE_FETCHED, {"outcome": "whole"}, {"outcome": "broken_off"}),
        (Event.FILE_FETCHED, {"outcome": "unchanged"}, {"outcome": "wrong"}),
        (Event.FILE_FETCHED, {"outcome": "gone"}, {"outcome": "expired"}),
        (Event.IMPORTED, {"received_at": "of the ministry"}, {"received_at": "when first seen"}),
    ],
)
def test_causes_are_told_apart(
    event: Event, language: str, one: dict[str, str], other: dict[str, str]
) -> None:
    """Two causes of one event read differently, in both languages."""
    use(language)
    assert tell(event, one) != tell(event, other)


def test_a_field_has_its_label_in_vietnamese_and_its_path_in_english() -> None:
    """What conflicts call ``record`` and ``link`` is no field, and has words too."""
    use("vi")
    assert field_name("due_at") == "ngày hẹn trả (due_at)"
    assert (field_name("record"), field_name("link")) == ("bản ghi", "liên kết")
    use("en")
    assert (field_name("details.licence_class"), field_name("record")) == (
        "details.licence_class",
        "record",
    )
