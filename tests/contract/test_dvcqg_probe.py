"""After a lost answer the portal is asked, and what it does not clearly say is not taken for no."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest

from bridge.sdk.errors import AdapterError, AuthFailed, ContractBroken, InDoubt, Retryable
from bridge.sdk.records import Absent, Action, Applied, Command, Receipt, Undecided
from bridge.sdk.rehearsal import Fault
from tests.contract.dvcqg_bench import (
    PERSONAL,
    Bench,
    Portal,
    body,
    code,
    dossier,
    kinds,
    step,
    step_body,
    update,
)

LOOK_UP, DOSSIERS, STEPS = "TraCuuHoSo", "DongBoHoSoMC", "CapNhatTienDoHoSoMC"


@pytest.fixture
def bench() -> Iterator[Bench]:
    with Portal() as portal:
        made = Bench(portal)
        yield made
        made.close()


def found(*steps: Mapping[str, Any], **changes: Any) -> dict[str, Any]:
    """Return what a look-up answers: a dossier, with these steps."""
    return {
        "error_code": "0",
        "message": "",
        "result": [body(**changes) | {"DanhSachTienDo": list(steps)}],
    }


# -- dossiers


def test_the_address_of_a_file_is_not_compared(bench: Bench) -> None:
    """A lost creation with papers is found though its addresses are of another day by now."""

    def papers(day: str, its_id: str = "d1") -> dict[str, Any]:
        address = f"https://bridge.example.vn/files/{its_id}?e={day}&s=ab"
        row = {"TepDinhKemId": its_id, "TenTepDinhKem": "don.pdf", "DuongDanTaiTepTin": address}
        result = {"TenGiayTo": "Kết quả", "GiayToId": "k1", "DuongDanTepTinKetQua": address}
        return {"TaiLieuNop": [row], "DanhSachGiayToKetQua": [result]}

    bench.portal.faults.next(Fault.LOST_ANSWER, operation=DOSSIERS)
    assert kinds(bench.send(dossier(**papers("20261128")))) == [InDoubt]
    assert isinstance(bench.adapter.probe(dossier(**papers("20261129"))), Applied)
    assert bench.adapter.probe(dossier(**papers("20261128", "d2"))) == Absent()


@pytest.mark.parametrize("applied", [True, False])
def test_a_lost_creation_is_found_or_absent(bench: Bench, applied: bool) -> None:
    """Whether the cut came before or after it was applied, the look-up tells the truth."""
    fault = Fault.LOST_ANSWER if applied else Fault.CUT_BEFORE
    bench.portal.faults.next(fault, operation=DOSSIERS)
    assert kinds(bench.send(dossier())) == [InDoubt]
    probe = bench.adapter.probe(dossier())
    if applied:
        assert isinstance(probe, Applied)
        assert (probe.ref, probe.count) == (code(), 1)
        assert probe.body == body() | {"DanhSachTienDo": []}
    else:
        assert probe == Absent()


@pytest.mark.parametrize("applied", [True, False])
def test_a_lost_update_is_known_by_its_content(bench: Bench, applied: bool) -> None:
    """The dossier is there either way; only the content tells whether this update was applied."""
    bench.filed(1)
    changed = update(TrangThaiHoSo="4", GhiChu="Đã thẩm định")
    fault = Fault.LOST_ANSWER if applied else Fault.CUT_BEFORE
    bench.portal.faults.next(fault, operation=DOSSIERS)
    assert kinds(bench.send(changed)) == [InDoubt]
    assert isinstance(bench.adapter.probe(changed), Applied if applied else Absent)


def test_a_creation_whose_update_was_lost_is_not_taken_for_applied(bench: Bench) -> None:
    """A dossier that was there with other content proves nothing; sent again it is updated."""
    bench.filed(1)
    newer = dossier(1, GhiChu="mới")
    bench.portal.faults.next(Fault.BOM, operation=DOSSIERS)
    bench.portal.faults.next(Fault.CUT_BEFORE, operation=DOSSIERS)
    assert kinds(bench.send(newer)) == [InDoubt]
    assert bench.adapter.probe(newer) == Absent()
    assert kinds(bench.send(newer)) == [Receipt]
    assert bench.held()[code()]["body"]["GhiChu"] == "mới"


def test_an_unknown_dossier_is_absent_whatever_was_sent(bench: Bench) -> None:
    """``result: []`` is the portal's word for unknown."""
    commands = dossier(), update(), step()
    assert [bench.adapter.probe(one) for one in commands] == [Absent()] * 3


SAME: list[dict[str, Any]] = [
    {"ChuHoSo": unicodedata.normalize("NFD", PERSONAL[0])},
    {"KenhThucHien": 1},
    {"Email": None, "sent": {"Email": ""}},
    {"TaiLieuNop": None},
    {"DanhSachHoSoBoSung": ""},
    {"NguoiTao": "portal"},
    {"DinhDanhCHS": [{"LoaiDinhDanh": 1, "SoDinhDanh": PERSONAL[1], "Id": 5}]},
]
OTHER: list[dict[str, Any]] = [
    {"ChuHoSo": PERSONAL[0].upper()},
    {"TrangThaiHoSo": "4"},
    {"Email": None},
    {"TrichYeuHoSo": "x"},
    {"DinhDanhCHS": []},
    {"DinhDanhCHS": None},
    {"DinhDanhCHS": [{"LoaiDinhDanh": "1", "SoDinhDanh": "036090000002"}]},
    {"DinhDanhCHS": {"LoaiDinhDanh": "1", "SoDinhDanh": PERSONAL[1]}},
    {"TaiLieuNop": [{"TenTepDinhKem": "a"}]},
]


@pytest.mark.parametrize("shown", SAME, ids=[",".join(one) for one in SAME])
def test_the_same_content_is_known_however_it_is_spelt(bench: Bench, shown: dict[str, Any]) -> None:
    """NFD, numbers for text, null for nothing and the portal's own fields make no difference."""
    shown = dict(shown)
    sent = shown.pop("sent", {})
    bench.portal.says(LOOK_UP, found(**shown))
    assert isinstance(bench.adapter.probe(update(**sent)), Applied)


@pytest.mark.parametrize("shown", OTHER, ids=[",".join(one) for one in OTHER])
def test_other_content_is_not_this_update(bench: Bench, shown: dict[str, Any]) -> None:
    """One field that differs, at any depth, and the update was not applied."""
    bench.portal.says(LOOK_UP, found(**shown))
    assert bench.adapter.probe(update()) == Absent()


def test_what_is_found_comes_in_nfc(bench: Bench) -> None:
    """The body a probe hands back is composed, whatever the wire held."""
    bench.filed(1)
    bench.portal.faults.next(Fault.NFD, operation=LOOK_UP)
    probe = bench.adapter.probe(dossier())
    assert isinstance(probe, Applied)
    assert probe.body is not None
    assert probe.body["ChuHoSo"] == PERSONAL[0]


@pytest.mark.parametrize("action", [Action.UPDATE, Action.STEP])
def test_without_its_content_nothing_can_be_compared(bench: Bench, action: Action) -> None:
    """A command whose content is not known any more is a person's to decide, not applied."""
    bench.filed(1)
    bare = Command("k", action, code(), None, {})
    assert isinstance(bench.adapter.probe(bare), Undecided)
    assert bench.adapter.probe(replace(bare, code=code(2))) == Absent()


# -- steps


@pytest.mark.parametrize("applied", [True, False])
def test_a_lost_step_is_found_or_absent(bench: Bench, applied: bool) -> None:
    """``DanhSachTienDo`` shows it or not, and so it is never shown twice."""
    bench.filed(1)
    bench.send(step(1, 2))
    fault = Fault.LOST_ANSWER if applied else Fault.CUT_BEFORE
    bench.portal.faults.next(fault, operation=STEPS)
    assert kinds(bench.send(step(1, 4))) == [InDoubt]
    probe = bench.adapter.probe(step(1, 4))
    assert probe == (Applied(ref=code(), count=1) if applied else Absent())


def test_every_step_of_a_lost_batch_is_told_apart(bench: Bench) -> None:
    """Of a batch that was cut, each step is asked about by its own time, status and text."""
    bench.filed(1, 2)
    bench.portal.faults.next(Fault.LOST_ANSWER, operation=STEPS)
    bench.send(step(1, 2), step(2, 2), step(1, 4))
    found_there = [bench.adapter.probe(one) for one in (step(1, 2), step(2, 2), step(1, 4))]
    assert [isinstance(one, Applied) for one in found_there] == [True, True, True]
    assert bench.adapter.probe(step(2, 4)) == Absent()


@pytest.mark.parametrize(
    "shown",
    [
        {"NoiDungXuLy": unicodedata.normalize("NFD", "ĐANG  xử\u00a0lý ")},
        {"TrangThai": 4},
        {"NguoiXuLy": "Người khác", "PhongBanXuLy": None, "Id": 7},
    ],
)
def test_a_step_is_known_by_time_status_and_text(bench: Bench, shown: dict[str, Any]) -> None:
    """Spelling, blanks, the officer and the portal's own fields do not make it another step."""
    bench.portal.says(LOOK_UP, found(step_body(**shown)))
    assert bench.adapter.probe(step()) == Applied(ref=code(), count=1)


@pytest.mark.parametrize(
    "shown",
    [
        {"ThoiDiemXuLy": "20261120100005"},
        {"TrangThai": "5"},
        {"NoiDungXuLy": "Đã xử lý"},
        {"NoiDungXuLy": None},
    ],
)
def test_another_time_status_or_text_is_another_step(bench: Bench, shown: dict[str, Any]) -> None:
    """A step that differs in one of the three is not the one that was sent."""
    bench.portal.says(LOOK_UP, found(step_body(**shown)))
    assert bench.adapter.probe(step()) == Absent()


def test_a_step_shown_twice_is_counted(bench: Bench) -> None:
    """The probe says how often the portal shows it."""
    bench.filed(1)
    bench.send(step(1, 4), step(1, 4), step(1, 5))
    assert bench.adapter.probe(step(1, 4)) == Applied(ref=code(), count=2)
    assert bench.portal.duplicates() == [code()]


# -- what the portal does not clearly say


BROKEN: list[Mapping[str, Any] | bytes] = [
    {"error_code": 0, "message": ""},
    {"error_code": 0, "result": None},
    {"error_code": 0, "result": ""},
    {"error_code": 0, "result": {}},
    {"error_code": 0, "result": ["x"]},
    {"error_code": 0, "result": [{}]},
    {"error_code": 0, "result": [body(2)]},
    {"error_code": -1, "message": "sai"},
    {"error_code": "-3", "message": "Hồ sơ không tồn tại"},
    {"error_code": "7"},
    {"result": []},
    b"<html></html>",
    b"",
]


@pytest.mark.parametrize("answer", BROKEN)
@pytest.mark.parametrize("make", [dossier, update, step])
def test_a_failed_look_up_is_never_absent(
    bench: Bench, answer: Mapping[str, Any] | bytes, make: Any
) -> None:
    """Only a proper ``[]`` says "unknown"; anything else is an error, and is asked again."""
    bench.portal.says(LOOK_UP, answer)
    with pytest.raises(ContractBroken):
        bench.adapter.probe(make())


@pytest.mark.parametrize("steps", [None, "", {}, ["x"], "none"])
def test_a_dossier_without_a_list_of_steps_says_nothing_of_steps(
    bench: Bench, steps: object
) -> None:
    """A step is absent only from a list that is there."""
    answer = found()
    answer["result"][0]["DanhSachTienDo"] = steps
    if steps == "none":
        del answer["result"][0]["DanhSachTienDo"]
    bench.portal.says(LOOK_UP, answer)
    with pytest.raises(ContractBroken):
        bench.adapter.probe(step())


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (Fault.LOST_ANSWER, Retryable),
        (Fault.ERROR_500, Retryable),
        (Fault.TRUNCATED, Retryable),
        (Fault.HTML_200, ContractBroken),
        (Fault.WRONG_SCHEMA, ContractBroken),
    ],
)
def test_a_question_that_failed_is_no_answer(
    bench: Bench, fault: Fault, kind: type[AdapterError]
) -> None:
    """What goes wrong on the way is raised; a look-up writes nothing, so it leaves no doubt."""
    bench.portal.faults.next(fault, operation=LOOK_UP)
    with pytest.raises(kind):
        bench.adapter.probe(dossier())
    assert bench.adapter.probe(dossier()) == Absent()


def test_a_sick_portal_is_asked_again_later(bench: Bench) -> None:
    """-99 and a second -2 on a look-up are Retryable; a refused login is that."""
    bench.portal.fail(LOOK_UP)
    with pytest.raises(Retryable):
        bench.adapter.probe(dossier())
    dead = {"error_code": "-2", "message": ""}
    bench.portal.says(LOOK_UP, dead, dead)
    with pytest.raises(Retryable):
        bench.adapter.probe(dossier())
    bench.portal.end_sessions()
    bench.portal.says("login", {"error_code": -1})
    with pytest.raises(AuthFailed):
        bench.adapter.probe(dossier())


# -- reading one dossier


def test_a_dossier_is_fetched_as_the_portal_has_it(bench: Bench) -> None:
    """``fetch`` shows the dossier with its steps, in NFC, or None when it is unknown."""
    bench.filed(1)
    bench.send(step(1, 4))
    bench.portal.faults.next(Fault.NFD, operation=LOOK_UP)
    record = bench.adapter.fetch(code())
    assert record is not None
    assert (record.ref, record.version, record.at) == (code(), None, None)
    assert record.body == body() | {"DanhSachTienDo": [step_body()]}
    assert bench.adapter.fetch(code(2)) is None


def test_there_is_no_feed_and_no_list(bench: Bench) -> None:
    """The portal gives no changes: the pages are empty, the cursor stays, nothing is called."""
    adapter = bench.adapter
    assert adapter.changes("x").records == ()
    assert adapter.changes("x").cursor == "x"
    adapter.acknowledge(None)
    assert adapter.confirm([dossier(), dossier(2)]) == [None, None]
    assert not bench.portal.calls
