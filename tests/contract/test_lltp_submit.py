"""A dossier is filed once under its code, and whatever is answered is judged by the contract."""

from __future__ import annotations

import threading
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from bridge.sdk.errors import (
    AdapterError,
    AuthFailed,
    ContractBroken,
    InDoubt,
    Maintenance,
    Rejected,
    Retryable,
)
from bridge.sdk.records import Absent, Action, Applied, Receipt
from bridge.sdk.rehearsal import Fault
from tests.contract.lltp_bench import (
    PERSONAL,
    Bench,
    Ministry,
    body,
    code,
    dossier,
    error,
    text_of,
)

FILE, STATUS = "nhanHoSoDangKy", "traTrangThaiHs"


@pytest.fixture
def bench() -> Iterator[Bench]:
    with Ministry() as ministry:
        made = Bench(ministry)
        yield made
        made.close()


# -- all is well


def test_a_dossier_is_filed_under_its_code_and_gets_a_number(bench: Bench) -> None:
    """The forms go as they were lowered, with who we are; empty forms go empty."""
    (answer,) = bench.send(dossier())
    (record,) = bench.ministry.records()
    assert answer == Receipt(ref=record["ref"])
    assert record["code"] == code()
    (asked,) = bench.ministry.asked(FILE)
    given: dict[str, Any] = {"residenceWSForm": [], "mandatorWSForm": {}}
    assert asked == {"idMinistryJustice": "H40-STP", **given, **body()}


def test_the_code_it_is_asked_about_by_never_stays_out(bench: Bench) -> None:
    """Whatever a mapping leaves out, idReceivedDec is the dossier's code."""
    lowered = {key: value for key, value in body().items() if key != "idReceivedDec"}
    bench.send(replace(dossier(), body=lowered))
    assert bench.ministry.records()[0]["code"] == code()


def test_nothing_to_send_is_no_call(bench: Bench) -> None:
    """An empty call answers nothing and asks nobody."""
    assert bench.send() == []
    assert not bench.ministry.calls


def test_each_command_has_an_answer_of_its_own(bench: Bench) -> None:
    """A refusal in the middle stops nobody."""
    answers = bench.send(dossier(1), dossier(2, phone=None), dossier(3))
    assert [type(one) for one in answers] == [Receipt, Rejected, Receipt]


@pytest.mark.parametrize("well", [1, "1", " 1"])
def test_status_and_number_are_read_in_every_spelling(bench: Bench, well: object) -> None:
    """STATUS and ID come as text or as numbers."""
    bench.ministry.says(FILE, {"STATUS": well, "ID": 4711})
    assert bench.send(dossier()) == [Receipt(ref="4711")]


@pytest.mark.parametrize("fault", [Fault.BOM, Fault.NFD])
def test_a_byte_order_mark_and_decomposed_text_are_forgiven(bench: Bench, fault: Fault) -> None:
    """The answer is read all the same."""
    bench.ministry.faults.next(fault, operation=FILE)
    assert isinstance(bench.send(dossier())[0], Receipt)


# -- there already


def test_a_second_filing_is_there_already_under_the_first_number(bench: Bench) -> None:
    """301 is proof: the dossier has its number, nothing is there twice, and the note says so."""
    ref = bench.filed()
    (answer,) = bench.send(dossier(phone="0911111111"))
    assert answer == Receipt(ref=ref, note="was there already")
    assert len(bench.ministry.records()) == 1
    assert bench.ministry.records()[0]["body"]["declarationWSForm"]["phone"] == PERSONAL[2]


def test_what_was_sent_in_another_form_before_is_said_to_be_so(bench: Bench) -> None:
    """A second version that is there already may be the first: the journal is told."""
    bench.filed()
    (answer,) = bench.send(replace(dossier(), version=2))
    assert isinstance(answer, Receipt)
    assert "as it was sent before" in str(answer.note)


@pytest.mark.parametrize("action", [Action.UPDATE, Action.STEP])
def test_a_correction_is_not_sent(bench: Bench, action: Action) -> None:
    """The ministry takes none: refused without a call."""
    (answer,) = bench.send(replace(dossier(), action=action))
    assert isinstance(answer, Rejected)
    assert answer.code == "NO_CORRECTIONS"
    assert not bench.ministry.calls


# -- refusals


@pytest.mark.parametrize(
    ("words", "field"),
    [
        ("declarationWSForm.phone: không được để trống", "declarationWSForm/phone"),
        ("Trường birthDateStr sai", "declarationWSForm/birthDateStr"),
        ("mandatorWSForm.fullName: không được để trống", "mandatorWSForm/fullName"),
        ("mandatorRelation", "mandatorWSForm/mandatorRelation"),
        ("Sai [toDateStr] dòng 2", "residenceWSForm/toDateStr"),
        ("residenceWSForm không đúng", "residenceWSForm"),
        ("dateReceivedDec: sai", "dateReceivedDec"),
        ("Dữ liệu sai", None),
        (None, None),
    ],
)
def test_the_field_that_description_names_is_told(
    bench: Bench, words: str | None, field: str | None
) -> None:
    """500 is a refusal with the ministry's words, and the field with the form it is in."""
    bench.ministry.says(FILE, error("500", words))  # type: ignore[arg-type]
    (answer,) = bench.send(dossier())
    assert isinstance(answer, Rejected)
    assert (answer.code, answer.field) == ("500", field)
    assert answer.reason == (words or "the ministry gives no reason")


def test_the_ministrys_words_are_kept_in_nfc(bench: Bench) -> None:
    """What the clerk reads is composed."""
    said = unicodedata.normalize("NFD", "Số điện thoại không hợp lệ")
    bench.ministry.says(FILE, error("500", said))
    assert text_of(bench.send(dossier())[0]) == unicodedata.normalize("NFC", said)


@pytest.mark.parametrize("number", ["101", "106", 106])
def test_what_no_clerk_can_mend_closes_the_system(bench: Bench, number: Any) -> None:
    """Our address, our unit: the system is held, and no dossier is blamed."""
    bench.ministry.says(FILE, error(number))
    (answer,) = bench.send(dossier())
    assert isinstance(answer, AuthFailed)
    assert str(number) in answer.reason


def test_a_wrong_agency_is_told_by_the_option(bench: Bench) -> None:
    """The ministry does not know the unit: the error names the option to mend."""
    bench.adapter.close()
    made = Bench(bench.ministry)
    made.adapter._client._agency = "sai"
    assert "option agency" in text_of(made.send(dossier())[0])
    made.close()


# -- doubt


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"STATUS": "2"},
        {"STATUS": "1"},
        {"STATUS": "1", "ID": ""},
        {"STATUS": "1", "ID": True},
        {"STATUS": "0"},
        {"STATUS": "0", "ERROR_CODE": "lạ"},
        {"STATUS": "0", "ERROR_CODE": "999"},
        {"STATUS": "0", "ERROR_CODE": "301"},
        {"STATUS": True, "ID": "x"},
        [],
        b"<html>",
        b"",
    ],
)
def test_an_answer_the_contract_does_not_know_proves_nothing(bench: Bench, answer: Any) -> None:
    """It is broken, which on a write is doubt."""
    bench.ministry.says(FILE, answer)
    assert isinstance(bench.send(dossier())[0], ContractBroken)


ENDS = [
    (Fault.LOST_ANSWER, InDoubt, True),
    (Fault.CUT_BEFORE, InDoubt, False),
    (Fault.ERROR_500, InDoubt, False),
    (Fault.ERROR_502, InDoubt, False),
    (Fault.TRUNCATED, InDoubt, True),
    (Fault.WRONG_SCHEMA, ContractBroken, True),
    (Fault.HTML_200, ContractBroken, False),
    (Fault.PAGE_503, Maintenance, False),
    (Fault.TOO_MANY, Retryable, False),
]


@pytest.mark.parametrize(("fault", "said", "applied"), ENDS)
def test_every_way_a_call_may_end_is_judged(
    bench: Bench, fault: Fault, said: type[AdapterError], applied: bool
) -> None:
    """Known not applied only where it is proved; what was applied is found by asking."""
    bench.ministry.faults.next(fault, operation=FILE)
    assert type(bench.send(dossier())[0]) is said
    assert bench.adapter.probe(dossier()) == (Applied() if applied else Absent())
    assert len(bench.ministry.records()) == int(applied)


def test_a_ministry_that_is_gone_was_sent_nothing(bench: Bench) -> None:
    """A refused connection is known not applied."""
    bench.ministry.down()
    (answer,) = bench.send(dossier())
    assert isinstance(answer, Retryable)
    assert answer.unreachable


def test_an_answer_after_the_timeout_is_doubt() -> None:
    """It may be applied yet, and is found once it is."""
    with Ministry() as ministry:
        bench = Bench(ministry, timeout=0.3)
        armed = ministry.faults.next(Fault.SLOW, operation=FILE)
        assert isinstance(bench.send(dossier())[0], InDoubt)
        armed.release()
        assert bench.adapter.probe(dossier()) == Applied()
        bench.close()


def test_what_json_can_not_hold_spoils_only_itself(bench: Bench) -> None:
    """Half a character is refused without being sent; the next goes."""
    answers = bench.send(dossier(1, note="\ud800"), dossier(2))
    assert [type(one) for one in answers] == [Rejected, Receipt]


# -- questions


@pytest.mark.parametrize("action", list(Action))
def test_a_question_is_about_the_code_whatever_is_known_of_the_command(
    bench: Bench, action: Action
) -> None:
    """Only a first filing is ever sent, so what has a status was filed."""
    command = replace(dossier(), action=action, body={})
    assert bench.adapter.probe(command) == Absent()
    bench.filed()
    assert bench.adapter.probe(command) == Applied()
    assert bench.ministry.asked(STATUS)[-1] == {"idReceivedDec": code(), "infoType": "2"}


@pytest.mark.parametrize("answer", [error("500"), error("106"), error("999"), {}, b"<html>"])
def test_a_failed_question_is_never_absent(bench: Bench, answer: Any) -> None:
    """Only 201 says that there is none."""
    bench.ministry.says(STATUS, answer)
    with pytest.raises(AdapterError):
        bench.adapter.probe(dossier())


@pytest.mark.parametrize("fault", [Fault.LOST_ANSWER, Fault.ERROR_502, Fault.TRUNCATED])
def test_a_question_that_failed_is_asked_again(bench: Bench, fault: Fault) -> None:
    """A read leaves no doubt."""
    bench.ministry.faults.next(fault, operation=STATUS)
    with pytest.raises(Retryable):
        bench.adapter.probe(dossier())


# -- secrets and threads


def test_no_error_shows_a_personal_value(bench: Bench) -> None:
    """Whatever goes wrong, an error of ours names fields; the ministry's words are masked later."""
    shown: list[str] = []
    for fault, _said, _applied in ENDS:
        bench.ministry.faults.next(fault, operation=FILE)
        shown.append(text_of(bench.send(dossier())[0]))
    bench.ministry.says(FILE, {"STATUS": "0", "ERROR_CODE": PERSONAL[1]})
    shown.append(text_of(bench.send(dossier(2))[0]))
    secrets = {*PERSONAL, *bench.ministry.secrets().values()}
    assert not [text for text in shown for secret in secrets if secret in text]


def test_threads_file_side_by_side(bench: Bench) -> None:
    """Eight threads, forty dossiers, one token: each is filed once and has its own number."""
    answers: dict[int, Any] = {}

    def work(first: int) -> None:
        for number in range(first, 41, 8):
            (answers[number],) = bench.send(dossier(number))

    threads = [threading.Thread(target=work, args=(n,)) for n in range(1, 9)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    held = {one["code"]: one["ref"] for one in bench.ministry.records()}
    assert {code(n): answer.ref for n, answer in answers.items()} == held
    assert len(held) == 40
    assert bench.ministry.calls["token"] == 1


def test_confirming_is_nothing(bench: Bench) -> None:
    """A receipt proves its command."""
    assert bench.adapter.confirm([dossier()]) == [None]
    assert not bench.ministry.calls
