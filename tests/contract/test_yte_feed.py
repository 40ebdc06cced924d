"""yte, inwards: files in name order, half-written ones waited for, broken ones put aside."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import unicodedata
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any, BinaryIO

import pytest
from lxml import etree

from adapters.yte.outgoing import SCHEMA
from adapters.yte.rehearsal import YteRehearsal
from bridge.sdk.errors import Retryable
from bridge.sdk.folders import LocalFolders
from bridge.sdk.records import Page, Record, Unreadable
from bridge.sdk.rehearsal import Fault
from bridge.sdk.xml import from_plain
from tests.contract.yte_bench import NS, PERSONAL, Bench, body

DAY = "20261124"


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with YteRehearsal(tmp_path / "share", interval=None) as ministry:
        yield Bench(ministry)


def dossier(ref: str | None, code: str | None = None, version: int = 1, **changes: Any) -> Any:
    return {**body(**changes), "TrangThai": "MOI", "SoTiepNhan": ref, "MaHoSo": code,
            "@phienBan": version}  # fmt: skip


def written(*dossiers: dict[str, Any]) -> bytes:
    plain = {"@maDonVi": "BYT", "HoSo": list(dossiers)}
    return etree.tostring(from_plain(SCHEMA.shape("DanhSachHoSo"), plain), encoding="UTF-8")


def plant(bench: Bench, seq: int, content: bytes, time: str = "080000000") -> str:
    return bench.ministry.plant(content, f"{DAY}{time}-{seq}.xml")


def shown(page: Page) -> list[str]:
    return [e.ref if isinstance(e, Record) else f"! {e.name}: {e.reason}" for e in page.records]


def test_a_record_is_ref_body_version_and_the_time_of_its_file(bench: Bench) -> None:
    """A HoSo is read with all its elements; its time is its file's, in Vietnam."""
    plant(bench, 1, written(dossier("BYT-1", "H40-1", 7)), "081502345")
    page = bench.adapter.changes(None)
    (record,) = page.records
    assert isinstance(record, Record)
    assert (record.ref, record.version) == ("BYT-1", 7)
    assert record.at == datetime.fromisoformat("2026-11-24T08:15:02.345+07:00")
    assert record.body["@phienBan"] == "7"
    assert record.body["NguoiHanhNghe"]["HoTen"] == PERSONAL[0]
    assert record.body["VanBang"] == [{"Ten": "Cử nhân", "NoiCap": "Đại học Y", "NamCap": "2012"}]


def test_files_come_in_the_order_of_their_names(bench: Bench) -> None:
    """Stamp first, then the number as a number: -2 before -10, whenever they were written."""
    for time, seq in (("090000000", 1), ("080000000", 10), ("080000000", 2), ("080000000", 1)):
        plant(bench, seq, written(dossier(f"{time[:2]}-{seq}")), time)
    assert shown(bench.adapter.changes(None)) == ["08-1", "08-2", "08-10", "09-1"]


def test_nothing_moves_before_it_is_acknowledged(bench: Bench) -> None:
    """A page that was read but not stored is read again, by this process or the next."""
    plant(bench, 1, written(dossier("A")))
    first = bench.adapter.changes(None)
    assert bench.listing("di") == [f"{DAY}080000000-1.xml"]
    again = bench.another().changes(first.cursor)
    assert shown(again) == ["A"]
    bench.adapter.acknowledge(again.token)
    assert bench.listing("di") == []
    assert bench.listing("di", "da_xu_ly") == [f"{DAY}080000000-1.xml"]
    assert shown(bench.adapter.changes(again.cursor)) == []


def test_acknowledging_twice_is_harmless(bench: Bench) -> None:
    """The second time, also after a part of the first, changes nothing."""
    plant(bench, 1, written(dossier("A")))
    plant(bench, 2, b"<html></html>")
    page = bench.adapter.changes(None)
    bench.adapter.acknowledge(page.token[:1])
    for _ in range(2):
        bench.adapter.acknowledge(page.token)
    assert bench.listing("di", "da_xu_ly") == [f"{DAY}080000000-1.xml"]
    assert bench.listing("di", "loi") == [f"{DAY}080000000-2.txt", f"{DAY}080000000-2.xml"]


def test_a_file_written_again_after_it_was_read_is_not_moved_away_unread(bench: Bench) -> None:
    """A file whose content changed between the reading and the storing is read again."""
    name = plant(bench, 1, written(dossier("A")))
    page = bench.adapter.changes(None)
    bench.ministry.plant(written(dossier("A"), dossier("B")), name)
    bench.adapter.acknowledge(page.token)
    assert shown(bench.adapter.changes(page.cursor)) == ["A", "B"]


def test_a_name_that_comes_again_is_read_and_keeps_what_is_archived(bench: Bench) -> None:
    """A file with an older name, or one used before, is read; the archive loses nothing."""
    late = plant(bench, 2, written(dossier("B")))
    assert bench.refs() == ["B"]
    plant(bench, 1, written(dossier("A")))
    bench.ministry.plant(written(dossier("C")), late)
    assert bench.refs() == ["A", "C"]
    assert bench.listing("di", "da_xu_ly") == [
        f"{DAY}080000000-1.xml", f"{DAY}080000000-2.xml", f"{DAY}080000000-2~2.xml",
    ]  # fmt: skip


@pytest.mark.parametrize("share", [0, 1, 40, 99])
def test_a_half_written_file_stops_the_feed_until_it_is_whole(bench: Bench, share: int) -> None:
    """What has no closing tag waits, and so does all behind it; what is before is read."""
    whole = written(dossier("B"))
    plant(bench, 1, written(dossier("A")))
    name = plant(bench, 2, whole[: len(whole) * share // 100])
    plant(bench, 3, written(dossier("C")))
    page = bench.adapter.changes(None)
    assert shown(page) == ["A"]
    assert not page.more
    bench.adapter.acknowledge(page.token)
    bench.ministry.plant(whole, name)
    assert shown(bench.adapter.changes(page.cursor)) == ["B", "C"]


@pytest.mark.parametrize("pattern", [".{}.tmp", "{}.tmp"])
def test_a_temporary_file_stops_the_feed_at_its_place(bench: Bench, pattern: str) -> None:
    """A file still under its temporary name holds back what comes after it."""
    name = f"{DAY}080000000-2.xml"
    plant(bench, 1, written(dossier("A")))
    bench.ministry.plant(b"<x", pattern.format(name))
    plant(bench, 3, written(dossier("C")))
    page = bench.adapter.changes(None)
    assert shown(page) == ["A"]
    bench.adapter.acknowledge(page.token)
    bench.path("di", pattern.format(name)).unlink()
    plant(bench, 2, written(dossier("B")))
    assert shown(bench.adapter.changes(page.cursor)) == ["B", "C"]


def test_a_temporary_file_left_behind_is_passed_over(bench: Bench) -> None:
    """A temporary file that does not grow for the time of patience blocks nothing, ever."""
    bench.ministry.plant(b"<x", f".{DAY}080000000-1.xml.tmp")
    plant(bench, 2, written(dossier("B")))
    page = bench.adapter.changes(None)
    assert shown(page) == []
    bench.wait(600)
    page = bench.adapter.changes(page.cursor)
    assert shown(page) == ["B"]
    assert shown(bench.another().changes(page.cursor)) == ["B"]


def test_a_file_that_never_becomes_whole_is_broken_by_the_engines_clock(bench: Bench) -> None:
    """Unchanged for 600 seconds, it is broken; what it waits for is the bridge's own clock."""
    name = plant(bench, 1, b"<DanhSachHoSo>")
    plant(bench, 2, written(dossier("B")))
    os.utime(bench.path("di", name), (0, 0))  # the file server lives in 1970
    page = bench.adapter.changes(None)
    assert shown(page) == []
    bench.wait(599)
    page = bench.another().changes(page.cursor)
    assert shown(page) == []
    bench.wait(1)
    page = bench.another().changes(page.cursor)
    assert shown(page) == [f"! {name}: no closing tag for 600 seconds", "B"]
    bench.adapter.acknowledge(page.token)
    assert bench.listing("di", "loi") == [f"{DAY}080000000-1.txt", name]


def test_a_file_that_grows_is_waited_for_from_its_last_growth(bench: Bench) -> None:
    """Every change of an unfinished file starts the patience anew."""
    name = plant(bench, 1, b"<DanhSachHoSo>")
    page = bench.adapter.changes(None)
    bench.wait(599)
    bench.ministry.plant(b"<DanhSachHoSo><HoSo>", name)
    page = bench.adapter.changes(page.cursor)
    bench.wait(599)
    page = bench.adapter.changes(page.cursor)
    assert shown(page) == []
    bench.wait(1)
    assert len(bench.adapter.changes(page.cursor).records) == 1


def test_a_file_that_may_not_be_read_blocks_the_feed_only_for_a_while(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file without the right to read is waited for like a half-written one, then put aside."""
    name = plant(bench, 1, written(dossier("A")))
    plant(bench, 2, written(dossier("B")))
    real = LocalFolders.open

    def refuse(self: LocalFolders, folder: str, asked: str) -> BinaryIO:
        if asked == name:
            raise PermissionError(errno.EACCES, "not yours")
        return real(self, folder, asked)

    monkeypatch.setattr(LocalFolders, "open", refuse)
    page = bench.adapter.changes(None)
    assert shown(page) == []
    bench.wait(600)
    page = bench.adapter.changes(page.cursor)
    assert shown(page) == [f"! {name}: the bridge may not read this file", "B"]


def test_a_file_that_goes_away_while_it_is_looked_at_is_no_error(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file renamed between the listing and the reading is simply not there any more."""
    plant(bench, 1, written(dossier("A")))
    listed = [f"{DAY}080000000-0.xml", f"{DAY}080000000-1.xml"]
    monkeypatch.setattr(LocalFolders, "names", lambda *_: listed)
    assert shown(bench.adapter.changes(None)) == ["A"]


BROKEN = [
    (b"<html><p>Bao tri</p></html>", "html: is not a document of this schema"),
    (f'<DanhSachHoSo xmlns="{NS}" maDonVi="x"></DanhSachHoSo>'.encode(), "lacks HoSo"),
    (written(dossier("A"), dossier("B", GioiTinh=PERSONAL[0])), "HoSo[2]/NguoiHanhNghe/GioiTinh: "),
    (written(dossier("A", NgayTiepNhan=PERSONAL[1])), "NgayTiepNhan: not of the form [0-9]{14}"),
    (written(dossier("A")).replace(b"</HoTen>", b"</HoTon>"), "not well-formed XML"),
    (b"<!DOCTYPE x>" + written(dossier("A")), "a DOCTYPE is not allowed"),
    (
        b'<!DOCTYPE x [<!ENTITY p SYSTEM "file:///etc/passwd">]>'
        + written(dossier("A", HoTen="@")).replace(b"@", b"&p;"),
        "a DOCTYPE is not allowed",
    ),
    (
        b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">'
        + b"".join(b'<!ENTITY %c "%s">' % (n, b"&%c;" % (n - 1) * 20) for n in b"bcdefghij")
        + b"]>"
        + written(dossier("A", HoTen="@")).replace(b"@", b"&j;"),
        "a DOCTYPE is not allowed",
    ),
    (written(*[dossier("A")] * 501), "HoSo[501]: more than 500 of them"),
    (b"\xff\xfe garbage </DanhSachHoSo>", "not well-formed XML"),
]


@pytest.mark.parametrize(("content", "said"), BROKEN)
def test_a_broken_file_is_put_aside_and_the_next_ones_are_read(
    bench: Bench, content: bytes, said: str
) -> None:
    """None of a broken file counts; it goes to loi/ beside a text in two languages, no values."""
    plant(bench, 1, written(dossier("before")))
    name = plant(bench, 2, content)
    plant(bench, 3, written(dossier("after")))
    page = bench.adapter.changes(None)
    first, broken, last = page.records
    assert isinstance(first, Record)
    assert isinstance(last, Record)
    assert isinstance(broken, Unreadable)
    assert broken.name == name
    assert said in broken.reason
    bench.adapter.acknowledge(page.token)
    text = bench.path("di", "loi", name.replace(".xml", ".txt")).read_text("utf-8")
    assert bench.path("di", "loi", name).read_bytes() == content
    assert "Không đọc được tệp này" in text
    assert "This file could not be read" in text
    assert broken.reason in text
    assert not any(value in text + broken.reason for value in PERSONAL)
    assert len(bench.listing("di", "da_xu_ly")) == 2
    assert bench.listing("di") == []


def test_the_reason_is_told_in_vietnamese_too(bench: Bench) -> None:
    """The ministry's engineer reads the rule in Vietnamese, with the element's own name."""
    plant(bench, 1, written(dossier("A", NgayTiepNhan="x")))
    bench.adapter.acknowledge(bench.adapter.changes(None).token)
    text = bench.path("di", "loi", f"{DAY}080000000-1.txt").read_text("utf-8")
    assert "DanhSachHoSo/HoSo[1]/NgayTiepNhan: không đúng dạng [0-9]{14}" in text


def test_a_dossier_without_any_number_is_unreadable_and_its_neighbours_are_not(
    bench: Bench,
) -> None:
    """Without SoTiepNhan and MaHoSo nobody knows whose it is; blanks are no number."""
    name = plant(bench, 1, written(dossier("A"), dossier(" ", ""), dossier(None, "H40-1")))
    page = bench.adapter.changes(None)
    nameless = f"! {name}#2: HoSo[2]: has neither SoTiepNhan nor MaHoSo"
    assert shown(page) == ["A", nameless, ""]
    bench.adapter.acknowledge(page.token)
    assert bench.listing("di", "da_xu_ly") == [name]


@pytest.mark.parametrize("fault", [Fault.BOM, Fault.NFD])
def test_a_bom_and_decomposed_letters_are_read(bench: Bench, fault: Fault) -> None:
    """Files with a byte order mark or in NFD are read like any other."""
    bench.ministry.faults.next(fault, operation="change")
    (ref,) = bench.ministry.file_own()
    (record,) = bench.adapter.changes(None).records
    assert isinstance(record, Record)
    assert record.ref == ref
    held = bench.ministry.records()[0]["body"]["NguoiHanhNghe"]["HoTen"]
    assert unicodedata.normalize("NFC", record.body["NguoiHanhNghe"]["HoTen"]) == held


def test_utf_16_and_a_trailing_comment_are_whole_files(bench: Bench) -> None:
    """The closing tag is found in UTF-16, and whatever comments stand around the root."""
    plant(bench, 1, written(dossier("A")).decode().encode("utf-16"))
    around = b"<!-- xuat tu <phan mem> -->\n"
    plant(bench, 2, around + written(dossier("B")) + around * 2)
    assert shown(bench.adapter.changes(None)) == ["A", "B"]


def test_a_file_is_never_split_and_a_page_never_overfull(bench: Bench) -> None:
    """Pages end between files; a file larger than a page is a page of its own."""
    bench.options = {"page_size": 4}
    bench.adapter = bench.another()
    for seq, count in enumerate((3, 1, 2, 7, 1), start=1):
        plant(bench, seq, written(*[dossier(f"{seq}.{n}") for n in range(count)]))
    sizes, cursor, more = [], None, True
    while more:
        page = bench.adapter.changes(cursor)
        sizes.append(len(page.records))
        bench.adapter.acknowledge(page.token)
        cursor, more = page.cursor, page.more
    assert sizes == [4, 2, 7, 1]


def test_a_folder_that_can_not_be_written_keeps_the_files(bench: Bench) -> None:
    """When a file can't be moved, that is said, nothing is lost, and the repeat moves it."""
    name = plant(bench, 1, written(dossier("A")))
    page = bench.adapter.changes(None)
    bench.path("di", "da_xu_ly").write_text("in the way")
    with pytest.raises(Retryable):
        bench.adapter.acknowledge(page.token)
    assert bench.path("di", name).exists()
    bench.path("di", "da_xu_ly").unlink()
    bench.adapter.acknowledge(page.token)
    assert bench.listing("di", "da_xu_ly") == [name]


def test_what_is_no_file_of_the_exchange_is_left_alone(bench: Bench) -> None:
    """Folders, links and other names in di/ are neither read nor moved."""
    bench.ministry.plant(b"x", "readme.txt")
    bench.path("di", "folder.xml").mkdir()
    bench.path("di", "link.xml").symlink_to("/etc/hostname")
    page = bench.adapter.changes(None)
    assert page.records == ()
    bench.adapter.acknowledge(page.token)
    assert bench.path("di", "readme.txt").exists()


def test_a_name_without_a_time_is_read_without_a_time(bench: Bench) -> None:
    """A file whose name tells no possible time is read; its records have no time of day."""
    for name in ("bo-sung.xml", "20261399999999999-1.xml"):
        bench.ministry.plant(written(dossier("A")), name)
        (record,) = bench.adapter.changes(None).records
        assert isinstance(record, Record)
        assert record.at is None
        assert bench.refs() == ["A"]


MEASURE = """
import re, sys
from pathlib import Path
from adapters.yte.incoming import records
from bridge.sdk.xml_stream import closed
def most():
    return int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])
from adapters.yte.outgoing import SCHEMA
SCHEMA.compile()
path = Path(sys.argv[1])
before = most()
with path.open("rb") as file:
    assert closed(file, "DanhSachHoSo")
    found = records(file, path.name)
assert found[0].body["TepDinhKem"] == [{"@ten": "a.pdf", "@loai": "application/pdf", "@sha256": ""}]
print(len(found), (most() - before) * 1024)
"""


def test_a_large_file_is_read_in_a_small_part_of_its_size(bench: Bench) -> None:
    """A 38 MB file of 500 dossiers with papers takes a fresh process less than 12 MB more."""
    attached = {
        "@ten": "a.pdf",
        "@loai": "application/pdf",
        "@sha256": "",
        "#text": "QUJD" * 19_000,
    }
    name = plant(bench, 1, written(*[dossier(f"B{n}", TepDinhKem=[attached]) for n in range(500)]))
    path = bench.path("di", name)
    assert path.stat().st_size > 38_000_000
    told = subprocess.run(
        [sys.executable, "-c", MEASURE, str(path)], capture_output=True, check=True, text=True,
        env={"PYTHONPATH": os.pathsep.join(sys.path)},
    )  # fmt: skip
    count, grown = map(int, told.stdout.split())
    assert count == 500
    assert grown < 12_000_000


def test_duplicated_and_reordered_rows_are_handed_over_as_they_are(bench: Bench) -> None:
    """The engine drops what it has seen; the feed hides nothing."""
    bench.ministry.faults.next(Fault.DUPLICATE, operation="change")
    refs = bench.ministry.file_own(2, Random(1))
    assert bench.refs() == [refs[0], refs[0], refs[1], refs[1]]
    bench.ministry.faults.next(Fault.DUPLICATE, operation="change")
    many = bench.ministry.file_own(300)
    assert sorted(set(bench.refs())) == sorted(many)
    bench.ministry.faults.next(Fault.REORDER, operation="change")
    assert bench.ministry.advance(2) == 2
    assert bench.refs() == refs[::-1]
