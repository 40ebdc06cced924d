"""``adapter list``: what comes with the bridge, in both languages and for scripts."""

from __future__ import annotations

import pytest

from .conftest import Call

KEYS = ["name", "title", "protocol", "capabilities", "mappings", "source", "state", "reason"]


def test_what_comes_with_the_bridge_is_sound(call: Call) -> None:
    """Every adapter of ours is listed whole, none is broken, and the code is 0."""
    ended = call("adapter", "list", "--json")
    listed = ended.document()["adapters"]
    assert (ended.code, ended.err) == (0, "")
    ministries = ["dkkd", "dvcqg", "gplx", "hotich", "lltp", "rest", "soap", "yte"]
    assert [one["name"] for one in listed] == [*ministries, "onestop_sql"]
    for one in listed:
        assert sorted(one) == sorted(KEYS)
        assert (one["state"], one["reason"]) == ("ok", None)
        assert one["source"].startswith("dossier-bridge ")
    assert {one["protocol"] for one in listed} == {"rest", "soap", "xml", "sql"}


@pytest.mark.usefixtures("stranger")
def test_a_broken_one_has_the_same_keys(call: Call) -> None:
    """A script reads a broken adapter like any other: its keys are there, with the reason."""
    *sound, broken = call("adapter", "list", "--json").document()["adapters"]
    assert set(broken) == set(sound[0]) == set(KEYS)
    assert (broken["state"], broken["capabilities"]) == ("broken", {})


@pytest.mark.parametrize(
    ("language", "headings"),
    [
        ("en", "name protocol can mappings from state title"),
        ("vi", "tên giao thức khả năng ánh xạ nguồn trạng thái tên đầy đủ"),
    ],
)
def test_the_table_is_in_the_reader_s_language(call: Call, language: str, headings: str) -> None:
    """Headings in the language asked for, a line an adapter."""
    ended = call("adapter", "list", "--lang", language)
    heading, *lines = ended.out.splitlines()
    assert " ".join(heading.split()) == headings
    assert len(lines) == 9


def test_no_configuration_is_needed(call: Call) -> None:
    """What is installed is known without a bridge.toml, even if one is named that is not there."""
    assert call("adapter", "list", "--config", "/nowhere/bridge.toml").code == 0


def test_a_misspelt_word_below_adapter_is_told(call: Call) -> None:
    """``adapter lst`` ends with 2 and the word that was meant."""
    ended = call("adapter", "lst", "--json")
    assert (ended.code, ended.out) == (2, "")
    assert 'did you mean "list"?' in ended.err
