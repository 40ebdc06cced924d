from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from enum import StrEnum

import pytest

from bridge.domain.matching.blocking import asked, kept, keys, sought
from bridge.domain.matching.days import BirthIs, ReceivedIs, birth_of, compare_births
from bridge.domain.matching.entry import Entry
from bridge.domain.matching.evidence import BIRTH, CARD, NAME, RECEIVED, TAX, Outcome
from bridge.domain.matching.known import known, national
from bridge.domain.matching.names import NameIs, compare, name_of
from bridge.domain.matching.numbers import (
    NumberIs,
    Numbers,
    compare_cards,
    compare_taxes,
    numbers_of,
)
from bridge.domain.matching.phones import phone_of


@pytest.mark.parametrize(
    ("one", "other", "how"),
    [
        ("Nguyễn Thị Hoà", "NGUYỄN THỊ HÒA", NameIs.SAME),
        ("\ufeffĐỗ  Văn Mẫu ", unicodedata.normalize("NFD", "Đỗ Văn Mẫu"), NameIs.SAME),
        ("Ðỗ Văn Ɖức", "Đỗ Văn Đức", NameIs.SAME),
        ("Công ty trách nhiệm hữu hạn Hoa Mẫu", "CTY TNHH Hoa Mẫu", NameIs.SAME),
        ("Nguyễn Thị Hoà", "Nguyen Thi Hoa", NameIs.UNMARKED),
        ("Nguyễn Thị Hoà", "Nguyễn Thị Hoa", NameIs.MARKS),
        ("Mẫu Văn Trần", "Trần Văn Mẫu", NameIs.ORDER),
        ("Ng. T. Hoà", "Nguyễn Thị Hoà", NameIs.ABBREVIATED),
        ("Ng.V.A", "Nguyễn Văn An", NameIs.ABBREVIATED),
        ("Trần Văn Mẫuu", "Trần Văn Mẫu", NameIs.TYPED),
        ("Tràn Vân Mẫu", "Trần Văn Mẫn", NameIs.TYPED),
        ("Nguyễn Văn An", "Nguyễn Văn Anh", NameIs.TYPED),
        ("Trần Mẫu", "Trần Văn Mẫu", NameIs.SHORTENED),
        ("Trần Thanh Sơn", "Trần Thanh Tân", NameIs.GIVEN),
        ("Lê Thị Lan", "Trần Văn Mẫu", NameIs.DIFFERENT),
    ],
)
def test_names_compare_as_a_clerk_would_say(one: str, other: str, how: NameIs) -> None:
    """In what two names differ, and the same whichever is named first."""
    here, there = name_of(one), name_of(other)
    assert here is not None
    assert there is not None
    assert compare(here, there) is compare(there, here) is how


@pytest.mark.parametrize("text", [None, "", " ", ".", "\ufeff"])
def test_a_name_without_a_letter_is_none(text: str | None) -> None:
    """What is no name says nothing for or against anybody."""
    assert name_of(text) is None


@pytest.mark.parametrize(
    ("id_number", "tax_code", "found"),
    [
        ("036 080 001 234", None, Numbers("036080001234", None)),
        ("36080001234", "", Numbers("036080001234", None)),
        ("12345678", None, Numbers(None, None)),
        ("16234567", None, Numbers("016234567", None)),
        ("b1234568", None, Numbers("B1234568", None)),
        (None, "036080001234", Numbers("036080001234", None)),
        ("161234567", "036080001234", Numbers("036080001234", None)),
        ("0601234567", None, Numbers(None, "0601234567")),
        (None, "0601234567-001", Numbers(None, "0601234567001")),
        ("000000000000", "không", Numbers(None, None)),
    ],
)
def test_numbers_are_brought_into_one_form(
    id_number: str | None, tax_code: str | None, found: Numbers
) -> None:
    """Blanks, lost zeros, a citizen's number as a tax code, a tax code as an identity number."""
    assert numbers_of(id_number, tax_code) == found


def test_an_old_card_says_nothing_against_a_citizens_number() -> None:
    """One person has a CMND and a CCCD; two different CCCD are two people, but for a slip."""
    assert compare_cards("161234567", "036080001234") is NumberIs.OTHER_KIND
    assert compare_cards("B12345678", "161234567") is NumberIs.OTHER_KIND
    assert compare_cards("036080001234", "036080001235") is NumberIs.NEAR
    assert compare_cards("036080001234", "036080001243") is NumberIs.NEAR
    assert compare_cards("036080001234", "036080009999") is NumberIs.DIFFERENT
    assert compare_taxes("0601234567", "0601234567001") is NumberIs.BRANCH
    assert compare_taxes("0601234567", "0601234568") is NumberIs.NEAR


@pytest.mark.parametrize(
    ("text", "phone"),
    [
        ("0912345678", "0912345678"),
        ("0163 123 4567", "0331234567"),
        ("+84 1231234567", "0831234567"),
        ("0084912345678", "0912345678"),
        ("84.912.345.678; 0900000001", "0912345678"),
        ("02283123456", "02283123456"),
        ("0000000000", None),
        ("912", None),
        ("", None),
        (None, None),
    ],
)
def test_telephones_are_brought_into_one_form(text: str | None, phone: str | None) -> None:
    """As since the renumbering of 2018, from 0; what is no number is none."""
    assert phone_of(text) == phone


@pytest.mark.parametrize(
    ("one", "other", "how"),
    [
        ("1980-05-03", "1980-05-03", BirthIs.SAME),
        ("1980-05-03", "1980-03-05", BirthIs.SWAPPED),
        ("1980-05-03", "1980", BirthIs.YEAR),
        ("1980-05-03", "1980-01-01", BirthIs.YEAR),
        ("1980-05-03", "1980-05", BirthIs.MONTH),
        ("1980-05-03", "1980-06", BirthIs.DIFFERENT),
        ("1980-05-03", "1981-05-03", BirthIs.SLIP),
        ("1980-05-03", "1980-05-13", BirthIs.SLIP),
        ("1980-05-03", "1979", BirthIs.DIFFERENT),
        ("1980-05-03", "1991-12-30", BirthIs.DIFFERENT),
    ],
)
def test_birth_dates_compare_as_far_as_they_are_known(one: str, other: str, how: BirthIs) -> None:
    """1 January is what is keyed where only the year is known."""
    here, there = birth_of(one), birth_of(other)
    assert here is not None
    assert there is not None
    assert compare_births(here, there) is compare_births(there, here) is how
    assert birth_of("03/05/1980") is birth_of("") is birth_of(None) is None


def test_a_procedure_is_known_by_its_national_part() -> None:
    """The province's suffix tells no other procedure."""
    assert national("1.010708.000.00.00.H56") == national(" 1.010708") == "1.010708"
    assert national(None) is national("") is None


def test_what_finds_an_entry_is_text_for_any_index() -> None:
    """An entry is found by what is asked for it, days of reception a week away too."""
    one = Entry("A", "036080001234", None, "Trần Văn Mẫu", "1980-05-03", "0912345678")
    assert set(keys(known(one))) == {key for key, _ in asked(known(one))}
    assert keys(known(Entry("B"))) == ()


def test_what_a_crowd_may_bear_is_found_by_the_week_too() -> None:
    """Where days can't be seen: a number or a telephone has the day beside it, a week away found."""
    day = date(2026, 11, 20)
    one = known(Entry("A", "036080001234", None, "Trần Văn Mẫu", None, "0912345678", None, day))
    for days, found in ((7, 2), (24, 0)):
        other = replace(one, key="B", received=day.toordinal() + days)
        near = {key for some in sought(one).values() for key in some}
        assert len(near & set(kept(other))) == found
    assert set(keys(one)) <= set(kept(one))
    assert {key for key, _ in asked(one)} == set(sought(one))
    assert kept(replace(one, received=None)) == keys(replace(one, received=None))


@pytest.mark.parametrize(
    ("table", "kind"),
    [
        ({**CARD, **TAX}, NumberIs),
        (NAME, NameIs),
        (BIRTH, BirthIs),
        (RECEIVED, ReceivedIs),
    ],
    ids=["numbers", "names", "births", "received"],
)
def test_every_way_two_values_compare_has_a_weight(
    table: Mapping[StrEnum, Outcome], kind: type[StrEnum]
) -> None:
    """The tables of evidence are whole; what is the same counts for a pair."""
    assert set(table) == set(kind)
    assert table[kind("same")].point.weight > 0
