"""gplx, outwards: sent once, replaced as a whole without loss, and asked about when in doubt."""

from __future__ import annotations

import unicodedata
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from adapters.gplx import plugin
from adapters.gplx.record import agrees
from adapters.gplx.rehearsal import GplxRehearsal
from bridge.sdk.errors import (
    AdapterError,
    AuthFailed,
    ContractBroken,
    InDoubt,
    Maintenance,
    Rejected,
    Retryable,
)
from bridge.sdk.records import Absent, Action, Applied, Receipt, Undecided
from bridge.sdk.rehearsal import Fault
from tests.contract.gplx_bench import CODE, PERSONAL, Bench, body, built, command, paper, update


@pytest.fixture
def bench() -> Iterator[Bench]:
    with GplxRehearsal() as ministry:
        made = Bench(ministry)
        yield made
        made.close()


def silent(error: object) -> str:
    """Return what an error says, having looked for personal values in it."""
    assert isinstance(error, AdapterError)
    said = f"{error} {getattr(error, 'field', '')}"
    assert not [value for value in PERSONAL if value in unicodedata.normalize("NFC", said)]
    return said


# --- filing --------------------------------------------------------------------------------------


def test_the_declaration_stands() -> None:
    """A system that files twice may write only because it can be asked: the engine accepts it."""
    plugin.capabilities.verify("gplx")
    assert (plugin.capabilities.submit, plugin.capabilities.probes) == ("not_idempotent", True)
    assert plugin.capabilities.batch == 1


def test_a_dossier_is_filed_and_the_answer_proves_it(bench: Bench) -> None:
    """A create is one NopHoSo; its receipt carries SoTiepNhan and proves the delivery."""
    answer = bench.send(command())
    (held,) = bench.ministry.records()
    assert answer == Receipt(ref=held["ref"], proves=True)
    assert (held["code"], held["status"]) == (CODE, 2)
    assert held["body"]["NguoiNop"] == body()["NguoiNop"]
    assert bench.adapter.confirm([command()]) == [None]


def test_the_code_goes_out_even_when_the_body_lacks_it(bench: Bench) -> None:
    """A lost answer is asked about by the code, so it is in the record whatever was lowered."""
    lowered = body()
    del lowered["MaHoSoMotCua"]
    bench.send(command(body=lowered))
    assert bench.ministry.records()[0]["code"] == CODE


def test_null_fields_are_left_out(bench: Bench) -> None:
    """What is None in the body is absent on the wire, at every depth."""
    ref = bench.filed(body=body(SoGPLXCu=None, LyDoDoi=None, Email=None, TaiLieu=None))
    assert not {"SoGPLXCu", "LyDoDoi", "TaiLieu"} & bench.held(ref).keys()
    assert "Email" not in bench.held(ref)["NguoiNop"]


@pytest.mark.parametrize("status", ["TN", "XL", "BS", "TC", "CP"])
def test_only_the_counters_statuses_are_ever_sent(bench: Bench, status: str) -> None:
    """TrangThai goes out as HUY or TR alone: any other word in a body stays at home."""
    ref = bench.filed(body=body(TrangThai=status))
    bench.ministry.move(ref, "XL")
    assert bench.send(update(ref, body=body(TrangThai=status))) == Receipt(ref)
    assert bench.held(ref)["TrangThai"] == "XL"


def test_documents_go_out_as_bytes(bench: Bench, tmp_path: Path) -> None:
    """A file named in the body is read, proved by its hash, and sent as base64 in its place."""
    document, lowered = paper(tmp_path, "don.pdf", b"\x00\xff scan")
    ref = bench.filed(body=body(TaiLieu=[lowered]), documents={document.id: document})
    (item,) = bench.held(ref)["TaiLieu"]
    assert item == {**lowered, "NoiDung": b64encode(b"\x00\xff scan").decode()}


def test_a_paper_scanned_in_twice_is_sent_once(bench: Bench, tmp_path: Path) -> None:
    """A copy that says nothing new stays out; under another name it is a paper of its own.

    The contract wants the bytes of each paper in each record, so a copy under another name goes
    beside the first, and an update sends all of them again.
    """
    document, lowered = paper(tmp_path, "don.pdf")
    copy = {**lowered, "NoiDung": {"document": "copy"}}
    named = {**lowered, "Ten": "Bản sao", "NoiDung": {"document": "copy"}}
    documents = {document.id: document, "copy": replace(document, id="copy")}
    items = [lowered, copy, named]
    ref = bench.filed(body=body(TaiLieu=items), documents=documents)
    assert [item["Ten"] for item in bench.held(ref)["TaiLieu"]] == ["Đơn", "Bản sao"]
    assert isinstance(
        bench.adapter.probe(update(ref, body=body(TaiLieu=items), documents=documents)), Applied
    )


@pytest.mark.parametrize("harm", ["gone", "changed", "unknown", "inline"])
def test_a_document_that_is_not_as_described_is_refused_here(
    bench: Bench, tmp_path: Path, harm: str
) -> None:
    """A missing, altered or unknown file is a Rejected DOCUMENT, and nothing is sent."""
    document, lowered = paper(tmp_path, "don.pdf")
    documents = {} if harm == "unknown" else {document.id: document}
    if harm == "gone":
        document.path.unlink()
    if harm == "changed":
        document.path.write_bytes(b"%PDF else")
    if harm == "inline":
        lowered["NoiDung"] = "JVBERi0="
    refused = bench.send(command(body=body(TaiLieu=[lowered]), documents=documents))
    assert isinstance(refused, Rejected)
    assert (refused.code, refused.field) == ("DOCUMENT", "documents")
    assert str(tmp_path) not in silent(refused)
    assert not bench.ministry.calls


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"NgayTiepNhan": "20/11/2026"}, "NgayTiepNhan"),
        ({"NgayHenTra": ""}, "NgayHenTra"),
        ({"LePhi": "mười"}, "LePhi"),
        ({"HoTen": None}, "HoTen"),
        ({"DiaChi": f"{PERSONAL[3]}\x01"}, "DiaChi"),
    ],
)
def test_what_breaks_the_schema_is_refused_before_it_is_sent(
    bench: Bench, change: dict[str, Any], field: str
) -> None:
    """A body the WSDL does not allow is a Rejected XSD that names the element; nothing is sent."""
    refused = bench.send(command(body=body(**change)))
    assert isinstance(refused, Rejected)
    assert (refused.code, refused.field) == ("XSD", field)
    silent(refused)
    assert not bench.ministry.calls


def test_each_command_is_answered_by_itself(bench: Bench) -> None:
    """One refused command does not keep the next from being sent."""
    first, second = bench.adapter.submit(
        [command(body=body(NgaySinh="31/02/1990")), command(code="H40.05-261120-0002")]
    )
    assert isinstance(first, Rejected)
    assert isinstance(second, Receipt)


def test_steps_are_not_this_systems(bench: Bench) -> None:
    """A step, which the declaration does not offer, is refused without a call."""
    assert isinstance(bench.send(command(Action.STEP)), Rejected)
    assert isinstance(bench.adapter.probe(command(Action.STEP)), Undecided)
    assert not bench.ministry.calls


# --- faults --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"NgaySinh": "31/02/1990"}, "NgaySinh"),
        ({"GioiTinh": "Khác"}, "GioiTinh"),
        ({"LoaiGiayTo": "GPLX"}, "LoaiGiayTo"),
        ({"HoTen": " "}, "HoTen"),
    ],
)
def test_wrong_facts_are_refused_with_the_field(
    bench: Bench, change: dict[str, Any], field: str
) -> None:
    """DuLieuSai becomes Rejected with Truong as the field and LyDo, in NFC, as the reason."""
    bench.ministry.faults.next(Fault.NFD)
    refused = bench.send(command(body=body(**change)))
    assert isinstance(refused, Rejected)
    assert (refused.code, refused.field) == ("DuLieuSai", field)
    assert unicodedata.is_normalized("NFC", refused.reason)
    silent(refused)
    assert not bench.ministry.records()


def test_maintenance_says_until_when(bench: Bench) -> None:
    """DangBaoTri holds the system until DenLuc; a time without an offset is Hanoi's."""
    bench.ministry.shut("DangBaoTri", DenLuc="2026-11-21T05:00:00")
    closed = bench.send(command())
    assert isinstance(closed, Maintenance)
    assert closed.until == datetime(2026, 11, 20, 22, tzinfo=UTC)
    bench.ministry.shut("DangBaoTri", DenLuc="2026-11-21T05:00:00Z")
    closed = bench.send(command())
    assert isinstance(closed, Maintenance)
    assert closed.until == datetime(2026, 11, 21, 5, tzinfo=UTC)
    bench.ministry.shut("DangBaoTri", DenLuc="mai")
    closed = bench.send(command())
    assert isinstance(closed, Maintenance)
    assert closed.until is None


@pytest.mark.parametrize(("seconds", "after"), [(90, 90.0), ("lát nữa", None), (-5, 0.0)])
def test_overload_says_how_long_to_wait(bench: Bench, seconds: object, after: float | None) -> None:
    """QuaTai is Retryable after ThuLaiSauGiay, or whenever we like when that is no number."""
    bench.ministry.shut("QuaTai", ThuLaiSauGiay=seconds)
    busy = bench.send(command())
    assert isinstance(busy, Retryable)
    assert busy.after == after


def test_a_refused_login_is_told_from_a_refused_dossier(bench: Bench) -> None:
    """A wrong password, and a service that takes no such token, are AuthFailed on any call."""
    stranger = built({**bench.options, "password": "khác"})
    (refused,) = stranger.submit([command()])
    assert isinstance(refused, AuthFailed)
    assert "khác" not in str(refused)
    with pytest.raises(AuthFailed):
        stranger.changes(None)
    stranger.close()
    assert not bench.ministry.records()


def test_a_fault_the_wsdl_lacks_is_a_doubt_on_a_write_only(bench: Bench) -> None:
    """An undeclared fault proves nothing: in doubt on a write, to be read again on a read."""
    bench.ministry.shut("LoiHeThong")
    assert isinstance(bench.send(command()), InDoubt)
    with pytest.raises(Retryable):
        bench.adapter.changes(None)


@pytest.mark.parametrize(
    ("fault", "expected", "applied"),
    [
        (Fault.LOST_ANSWER, InDoubt, 1),
        (Fault.CUT_BEFORE, InDoubt, 0),
        (Fault.ERROR_500, InDoubt, 0),
        (Fault.ERROR_502, InDoubt, 0),
        (Fault.TRUNCATED, InDoubt, 1),
        (Fault.HTML_200, ContractBroken, 0),
        (Fault.WRONG_SCHEMA, ContractBroken, 1),
        (Fault.PAGE_503, Maintenance, 0),
        (Fault.TOO_MANY, Retryable, 0),
    ],
)
def test_every_misfortune_of_a_write_is_told_apart(
    bench: Bench, fault: Fault, expected: type[AdapterError], applied: int
) -> None:
    """What proves nothing leaves the write open; what proves it was not applied says so."""
    bench.ministry.faults.next(fault)
    answer = bench.send(command())
    assert type(answer) is expected
    silent(answer)
    assert len(bench.ministry.records()) == applied


@pytest.mark.parametrize("fault", [Fault.BOM, Fault.NFD])
def test_an_odd_encoding_is_no_misfortune(bench: Bench, fault: Fault) -> None:
    """A byte order mark or decomposed text in an answer changes nothing."""
    bench.ministry.faults.next(fault)
    assert isinstance(bench.send(command()), Receipt)


def test_a_late_answer_is_a_doubt(bench: Bench) -> None:
    """A write whose answer comes after the timeout is in doubt, though it was applied."""
    hasty = built(bench.options, timeout=0.2)
    bench.ministry.faults.next(Fault.SLOW)
    (answer,) = hasty.submit([command()])
    bench.ministry.faults.release()
    hasty.close()
    assert isinstance(answer, InDoubt)
    assert len(bench.ministry.records()) == 1


def test_a_dead_address_is_known_not_sent(bench: Bench) -> None:
    """When nothing listens, nothing was sent: Retryable, and said to be unreachable."""
    bench.ministry.down()
    answer = bench.send(command())
    assert isinstance(answer, Retryable)
    assert answer.unreachable
    bench.ministry.up()
    assert isinstance(bench.send(command()), Receipt)


# --- updates -------------------------------------------------------------------------------------


def test_an_update_keeps_what_the_ministry_wrote(bench: Bench) -> None:
    """CapNhatHoSo clears what is absent, so the ministry's own fields are sent back to it."""
    ref = bench.filed()
    bench.ministry.move(ref, "CP", "Đã in")
    before = bench.held(ref)
    assert bench.send(update(ref, body=body(DienThoai="0900000002"))) == Receipt(ref)
    after = bench.held(ref)
    assert after["NguoiNop"]["DienThoai"] == "0900000002"
    for name in ("SoTiepNhan", "GhiChu", "NgayHoanThanh", "SoGPLXMoi", "TrangThai"):
        assert after[name] == before[name]
    assert bench.ministry.records()[0]["updates"] == 1


def test_an_update_clears_what_the_one_stop_cleared(bench: Bench) -> None:
    """A field that is the one-stop's and is gone from the body is gone over there too."""
    ref = bench.filed(body=body(LyDoDoi="Hỏng"))
    bench.send(update(ref))
    assert "LyDoDoi" not in bench.held(ref)


@pytest.mark.parametrize("status", ["HUY", "TR"])
def test_the_counters_word_goes_out(bench: Bench, status: str) -> None:
    """A withdrawal and a hand-over reach the ministry, and its own fields survive them."""
    ref = bench.filed()
    bench.ministry.move(ref, "CP", "Đã in")
    bench.send(update(ref, body=body(TrangThai=status)))
    assert bench.held(ref)["TrangThai"] == status
    assert bench.held(ref)["SoGPLXMoi"]


def test_a_supplement_goes_out_beside_the_rest(bench: Bench, tmp_path: Path) -> None:
    """A new version carries all files of the one-stop, and replaces those the ministry had."""
    first, one = paper(tmp_path, "don.pdf", b"one")
    second, two = paper(tmp_path, "anh.jpg", b"two")
    documents = {first.id: first, second.id: second}
    ref = bench.filed(body=body(TaiLieu=[one]), documents=documents)
    bench.ministry.move(ref, "BS", "Thiếu ảnh")
    bench.send(update(ref, body=body(TaiLieu=[one, two]), documents=documents))
    assert [item["TenTep"] for item in bench.held(ref)["TaiLieu"]] == ["don.pdf", "anh.jpg"]
    assert bench.held(ref)["GhiChu"] == "Thiếu ảnh"
    bench.send(update(ref, body=body(TaiLieu=[two]), documents=documents))
    assert [item["TenTep"] for item in bench.held(ref)["TaiLieu"]] == ["anh.jpg"]


def test_files_handed_in_at_the_ministry_survive_our_update(bench: Bench, tmp_path: Path) -> None:
    """In an imported dossier the ministry's own files stay, beside those the one-stop adds."""
    _, theirs = paper(tmp_path, "goc.pdf", b"theirs")
    held = {**theirs, "NoiDung": b64encode(b"theirs").decode()}
    (ref,) = bench.ministry.file_own(TaiLieu=[held])
    code = "H40.05-261120-M000001"
    bench.send(update(ref, code=code))
    assert [item["TenTep"] for item in bench.held(ref)["TaiLieu"]] == ["goc.pdf"]
    document, ours = paper(tmp_path, "anh.jpg", b"ours")
    lowered = body(MaHoSoMotCua=code, TaiLieu=[ours])
    sent = update(ref, code=code, body=lowered, documents={document.id: document})
    bench.send(sent)
    assert {item["TenTep"] for item in bench.held(ref)["TaiLieu"]} == {"goc.pdf", "anh.jpg"}
    assert isinstance(bench.adapter.probe(sent), Applied)


def test_an_update_of_nothing_is_refused(bench: Bench) -> None:
    """A number the ministry does not know, or none, is Rejected; nothing is written."""
    unknown = bench.send(update("GPLX-26-9999999"))
    assert isinstance(unknown, Rejected)
    assert unknown.code == "KhongTimThay"
    assert isinstance(bench.send(command(Action.UPDATE)), Rejected)
    assert not bench.ministry.calls["CapNhatHoSo"]


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (Fault.LOST_ANSWER, Retryable),
        (Fault.ERROR_500, Retryable),
        (Fault.TRUNCATED, Retryable),
        (Fault.HTML_200, Retryable),
        (Fault.WRONG_SCHEMA, Retryable),
        (Fault.PAGE_503, Maintenance),
        (Fault.EXPIRED_SESSION, AuthFailed),
    ],
)
def test_a_failed_look_before_an_update_wrote_nothing(
    bench: Bench, fault: Fault, expected: type[AdapterError]
) -> None:
    """When the record can't be read, nothing is written, and the answer says it is safe."""
    ref = bench.filed()
    bench.ministry.faults.next(fault, operation="LayHoSo")
    answer = bench.send(update(ref))
    assert type(answer) is expected
    silent(answer)
    assert not bench.ministry.calls["CapNhatHoSo"]


def test_a_lost_update_is_in_doubt(bench: Bench) -> None:
    """Only the write of an update can be in doubt, and it is when its answer is lost."""
    ref = bench.filed()
    bench.ministry.faults.next(Fault.LOST_ANSWER, operation="CapNhatHoSo")
    assert isinstance(bench.send(update(ref)), InDoubt)
    assert bench.ministry.calls["CapNhatHoSo"] == 1


# --- doubt ---------------------------------------------------------------------------------------


def test_a_lost_filing_is_found_by_its_code(bench: Bench) -> None:
    """Applied and unanswered: the probe finds the record, its number and its body."""
    bench.ministry.faults.next(Fault.LOST_ANSWER)
    bench.send(command())
    found = bench.adapter.probe(command())
    assert isinstance(found, Applied)
    (held,) = bench.ministry.records()
    assert (found.ref, found.count) == (held["ref"], 1)
    assert found.body is not None
    assert found.body["NguoiNop"] == body()["NguoiNop"]


def test_a_filing_that_never_arrived_is_absent(bench: Bench) -> None:
    """Cut before it was applied: the probe looks, and there is nothing."""
    bench.ministry.faults.next(Fault.CUT_BEFORE)
    bench.send(command())
    assert bench.adapter.probe(command()) == Absent()


def test_a_filing_applied_late_turns_up(bench: Bench) -> None:
    """A record that is applied after the first look is found by the second."""
    late = bench.ministry.faults.next(Fault.APPLIED_LATE)
    bench.send(command())
    assert bench.adapter.probe(command()) == Absent()
    late.release()
    bench.ministry.stop()  # which waits for what is applied late
    bench.ministry.start()
    assert isinstance(bench.adapter.probe(command()), Applied)


def test_two_records_for_one_code_are_counted(bench: Bench) -> None:
    """The ministry files the same dossier twice without a word; the probe says how often."""
    first = bench.filed()
    bench.filed()
    found = bench.adapter.probe(command())
    assert isinstance(found, Applied)
    assert (found.ref, found.count) == (first, 2)
    assert bench.ministry.duplicates() == [CODE]


@pytest.mark.parametrize(
    "fault", [Fault.LOST_ANSWER, Fault.ERROR_500, Fault.HTML_200, Fault.TRUNCATED, Fault.PAGE_503]
)
def test_a_failed_look_is_never_absence(bench: Bench, fault: Fault) -> None:
    """A question that got no proper answer raises, for a new dossier and for an update."""
    ref = bench.filed()
    for asked in (command(), update(ref)):
        bench.ministry.faults.next(fault)
        with pytest.raises(AdapterError):
            bench.adapter.probe(asked)


def test_a_list_that_is_none_is_never_absence(bench: Bench) -> None:
    """An answer with something else than records in it is broken, not empty."""
    bench.ministry.faults.next(Fault.WRONG_SCHEMA, operation="TraCuuTheoMaMotCua")
    with pytest.raises(ContractBroken):
        bench.adapter.probe(command())


def test_a_record_that_breaks_the_schema_is_still_there(bench: Bench) -> None:
    """A found record counts by its number, also when the rest of it can't be read."""
    bench.filed()
    bench.ministry.faults.next(Fault.WRONG_SCHEMA, operation="TraCuuTheoMaMotCua")
    found = bench.adapter.probe(command())
    assert isinstance(found, Applied)
    assert found.body is None


def test_an_update_is_found_by_its_effect(bench: Bench, tmp_path: Path) -> None:
    """Applied when the record shows what was sent, absent while it does not."""
    document, lowered = paper(tmp_path, "don.pdf")
    ref = bench.filed()
    sent = update(ref, body=body(TaiLieu=[lowered]), documents={document.id: document})
    assert bench.adapter.probe(sent) == Absent()
    bench.ministry.faults.next(Fault.LOST_ANSWER, operation="CapNhatHoSo")
    assert isinstance(bench.send(sent), InDoubt)
    bench.ministry.move(ref, "XL", "Đang xem")
    bench.ministry.faults.next(Fault.NFD)
    found = bench.adapter.probe(sent)
    assert isinstance(found, Applied)
    assert found.ref == ref
    assert found.body is not None
    assert "NoiDung" not in found.body["TaiLieu"][0]
    assert bench.adapter.probe(replace(sent, ref="GPLX-26-9999999")) == Absent()
    assert bench.adapter.probe(replace(sent, ref=None)) == Absent()


HELD = body(SoTiepNhan="GPLX-26-1", TrangThai="CP", GhiChu="x", SoGPLXMoi="1")


@pytest.mark.parametrize(
    ("sent", "held"),
    [
        (body(), HELD),
        (body(NgayHenTra="2026-11-27T10:00:00.000Z"), HELD),
        (body(NgayHenTra="2026-11-27T17:00:00"), HELD),
        (body(LePhi="135000.00"), HELD),
        (body(HoTen=unicodedata.normalize("NFD", PERSONAL[0])), HELD),
        (body(), {**HELD, "NguoiNop": {**HELD["NguoiNop"], "Email": ""}}),
        (body(Email="", SoGPLXCu=None, TrangThai="XL"), HELD),
        (body(TaiLieu=[{"Sha256": "AB"}]), {**HELD, "TaiLieu": [{"Sha256": "ab"}]}),
        (body(), {**HELD, "TaiLieu": [{"Sha256": "ab"}]}),
    ],
    ids=["same", "Z", "naive", "decimal", "NFD", "empty", "null", "hash", "their files"],
)
def test_equal_facts_agree(sent: dict[str, Any], held: dict[str, Any]) -> None:
    """Spelling, time zones, zeros and the ministry's own fields make no difference."""
    assert agrees(sent, held, CODE)


@pytest.mark.parametrize(
    ("sent", "held"),
    [
        (body(HoTen=PERSONAL[0].upper()), HELD),
        (body(NgayHenTra="2026-11-28T17:00:00+07:00"), HELD),
        (body(NgayHenTra=None), HELD),
        (body(LePhi="135001"), HELD),
        (body(Email="a@example.vn"), HELD),
        (body(), {**HELD, "SoGPLXCu": "1"}),
        (body(), {**HELD, "MaHoSoMotCua": "H40.05-261120-0002"}),
        (body(TrangThai="HUY"), HELD),
        (body(TaiLieu=[{"Sha256": "ab"}]), HELD),
        (body(TaiLieu=[{"Sha256": "ab"}]), {**HELD, "TaiLieu": [{"Sha256": "ab"}] * 2}),
        (body(LePhi="mười"), HELD),
    ],
    ids=["case", "time", "cleared", "fee", "new", "theirs", "code", "status", "file", "file gone",
         "no number"],
)  # fmt: skip
def test_different_facts_do_not(sent: dict[str, Any], held: dict[str, Any]) -> None:
    """Every field of ours that differs, also by being absent, shows that an update is missing."""
    assert not agrees(sent, held, CODE)
