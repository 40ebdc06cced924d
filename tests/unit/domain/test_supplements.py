from __future__ import annotations

from typing import Any

from bridge.domain.supplements import ready

FORM = {"id": "form", "kind": "component"}
FIRST = {"id": "first", "kind": "supplement"}
SECOND = {"id": "second", "kind": "supplement"}


def dossier(*completed_at: str | None) -> dict[str, Any]:
    return {
        "documents": [FORM, FIRST, SECOND],
        "supplements": [{"id": str(n), "completed_at": at} for n, at in enumerate(completed_at)],
    }


def test_papers_wait_while_something_is_asked_for() -> None:
    """With a request open, no paper of a supplement goes out; the others do."""
    assert ready(dossier(None), {"documents": [FORM]})["documents"] == [FORM]


def test_papers_of_an_earlier_supplement_are_not_taken_back() -> None:
    """What both sides agreed on stays while the next request is open."""
    agreed = {"documents": [FORM, FIRST]}
    assert ready(dossier("2026-11-20", None), agreed)["documents"] == [FORM, FIRST]


def test_when_all_is_brought_all_is_ready() -> None:
    """Nothing is held back without an open request."""
    for whole in (dossier(), dossier("2026-11-20", "2026-11-21"), {}):
        assert ready(whole, None) == whole


def test_papers_known_without_an_id_hold_back_what_is_new() -> None:
    """A system that keeps no ids of papers is told of none before all is brought."""
    agreed = {"documents": [{"kind": "supplement", "digitised": True}]}
    assert ready(dossier(None), agreed)["documents"] == [FORM]
