"""The pretend civil status service is as strict as the contract, and keeps what it is told."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from random import Random
from typing import Any

import httpx
import pytest

from adapters.hotich.document import written
from adapters.hotich.faults import DOCUMENT_FIELDS
from adapters.hotich.rehearsal import AGENCY, HotichRehearsal
from bridge.sdk.rehearsal import Fault, Rehearsal
from tests.contract.hotich_bench import Bench, body, code, command


@pytest.fixture
def bench() -> Iterator[Bench]:
    made = Bench()
    yield made
    made.close()


def call(bench: Bench, operation: str, asked: Any, method: str = "POST") -> Any:
    """Return the answer to a call that has a living token."""
    given = httpx.post(
        f"{bench.ministry.address}/token",
        auth=(bench.options["client_id"], bench.options["client_secret"]),
        data={"grant_type": "client_credentials"},
        trust_env=False,
    ).json()
    reply = httpx.request(
        method,
        f"{bench.options['base_url']}/{operation}",
        json=asked,
        headers={"authorization": f"Bearer {given['access_token']}"},
        trust_env=False,
    )
    return reply.json() if reply.status_code == 200 else reply.status_code


def envelope(document: Any = None, **changes: Any) -> dict[str, Any]:
    """Return the request of ``dangKyHoTich``."""
    return {
        "maDonVi": AGENCY,
        "module": "KS",
        "maHoSo": code(),
        "ngayTiepNhan": "20/11/2026",
        "data": written(body()) if document is None else document,
        **changes,
    }


def doc(**changes: Any) -> str:
    """Return a document with some fields changed."""
    return written(body(**changes))


def test_it_is_what_the_demo_and_the_tests_ask_for(bench: Bench) -> None:
    """It has every method of a rehearsal."""
    rehearsal: Rehearsal = bench.ministry
    assert rehearsal.name == "hotich"


WRONG = [
    ({"maDonVi": "3613669"}, "106"),
    ({"maDonVi": True}, "106"),
    ({"maDonVi": 37}, "106"),
    ({"module": "XX"}, "500"),
    ({"module": "KH"}, "500"),
    ({"maHoSo": " "}, "500"),
    ({"maHoSo": None}, "500"),
    ({"maHoSo": "x" * 51}, "500"),
    ({"ngayTiepNhan": "2026-11-20"}, "500"),
    ({"ngayTiepNhan": "31/02/2026"}, "500"),
    ({"data": {"hotich": {}}}, "500"),
]


@pytest.mark.parametrize(("change", "said"), WRONG, ids=[str(one) for one, _ in WRONG])
def test_an_envelope_that_is_not_agreed_is_refused(
    bench: Bench, change: dict[str, Any], said: str
) -> None:
    """``status`` 0 with the code, and nothing is kept."""
    answer = call(bench, "dangKyHoTich", envelope(**change))
    assert (answer["status"], answer["errorCode"]) == (0, said)
    assert bench.ministry.records() == []


DOCUMENTS = [
    ("<hotich><hoso>", "data"),
    ("<!DOCTYPE hotich><hotich><hoso/></hotich>", "data"),
    ("<hoso/>", "hoso"),
    ("<hotich xmlns='urn:x'><hoso/></hotich>", "hotich"),
    ("<hotich><hoso/></hotich>", "nksHoTen"),
    (doc(nksHoTen="   "), "nksHoTen"),
    (doc(nycHoTen=None), "nycHoTen"),
    (doc(nksGioiTinh="0"), "nksGioiTinh"),
    (doc(nksGioiTinh="Nữ"), "nksGioiTinh"),
    (doc(nksNgaySinh="02/11/2026"), "nksNgaySinh"),
    (doc(nksNgaySinh="2026-02-31"), "nksNgaySinh"),
    (doc(nksNgaySinh="2026-11"), "nksNgaySinh"),
    (doc(meNgaySinh="03/1999"), "meNgaySinh"),
    (doc(nksDanToc="Hỏa tinh"), "nksDanToc"),
    (doc(nksQuocTich="XX"), "nksQuocTich"),
    (doc().replace("<nycHoTen>", "<khac/><nycHoTen>"), "khac"),
]


@pytest.mark.parametrize(("document", "field"), DOCUMENTS)
def test_a_document_that_is_not_agreed_is_refused(bench: Bench, document: str, field: str) -> None:
    """500 names the field and never the value."""
    answer = call(bench, "dangKyHoTich", envelope(document))
    assert (answer["status"], answer["errorCode"]) == (0, "500")
    assert f": {field} " in answer["errorMessage"]
    assert bench.ministry.records() == []


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"meNgaySinh": "1999-03"},
        {"chaNgaySinh": "1990-02-01"},
        {"nksQuocTich": "Việt Nam"},
        {"nksDanToc": "kinh"},
        {"nksGioiTinh": None, "nksNgaySinh": None},
    ],
)
def test_a_document_that_is_agreed_is_kept_whole(bench: Bench, change: dict[str, Any]) -> None:
    """Lists know codes and names; of a parent's birth date a month or a year is enough."""
    assert call(bench, "dangKyHoTich", envelope(doc(**change))) == {"status": 1}
    held = bench.held()["body"]
    sent = body(**change)
    assert {name: held.get(name) for name in DOCUMENT_FIELDS} == {
        name: sent.get(name) for name in DOCUMENT_FIELDS
    }


def test_a_dossier_goes_its_way(bench: Bench) -> None:
    """1, 3, 4 with an entry of its own; one whose papers were asked for waits until they came."""
    bench.filed(1, 2)
    assert bench.ministry.advance(1) == 1
    bench.ministry.move(bench.held(2)["ref"], "2", "Thiếu giấy")
    assert (bench.ministry.advance(), bench.ministry.advance()) == (1, 0)
    assert [one["status"] for one in bench.ministry.records()] == [9, 5]
    assert [step["status"] for step in bench.held()["steps"]] == [2, 4, 9]
    bench.send(command(2))
    assert (bench.ministry.advance(), bench.ministry.advance()) == (1, 1)
    entries = [one["body"]["so"] for one in bench.ministry.records()]
    assert entries == ["1", "2"]


def test_states_and_entries_are_told(bench: Bench) -> None:
    """``traTrangThaiHoSo`` says the state in ``status``, ``ketQuaDangKyHS`` the entry, or 200."""
    bench.filed()
    asked = {"maDonVi": AGENCY, "maHoSo": code()}
    assert call(bench, "traTrangThaiHoSo", asked) == {"status": 1}
    assert call(bench, "ketQuaDangKyHS", asked)["errorCode"] == "200"
    bench.ministry.move(bench.held()["ref"], "2", "Thiếu giấy")
    assert call(bench, "traTrangThaiHoSo", asked) == {"status": 2, "value": "Thiếu giấy"}
    bench.ministry.move(bench.held()["ref"], "4")
    assert call(bench, "traTrangThaiHoSo", asked) == {"status": 4}
    assert call(bench, "ketQuaDangKyHS", asked) == {
        "status": 1,
        "value": {"so": "1", "quyenSo": "01/2026", "trangSo": "1", "ngayDangKy": "20/11/2026"},
    }
    for operation in ("traTrangThaiHoSo", "ketQuaDangKyHS"):
        unknown = {**asked, "maHoSo": code(9)}
        assert call(bench, operation, unknown)["errorCode"] == "201"
        assert call(bench, operation, {**asked, "maDonVi": "36"})["errorCode"] == "106"


def test_lists_are_the_text_of_json(bench: Bench) -> None:
    """``dsHoSoDangKy`` and ``danhMuc``: JSON inside JSON text, also when there is nothing."""
    asked = {"module": "KS", "ngayCapNhat": "20/11/2026"}
    assert call(bench, "dsHoSoDangKy", asked)["value"] == "[]"
    bench.filed()
    value = call(bench, "dsHoSoDangKy", asked)["value"]
    assert value == '[{"id":91,"maDonVi":3613669}]'
    assert call(bench, "dsHoSoDangKy", {**asked, "module": "KT"})["value"] == "[]"
    assert call(bench, "dsHoSoDangKy", {**asked, "ngayCapNhat": "21/11/2026"})["value"] == "[]"
    assert call(bench, "dsHoSoDangKy", {**asked, "ngayCapNhat": "hôm qua"})["errorCode"] == "500"
    assert '"ten":"Việt Nam"' in call(bench, "danhMuc", {"loaiDanhMuc": 1})["value"]
    assert call(bench, "danhMuc", {"loaiDanhMuc": 6})["errorCode"] == "302"


def test_records_are_shown_by_number_at_most_50(bench: Bench) -> None:
    """One, or many; an unknown number is left out of many and is 201 alone."""
    bench.filed(1, 2)
    many = {"module": "KS", "dsMaHoSo": [91, 92, 777]}
    assert [one["id"] for one in call(bench, "traDanhSachHoSo", many)["value"]] == [91, 92]
    for numbers in ([], list(range(51)), "91"):
        answer = call(bench, "traDanhSachHoSo", {**many, "dsMaHoSo": numbers})
        assert answer["errorCode"] == "500"
    assert call(bench, "traHoSo", {"module": "KS", "maHoSo": 91})["value"]["maHoSo"] == code()
    assert call(bench, "traHoSo", {"module": "KS", "maHoSo": "91"})["errorCode"] == "201"


def test_what_it_registers_itself_has_no_code(bench: Bench) -> None:
    """As many as asked for, each another child; a field may be given, or left out."""
    refs = bench.ministry.file_own(30, Random(5), nycHoTen=None, nksDanToc="Tày")
    held = bench.ministry.records()
    assert [one["ref"] for one in held] == refs
    assert {one["code"] for one in held} == {None}
    assert not [one for one in held if "nycHoTen" in one["body"]]
    assert {one["body"]["nksDanToc"] for one in held} == {"Tày"}
    assert bench.ministry.duplicates() == []


def test_a_child_that_stands_there_twice_is_a_duplicate(bench: Bench) -> None:
    """The same child of the same mother under two numbers: as when ours goes out under our code."""
    bench.ministry.file_own(**{name: body()[name] for name in DOCUMENT_FIELDS if name in body()})
    bench.send(command())
    assert bench.ministry.duplicates() == [code()]


def test_an_officer_changes_fields(bench: Bench) -> None:
    """A field given another value, or none; the record counts as changed that day."""
    bench.filed()
    bench.clock.forward(days=1)
    bench.ministry.amend(bench.held()["ref"], nksNoiSinh="Nhà riêng", nycQuanHe=None)
    assert bench.held()["body"]["nksNoiSinh"] == "Nhà riêng"
    assert "nycQuanHe" not in bench.held()["body"]
    page = bench.adapter.list(date(2026, 11, 21), date(2026, 11, 21), None)
    assert len(page.records) == 1


def test_only_its_own_calls_are_answered(bench: Bench) -> None:
    """Another path, or GET, is the gateway's error; without a token there is 401."""
    assert call(bench, "xoaHoSo", {}) == 405
    assert call(bench, "danhMuc", {"loaiDanhMuc": 5}, method="GET") == 405
    assert call(bench, "dangKyHoTich", [])["errorCode"] == "500"
    bare = httpx.post(f"{bench.options['base_url']}/danhMuc", json={}, trust_env=False)
    assert bare.status_code == 401


def test_it_refuses_what_it_is_told_to(bench: Bench) -> None:
    """So many calls of an operation are answered with a code, and do nothing."""
    bench.ministry.refuse("dangKyHoTich", "500", "Dữ liệu sai", count=2)
    answers = [call(bench, "dangKyHoTich", envelope()) for _ in range(3)]
    assert [one["status"] for one in answers] == [0, 0, 1]


def test_a_spoiled_answer_is_as_no_contract_has_it(bench: Bench) -> None:
    """Of many records the first is spoiled, any other answer whole."""
    bench.filed(1, 2)
    for operation, asked in (
        ("traDanhSachHoSo", {"module": "KS", "dsMaHoSo": [91, 92]}),
        ("traTrangThaiHoSo", {"maDonVi": AGENCY, "maHoSo": code()}),
    ):
        bench.ministry.faults.next(Fault.WRONG_SCHEMA, operation=operation)
        answer = call(bench, operation, asked)
        if operation == "traDanhSachHoSo":
            assert answer["value"][0] == {"khong": "phai"}
            assert answer["value"][1]["id"] == 92
        else:
            assert answer == {"khong": "phai"}


def test_it_runs_on_the_clock_of_the_world_too() -> None:
    """Without a clock of a story it takes the day of Hanoi."""
    with HotichRehearsal() as ministry:
        assert ministry.file_own() == ["91"]
