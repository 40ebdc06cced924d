"""hotich, outwards: an envelope around a document; sent again it replaces, so doubt is repeated."""

from __future__ import annotations

import threading
import unicodedata
from collections.abc import Iterator
from typing import Any

import pytest
from lxml import etree

from adapters.hotich.faults import DOCUMENT_FIELDS, SAFE_FAULTS
from bridge.sdk.errors import (
    AdapterError,
    AuthFailed,
    ContractBroken,
    InDoubt,
    Maintenance,
    Rejected,
    Retryable,
)
from bridge.sdk.records import Action, Answer, Receipt
from bridge.sdk.rehearsal import Fault
from tests.contract.hotich_bench import PERSONAL, Bench, body, code, command, reason

FILE = "dangKyHoTich"


@pytest.fixture
def bench() -> Iterator[Bench]:
    made = Bench()
    yield made
    made.close()


def document(bench: Bench) -> Any:
    """Return the root of the last document that was sent."""
    return etree.fromstring(bench.ministry.asked(FILE)[-1]["data"].encode())


# --- what goes out -------------------------------------------------------------------------------


def test_the_envelope_is_as_the_contract_has_it(bench: Bench) -> None:
    """Five fields, maDonVi a JSON number, the day as dd/MM/yyyy, and ``data`` a text."""
    assert bench.send(command()) == [Receipt()]
    (sent,) = bench.ministry.asked(FILE)
    data = sent.pop("data")
    assert sent == {
        "maDonVi": 3613669,
        "module": "KS",
        "maHoSo": code(),
        "ngayTiepNhan": "20/11/2026",
    }
    assert type(sent["maDonVi"]) is int
    assert isinstance(data, str)


def test_the_document_is_as_the_contract_has_it(bench: Bench) -> None:
    """``hotich/hoso`` without a namespace, the fields in their order, what is not known left out."""
    bench.send(command())
    root = document(bench)
    assert (root.tag, [child.tag for child in root]) == ("hotich", ["hoso"])
    names = [element.tag for element in root[0]]
    assert names == [name for name in DOCUMENT_FIELDS if name in body()]
    assert {one.tag: one.text for one in root[0]} == {name: body()[name] for name in names}


@pytest.mark.parametrize(
    "text",
    ["Nguyễn <b>&amp; 'Thử'</b> ]]>", "hai\ndòng", "🙂", unicodedata.normalize("NFD", "Thử")],
)
def test_any_text_goes_out_whole(bench: Bench, text: str) -> None:
    """Markup in a name stays a name; nothing is escaped twice, cut or composed anew."""
    bench.send(command(body=body(nksNoiSinh=text)))
    assert bench.held()["body"]["nksNoiSinh"] == text


def test_what_xml_cannot_carry_is_refused_by_name_and_not_sent(bench: Bench) -> None:
    """A control character is a refusal that names the field, never the text."""
    (answer,) = bench.send(command(body=body(nksHoTen="Nguyễn\x0bThử")))
    assert isinstance(answer, Rejected)
    assert (answer.code, answer.field) == ("XML", "nksHoTen")
    assert "Nguyễn" not in answer.reason
    assert bench.ministry.calls[FILE] == 0


def test_the_same_dossier_again_replaces(bench: Bench) -> None:
    """Sent twice there is one record under one number; what is absent then is gone."""
    bench.filed()
    first = bench.held()
    bench.send(command(body=body(nycSoDienThoai=None, nksHoTen="Nguyễn Thị Khác")))
    then = bench.held()
    assert (then["ref"], then["updates"]) == (first["ref"], 1)
    assert then["body"]["nksHoTen"] == "Nguyễn Thị Khác"
    assert "nycSoDienThoai" not in then["body"]
    assert bench.ministry.duplicates() == []


def test_what_was_brought_goes_out_as_a_new_version(bench: Bench) -> None:
    """A dossier whose papers were asked for is received again when it is sent again."""
    bench.filed()
    ref = bench.held()["ref"]
    bench.ministry.move(ref, "2", "Thiếu giấy chứng sinh")
    assert bench.send(command(1, Action.UPDATE, ref=ref, known={"maHoSo": code()})) == [
        Receipt(ref=ref)
    ]
    assert (bench.held()["status"], bench.held()["updates"]) == (2, 1)


def test_each_command_has_its_own_answer(bench: Bench) -> None:
    """A refusal in the middle stops no neighbour."""
    bad = command(2, body=body(2, nksGioiTinh="9"))
    answers = bench.send(command(1), bad, command(3))
    assert [type(one) for one in answers] == [Receipt, Rejected, Receipt]
    assert [one["code"] for one in bench.ministry.records()] == [code(1), code(3)]


def test_it_takes_no_steps(bench: Bench) -> None:
    """A step is refused here, and nobody is called."""
    (answer,) = bench.send(command(1, Action.STEP))
    assert isinstance(answer, Rejected)
    assert not bench.ministry.calls


# --- what was registered without the one-stop ----------------------------------------------------


@pytest.mark.parametrize("known", [True, False], ids=["known", "linked by hand"])
def test_a_registration_without_our_code_is_never_sent_a_second_time(
    bench: Bench, known: bool
) -> None:
    """Sent under our code it would stand there twice: it is refused, in the clerk's words."""
    (ref,) = bench.ministry.file_own()
    seen = bench.ministry.records()[0]["body"] if known else {}
    (answer,) = bench.send(command(1, Action.UPDATE, ref=ref, known=seen))
    assert isinstance(answer, Rejected)
    assert "đăng ký trực tiếp tại bộ" in answer.reason
    assert bench.ministry.calls[FILE] == 0
    assert len(bench.ministry.records()) == 1


def test_a_record_is_replaced_under_the_code_it_bears(bench: Bench) -> None:
    """An officer mistyped the code: the record is still the one that is replaced."""
    bench.filed(7)
    ref = bench.held(7)["ref"]
    assert bench.send(command(1, Action.UPDATE, ref=ref)) == [Receipt(ref=ref)]
    assert [one["code"] for one in bench.ministry.records()] == [code(7)]
    assert bench.held(7)["updates"] == 1


def test_a_record_that_is_gone_is_refused(bench: Bench) -> None:
    """A number the ministry does not know is no reason to make a new record."""
    (answer,) = bench.send(command(1, Action.UPDATE, ref="777"))
    assert isinstance(answer, Rejected)
    assert bench.ministry.records() == []


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (Fault.LOST_ANSWER, Retryable),
        (Fault.HTML_200, Retryable),
        (Fault.WRONG_SCHEMA, Retryable),
        (Fault.PAGE_503, Maintenance),
    ],
)
def test_a_look_that_fails_leaves_no_doubt(
    bench: Bench, fault: Fault, kind: type[AdapterError]
) -> None:
    """What goes wrong before anything is written is known not applied."""
    (ref,) = bench.ministry.file_own()
    bench.ministry.faults.next(fault, operation="traHoSo")
    (answer,) = bench.send(command(1, Action.UPDATE, ref=ref))
    assert type(answer) is kind
    assert bench.ministry.calls[FILE] == 0


# --- what proves that nothing was applied, and what does not -------------------------------------

CODES = [
    ("101", AuthFailed),
    ("106", AuthFailed),
    ("108", AuthFailed),
    ("200", Rejected),
    ("201", Rejected),
    ("302", Rejected),
    ("500", Rejected),
]


@pytest.mark.parametrize(("said", "kind"), CODES)
@pytest.mark.parametrize("form", [str, int])
def test_an_error_code_proves_that_nothing_was_applied(
    bench: Bench, said: str, kind: type[AdapterError], form: Any
) -> None:
    """Written as text or as number: our unit's fault holds the system, a dossier's is refused."""
    bench.ministry.says(FILE, {"status": 0, "errorCode": form(said), "errorMessage": None})
    (answer,) = bench.send(command())
    assert type(answer) is kind
    assert said in SAFE_FAULTS
    assert reason(answer)


def test_data_that_is_wrong_is_refused_with_the_field_and_the_ministry_s_words(
    bench: Bench,
) -> None:
    """500 becomes Rejected; the words come in NFC, the field is the one they name."""
    words = unicodedata.normalize("NFD", "Sai  nksNgaySinh:\n không có ngày này")
    bench.ministry.refuse(FILE, "500", words)
    (answer,) = bench.send(command())
    assert isinstance(answer, Rejected)
    assert (answer.code, answer.field) == ("500", "nksNgaySinh")
    assert answer.reason == "Sai nksNgaySinh: không có ngày này"


@pytest.mark.parametrize(
    "answer",
    [
        {"status": 0, "errorCode": "999"},
        {"status": 0, "errorCode": "Nguyễn Thị Thử"},
        {"status": 0},
        {"status": 2},
        {"status": None},
        {"status": True},
        {},
        [],
        "1",
    ],
)
def test_an_answer_the_contract_does_not_know_proves_nothing(bench: Bench, answer: Any) -> None:
    """A strange code or no status: in doubt, and no word of it is shown."""
    bench.ministry.says(FILE, answer)
    (said,) = bench.send(command())
    assert type(said) is ContractBroken
    assert PERSONAL[0] not in said.reason


@pytest.mark.parametrize("status", [1, "1"])
def test_the_status_is_a_number_or_a_text(bench: Bench, status: object) -> None:
    """1 is good, however it is written, with a value or without."""
    bench.ministry.says(FILE, {"status": status, "value": None, "errorCode": None})
    assert bench.send(command()) == [Receipt()]


@pytest.mark.parametrize(
    ("fault", "kind", "applied"),
    [
        (Fault.LOST_ANSWER, InDoubt, True),
        (Fault.CUT_BEFORE, InDoubt, False),
        (Fault.TRUNCATED, InDoubt, True),
        (Fault.ERROR_500, InDoubt, False),
        (Fault.ERROR_502, InDoubt, False),
        (Fault.HTML_200, ContractBroken, False),
        (Fault.WRONG_SCHEMA, ContractBroken, True),
        (Fault.PAGE_503, Maintenance, False),
        (Fault.TOO_MANY, Retryable, False),
    ],
)
def test_what_a_broken_answer_is_told_as(
    bench: Bench, fault: Fault, kind: type[AdapterError], applied: bool
) -> None:
    """A cut, a page of HTML or a 500 is doubt; 503 and 429 prove that nothing was applied."""
    bench.ministry.faults.next(fault, operation=FILE)
    (answer,) = bench.send(command())
    assert type(answer) is kind
    assert len(bench.ministry.records()) == int(applied)
    assert bench.send(command()) == [Receipt()]
    assert len(bench.ministry.records()) == 1


@pytest.mark.parametrize("fault", [Fault.BOM, Fault.NFD])
def test_a_careless_answer_is_read_all_the_same(bench: Bench, fault: Fault) -> None:
    """A byte order mark before the JSON, or decomposed letters in it, are no fault."""
    bench.ministry.faults.next(fault, operation=FILE)
    assert bench.send(command()) == [Receipt()]


def test_a_call_that_is_too_slow_is_in_doubt(bench: Bench) -> None:
    """A read timeout says nothing of what the ministry did."""
    quick = Bench(bench.clock, timeout=0.2)
    armed = quick.ministry.faults.next(Fault.SLOW, operation=FILE)
    (answer,) = quick.send(command())
    assert type(answer) is InDoubt
    armed.release()
    quick.close()


def test_nobody_at_the_address_is_known_not_sent(bench: Bench) -> None:
    """A refused connection is Retryable, and says that nobody answers."""
    bench.filed()
    bench.ministry.down()
    (answer,) = bench.send(command(2))
    assert isinstance(answer, Retryable)
    assert answer.unreachable


def test_no_error_shows_a_person(bench: Bench) -> None:
    """Whatever goes wrong on the way, no name and no number of the dossier is in the words."""
    for fault in (Fault.LOST_ANSWER, Fault.HTML_200, Fault.ERROR_500, Fault.WRONG_SCHEMA):
        bench.ministry.faults.next(fault, operation=FILE)
        (answer,) = bench.send(command())
        assert not [one for one in (*PERSONAL, "bi-mat") if one in reason(answer)]


def test_two_threads_do_each_other_no_harm(bench: Bench) -> None:
    """Forty dossiers from four threads: forty records, one token."""
    answers: list[Answer] = []

    def flood(first: int) -> None:
        answers.extend(bench.send(*(command(first + n) for n in range(10))))

    threads = [threading.Thread(target=flood, args=(first,)) for first in (1, 11, 21, 31)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert answers == [Receipt()] * 40
    assert len(bench.ministry.records()) == 40
    assert bench.ministry.calls["token"] == 1
