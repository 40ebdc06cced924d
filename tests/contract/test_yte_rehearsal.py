"""The pretend ministry of health: strict, safe to repeat, and able to misbehave."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest

from adapters.yte.rehearsal import YteRehearsal
from bridge.sdk.errors import Rejected
from bridge.sdk.records import Receipt, Record, Unreadable
from bridge.sdk.rehearsal import Fault, Rehearsal
from bridge.sdk.xml import parse, to_plain
from tests.contract.yte_bench import CODE, NS, Bench, body, command, paper


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with YteRehearsal(tmp_path / "share", interval=None) as ministry:
        yield Bench(ministry)


def receipt(bench: Bench, name: str) -> dict[str, Any]:
    told: dict[str, Any] = to_plain(parse(bench.path("xacnhan", name).read_bytes()))
    return told


def test_it_moves_a_file_away_and_answers_under_the_same_name(bench: Bench) -> None:
    """What it took is kept outside the three folders; the receipt names file and number."""
    bench.adapter.submit([command()])
    assert bench.ministry.work() == 1
    name = f"{CODE}.1.xml"
    assert bench.listing("den") == []
    assert bench.listing("luu") == [name]
    (record,) = bench.ministry.records()
    assert receipt(bench, name) == {"Tep": name, "KetQua": "1", "SoTiepNhan": record["ref"]}
    assert (record["code"], record["status"], record["updates"]) == (CODE, 2, 0)


def test_the_same_name_replaces_and_a_higher_one_updates(bench: Bench) -> None:
    """One code is one record with one number, however often it comes."""
    for version, scope in ((1, "a"), (1, "b"), (2, "c")):
        bench.adapter.submit([command(version=version, body=body(PhamViChuyenMon=scope))])
        bench.ministry.work()
        (record,) = bench.ministry.records()
        assert record["body"]["PhamViChuyenMon"] == scope
        assert bench.adapter.confirm([command(version=version)])[0] == Receipt(record["ref"])
    assert record["updates"] == 2
    assert bench.ministry.duplicates() == []


def test_an_older_version_than_it_has_is_refused(bench: Bench) -> None:
    """Versions that come in the wrong order are not taken in silence."""
    for version in (2, 1):
        bench.adapter.submit([command(version=version)])
        bench.ministry.work()
    (refused,) = bench.adapter.confirm([command()])
    assert isinstance(refused, Rejected)
    assert refused.code == "PHIEN_BAN_CU"


def test_versions_lying_together_are_taken_in_order(bench: Bench) -> None:
    """Of 1, 2 and 10 lying in den/ the last taken is 10."""
    for version in (10, 2, 1):
        bench.adapter.submit([command(version=version)])
    bench.ministry.work()
    assert [receipt(bench, f"{CODE}.{n}.xml")["KetQua"] for n in (1, 2, 10)] == ["1"] * 3


WRONG: list[tuple[Callable[[bytes], bytes], str]] = [
    (lambda content: content.replace(b'H40.09"', b'H99"'), "MA_DON_VI"),
    (lambda content: content.replace(b">H40.09-", b">H40.10-"), "MA_HO_SO"),
    (lambda content: content.replace(b'phienBan="1"', b'phienBan="2"'), "PHIEN_BAN"),
    (lambda content: content.replace(b"MOI<", b"DUYET<"), "TRANG_THAI"),
    (lambda content: content.replace(b"19900207", b"19900230"), "SAI_NgaySinh"),
    (lambda content: content.replace(b"19900207", b"199013"), "SAI_NgaySinh"),
    (lambda content: content.replace(b"20261120081500", b"20261120996000"), "SAI_NgayTiepNhan"),
    (lambda content: content.replace("Điều dưỡng viên".encode(), b" "), "SAI_PhamViChuyenMon"),
    (lambda content: content.replace(b"036190000001", b""), "SAI_SoDinhDanh"),
    (lambda content: content.replace(b"<GioiTinh>F", b"<GioiTinh>N"), "XSD"),
    (lambda content: content[:-20], "XSD"),
    (lambda content: b"<!DOCTYPE x>" + content, "XSD"),
]


@pytest.mark.parametrize(("spoil", "code"), WRONG)
def test_it_refuses_what_the_contract_forbids(
    bench: Bench, spoil: Callable[[bytes], bytes], code: str
) -> None:
    """Each rule is checked and named; a refused file makes no record."""
    bench.adapter.submit([command()])
    path = bench.path("den", f"{CODE}.1.xml")
    good = path.read_bytes().split(b"?>", 1)[1]
    assert spoil(good) != good
    path.write_bytes(spoil(good))
    bench.ministry.work()
    told = receipt(bench, path.name)
    assert (told["KetQua"], told["MaLoi"]) == ("0", code)
    assert bench.ministry.records() == []


def test_two_dossiers_in_a_file_and_a_strange_name_are_refused(bench: Bench) -> None:
    """The exchange knows one HoSo a file, under a name with code and number."""
    bench.adapter.submit([command()])
    path = bench.path("den", f"{CODE}.1.xml")
    content = path.read_bytes()
    start, end = content.index(b"<HoSo "), content.index(b"</DanhSach")
    path.write_bytes(content[:end] + content[start:end] + content[end:])
    bench.path("den", "abc.xml").write_bytes(content)
    bench.ministry.work()
    assert receipt(bench, path.name)["MaLoi"] == "SO_HO_SO"
    assert receipt(bench, "abc.xml")["MaLoi"] == "TEN_TEP"


def test_a_paper_that_is_not_its_hash_is_refused(bench: Bench, tmp_path: Path) -> None:
    """An attachment whose content has another SHA-256 than told is refused."""
    document, named = paper(tmp_path, "d1", b"giay to")
    false = {**named, "@sha256": "0" * 64}
    for attached, result in ((named, "1"), (false, "0")):
        sent = command(body=body(TepDinhKem=[attached]), documents={"d1": document})
        bench.adapter.submit([sent])
        bench.ministry.work()
        assert receipt(bench, f"{CODE}.1.xml")["KetQua"] == result


def test_it_moves_records_along_and_says_so_in_di(bench: Bench) -> None:
    """MOI, THAMDINH, DUYET, DACAP: each is a new version; the last has number and day."""
    bench.adapter.submit([command()])
    bench.ministry.work()
    seen: list[tuple[str, int | None, str]] = []
    last: dict[str, Any] = {}
    while bench.ministry.advance():
        (record,) = bench.adapter.changes(None).records
        assert isinstance(record, Record)
        seen.append((record.body["TrangThai"], record.version, record.body["MaHoSo"]))
        last = dict(record.body)
        assert bench.refs() == [record.ref]
    assert seen == [("THAMDINH", 2, CODE), ("DUYET", 3, CODE), ("DACAP", 4, CODE)]
    assert last["SoChungChi"]
    assert len(last["NgayKetThuc"]) == 14
    (held,) = bench.ministry.records()
    assert held["status"] == 9
    assert [step["status"] for step in held["steps"]] == ["MOI", "THAMDINH", "DUYET", "DACAP"]


def test_a_supplement_that_was_asked_for_moves_the_record_on(bench: Bench) -> None:
    """BOSUNG waits; a new version brings what was missing, and keeps the ministry's words."""
    bench.adapter.submit([command()])
    bench.ministry.work()
    ref = bench.ministry.records()[0]["ref"]
    bench.ministry.move(ref, "BOSUNG", "Thiếu bằng")
    assert bench.ministry.advance() == 0
    bench.adapter.submit([command(version=2, ref=ref, known={"TrangThai": "BOSUNG"})])
    bench.ministry.work()
    (held,) = bench.ministry.records()
    assert (held["status"], held["body"]["LyDo"], held["updates"]) == (5, "Thiếu bằng", 1)
    assert bench.ministry.advance() == 1
    assert bench.ministry.records()[0]["status"] == 4


def test_a_refused_dossier_has_a_reason_and_an_end(bench: Bench) -> None:
    """TUCHOI carries LyDo and NgayKetThuc; a word that is no status is an error."""
    (ref,) = bench.ministry.file_own()
    bench.ministry.move(ref, "TUCHOI", "Không đủ điều kiện")
    body_ = bench.ministry.records()[0]["body"]
    assert (body_["LyDo"], len(body_["NgayKetThuc"])) == ("Không đủ điều kiện", 14)
    with pytest.raises(ValueError, match="XONG"):
        bench.ministry.move(ref, "XONG")


def test_its_own_dossiers_come_in_files_of_at_most_500(bench: Bench) -> None:
    """Dossiers keyed only there have no MaHoSo; 1,001 of them are three files, in order."""
    refs = bench.ministry.file_own(1001, Random(3), PhamViChuyenMon="Dược sĩ")
    assert len(bench.listing("di")) == 3
    page = bench.adapter.changes(None)
    assert len(page.records) == 500
    for record in page.records:
        assert isinstance(record, Record)
        assert "MaHoSo" not in record.body
        assert record.body["PhamViChuyenMon"] == "Dược sĩ"
    assert bench.refs() == refs


def test_a_dossier_keyed_there_first_takes_the_code_it_is_sent_under(bench: Bench) -> None:
    """An import that comes back with its SoTiepNhan is the same record, not a second."""
    (ref,) = bench.ministry.file_own()
    bench.adapter.submit([command(ref=ref)])
    bench.ministry.work()
    (held,) = bench.ministry.records()
    assert (held["ref"], held["code"], held["updates"]) == (ref, CODE, 1)
    bench.adapter.submit([command(code="H40-2", ref="BYT-unknown")])
    bench.ministry.work()
    assert receipt(bench, "H40-2.1.xml")["MaLoi"] == "SAI_SoTiepNhan"


def test_a_refusal_can_be_ordered_for_one_dossier(bench: Bench) -> None:
    """An ordered refusal meets its dossier and no other, once."""
    bench.ministry.refuse("E1", "Sai", dossier="B")
    for code, result in (("A", "1"), ("B", "0"), ("B", "1")):
        bench.adapter.submit([command(code=code)])
        bench.ministry.work()
        assert receipt(bench, f"{code}.1.xml")["KetQua"] == result


def test_what_is_applied_late_is_applied_once_at_release(bench: Bench) -> None:
    """A file taken away now and applied later makes its record and receipt then."""
    bench.ministry.faults.next(Fault.APPLIED_LATE, operation="take")
    bench.adapter.submit([command()])
    bench.ministry.work()
    assert (bench.listing("den"), bench.ministry.records()) == ([], [])
    bench.ministry.release()
    bench.ministry.release()
    assert isinstance(bench.adapter.confirm([command()])[0], Receipt)
    assert len(bench.ministry.records()) == 1


def test_what_is_held_back_goes_on_when_the_plan_lets_it(bench: Bench) -> None:
    """Released through the plan of faults, or with its delay over, the next round goes on."""
    for code, delay in (("A", None), ("B", 0.0)):
        bench.ministry.faults.next(Fault.SLOW, operation="take", delay=delay)
        bench.adapter.submit([command(code=code)])
        bench.ministry.work()
        assert bench.adapter.confirm([command(code=code)]) == [None]
        if delay is None:
            bench.ministry.work()
            assert bench.adapter.confirm([command(code=code)]) == [None]
            bench.ministry.faults.release()
        bench.ministry.work()
        assert isinstance(bench.adapter.confirm([command(code=code)])[0], Receipt)


def test_a_file_left_lying_is_taken_the_next_time(bench: Bench) -> None:
    """A round that takes nothing loses nothing."""
    bench.ministry.faults.next(Fault.CUT_BEFORE, operation="take")
    bench.adapter.submit([command()])
    assert (bench.ministry.work(), bench.ministry.work()) == (0, 1)


def test_its_broken_and_half_files_are_what_they_say(bench: Bench) -> None:
    """WRONG_SCHEMA and HTML_200 are broken files, TRUNCATED one that becomes whole."""
    for fault in (Fault.WRONG_SCHEMA, Fault.HTML_200, Fault.TRUNCATED):
        bench.ministry.faults.next(fault, operation="change")
        bench.ministry.file_own()
    page = bench.adapter.changes(None)
    assert [type(each) for each in page.records] == [Unreadable, Unreadable]
    bench.adapter.acknowledge(page.token)
    bench.ministry.release()
    (whole,) = bench.adapter.changes(page.cursor).records
    assert isinstance(whole, Record)


def test_it_is_a_rehearsal_like_the_others() -> None:
    """It makes and removes its own folder, starts and stops twice, counts, and goes down and up."""
    ministry = YteRehearsal(interval=None)
    told: Rehearsal = ministry
    assert told.name == "yte"
    with ministry:
        ministry.start()
        root = ministry.root
        assert ministry.options() == {"root": str(root), "agency": "H40.09"}
        assert ministry.secrets() == {}
        ministry.down()
        ministry.down()
        assert not root.exists()
        assert ministry.work() == 0
        ministry.up()
        ministry.up()
        assert root.is_dir()
        ministry.file_own()
        assert ministry.calls["change"] == 1
        ministry.down()
    ministry.stop()
    assert not root.exists()
    assert not root.with_name(f"{root.name}.away").exists()
    with pytest.raises(RuntimeError):
        assert ministry.root


def test_it_works_on_while_its_share_is_away(bench: Bench) -> None:
    """What the ministry decides while nobody can reach it is there when it comes back."""
    bench.ministry.down()
    refs = bench.ministry.file_own(2)
    bench.ministry.up()
    assert bench.refs() == refs


def test_started_it_watches_by_itself(tmp_path: Path) -> None:
    """With an interval a thread takes what is laid down; a stopped one takes nothing."""
    with YteRehearsal(tmp_path / "share", interval=0.001) as ministry:
        bench = Bench(ministry)
        bench.adapter.submit([command()])
        while bench.adapter.confirm([command()]) == [None]:
            pass
        assert len(ministry.records()) == 1
    bench.adapter.submit([replace(command(), code="B")])
    assert bench.listing("den") == ["B.1.xml"]
    assert f'xmlns="{NS}"' in bench.path("den", "B.1.xml").read_text("utf-8")
