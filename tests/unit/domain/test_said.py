"""A sentence is said again in another language, wherever it has been meanwhile."""

from __future__ import annotations

import copy
import json
import sqlite3

import orjson
import pytest

from bridge.domain.said import Both, Said, as_json, each, from_json, joined, say

VIETNAMESE = {
    "not tried: {reason}": "chưa thử: {reason}",
    "connection refused": "bị từ chối kết nối",
    "{place}: {reason}": "{reason} tại {place}",
}
INNER = Said("{place}: {reason}", place="bo.example.vn", reason=Said("connection refused"))
WHOLE = Said("not tried: {reason}", reason=INNER)


def vi(text: str) -> str:
    return say(text, lambda pattern: VIETNAMESE.get(pattern, pattern), "vi")


def test_it_is_the_english_text() -> None:
    """Whoever takes texts takes it: equal, hashed, written as JSON and bound to a query as one."""
    text = "not tried: bo.example.vn: connection refused"
    assert (WHOLE, hash(WHOLE)) == (text, hash(text))
    assert json.dumps(WHOLE) == orjson.dumps(WHOLE).decode() == f'"{text}"'
    assert sqlite3.connect(":memory:").execute("SELECT ?", (WHOLE,)).fetchone() == (text,)


def test_what_it_is_made_of_is_said_too() -> None:
    """Sentences within sentences; the order of the values is the other language's own."""
    assert vi(WHOLE) == "chưa thử: bị từ chối kết nối tại bo.example.vn"


def test_a_plain_text_keeps_its_words() -> None:
    """An adapter that says things plainly is shown as it spoke, even in a catalogue's words."""
    assert vi("connection refused") == "connection refused"
    assert vi(Said("{place}: {reason}", place="x", reason="connection refused")) == (
        "connection refused tại x"
    )


@pytest.mark.parametrize(
    "text",
    [
        WHOLE,
        Said("{n} columns", n=3),
        Said("plain"),
        "plain",
        "{braces",
        Said("a {b} c"),
        "",
        Both("missing", "thiếu"),
        Said("{place}: {reason}", place="x", reason=Both("missing", "thiếu")),
    ],
)
def test_it_survives_storing_and_copying(text: str) -> None:
    """As JSON and as a copy it says the same in both languages."""
    for again in (from_json(json.loads(json.dumps(as_json(text)))), copy.deepcopy(text)):
        assert again == text
        assert vi(again) == vi(text)


def test_nothing_stays_nothing() -> None:
    """No text is no text, stored and read back."""
    assert from_json(as_json(None)) is None


def test_values_are_never_read_as_patterns() -> None:
    """Braces in a value, or in a text without values, are letters."""
    text = Said("{place}: {reason}", place="{reason}", reason="}{")
    assert text == "{reason}: }{"
    assert vi(text) == "}{ tại {reason}"


def test_several_are_said_as_one() -> None:
    """Each in the reader's language, in order, with what stands between them."""
    assert joined([WHOLE, "b"]) == f"{WHOLE}; b"
    assert vi(joined([Said("connection refused"), "b"], ", ")) == "bị từ chối kết nối, b"
    assert joined([]) == ""


def test_a_text_made_in_both_languages_is_said_in_either() -> None:
    """No catalogue knows it: it is its own English, and holds its Vietnamese."""
    text = Said("{place}: {reason}", place="x", reason=Both("missing", "thiếu"))
    assert (text, vi(text)) == ("x: missing", "thiếu tại x")


def test_what_it_was_filled_with_can_be_masked_and_our_words_stay() -> None:
    """A person called as one of our words is masked where it is a value, however deep."""

    def mask(part: str) -> str:
        return part.replace("refused", "•••")

    text = Said("{place}: {reason}", place="refused", reason=Said("connection refused"))
    assert each(text, mask) == "•••: connection refused"
    assert vi(each(text, mask)) == "bị từ chối kết nối tại •••"
    assert each("refused", mask) == "•••"
