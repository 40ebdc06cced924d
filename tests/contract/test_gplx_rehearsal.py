"""The pretend ministry of transport is as strict, and as forgetful, as the contract says."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import datetime
from random import Random
from typing import Any

import httpx
import pytest

from adapters.gplx import plugin
from adapters.gplx.client import GplxClient
from adapters.gplx.rehearsal import GplxRehearsal
from bridge.sdk.errors import Rejected
from bridge.sdk.records import Receipt
from bridge.sdk.rehearsal import Fault, Rehearsal
from bridge.sdk.times import VIETNAM
from tests.contract.gplx_bench import CODE, PERSONAL, Bench, body, command, update

ANONYMOUS = (
    b'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>'
    b'<LayHoSo xmlns="urn:onestop:gplx:v1"/></s:Body></s:Envelope>'
)


@pytest.fixture
def bench() -> Iterator[Bench]:
    with GplxRehearsal() as ministry:
        made = Bench(ministry)
        yield made
        made.close()


@pytest.fixture
def wire(bench: Bench) -> GplxClient:
    """The operations as they are, past the adapter's own care."""
    return bench.adapter._client


def statuses(ministry: GplxRehearsal) -> list[int]:
    return [one["status"] for one in ministry.records()]


def test_it_is_a_rehearsal_like_the_others() -> None:
    """The plug-in names it, and it can be asked all that the demo asks."""
    assert plugin.rehearsal is GplxRehearsal
    ministry: Rehearsal = GplxRehearsal()
    assert (ministry.name, ministry.records(), ministry.duplicates()) == ("gplx", [], [])
    ministry.stop()


def test_the_same_dossier_twice_is_two_records(bench: Bench) -> None:
    """NopHoSo is not idempotent: two records, two numbers, one code, and not a word about it."""
    first, second = bench.filed(), bench.filed()
    assert first != second
    assert bench.ministry.duplicates() == [CODE]


def test_an_update_clears_what_it_leaves_out(bench: Bench, wire: GplxClient) -> None:
    """CapNhatHoSo replaces the record: absent fields are gone, number and status stay."""
    ref = bench.filed()
    bench.ministry.move(ref, "CP", "Đã in")
    wire.update(ref, body())
    held = bench.held(ref)
    assert not {"GhiChu", "NgayHoanThanh", "SoGPLXMoi"} & held.keys()
    assert (held["SoTiepNhan"], held["TrangThai"]) == (ref, "CP")


def test_a_code_that_is_cleared_is_not_found_any_more(bench: Bench, wire: GplxClient) -> None:
    """The look-up by code follows the record: an update without the code takes it away."""
    ref = bench.filed()
    lowered = body()
    del lowered["MaHoSoMotCua"]
    wire.update(ref, lowered)
    assert wire.by_code(CODE) == []


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"NgaySinh": "1990-02-07"}, "NgaySinh"),
    ({"NgaySinh": "29/02/1990"}, "NgaySinh"),
    ({"NgaySinh": "13/1990"}, "NgaySinh"),
    ({"NgaySinh": "90"}, "NgaySinh"),
    ({"GioiTinh": "M"}, "GioiTinh"),
    ({"LoaiGiayTo": "cccd"}, "LoaiGiayTo"),
    ({"SoGiayTo": ""}, "SoGiayTo"),
    ({"MaThuTuc": "GPLX"}, "MaThuTuc"),
    ({"HangGPLX": "Hạng B"}, "HangGPLX"),
    ({"LePhi": "-1"}, "LePhi"),
    ({"TrangThai": "XL"}, "TrangThai"),
    ({"TrangThai": "HUY"}, "TrangThai"),
    ({"TaiLieu": [{"Ten": "a", "TenTep": "a", "LoaiTep": "a", "Sha256": "0", "NoiDung": b"a"}]},
     "Sha256"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "field"), WRONG, ids=[str(list(c)) + f for c, f in WRONG])
def test_it_refuses_what_the_contract_forbids(
    bench: Bench, wire: GplxClient, change: dict[str, Any], field: str
) -> None:
    """A wrong fact in a new dossier is DuLieuSai with its field, and nothing is stored."""
    with pytest.raises(Rejected) as refused:
        wire.submit(body(**change))
    assert (refused.value.code, refused.value.field) == ("DuLieuSai", field)
    assert not bench.ministry.records()


@pytest.mark.parametrize("birth", ["07/02/1990", "02/1990", "1990"])
def test_it_takes_a_birth_date_as_far_as_it_is_known(wire: GplxClient, birth: str) -> None:
    """A whole day, a month or a year of birth is taken."""
    assert wire.submit(body(NgaySinh=birth))


def test_a_file_must_be_the_one_its_hash_says(wire: GplxClient) -> None:
    """A file whose content has the hash beside it is taken."""
    digest = hashlib.sha256(b"scan").hexdigest().upper()
    item = {"Ten": "a", "TenTep": "a", "LoaiTep": "a", "Sha256": digest, "NoiDung": b"scan"}
    assert wire.submit(body(TaiLieu=[item]))


def test_the_counters_words_end_a_record(bench: Bench, wire: GplxClient) -> None:
    """HUY and TR are taken once; a record that has ended keeps its end."""
    ref = bench.filed()
    wire.update(ref, body(TrangThai="HUY"))
    wire.update(ref, body(TrangThai="HUY"))
    with pytest.raises(Rejected):
        wire.update(ref, body(TrangThai="TR"))
    assert statuses(bench.ministry) == [7]


def test_records_go_their_usual_way(bench: Bench) -> None:
    """Received, in process, done: done sets the licence number and the time of finishing."""
    ref = bench.filed()
    bench.ministry.file_own(2)
    assert bench.ministry.advance(limit=1) == 1
    assert statuses(bench.ministry) == [4, 2, 2]
    assert [bench.ministry.advance() for _ in range(3)] == [3, 2, 0]
    assert statuses(bench.ministry) == [9, 9, 9]
    held = bench.held(ref)
    assert len(held["SoGPLXMoi"]) == 12
    assert datetime.fromisoformat(held["NgayHoanThanh"]).tzinfo is not None
    assert len({one["body"]["SoGPLXMoi"] for one in bench.ministry.records()}) == 3
    assert [step["status"] for step in bench.ministry.records()[0]["steps"]] == [2, 4, 9]


def test_a_record_waits_for_its_supplement(bench: Bench) -> None:
    """After BS nothing moves until an update brings what was asked for."""
    ref = bench.filed()
    bench.ministry.move(ref, "BS", "Thiếu ảnh")
    assert bench.ministry.advance() == 0
    assert isinstance(bench.send(update(ref)), Receipt)
    assert bench.ministry.advance() == 1
    assert statuses(bench.ministry) == [4]


def test_a_move_has_the_time_it_is_given(bench: Bench) -> None:
    """A status set at a given time is shown at that time in the feed."""
    ref = bench.filed()
    at = datetime(2026, 11, 21, 8, 30, tzinfo=VIETNAM)
    bench.ministry.move(ref, "XL", at=at)
    assert bench.feed()[-1].at == at


def test_own_dossiers_are_credible_and_as_ordered(bench: Bench, wire: GplxClient) -> None:
    """Invented dossiers pass the ministry's own rules, carry no code, and obey what is given."""
    refs = bench.ministry.file_own(50, Random(3))
    for ref in refs:
        held = bench.held(ref)
        assert "MaHoSoMotCua" not in held
        del held["SoTiepNhan"], held["TrangThai"]
        assert wire.submit(held)
    (ref,) = bench.ministry.file_own(1, HoTen=PERSONAL[0], HangGPLX="C")
    held = bench.held(ref)
    assert (held["NguoiNop"]["HoTen"], held["HangGPLX"]) == (PERSONAL[0], "C")
    names = {one["body"]["NguoiNop"]["SoGiayTo"] for one in bench.ministry.records()}
    assert len(names) > 40


def test_a_ministry_that_upper_cases_never_agrees() -> None:
    """With uppercase_names a name is stored in capitals: accepted, and never equal."""
    with GplxRehearsal(uppercase_names=True) as ministry:
        bench = Bench(ministry)
        ref = bench.filed()
        bench.close()
        assert bench.held(ref)["NguoiNop"]["HoTen"] == PERSONAL[0].upper()


def test_it_stays_at_its_address(bench: Bench) -> None:
    """Down it refuses, up again it is at the same address with all it knew."""
    ref, address = bench.filed(), bench.ministry.options()["address"]
    bench.ministry.down()
    bench.ministry.up()
    assert bench.ministry.options()["address"] == address
    assert bench.adapter.fetch(ref) is not None


def test_its_options_hold_no_secret(bench: Bench) -> None:
    """Options are plain values without the password, which is given apart; records are JSON."""
    assert not bench.ministry.secrets().keys() & bench.ministry.options().keys()
    bench.filed()
    assert json.loads(json.dumps(bench.ministry.records()))[0]["code"] == CODE


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"<not-soap/>", "soap:Client"),
        (b"not xml", "soap:Client"),
        (ANONYMOUS, "wsse:InvalidSecurity"),
    ],
)
def test_it_answers_only_proper_envelopes(bench: Bench, content: bytes, code: str) -> None:
    """Without an envelope or a UsernameToken the answer is a fault at HTTP 500."""
    answer = httpx.post(bench.ministry.options()["address"], content=content)
    assert answer.status_code == 500
    assert f"<faultcode>{code}</faultcode>" in answer.text


def test_a_shut_ministry_reopens(bench: Bench) -> None:
    """Shut, it answers every call with the fault it was given; reopened it serves."""
    bench.ministry.shut("QuaTai", ThuLaiSauGiay=3)
    assert not isinstance(bench.send(command()), Receipt)
    bench.ministry.reopen()
    assert isinstance(bench.send(command()), Receipt)


def test_misfortunes_are_logged_and_calls_counted(bench: Bench) -> None:
    """What was called, and what went wrong at which operation, can be read afterwards."""
    bench.ministry.faults.next(Fault.LOST_ANSWER, operation="NopHoSo")
    bench.send(command())
    bench.adapter.probe(command())
    assert bench.ministry.calls == {"NopHoSo": 1, "TraCuuTheoMaMotCua": 1}
    assert bench.ministry.faults.log == [("NopHoSo", Fault.LOST_ANSWER)]
