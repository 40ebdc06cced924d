"""``db status`` and ``db upgrade``: what they print, in both languages and for scripts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from .conftest import Call

Configure = Callable[..., Path]


def test_the_documents_have_their_keys(call: Call, configure: Configure) -> None:
    """Status tells the revision there, this release's, and the steps between; upgrade, its steps."""
    configure()
    before, upgraded = call("db", "status", "--json"), call("db", "upgrade", "--json")
    after, again = call("db", "status", "--json"), call("db", "upgrade", "--json")
    assert list(before.document()) == ["current", "head", "behind"]
    assert before.document()["current"] is None
    assert list(upgraded.document()) == ["applied"]
    assert (after.code, after.document()["behind"], after.err) == (0, [], "")
    assert (again.code, again.document()) == (0, {"applied": []})


def test_looking_makes_nothing(call: Call, configure: Configure) -> None:
    """Where no store is, status and check say so, and there is none afterwards, nor a folder."""
    store = configure('locale = "en"\n[store]\nurl = "sqlite:///made/bridge.db"\n').parent / "made"
    asked = call("db", "status", "--json")
    assert (asked.code, asked.document()["current"]) == (1, None)
    checked = call("check", "--offline", "--json").document()["checks"]
    assert "not made yet" in next(one["detail"] for one in checked if one["name"] == "store")
    assert not store.exists()


@pytest.mark.parametrize(
    ("language", "before", "behind", "applied", "after", "again"),
    [
        (
            "en",
            "there: none",
            "; run: dossier-bridge db upgrade",
            "applied: ",
            "this release: ",
            "nothing to do",
        ),
        (
            "vi",
            "đang có: chưa có",
            "; hãy chạy: dossier-bridge db upgrade",
            "đã nâng cấp: ",
            "phiên bản này: ",
            "không có gì phải làm",
        ),
    ],
)
def test_a_person_is_told_in_their_language(
    call: Call,
    configure: Configure,
    language: str,
    before: str,
    behind: str,
    applied: str,
    after: str,
    again: str,
) -> None:
    """What is there, what is missing and what to run; what was done; that nothing is left."""
    configure()
    found = call("db", "status", "--lang", language)
    assert found.code == 1
    assert found.out.startswith(before)
    assert behind in found.err
    assert call("db", "upgrade", "--lang", language).out.startswith(applied)
    current, head = call("db", "status", "--lang", language).out.splitlines()
    assert head.startswith(after)
    assert current.split()[-1] == head.split()[-1]
    assert again in call("db", "upgrade", "--lang", language).out
