"""A row of dkkd as the engine takes it: whole or in part, in NFC, and a bad one beside good ones."""

from __future__ import annotations

import unicodedata
from collections import deque
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from adapters.dkkd.options import STATUSES
from adapters.dkkd.rows import moment, name_of, record
from bridge.mapping import Lens, compile_mapping, load_file
from bridge.sdk.records import Record, Unreadable
from bridge.sdk.registry import Registry
from bridge.sdk.rehearsal import Fault
from bridge.sdk.rehearsal_gateway import as_json
from bridge.sdk.times import VIETNAM
from tests.contract.dkkd_bench import CODE, CONTACT, PERSONAL, TODAY, Bench, listed, row, whole


@pytest.fixture
def bench() -> Iterator[Bench]:
    made = Bench()
    yield made
    made.close()


def lens(name: str) -> Lens:
    return compile_mapping(load_file(Registry.load().mapping_file(f"dkkd/{name}")))


def read(given: Any) -> Record:
    found = record(given, STATUSES)
    assert isinstance(found, Record), found
    return found


@pytest.mark.parametrize(("word", "status"), STATUSES.items())
@pytest.mark.parametrize("given", [row, whole], ids=["today", "whole"])
def test_each_word_is_a_national_status(given: Any, word: str, status: int) -> None:
    """TIEP_NHAN 2, DANG_XU_LY 4, BO_SUNG 5, TU_CHOI 8, CAP_GCN 9: as the mapping lifts it."""
    found = read(given(PROCESS_STATUS=f" {word} "))
    mapping = lens("today" if found.kind == "today" else "registration")
    assert mapping.lift(found.body)["status"] == status
    assert dict(STATUSES) == {
        "TIEP_NHAN": 2, "DANG_XU_LY": 4, "BO_SUNG": 5, "TU_CHOI": 8, "CAP_GCN": 9,
    }  # fmt: skip


def test_the_words_are_configuration(bench: Bench) -> None:
    """A table in the options takes the place of ours; what it lacks is set aside and named."""
    (ref,) = bench.ministry.file_own(DOSSIER_NO=CODE)
    other = bench.built(statuses={"DA_NHAN": 2})
    (one,) = other.changes(None).records
    assert isinstance(one, Unreadable)
    assert (one.name, one.field) == (ref, "PROCESS_STATUS")
    assert one.reason == "PROCESS_STATUS: the option statuses does not have this word TIEP_NHAN"
    bench.ministry.move(ref, "DA_NHAN")
    (one,) = other.changes(None).records
    assert isinstance(one, Record)
    assert one.body["PROCESS_STATUS"] == 2
    other.close()


def test_a_whole_row_lifts_to_a_dossier() -> None:
    """Number, enterprise, contact and dates; the empty e-mail is nothing."""
    fields = lens("registration").lift(read(whole(DOSSIER_NO=None)).body)
    assert fields == {
        "applicant.name": PERSONAL[0],
        "applicant.id_number": PERSONAL[1],
        "applicant.phone": PERSONAL[2],
        "applicant.email": None,
        "applicant.address": PERSONAL[3],
        "received_at": "2026-11-20T09:00:00.000+07:00",
        "due_at": "2026-11-23T17:00:00.000+07:00",
        "finished_at": None,
        "status": 4,
        "ministry_ref": "DN-26-0000001",
        "details.journal_no": "DN-26-0000001",
        "details.document_type": "NEW",
        "details.enterprise_code": None,
        "details.enterprise_name": "Công ty TNHH Mẫu",
    }


@pytest.mark.parametrize("empty", [None, "", " ", "\ufeff"])
def test_the_applicant_is_the_contact_else_the_enterprise(empty: str | None) -> None:
    """CONTACT_FULL_NAME, and NAME where that is empty; where both are there is none to import."""
    mapping = lens("registration")
    found = read(whole(DOSSIER_NO=empty, CONTACT_FULL_NAME=empty))
    assert mapping.lift(found.body)["applicant.name"] == "Công ty TNHH Mẫu"
    nobody = record(whole(DOSSIER_NO=empty, CONTACT_FULL_NAME=empty, NAME=empty), STATUSES)
    assert isinstance(nobody, Unreadable)
    assert nobody.field == "CONTACT_FULL_NAME"
    ours = read(whole(CONTACT_FULL_NAME=empty, NAME=empty))
    assert mapping.lift(ours.body)["applicant.name"] is None


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_text_in_any_form_is_the_same_text(form: Any) -> None:
    """Decomposed, with blanks and a byte order mark: the same fields."""
    name = "\ufeff " + unicodedata.normalize(form, "Công ty Cổ phần Đồ gỗ Sông Ninh") + " "
    contact = unicodedata.normalize(form, PERSONAL[0])
    fields = lens("registration").lift(read(whole(NAME=name, CONTACT_FULL_NAME=contact)).body)
    assert fields["details.enterprise_name"] == "Công ty Cổ phần Đồ gỗ Sông Ninh"
    assert fields["applicant.name"] == PERSONAL[0]


@pytest.mark.parametrize("code", [CODE, f" {CODE} ", f"\ufeff{CODE}"])
def test_the_code_of_a_row_is_found(code: str) -> None:
    """DOSSIER_NO is our code, whatever stands around it; null or empty it is keyed only there."""
    assert lens("today").key(read(row(DOSSIER_NO=code)).body) == CODE
    assert lens("today").key(read(row(DOSSIER_NO="")).body) is None


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("20/11/2026 09:15:30", "2026-11-20T09:15:30+07:00"),
        ("20/11/2026", "2026-11-20T00:00:00+07:00"),
        (" 01/01/2000 00:00:00 ", "2000-01-01T00:00:00+07:00"),
        ("", None),
        (None, None),
    ],
)
def test_times_are_hanoi_s(text: Any, iso: str | None) -> None:
    """A day alone begins at midnight; nothing is nothing."""
    found = moment(text)
    assert (None if found is None else found.isoformat()) == iso
    assert found is None or found.utcoffset() == timedelta(hours=7)
    assert found is None or found.tzinfo is VIETNAM


@pytest.mark.parametrize("name", ["RECEIPT_DATE", "PLAN_DATE", "REGISTRATION_DATE"])
def test_a_date_may_come_without_its_time(name: str) -> None:
    """The contract does not say whether these have a time of day: both are read."""
    ours = {
        "RECEIPT_DATE": "received_at",
        "PLAN_DATE": "due_at",
        "REGISTRATION_DATE": "finished_at",
    }
    fields = lens("registration").lift(read(whole(**{name: "21/11/2026"})).body)
    assert fields[ours[name]] == "2026-11-21T00:00:00.000+07:00"


BAD: list[tuple[Any, str, str | None]] = [
    (row(IN_JOURNAL_NO=None), "row ", "IN_JOURNAL_NO"),
    (row(IN_JOURNAL_NO=""), "row ", "IN_JOURNAL_NO"),
    (row(IN_JOURNAL_NO=True), "row ", "IN_JOURNAL_NO"),
    (row(IN_JOURNAL_NO=PERSONAL[0]), "row ", "IN_JOURNAL_NO"),
    (row(IN_JOURNAL_NO="9" * 65), "row ", "IN_JOURNAL_NO"),
    (row(PROCESS_STATUS=None), "DN-26-0000001", "PROCESS_STATUS"),
    (row(PROCESS_STATUS="CHO_KY"), "DN-26-0000001", "PROCESS_STATUS"),
    (row(PROCESS_STATUS=PERSONAL[0]), "DN-26-0000001", "PROCESS_STATUS"),
    (row(PROCESSED_DATE="2026-11-20T09:15:00"), "DN-26-0000001", "PROCESSED_DATE"),
    (row(PROCESSED_DATE="31/02/2026 09:15:00"), "DN-26-0000001", "PROCESSED_DATE"),
    (row(PROCESSED_DATE="20/11/2026 24:00:00"), "DN-26-0000001", "PROCESSED_DATE"),
    (row(PROCESSED_DATE="20/11/26 09:15:00"), "DN-26-0000001", "PROCESSED_DATE"),
    (["not", "a", "row", PERSONAL[0]], "row ", None),
    (None, "row ", None),
    (PERSONAL[0], "row ", None),
]


@pytest.mark.parametrize(("given", "name", "field"), BAD)
def test_a_row_that_cannot_be_read_says_what_is_wrong(
    given: Any, name: str, field: str | None
) -> None:
    """Its number and the field at fault, never a personal value."""
    found = record(given, STATUSES)
    assert isinstance(found, Unreadable)
    assert found.name.startswith(name)
    assert found.field == field
    assert not any(value in f"{found.name} {found.reason}" for value in PERSONAL)


def test_a_bad_row_stops_no_neighbour(bench: Bench) -> None:
    """Between two good rows a bad one is set aside, and under the same name when it comes again."""
    for given, _, _ in BAD:
        bench.cursor = None
        good = [row(IN_JOURNAL_NO="DN-1"), row(IN_JOURNAL_NO="DN-2")]
        answer = listed(good[0], given, good[1])
        for good_ones in (["DN-1", "DN-2"], []):
            bench.ministry.says[TODAY] = deque([as_json(answer)])
            found = bench.poll()
            assert [one.ref for one in found if isinstance(one, Record)] == good_ones
            bad = [one.name for one in found if isinstance(one, Unreadable)]
            assert bad == [name_of(given)]


def test_the_first_row_of_a_spoiled_answer_is_set_aside(bench: Bench) -> None:
    """No such day in one row of three: the two others are read, and it is once it is mended."""
    refs = bench.ministry.file_own(3, DOSSIER_NO=CODE)
    bench.ministry.faults.next(Fault.WRONG_SCHEMA, operation=TODAY)
    found = bench.poll()
    assert [type(one) for one in found] == [Unreadable, Record, Record]
    bench.later(minutes=1)
    assert bench.refs() == refs[:1]


def test_a_number_may_come_as_a_number(bench: Bench) -> None:
    """IN_JOURNAL_NO and DOSSIER_NO as JSON numbers are texts of ours."""
    bench.ministry.says[TODAY] = deque([as_json(listed(row(IN_JOURNAL_NO=42)))])
    (one,) = bench.records()
    assert (one.ref, one.body["IN_JOURNAL_NO"]) == ("42", "42")


def test_a_part_has_no_contact_and_a_whole_row_has() -> None:
    """What a row shows decides what it is, not the list it stands in."""
    assert read(row()).kind == "today"
    assert read(row(**CONTACT)).kind == "dossier"
    assert read(row(CONTACT_EMAIL=None)).kind == "dossier"
