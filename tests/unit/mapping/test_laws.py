"""Each law finds the fault it is for, planted in a sound mapping; a sound one breaks none."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest

from bridge.mapping import Lens, check
from bridge.mapping import transforms as kinds
from bridge.mapping.gathers import KINDS
from bridge.mapping.invented import dossier

from .samples import SOURCE, changed, lens

SEX = "sex: {Nam: male, Nữ: female}"

PLANTED = [
    (
        (("GhiChu, TomTat", "GhiChu, La, TomTat"),),
        f"{SOURCE}: coverage: La is neither mapped, nor ignored, nor set by the adapter",
    ),
    (
        (("theirs: TomTat", "theirs: TomTatt"),),
        f"{SOURCE}:18: coverage: rule 8: TomTatt is not a field of the contract",
    ),
    (
        (("[Khac]}\nadapter", "[Khac, Phi]}\nadapter"),),
        f"{SOURCE}:19: coverage: rule 9: Phi is mapped, and ignored or set by the adapter",
    ),
    (
        (("[Khac]}\nadapter", "[Khac, Lac]}\nadapter"),),
        f"{SOURCE}: coverage: Lac is not a field of the contract",
    ),
    (
        (('adapter: ["@so"]', 'adapter: ["@so", "@la"]'),),
        f"{SOURCE}: coverage: @la is not a field of the contract",
    ),
    (
        (("theirs: Ma}\ncodes", "theirs: MaHo}\ncodes"),),
        f"{SOURCE}: coverage: key: MaHo is not a field of the contract",
    ),
    (
        ((SEX, "sex: {Nam: male, Ông: male, Nữ: female}"),),
        f"{SOURCE}:14: one to one: rule 4: code table sex is used both ways and is not one to one",
    ),
    (
        (("out: {7: HUY}", "out: {7: HUY, 10: HUY}"),),
        f"{SOURCE}:16: one to one: rule 6: code table status is used both ways and is not one to one",
    ),
    (
        (("via: [{code: sex}]", "via: [trim]"),),
        f"{SOURCE}: one to one: code table sex is not used",
    ),
    (
        (("lifts_to: {applicant.name: Lê Thử}", "lifts_to: {applicant.name: Lê}"),),
        f"{SOURCE}, example 1: example: applicant.name does not lift to what it says",
    ),
    (
        (("lifts_to: {applicant.name: Lê Thử}", "lifts_to: {details.reason: null}"),),
        f"{SOURCE}, example 1: example: details.reason does not lift to what it says",
    ),
    (
        (
            (
                "theirs: {Nguoi: {Ten: Lê Thử}}, lifts_to: {applicant.name: Lê Thử}",
                "ours: {code: A, applicant.name: B}, lowers_to: {Nguoi: {Ten: C}, Phi: null}",
            ),
        ),
        f"{SOURCE}, example 1: example: Nguoi/Ten does not lower to what it says",
    ),
    (
        (("lifts_to: {applicant.name: Lê Thử}", "refuses: [status]"),),
        f"{SOURCE}, example 1: example: status is not refused",
    ),
    (
        (
            (
                "theirs: {Nguoi: {Ten: Lê Thử}}, lifts_to: {applicant.name: Lê Thử}",
                "ours: {code: A, status: 4}, refuses: []",
            ),
        ),
        f"{SOURCE}, example 1: example: applicant.name is refused too",
    ),
    (
        (("theirs: {Nguoi: {Ten: Lê Thử}}", "theirs: {Nguoi: {Sinh: 31/02/2026}}"),),
        (
            f"{SOURCE}, example 1: example: thu/don v1, line 13, rule 3 "
            "(applicant.birth_date from Nguoi/Sinh): "
            "not a date of the form dd/MM/yyyy, MM/yyyy or yyyy"
        ),
    ),
    (
        (("{max_length: 20}", "{max_length: 4}"),),
        (
            f"{SOURCE}: round trip: an invented dossier is refused: thu/don v1, line 12, rule 2 "
            "(applicant.name to Nguoi/Ten): longer than 4 characters"
        ),
    ),
]


def test_a_sound_mapping_breaks_no_law() -> None:
    """What the planted faults are planted in holds."""
    assert check(_sound()) == []


def _sound(*changes: tuple[str, str]) -> Lens:
    return lens(("{max_length: 20}", "{max_length: 90}"), *changes)


@pytest.mark.parametrize(("changes", "told"), PLANTED)
def test_a_planted_fault_is_found(changes: tuple[tuple[str, str], ...], told: str) -> None:
    """The finding names the place, the law and what is wrong."""
    made = lens(*changes) if "{max_length: 20}" in changes[0][0] else _sound(*changes)
    assert told in [str(one) for one in check(made)]


Break = Callable[[Any], Any]


@pytest.mark.parametrize(
    ("kind", "lower", "lift", "law"),
    [
        ("number", None, lambda value: int(value) + 1, "round trip"),
        ("number", lambda value: str(value * 2), None, "second trip"),
        ("partial_date", lambda value: value[:4], None, "round trip"),
        ("datetime", None, lambda _value: "2026-01-01T00:00:00.000+07:00", "round trip"),
        ("cut", lambda value: value[:3], None, "round trip"),
    ],
)
def test_a_transform_that_loses_something_is_found(
    monkeypatch: pytest.MonkeyPatch, kind: str, lower: Break | None, lift: Break | None, law: str
) -> None:
    """A way back that is not the way out breaks the round trip, or the second one."""
    sound = KINDS[kind]

    def broken(argument: Any, codes: Any) -> kinds.Transform:
        made = sound.make(argument, codes)
        return kinds.Transform(
            made.name, lower or made.lower, lift or made.lift, sample=made.sample
        )

    monkeypatch.setitem(KINDS, kind, kinds.Kind(broken, sound.argument, sound.text))
    assert law in {one.kind for one in check(_sound())}


def test_a_reader_that_minds_blanks_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """A mapping must read NFD and blanks as it reads clean text."""
    monkeypatch.setattr("bridge.mapping.inward.clean_text", lambda text: text or None)
    monkeypatch.setattr("bridge.mapping.inward.clean", lambda value: value)
    assert {one.kind for one in check(_sound())} & {"second trip", "round trip"}


def test_a_projection_that_is_not_final_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is compared would move by itself if projecting it again changed it."""
    made = _sound()
    monkeypatch.setattr(made, "_cut", (("applicant.name", lambda value: f"{value}!"),))
    assert "projection" in {one.kind for one in check(made)}


def test_the_same_seed_finds_the_same() -> None:
    """A finding can be looked at again."""
    made = lens(("{max_length: 20}", "{max_length: 4}"))
    assert check(made, 7) == check(made, 7)


def test_invented_dossiers_reach_every_rule() -> None:
    """Over a few dossiers every outward rule has something to say, and something to leave out."""
    made = _sound()
    chance = random.Random(3)
    many = [dossier(made, chance) for _ in range(60)]
    for path in made.outgoing - {"code", "applicant.name", "supplements_brought"}:
        assert any(one.get(path) is not None for one in many), path
        assert any(one.get(path) is None for one in many), path
    assert any(len(one.get("summary", "")) > 10 for one in many)


def test_changes_in_these_tests_are_real() -> None:
    """A planted fault that changes nothing would prove nothing."""
    with pytest.raises(AssertionError):
        changed(("no such text", ""))
