"""yte, outwards: one file a version, laid down so that a crash anywhere is harmless."""

from __future__ import annotations

import errno
import os
import unicodedata
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from adapters.yte import plugin
from adapters.yte.folder import LocalFolders
from adapters.yte.options import ServerAddress, server_address
from adapters.yte.rehearsal import YteRehearsal
from bridge.sdk.errors import ContractBroken, InDoubt, Rejected, Retryable
from bridge.sdk.records import Applied, Receipt, Undecided
from bridge.sdk.rehearsal import Fault
from bridge.sdk.xml import parse, to_plain
from tests.contract.yte_bench import CODE, NS, PERSONAL, Bench, body, command, paper

LISTS = {"HoSo", "VanBang", "TepDinhKem"}


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with YteRehearsal(tmp_path / "share", interval=None) as ministry:
        yield Bench(ministry)


def laid(bench: Bench, name: str = f"{CODE}.1.xml") -> dict[str, Any]:
    plain: dict[str, Any] = to_plain(parse(bench.path("den", name).read_bytes()), LISTS)
    return plain


def test_a_dossier_becomes_one_valid_file_and_the_receipt_proves_it(bench: Bench) -> None:
    """A command is one file with one HoSo; it is accepted when laid, confirmed by the receipt."""
    (answer,) = bench.adapter.submit([command()])
    assert answer == Receipt(ref=None, proves=False, note=None)
    assert bench.listing("den") == [f"{CODE}.1.xml"]
    plain = laid(bench)
    dossier = plain["HoSo"][0]
    assert plain["@maDonVi"] == "H40.09"
    assert (dossier["@phienBan"], dossier["MaHoSo"], dossier["TrangThai"]) == ("1", CODE, "MOI")
    assert "SoTiepNhan" not in dossier
    assert dossier["NguoiHanhNghe"]["HoTen"] == PERSONAL[0]
    assert bench.adapter.confirm([command()]) == [None]
    bench.ministry.work()
    (confirmed,) = bench.adapter.confirm([command()])
    assert isinstance(confirmed, Receipt)
    assert confirmed.proves
    assert confirmed.ref == bench.ministry.records()[0]["ref"]


def test_a_later_version_repeats_the_status_received_and_names_the_ref(bench: Bench) -> None:
    """From n = 2 the file says the last status received (MOI when none was) and SoTiepNhan."""
    known = {"TrangThai": "BOSUNG"}
    bench.adapter.submit([command(version=2, ref="BYT-1", known=known)])
    bench.adapter.submit([command(code="H40.09-261120-0002", version=2)])
    bench.adapter.submit([command(code="H40.09-261120-0003", known=known)])
    second = laid(bench, f"{CODE}.2.xml")["HoSo"][0]
    assert (second["@phienBan"], second["TrangThai"], second["SoTiepNhan"]) == (
        "2", "BOSUNG", "BYT-1",
    )  # fmt: skip
    for name in ("H40.09-261120-0002.2.xml", "H40.09-261120-0003.1.xml"):
        assert laid(bench, name)["HoSo"][0]["TrangThai"] == "MOI"


def test_a_supplement_goes_out_as_a_new_version_with_its_papers(
    bench: Bench, tmp_path: Path
) -> None:
    """Documents are streamed into the file as base64, of every length, and proved on the way."""
    papers = [paper(tmp_path, f"d{n}", os.urandom(n)) for n in (0, 1, 2, 3, 65_536, 200_000)]
    documents = {document.id: document for document, _ in papers}
    sent = command(
        version=2, body=body(TepDinhKem=[named for _, named in papers]), documents=documents
    )
    assert bench.adapter.submit([sent])[0] == Receipt(proves=False)
    attached = laid(bench, f"{CODE}.2.xml")["HoSo"][0]["TepDinhKem"]
    assert [b64decode(each["#text"]) for each in attached] == [
        document.path.read_bytes() for document, _ in papers
    ]
    bench.ministry.work()
    assert isinstance(bench.adapter.confirm([sent])[0], Receipt)


def test_a_document_that_is_not_as_told_is_refused_and_nothing_is_left(
    bench: Bench, tmp_path: Path
) -> None:
    """A changed, missing or unknown document refuses the dossier; no file, no temporary file."""
    document, named = paper(tmp_path, "d1", b"x" * 100_000)
    document.path.write_bytes(b"y" * 100_000)
    one = body(TepDinhKem=[named])
    (changed,) = bench.adapter.submit([command(body=one, documents={"d1": document})])
    document.path.unlink()
    (missing,) = bench.adapter.submit([command(body=one, documents={"d1": document})])
    (unknown,) = bench.adapter.submit([command(body=one)])
    for answer in (changed, missing, unknown):
        assert isinstance(answer, Rejected)
        assert (answer.code, answer.field) == ("DOCUMENT", "documents")
        assert "d1" in answer.reason
    assert list(bench.path("den").iterdir()) == []


@pytest.mark.parametrize(
    ("changes", "element"),
    [
        ({"GioiTinh": "X-secret"}, "GioiTinh"),
        ({"NgayTiepNhan": "20261120T08-secret"}, "NgayTiepNhan"),
        ({"VanBang": []}, "NgayTiepNhan"),
        ({"HoTen": None}, "NgaySinh"),
        ({"MauSac": "secret"}, "MauSac"),
    ],
)
def test_what_breaks_the_schema_is_refused_before_anything_is_written(
    bench: Bench, changes: dict[str, Any], element: str
) -> None:
    """An invalid dossier is refused by element, without its values; its neighbours go out."""
    good = command(code="H40.09-261120-0002")
    refused, taken = bench.adapter.submit([command(body=body(**changes)), good])
    assert isinstance(refused, Rejected)
    assert (refused.code, refused.field) == ("XSD", element)
    assert "secret" not in refused.reason
    assert isinstance(taken, Receipt)
    assert bench.listing("den") == ["H40.09-261120-0002.1.xml"]


def test_a_control_character_is_refused_by_its_element(bench: Bench) -> None:
    """A text that XML can't carry names its element and nothing else."""
    (refused,) = bench.adapter.submit([command(body=body(HoTen="An\x0bBình"))])
    assert isinstance(refused, Rejected)
    assert (refused.code, refused.field) == ("XML", "HoTen")
    assert "Bình" not in refused.reason


@pytest.mark.parametrize(
    "code", ["../../etc/x", "a/b", ".hidden", "", "H40 09", "H40\n", "Đ40-1", "x" * 201, "a\\b"]
)
def test_a_code_that_is_no_file_name_is_refused(bench: Bench, code: str) -> None:
    """A dossier code can't lead out of the folder or make a name that some system refuses."""
    (refused,) = bench.adapter.submit([command(code=code)])
    assert isinstance(refused, Rejected)
    assert (refused.code, refused.field) == ("FILE_NAME", "MaHoSo")
    (confirmed,) = bench.adapter.confirm([command(code=code)])
    assert isinstance(confirmed, Rejected)
    assert list(bench.path("den").iterdir()) == []


class Spied(LocalFolders):
    """Folders that tell the order of what was done to them, and fail when told."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.done: list[str] = []
        self.fail: dict[str, int] = {}

    def _note(self, what: str) -> None:
        self.done.append(what)
        number = self.fail.get(what)
        if number is not None:
            raise OSError(number, os.strerror(number))

    def reveal(self, folder: str, name: str) -> None:
        self._note(f"reveal {name}")
        super().reveal(folder, name)

    def sync(self, folder: str) -> None:
        self._note(f"sync {folder}")
        super().sync(folder)


def spy(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> Spied:
    folders = Spied(bench.ministry.root)
    monkeypatch.setattr(bench.adapter, "_folders", folders)
    real = os.fsync

    def fsync(number: int) -> None:
        target = Path(f"/proc/self/fd/{number}").readlink()
        if target.is_file():
            folders._note(f"fsync {target.name}")
        real(number)

    monkeypatch.setattr(os, "fsync", fsync)
    return folders


def test_a_batch_is_written_synced_renamed_and_the_folder_synced_once(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every file is synced before any gets its name, and one sync of the folder ends it."""
    folders = spy(bench, monkeypatch)
    bench.adapter.submit([command(code="A"), command(code="B")])
    assert folders.done == [
        "fsync .A.1.xml.tmp", "fsync .B.1.xml.tmp", "reveal A.1.xml", "reveal B.1.xml", "sync den",
    ]  # fmt: skip


@pytest.mark.parametrize("step", ["fsync .A.1.xml.tmp", "reveal A.1.xml"])
@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.ENOSPC, "the disk is full"),
        (errno.EROFS, "read-only"),
        (errno.EIO, "does not answer"),
    ],
)
def test_a_failure_before_the_rename_is_not_sent(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, step: str, number: int, words: str
) -> None:
    """An error up to the rename is known not applied: retryable, no trace, neighbours go out."""
    spy(bench, monkeypatch).fail[step] = number
    failed, taken = bench.adapter.submit([command(code="A"), command(code="B")])
    assert isinstance(failed, Retryable)
    assert failed.reason.startswith("den: ")
    assert words in failed.reason
    assert isinstance(taken, Receipt)
    assert [each.name for each in bench.path("den").iterdir()] == ["B.1.xml"]


def test_a_folder_that_can_not_be_synced_leaves_doubt(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the rename was made but may not survive, the command is in doubt, not refused."""
    spy(bench, monkeypatch).fail["sync den"] = errno.EIO
    (answer,) = bench.adapter.submit([command()])
    assert isinstance(answer, InDoubt)


def test_a_missing_share_is_unreachable_and_comes_back(bench: Bench) -> None:
    """Without the share every call says so and nothing is lost; with it, work goes on."""
    bench.ministry.down()
    (answer,) = bench.adapter.submit([command()])
    (confirmed,) = bench.adapter.confirm([command()])
    assert isinstance(answer, Retryable)
    assert answer.unreachable
    assert "den" in answer.reason
    assert isinstance(confirmed, Retryable)
    with pytest.raises(Retryable, match="di: the folder is not there"):
        bench.adapter.changes(None)
    bench.ministry.up()
    assert isinstance(bench.adapter.submit([command()])[0], Receipt)


def test_killed_between_writing_and_renaming(bench: Bench) -> None:
    """A temporary file left by a killed process is never taken, and the repeat replaces it."""
    tmp = bench.path("den", f".{CODE}.1.xml.tmp")
    tmp.write_bytes(b"<DanhSachHoSo>half")
    assert bench.ministry.work() == 0
    again = replace(command(), attempt=2, sent_before=True)
    (answer,) = bench.another().submit([again])
    assert answer == Receipt(proves=False)
    assert not tmp.exists()
    bench.ministry.work()
    assert isinstance(bench.adapter.confirm([again])[0], Receipt)
    assert len(bench.ministry.records()) == 1


def test_killed_between_renaming_and_answering(bench: Bench) -> None:
    """The repeat of a file that lies there unread leaves that very file alone."""
    bench.adapter.submit([command()])
    before = bench.path("den", f"{CODE}.1.xml").stat()
    again = replace(command(), sent_before=True)
    (answer,) = bench.another().submit([again])
    assert isinstance(answer, Receipt)
    assert answer.note == "the same file lies there already"
    after = bench.path("den", f"{CODE}.1.xml").stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert bench.listing("den") == [f"{CODE}.1.xml"]


def test_other_content_under_the_same_name_is_replaced(bench: Bench) -> None:
    """What lies there under our name with other content is replaced in one step."""
    bench.path("den", f"{CODE}.1.xml").write_bytes(b"<old/>")
    bench.adapter.submit([replace(command(), sent_before=True)])
    assert laid(bench)["HoSo"][0]["MaHoSo"] == CODE
    assert bench.listing("den") == [f"{CODE}.1.xml"]


def test_killed_after_the_ministry_took_it(bench: Bench) -> None:
    """When the receipt is there, the repeat writes nothing and the receipt confirms it."""
    bench.adapter.submit([command()])
    bench.ministry.work()
    again = replace(command(), attempt=2)
    (answer,) = bench.another().submit([again])
    assert isinstance(answer, Receipt)
    assert not answer.proves
    assert bench.listing("den") == []
    (confirmed,) = bench.adapter.confirm([again])
    assert isinstance(confirmed, Receipt)
    assert bench.ministry.records()[0]["updates"] == 0


def test_taken_but_no_receipt_yet_makes_no_second_record(bench: Bench) -> None:
    """Laid down again while the receipt is late, the dossier is still one record."""
    bench.ministry.faults.next(Fault.SLOW, operation="take")
    bench.adapter.submit([command()])
    bench.ministry.work()
    assert bench.listing("den") == []
    assert isinstance(bench.adapter.probe(command()), Undecided)
    bench.adapter.submit([replace(command(), sent_before=True)])
    bench.ministry.work()
    bench.ministry.release()
    assert isinstance(bench.adapter.confirm([command()])[0], Receipt)
    assert len(bench.ministry.records()) == 1
    assert bench.ministry.duplicates() == []


def test_a_lost_receipt_comes_with_the_repeat(bench: Bench) -> None:
    """A receipt lost for good is written when the same file is laid down again."""
    bench.ministry.faults.next(Fault.LOST_ANSWER, operation="take")
    bench.adapter.submit([command()])
    bench.ministry.work()
    assert bench.adapter.confirm([command()]) == [None]
    bench.adapter.submit([replace(command(), sent_before=True)])
    bench.ministry.work()
    assert isinstance(bench.adapter.confirm([command()])[0], Receipt)
    assert len(bench.ministry.records()) == 1


def test_a_receipt_with_another_number_is_noticed(bench: Bench) -> None:
    """A receipt without a number keeps the one known; with another, the note says so."""
    path = bench.path("xacnhan", f"{CODE}.1.xml")
    known = replace(command(), ref="BYT-1")
    path.write_bytes(receipt(f"{TEP}<KetQua>1</KetQua>"))
    assert bench.adapter.confirm([known]) == [Receipt("BYT-1")]
    path.write_bytes(receipt(f"{TEP}<KetQua>1</KetQua><SoTiepNhan> BYT-2 </SoTiepNhan>"))
    assert bench.adapter.confirm([known]) == [
        Receipt("BYT-2", note="the receipt names another SoTiepNhan")
    ]


def test_the_ministrys_refusal_keeps_its_code_words_and_field(bench: Bench) -> None:
    """KetQua 0 is a refusal with MaLoi, LyDo and the element that the words name."""
    bench.ministry.refuse("E17", "Trường NgaySinh không khớp với CSDL dân cư")
    bench.adapter.submit([command()])
    bench.ministry.work()
    (refused,) = bench.adapter.confirm([command()])
    assert isinstance(refused, Rejected)
    assert (refused.code, refused.field) == ("E17", "NgaySinh")
    assert refused.reason == "Trường NgaySinh không khớp với CSDL dân cư"


def test_a_strict_ministry_refuses_what_the_schema_lets_through(bench: Bench) -> None:
    """An impossible birth date passes the schema and comes back as a refusal of its element."""
    sent = command(body=body(NgaySinh="19900231"))
    bench.adapter.submit([sent])
    bench.ministry.work()
    (refused,) = bench.adapter.confirm([sent])
    assert isinstance(refused, Rejected)
    assert refused.field == "NgaySinh"


def receipt(inside: str, root: str = "XacNhan") -> bytes:
    return f'<{root} xmlns="{NS}">{inside}</{root}>'.encode()


TEP = f"<Tep>{CODE}.1.xml</Tep>"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        receipt(f"{TEP}<KetQua>1</KetQua>")[:-3],
        receipt(f"{TEP}<KetQua>1")[:60],
        b'<?xml version="1.0"?>',
    ],
)
def test_a_half_written_receipt_is_waited_for(bench: Bench, content: bytes) -> None:
    """Without its closing tag a receipt has not been said yet."""
    bench.path("xacnhan", f"{CODE}.1.xml").write_bytes(content)
    assert bench.adapter.confirm([command()]) == [None]


def test_a_receipt_written_half_is_read_when_it_is_whole(bench: Bench) -> None:
    """The half a slow ministry wrote says nothing; the whole confirms."""
    bench.ministry.faults.next(Fault.TRUNCATED, operation="receipt")
    bench.adapter.submit([command()])
    bench.ministry.work()
    assert bench.adapter.confirm([command()]) == [None]
    bench.ministry.release()
    assert isinstance(bench.adapter.confirm([command()])[0], Receipt)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (receipt(f"{TEP}<KetQua>secret</KetQua>"), "KetQua: not one of '1', '0'"),
        (receipt(TEP), "lacks KetQua"),
        (receipt("<Tep>other.1.xml</Tep><KetQua>1</KetQua>"), "Tep names another file"),
        (b"<!DOCTYPE x>" + receipt(f"{TEP}<KetQua>1</KetQua>"), "DOCTYPE"),
        (receipt(f"{TEP}<KetQua>1</KetQua><LyDo>&secret;</LyDo>"), "undeclared entity"),
    ],
)
def test_a_receipt_that_breaks_the_schema_is_a_broken_contract(
    bench: Bench, content: bytes, said: str
) -> None:
    """Such a receipt is told by file, place and rule, never by its content."""
    bench.path("xacnhan", f"{CODE}.1.xml").write_bytes(content)
    (answer,) = bench.adapter.confirm([command()])
    assert isinstance(answer, ContractBroken)
    assert f"xacnhan/{CODE}.1.xml" in answer.evidence
    assert said in answer.evidence
    assert "secret" not in answer.evidence


@pytest.mark.parametrize("fault", [Fault.BOM, Fault.NFD])
def test_receipts_with_a_bom_or_in_nfd_are_read(bench: Bench, fault: Fault) -> None:
    """A byte order mark and decomposed letters change nothing."""
    bench.ministry.faults.next(fault, operation="receipt")
    bench.adapter.submit([command()])
    bench.ministry.work()
    assert isinstance(bench.adapter.confirm([command()])[0], Receipt)


def test_a_body_in_nfd_goes_out_whole(bench: Bench) -> None:
    """Decomposed letters in a body are carried as they are."""
    name = unicodedata.normalize("NFD", PERSONAL[0])
    bench.adapter.submit([command(body=body(HoTen=name))])
    assert laid(bench)["HoSo"][0]["NguoiHanhNghe"]["HoTen"] == name


def test_confirming_costs_the_same_in_a_full_folder(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Among 20,000 receipts a confirmation opens the one file it needs and lists nothing."""
    for number in range(20_000):
        (bench.path("xacnhan") / f"H40.09-261119-{number:06d}.1.xml").touch()
    bench.adapter.submit([command()])
    bench.ministry.work()

    def refuse(*_: object) -> None:
        raise AssertionError("the folder was listed")

    for name in ("scandir", "listdir"):
        monkeypatch.setattr(os, name, refuse)
    opened: list[str] = []
    real = Path.open

    def count(self: Path, *given: Any, **named: Any) -> Any:
        opened.append(self.name)
        return real(self, *given, **named)

    monkeypatch.setattr(Path, "open", count)
    (confirmed,) = bench.adapter.confirm([command()])
    assert isinstance(confirmed, Receipt)
    assert opened == [f"{CODE}.1.xml"]


def test_a_probe_says_applied_or_does_not_know(bench: Bench) -> None:
    """A probe sees the file and its receipt; finding neither proves nothing."""
    assert isinstance(bench.adapter.probe(command()), Undecided)
    bench.adapter.submit([command()])
    assert isinstance(bench.adapter.probe(command()), Applied)
    bench.ministry.work()
    assert isinstance(bench.adapter.probe(command()), Applied)
    plugin.capabilities.verify("yte")
    assert not plugin.capabilities.probes


def test_no_error_holds_a_personal_value(bench: Bench, tmp_path: Path) -> None:
    """Whatever is refused, no name, number or phone stands in the words."""
    _, named = paper(tmp_path, "d1", b"x")
    broken = [
        body(NgayTiepNhan=PERSONAL[0]), body(GioiTinh=PERSONAL[1]), body(TepDinhKem=[named]),
        body(HoTen=f"{PERSONAL[0]}\x01"), body(MaTTHC=None), body(Email=[PERSONAL[0]] * 2),
    ]  # fmt: skip
    for number, each in enumerate(broken):
        (answer,) = bench.adapter.submit([command(code=f"C{number}", body=each)])
        assert isinstance(answer, Rejected)
        assert not any(value in str(answer) for value in PERSONAL)


SERVER = {"sftp": "sftp://motcua@example.vn/yte", "key": "k", "known_hosts": "h"}


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"key": "k"}, "name either root.*or sftp"),
        ({"root": "x", **SERVER}, "name either root.*or sftp"),
        ({"root": "x", "known_hosts": "h"}, "known_hosts: goes with sftp"),
        ({"root": "x", "passphrase": "p"}, "passphrase: goes with sftp"),
        ({**SERVER, "key": None}, "key: is required with sftp"),
        ({**SERVER, "known_hosts": None}, "known_hosts: is required with sftp"),
        *(
            ({**SERVER, "sftp": address}, "expected an address such as sftp://user@host:port/path")
            for address in (
                "ftp://a@b/c", "sftp://b/c", "sftp://a@/c", "sftp://a@b:x/c", "sftp://a@b:99999/c",
                "sftp://a@b:0/c", "sftp://a@b/c?d", "sftp://a@b/c#d", "sftp://[a@b/c", "a@b:c", "",
            )
        ),
        ({**SERVER, "sftp": "sftp://a:secret@b/c"}, "no password in the address"),
    ],
)  # fmt: skip
def test_the_folders_are_in_exactly_one_place(options: dict[str, Any], said: str) -> None:
    """Exactly one of root and sftp, and with sftp a key and known_hosts: else it is said."""
    with pytest.raises(ValidationError, match=said):
        plugin.options.model_validate({"agency": "H40", **options})


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("sftp://a@B.vn/c/d/", ServerAddress("a", "b.vn", 22, "/c/d")),
        ("sftp://a%40b@c:2022", ServerAddress("a@b", "c", 2022, "/")),
        ("sftp://a@[::1]:22/y%20t%E1%BA%BF", ServerAddress("a", "::1", 22, "/y tế")),
    ],
)
def test_an_address_is_read_as_a_url(text: str, read: ServerAddress) -> None:
    """Port 22 unless told, the path absolute, what a URL can't hold written as %20."""
    assert server_address(text) == read


def test_options_are_closed_and_relative_roots_start_at_the_configuration() -> None:
    """An unknown option is an error; so is a missing root or agency."""
    for options in ({"root": "x"}, {"agency": "H40"}, {"root": "x", "agency": "y", "rot": "z"}):
        with pytest.raises(ValidationError):
            plugin.options.model_validate(options)


def test_check_finds_what_is_missing_and_writes_nothing_that_stays(bench: Bench) -> None:
    """A sound exchange passes every check, leaving no file; a missing folder is named."""
    bench.path("di", "da_xu_ly").mkdir()
    findings = list(bench.adapter.check())
    assert all(each.ok for each in findings if each.name != "space"), findings
    assert {"write den", "write di", "write di/da_xu_ly", "rename into di/da_xu_ly"} <= {
        each.name for each in findings
    }
    assert [each for each in bench.ministry.root.rglob("*") if each.is_file()] == []
    bench.path("xacnhan").rmdir()
    assert [each.name for each in bench.adapter.check() if not each.ok] == ["folder xacnhan"]
    bench.ministry.down()
    assert not any(each.ok for each in bench.adapter.check())
    bench.ministry.up()
