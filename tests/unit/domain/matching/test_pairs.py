from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.keyed import sides
from bridge.domain.matching import Entry, Index, Pair, Sureness, near, pairs

DAY = date(2026, 3, 4)
MAU = Entry("D1", "036080001234", None, "Trần Văn Mẫu", "1980-05-13", "0331234567", "1.002835", DAY)


def there(key: str = "R1", **changed: object) -> Entry:
    return replace(MAU, key=key, **changed)  # type: ignore[arg-type]


def told(found: Sequence[Pair]) -> dict[tuple[str, str], Sureness]:
    return {(one.ours, one.theirs): one.sureness for one in found}


SURE = {("D1", "R1"): Sureness.SURE}
LIKELY = {("D1", "R1"): Sureness.LIKELY}
NONE: dict[tuple[str, str], Sureness] = {}


@pytest.mark.parametrize(
    ("theirs", "found"),
    [
        (there(), SURE),
        (there(phone="01631234567", procedure="1.002835.000.00.00.H40"), SURE),
        (there(birth_date=None, phone=None, received=DAY + timedelta(days=2)), SURE),
        (there(id_number="36080001234", name="TRAN VAN MAU"), SURE),
        (there(procedure=None), SURE),
        (there(procedure=None, received=DAY + timedelta(days=1)), LIKELY),
        (there(id_number="161234567"), SURE),
        (there(id_number=None, name="Mẫu Trần Văn"), SURE),
        (there(id_number=None, phone=None), LIKELY),
        (there(id_number=None, name="Tran Van Mau"), LIKELY),
        (there(id_number=None, birth_date="1980"), LIKELY),
        (there(id_number="036080001235"), LIKELY),
        (there(id_number="036080779999"), LIKELY),
        (there(name="Trần Văn Dũng"), LIKELY),
        (there(birth_date="1975-12-01"), LIKELY),
        (there(procedure="1.003709"), LIKELY),
        (there(received=DAY + timedelta(days=20)), LIKELY),
        (there(received=DAY + timedelta(days=200)), LIKELY),
        (there(received=None), LIKELY),
        (there(received=DAY + timedelta(days=800)), NONE),
        (there(id_number=None, phone=None, received=None), NONE),
        (there(id_number=None, phone=None, received=DAY + timedelta(days=40)), NONE),
        (there(id_number=None, phone=None, name=None), LIKELY),
        (there(id_number="036080779999", phone=None, name="Lê Văn Khác"), NONE),
        (Entry("R1"), NONE),
    ],
)
def test_a_pair_is_as_sure_as_its_evidence(
    theirs: Entry, found: dict[tuple[str, str], Sureness]
) -> None:
    """Sure by a number, or all the rest; never by a name and a birth date, nor against evidence."""
    assert told(list(pairs([MAU], [theirs]))) == found
    assert told(near(MAU, Index([theirs]))) == found


def test_a_firm_is_known_by_its_tax_code_and_files_often() -> None:
    """The tax code tells the firm, only the same day the dossier; another branch is another firm."""
    ours = Entry("D1", None, "0601234567", "Công ty TNHH Hoa Mẫu", None, None, "2.001610", DAY)
    theirs = replace(ours, key="R1", name="CTY TNHH HOA MẪU")
    later = replace(theirs, received=DAY + timedelta(days=3))
    branch = replace(theirs, tax_code="0601234567-001")
    assert told(list(pairs([ours], [theirs]))) == SURE
    assert told(list(pairs([ours], [later]))) == LIKELY
    assert told(list(pairs([ours], [branch]))) == LIKELY


def test_what_was_keyed_twice_on_one_side_is_never_sure() -> None:
    """Two records that may both be the dossier: a person decides, also where one has no number."""
    assert set(told(list(pairs([MAU], [there(), there("R2")]))).values()) == {Sureness.LIKELY}
    without = there("R2", id_number=None)
    both = told(list(pairs([MAU], [there(), without])))
    assert both == {("D1", "R1"): Sureness.LIKELY, ("D1", "R2"): Sureness.LIKELY}
    [found] = near(there("R9"), Index([MAU]), Index([there("R9"), there("R8")]))
    assert found.sureness is Sureness.LIKELY


def test_twins_are_told_apart() -> None:
    """One birthday, one telephone, numbers that follow each other: each finds its own record."""
    twin = replace(MAU, key="D2", id_number="036080001235", name="Trần Văn Mậu")
    theirs = [there(), replace(twin, key="R2")]
    found = told(list(pairs([MAU, twin], theirs)))
    assert found == {("D1", "R1"): Sureness.SURE, ("D2", "R2"): Sureness.SURE}
    assert told(list(pairs([MAU], [replace(twin, key="R2")]))) == {("D1", "R2"): Sureness.LIKELY}


def test_the_day_of_reception_tells_the_dossiers_of_one_person_apart() -> None:
    """Who comes again under the same procedure: day by day; two on one day are for a person."""
    again = replace(MAU, key="D2", received=DAY + timedelta(days=30))
    found = told(list(pairs([MAU, again], [there(), replace(again, key="R2")])))
    assert found == {("D1", "R1"): Sureness.SURE, ("D2", "R2"): Sureness.SURE}
    same_day = told(list(pairs([MAU, replace(again, received=DAY)], [there()])))
    assert set(same_day.values()) == {Sureness.LIKELY}
    assert len(same_day) == 2


def test_what_a_person_told_apart_is_never_asked_again() -> None:
    """It is no pair, and no rival of another: what is left may be sure."""
    theirs = [there(), there("R2")]
    assert told(list(pairs([MAU], theirs, [("D1", "R2")]))) == SURE
    assert told(near(MAU, Index(theirs), told_apart=[("D1", "R2")])) == SURE
    assert list(pairs([MAU], [there()], {("D1", "R1")})) == []


def test_an_index_forgets_what_has_found_its_partner() -> None:
    """What was added is found, what was removed is not, and the other stays."""
    index = Index([there(), there("R2")])
    assert len(index) == 2
    index.remove(there("R2"))
    assert len(index) == 1
    assert told(near(MAU, index)) == SURE


def test_a_pair_says_why_in_words_without_values() -> None:
    """Points name what was compared and how it came out; their weights come to the score."""
    [found] = pairs([MAU], [there(birth_date="1980-05-03", phone=None)])
    assert [(one.what, one.how) for one in found.points] == [
        ("identity number", "the same"),
        ("name", "the same"),
        ("birth date", "day, month or year differs"),
        ("procedure", "the same"),
        ("day of reception", "the same day"),
    ]
    assert found.score == pytest.approx(sum(one.weight for one in found.points))


TOWN = sides(40, seed=7)
FORMS: tuple[Literal["NFC", "NFD"], ...] = ("NFC", "NFD")


@settings(max_examples=15, deadline=None)
@given(st.permutations(TOWN.ours), st.permutations(TOWN.theirs), st.sampled_from(FORMS))
def test_pairs_hang_on_nothing_but_what_was_keyed(
    ours: list[Entry], theirs: list[Entry], form: Literal["NFC", "NFD"]
) -> None:
    """Any order, either side first, composed or decomposed: the same pairs; points sum to the score."""
    found = list(pairs(TOWN.ours, TOWN.theirs))
    written = [replace(one, name=unicodedata.normalize(form, one.name or "")) for one in ours]
    assert list(pairs(written, theirs)) == found
    turned = {replace(one, ours=one.theirs, theirs=one.ours) for one in pairs(theirs, ours)}
    assert turned == set(found)
    for one in found:
        assert one.score == pytest.approx(sum(point.weight for point in one.points))


def test_two_thousand_dossiers_find_their_records() -> None:
    """Of dossiers keyed as clerks do, no sure pair is wrong, and 98 of 100 are found."""
    town = sides(2_000, seed=11)
    found = told(list(pairs(town.ours, town.theirs)))
    sure = {pair for pair, how in found.items() if how is Sureness.SURE}
    assert len(town.ours) == len(town.theirs) == 2_000
    assert sure <= town.truth
    assert len(sure) > 0.75 * len(town.truth)
    assert len(found.keys() & town.truth) >= 0.98 * len(town.truth)
    assert len(found.keys() - town.truth) < 0.05 * len(town.truth)
