"""Dossiers go to the portal in batches, all or nothing, and each gets an answer of its own."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

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
from bridge.sdk.records import Action, Receipt
from bridge.sdk.rehearsal import Fault
from tests.contract.dvcqg_bench import (
    PERSONAL,
    Bench,
    Portal,
    code,
    dossier,
    good,
    kinds,
    step,
    text_of,
    update,
)

DOSSIERS = "DongBoHoSoMC"
REFUSED = {"error_code": "-1", "message": "Dữ liệu sai"}


@pytest.fixture
def bench() -> Iterator[Bench]:
    with Portal() as portal:
        made = Bench(portal)
        yield made
        made.close()


@pytest.fixture(params=[False, True], ids=["nameless", "names_bad"])
def either(request: pytest.FixtureRequest) -> Iterator[Bench]:
    """A portal that does not name the bad dossier, and one that does."""
    with Portal(names_bad=request.param) as portal:
        made = Bench(portal)
        yield made
        made.close()


# -- all is well


def test_fifty_dossiers_are_one_call(bench: Bench) -> None:
    """A good batch is one POST, and each answer proves its dossier."""
    answers = bench.send(*(dossier(n) for n in range(1, 51)))
    assert answers == [Receipt(ref=code(n)) for n in range(1, 51)]
    assert bench.portal.calls == {"login": 1, DOSSIERS: 1}
    assert len(bench.held()) == 50


def test_what_is_sent_arrives_unchanged(bench: Bench) -> None:
    """The portal holds the very body that was lowered, and who we are stands beside it."""
    bench.send(dossier())
    assert bench.held()[code()]["body"] == dossier().body
    envelope = {key: value for key, value in bench.portal.sent[-1].items() if key != "session"}
    assert envelope == {
        "madonvi": "000.00.00.H40",
        "service": DOSSIERS,
        "isUpdating": "False",
        "data": [dossier().body],
    }


def test_create_or_update_is_told_truthfully(bench: Bench) -> None:
    """``isUpdating`` is the text True for an update and the text False for a creation."""
    bench.send(dossier())
    bench.send(update(TrangThaiHoSo="4"))
    assert bench.portal.batches() == [("False", [code()]), ("True", [code()])]
    assert (bench.held()[code()]["status"], bench.held()[code()]["updates"]) == (4, 1)


def test_a_mixed_call_is_sent_by_action(bench: Bench) -> None:
    """Creations, updates and steps given together go apart, and answers keep their places."""
    bench.filed(1)
    answers = bench.send(dossier(2), update(1), step(1), dossier(3, MaTTHC=""))
    assert kinds(answers) == [Receipt, Receipt, Receipt, Rejected]
    assert answers[:3] == [Receipt(ref=code(2)), Receipt(ref=code(1)), Receipt(ref=code(1))]


def test_nothing_to_send_is_no_call(bench: Bench) -> None:
    """An empty call answers nothing and asks nobody."""
    assert bench.send() == []
    assert not bench.portal.calls


@pytest.mark.parametrize("well", [0, "0", "00", " 0"])
def test_success_is_read_in_every_spelling(bench: Bench, well: object) -> None:
    """``error_code`` comes as a number or as text."""
    bench.portal.says(DOSSIERS, {"error_code": well, "message": ""})
    assert good(bench.send(dossier()))


# -- refusals


def test_the_bad_ones_are_found_and_the_others_go(either: Bench) -> None:
    """Of fifty, three are refused with the portal's words, 47 are there, none twice."""
    bad = {7, 8, 41}
    commands = [dossier(n, TenTTHC="" if n in bad else "Cấp mới") for n in range(1, 51)]
    answers = either.send(*commands)
    for number, answer in enumerate(answers, 1):
        if number in bad:
            assert isinstance(answer, Rejected)
            assert (answer.code, answer.field) == ("-1", "TenTTHC")
            assert answer.reason.startswith("Thiếu TenTTHC")
        else:
            assert answer == Receipt(ref=code(number))
    assert set(either.held()) == {code(n) for n in range(1, 51) if n not in bad}


def test_a_portal_that_names_the_bad_one_is_believed_first() -> None:
    """One bad dossier of fifty, named, costs three calls instead of a dozen."""
    with Portal(names_bad=True) as portal:
        bench = Bench(portal)
        answers = bench.send(*(dossier(n, MaTTHC="" if n == 33 else "1.0") for n in range(1, 51)))
        bench.close()
        assert portal.calls[DOSSIERS] == 3
    assert [n for n, one in enumerate(answers, 1) if isinstance(one, Rejected)] == [33]


def test_a_name_that_misleads_costs_nothing_but_calls(bench: Bench) -> None:
    """When the portal blames a good dossier, the good one goes and the bad one is still found."""
    bench.portal.says(DOSSIERS, {"error_code": -1, "message": f"Sai ({code(1)})"})
    answers = bench.send(*(dossier(n, MaTTHC="" if n == 3 else "1.0") for n in (1, 2, 3)))
    assert kinds(answers) == [Receipt, Receipt, Rejected]


def test_a_code_inside_a_longer_code_is_not_named(bench: Bench) -> None:
    """``…-0001`` is not meant where ``…-000123`` is named."""
    longer = f"{code(1)}23"
    commands = [dossier(1), dossier(2), dossier(3, MaHoSo=longer)]
    commands[2] = type(commands[2])("k", Action.CREATE, longer, None, commands[2].body)
    bench.portal.says(DOSSIERS, {"error_code": -1, "message": f"Lỗi hồ sơ {longer}."})
    assert good(bench.send(*commands))
    assert [codes for _, codes in bench.portal.batches()[1:]] == [[longer], [code(1), code(2)]]


def test_finding_the_bad_ones_is_bounded(bench: Bench) -> None:
    """When all fifty are bad and none is named, 99 calls find out, and no more."""
    answers = bench.send(*(dossier(n, MaTTHC="") for n in range(1, 51)))
    assert set(kinds(answers)) == {Rejected}
    assert bench.portal.calls[DOSSIERS] == 2 * 50 - 1


@pytest.mark.parametrize(
    ("message", "field"),
    [
        ("Thiếu MaTTHC", "MaTTHC"),
        ("TrangThaiHoSo không đúng", "TrangThaiHoSo"),
        ("sai [SoDienThoai]: không hợp lệ", "SoDienThoai"),
        ("SoDinhDanh sai", "SoDinhDanh"),
        ("Dữ liệu sai", None),
        ("MaTTHCX sai", None),
    ],
)
def test_a_field_is_named_where_the_message_names_one(
    bench: Bench, message: str, field: str | None
) -> None:
    """The field of a dead letter is a field of the contract, found as a word of its own."""
    bench.portal.says(DOSSIERS, {"error_code": "-1", "message": message})
    (answer,) = bench.send(dossier())
    assert isinstance(answer, Rejected)
    assert (answer.field, answer.reason) == (field, message)


def test_the_portals_words_are_kept_in_nfc(bench: Bench) -> None:
    """A message that arrives decomposed and badly spaced is shown as people write."""
    message = unicodedata.normalize("NFD", " Số điện thoại \n sai ")
    bench.portal.says(DOSSIERS, {"error_code": "-3", "message": message})
    (answer,) = bench.send(dossier())
    assert isinstance(answer, Rejected)
    assert (answer.code, answer.reason) == ("-3", "Số điện thoại sai")


@pytest.mark.parametrize("message", [None, ""])
def test_a_refusal_without_words_is_still_one(bench: Bench, message: str | None) -> None:
    """A portal that gives no reason refuses all the same."""
    bench.portal.says(DOSSIERS, {"error_code": "-1", "message": message})
    (answer,) = bench.send(dossier())
    assert isinstance(answer, Rejected)
    assert answer.reason == "no message"


# -- there already, or not there


@pytest.mark.parametrize("refusal", ["-3", -3, "3", 3])
@pytest.mark.parametrize(
    "message",
    [
        "Hồ sơ đã tồn tại",
        unicodedata.normalize("NFD", "HỒ SƠ ĐÃ TỒN TẠI trên hệ thống"),
        "hồ sơ  đã \u00a0 tồn\ttại!",
    ],
)
def test_what_is_there_already_is_updated(bench: Bench, refusal: object, message: str) -> None:
    """``đã tồn tại``, however it is spelt, turns a creation into an update: never a failure."""
    bench.filed(1)
    bench.portal.says(DOSSIERS, {"error_code": refusal, "message": message})
    (answer,) = bench.send(dossier(1, GhiChu="mới"))
    assert answer == Receipt(ref=code(), note="was there already: sent as an update")
    assert [updating for updating, _ in bench.portal.batches()] == ["False", "True"]
    assert bench.held()[code()]["body"]["GhiChu"] == "mới"


def test_what_is_not_there_is_created(bench: Bench) -> None:
    """``không tồn tại`` turns an update into a creation."""
    (answer,) = bench.send(update(1))
    assert answer == Receipt(ref=code(), note="was not there: sent as a creation")
    assert [updating for updating, _ in bench.portal.batches()] == ["True", "False"]


def test_in_a_batch_only_those_that_are_there_are_turned(either: Bench) -> None:
    """Of twenty creations, the two that are there already are updated, the others created."""
    either.filed(4, 17)
    answers = either.send(*(dossier(n, GhiChu="mới") for n in range(1, 21)))
    assert good(answers)
    noted = [n for n, one in enumerate(answers, 1) if isinstance(one, Receipt) and one.note]
    assert noted == [4, 17]
    assert {one["body"]["GhiChu"] for one in either.held().values()} == {"mới"}
    assert sum(one["updates"] for one in either.held().values()) == 2


def test_these_words_mean_it_only_under_their_own_code(bench: Bench) -> None:
    """A -1 that speaks of something else that exists is a refusal like any other."""
    bench.portal.says(DOSSIERS, {"error_code": "-1", "message": "Email đã tồn tại"})
    assert kinds(bench.send(dossier())) == [Rejected]
    assert bench.portal.calls[DOSSIERS] == 1


def test_it_is_turned_once_not_to_and_fro(bench: Bench) -> None:
    """A portal that says both ends as a refusal, after two calls."""
    bench.portal.says(
        DOSSIERS,
        {"error_code": 3, "message": "đã tồn tại"},
        {"error_code": 3, "message": "không tồn tại"},
    )
    assert kinds(bench.send(dossier())) == [Rejected]
    assert bench.portal.calls[DOSSIERS] == 2


# -- faults and doubt


def test_a_fault_of_the_portal_is_tried_again_later(bench: Bench) -> None:
    """-99 proves that no dossier was applied: all of the call are Retryable, none is sent apart."""
    bench.portal.fail(DOSSIERS)
    assert kinds(bench.send(dossier(1), dossier(2))) == [Retryable, Retryable]
    assert bench.portal.calls[DOSSIERS] == 1
    assert not bench.held()


@pytest.mark.parametrize(
    "answer",
    [
        {"error_code": "500", "message": "?"},
        {"error_code": 1},
        {"error_code": None},
        {"error_code": "tốt"},
        {"message": "thành công"},
        {},
        b"[]",
        b"null",
        b'"0"',
        b"<html>0</html>",
        b"",
    ],
)
def test_an_answer_the_contract_does_not_know_proves_nothing(
    bench: Bench, answer: dict[str, object] | bytes
) -> None:
    """Neither taken nor refused nor to be sent again: a broken contract, which on a write is doubt."""
    bench.portal.says(DOSSIERS, answer)
    assert kinds(bench.send(dossier(1), dossier(2))) == [ContractBroken] * 2
    assert bench.portal.calls[DOSSIERS] == 1


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
        (Fault.BOM, Receipt, True),
        (Fault.NFD, Receipt, True),
    ],
)
def test_every_way_a_call_may_end_is_judged(
    bench: Bench, fault: Fault, kind: type[AdapterError], applied: bool
) -> None:
    """What may have been applied is never called unapplied, and the other way round."""
    bench.portal.faults.next(fault, operation=DOSSIERS)
    assert kinds(bench.send(dossier(1), dossier(2))) == [kind, kind]
    assert bool(bench.held()) is applied


def test_an_answer_after_the_timeout_is_doubt() -> None:
    """When the portal is too slow the batch is in doubt, though it is there."""
    with Portal() as portal:
        bench = Bench(portal, timeout=0.2)
        bench.filed(9)
        portal.faults.next(Fault.SLOW, operation=DOSSIERS)
        assert kinds(bench.send(dossier(1))) == [InDoubt]
        portal.faults.release()
        bench.close()
        assert code(1) in bench.held()


def test_a_portal_that_is_gone_was_sent_nothing(bench: Bench) -> None:
    """A refused connection is Retryable, and says that nobody answers there."""
    bench.filed(1)
    bench.portal.down()
    (answer,) = bench.send(dossier(2))
    assert isinstance(answer, Retryable)
    assert answer.unreachable
    bench.portal.up()
    assert good(bench.send(dossier(2)))


# The second call of a batch taken apart goes wrong; what that means for the three parts: what
# was in that call, what was never sent.
MIDWAY = [
    (Fault.LOST_ANSWER, InDoubt, Retryable),
    (Fault.ERROR_502, InDoubt, Retryable),
    (Fault.HTML_200, ContractBroken, Retryable),
    (Fault.TOO_MANY, Retryable, Retryable),
    (Fault.PAGE_503, Maintenance, Maintenance),
]


@pytest.mark.parametrize(("fault", "called", "rest"), MIDWAY)
def test_doubt_midway_concerns_only_what_was_in_that_call(
    bench: Bench, fault: Fault, called: type[AdapterError], rest: type[AdapterError]
) -> None:
    """The dossiers of the call that went wrong are in doubt; those never sent are not, and wait."""
    bench.portal.says(DOSSIERS, REFUSED)
    bench.portal.faults.next(Fault.BOM, operation=DOSSIERS)
    bench.portal.faults.next(fault, operation=DOSSIERS)
    answers = bench.send(*(dossier(n) for n in range(1, 9)))
    assert kinds(answers) == [called] * 4 + [rest] * 4
    assert bench.portal.calls[DOSSIERS] == 2
    applied = {code(n) for n in range(1, 5)} if fault is Fault.LOST_ANSWER else set()
    assert set(bench.held()) == applied


def test_what_was_taken_before_the_end_stays_taken(bench: Bench) -> None:
    """Parts that went through before the portal closed are receipts."""
    bench.portal.says(DOSSIERS, REFUSED)
    for fault in (Fault.BOM, Fault.BOM, Fault.TOO_MANY):
        bench.portal.faults.next(fault, operation=DOSSIERS)
    answers = bench.send(*(dossier(n) for n in range(1, 5)))
    assert kinds(answers) == [Receipt, Receipt, Retryable, Retryable]
    last = answers[3]
    assert isinstance(last, Retryable)
    assert last.after == 1.0


def test_a_login_refused_midway_ends_the_call(bench: Bench) -> None:
    """When the account is closed while a batch is taken apart, the rest gets that answer."""
    bench.filed(9)
    bench.portal.says(DOSSIERS, REFUSED, {"error_code": "-2", "message": ""})
    bench.portal.says("login", {"error_code": -1, "message": "khóa"})
    assert kinds(bench.send(*(dossier(n) for n in range(1, 5)))) == [AuthFailed] * 4
    assert bench.portal.calls == {DOSSIERS: 2, "login": 1}


def test_doubt_in_the_turned_call_ends_the_batch(bench: Bench) -> None:
    """When the update of a dossier that was there is lost, it is in doubt and the rest waits."""
    bench.filed(1)
    for fault in (Fault.BOM, Fault.BOM, Fault.LOST_ANSWER):
        bench.portal.faults.next(fault, operation=DOSSIERS)
    assert kinds(bench.send(dossier(1), dossier(2))) == [InDoubt, Retryable]
    assert bench.portal.calls[DOSSIERS] == 3


def test_a_body_json_can_not_hold_spoils_only_itself(bench: Bench) -> None:
    """Half a character in one dossier is that one's dead letter; its neighbours go."""
    answers = bench.send(dossier(1), dossier(2, GhiChu="\ud800"), dossier(3))
    assert kinds(answers) == [Receipt, Rejected, Receipt]


def test_no_error_shows_a_personal_value(bench: Bench) -> None:
    """Whatever goes wrong, our own words name no name, number, phone or address."""
    bench.filed(9)
    errors: list[str] = []
    for fault in Fault:
        if fault is not Fault.SLOW:
            bench.portal.faults.next(fault, operation=DOSSIERS)
            answers = bench.send(dossier(1), dossier(2, GhiChu="\ud800"))
            errors += [text_of(one) for one in answers if isinstance(one, AdapterError)]
    assert len(errors) > 10
    assert not [one for one in errors for value in PERSONAL if value in one]
