"""Files that gplx and yte issue, as their adapters hand them on: once more, in pieces, on demand."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch

import pytest

from adapters.gplx.rehearsal import GplxRehearsal
from adapters.onestop_sql.placing import place
from adapters.yte.rehearsal import YteRehearsal
from bridge.sdk.errors import ContractBroken, Retryable
from bridge.sdk.onestop import OneStopFault
from bridge.sdk.records import Record
from bridge.sdk.rehearsal_paper import InventedPaper, invented_paper
from bridge.sdk.results import ResultFault, ResultSource
from tests.contract import gplx_bench, yte_bench
from tests.contract.sftp_ministry import SftpMinistry

FIRST = invented_paper("a.pdf", "Bản (một) \\ đầu")
SECOND = InventedPaper("a.pdf", b"%PDF ban hai")
LARGE = InventedPaper("lon.pdf", bytes(9_000_000))


@pytest.fixture
def gplx() -> Iterator[gplx_bench.Bench]:
    with GplxRehearsal() as ministry:
        made = gplx_bench.Bench(ministry)
        yield made
        made.close()


@pytest.fixture(params=["folder", "sftp"])
def yte(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[yte_bench.Bench]:
    there = tmp_path / "share"
    made = YteRehearsal(there, interval=None)
    if request.param == "sftp":
        made = SftpMinistry(there, interval=None)
    with made as ministry:
        secrets = ministry.secrets() if isinstance(ministry, SftpMinistry) else {}
        bench = yte_bench.Bench(ministry, options=dict(secrets))
        yield bench
        bench.adapter.close()


def content(source: ResultSource, record: Record, paper: InventedPaper) -> bytes:
    return b"".join(source.result(record, paper.sha256))


# --- gplx ----------------------------------------------------------------------------------------


def test_gplx_shows_each_version_with_its_own_files(gplx: gplx_bench.Bench) -> None:
    """Also once it was replaced there; by its number alone, the record as it is now."""
    (ref,) = gplx.ministry.file_own()
    for paper in (FIRST, SECOND, LARGE):
        gplx.ministry.issue(ref, paper)
    _, first, second, last = gplx.feed()
    assert "NoiDung" not in first.body["TaiLieu"][0]
    assert content(gplx.adapter, first, FIRST) == FIRST.content
    assert content(gplx.adapter, second, SECOND) == SECOND.content
    assert content(gplx.adapter, last, LARGE) == LARGE.content
    assert content(gplx.adapter, Record(ref, {}), SECOND) == SECOND.content
    for record, paper in ((first, SECOND), (Record(ref, {}), FIRST), (Record("x", {}), FIRST)):
        with pytest.raises(ContractBroken):
            content(gplx.adapter, record, paper)


def test_gplx_may_list_no_more_than_the_last_change_of_a_record(gplx: gplx_bench.Bench) -> None:
    """An older version is not listed any more: what it showed is looked for in the record of now."""
    (ref,) = gplx.ministry.file_own()
    gplx.ministry.issue(ref, FIRST)
    gplx.ministry.issue(ref, InventedPaper("b.pdf", b"%PDF b"))
    _, first, _ = gplx.feed()
    del gplx.ministry._register._log[:-1]
    assert content(gplx.adapter, first, FIRST) == FIRST.content


def test_a_broken_content_spoils_no_record_of_gplx(gplx: gplx_bench.Bench) -> None:
    """It is no base64: the record is read wherever it is shown, and the file is told by itself."""
    (ref,) = gplx.ministry.file_own(MaHoSoMotCua=gplx_bench.CODE)
    gplx.ministry.issue(ref, FIRST, NoiDung="không phải base64")
    record = gplx.feed()[-1]
    assert record.body["TaiLieu"][0]["Sha256"] == FIRST.sha256
    assert gplx.adapter.fetch(ref) is not None
    assert getattr(gplx.adapter.probe(gplx_bench.command()), "ref", None) == ref
    with pytest.raises(ContractBroken, match="no base64"):
        content(gplx.adapter, record, FIRST)


def test_what_gplx_issued_makes_no_update_unproved(gplx: gplx_bench.Bench, tmp_path: Path) -> None:
    """An update leaves it there, and a probe for that update finds it applied all the same."""
    document, lowered = gplx_bench.paper(tmp_path, "don.pdf")
    body = gplx_bench.body(TaiLieu=[lowered])
    sent = gplx_bench.command(body=body, documents={document.id: document})
    ref = getattr(gplx.send(sent), "ref", "")
    gplx.ministry.move(ref, "CP")
    update = gplx_bench.update(
        ref, body={**body, "TrangThai": "TR"}, documents={document.id: document}
    )
    gplx.send(update)
    (record,) = gplx.ministry.records()
    assert [one["TenTep"] for one in record["body"]["TaiLieu"]] == ["don.pdf", f"{ref}.pdf"]
    assert getattr(gplx.adapter.probe(update), "ref", None) == ref


# --- yte -----------------------------------------------------------------------------------------


def test_yte_finds_a_file_where_it_was_put(yte: yte_bench.Bench) -> None:
    """Before it is acknowledged and after; also where its name came twice; gone or away is told."""
    (ref,) = yte.ministry.file_own()
    for paper in (FIRST, SECOND):
        yte.ministry.issue(ref, paper)
    page = yte.adapter.changes(None)
    first, second = [one for one in page.records if isinstance(one, Record)][1:]
    assert "#text" not in first.body["TepDinhKem"][0]
    assert content(yte.adapter, first, FIRST) == FIRST.content
    yte.adapter.acknowledge(page.token)
    archive = yte.path("di", "da_xu_ly")
    assert content(yte.adapter, second, SECOND) == SECOND.content
    names = [str(one.body["@tep"]) for one in (first, second)]
    (archive / names[1]).rename(archive / names[0].replace(".xml", "~2.xml"))
    again = Record(ref, {"@tep": names[0]})
    assert content(yte.adapter, again, SECOND) == SECOND.content
    for name, paper in ((names[1], SECOND), (names[0], LARGE), ("", FIRST)):
        with pytest.raises(ContractBroken):
            content(yte.adapter, Record(ref, {"@tep": name}), paper)
    yte.path("di").rename(yte.path("away"))
    with pytest.raises(Retryable):
        content(yte.adapter, second, SECOND)


def test_a_very_large_attachment_stops_no_file_of_yte(yte: yte_bench.Bench) -> None:
    """Past libxml2's limit for a text: its record and its neighbours are read, and it can be had."""
    (ref,) = yte.ministry.file_own()
    yte.ministry.issue(ref, LARGE)
    yte.ministry.file_own()
    _, record, neighbour = yte.adapter.changes(None).records
    assert isinstance(record, Record)
    assert isinstance(neighbour, Record)
    assert content(yte.adapter, record, LARGE) == LARGE.content


# --- the folder ----------------------------------------------------------------------------------

MEASURE = """
import re, sys
from base64 import b64encode
from pathlib import Path
from adapters.onestop_sql.placing import place
from bridge.sdk.xml_content import blocks_of, shown_content
def most():
    return int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])
path, folder = Path(sys.argv[1]), Path(sys.argv[2])
before = most()
with path.open("rb") as file:
    place(folder, folder / "a" / "b.pdf", sys.argv[3], 10**9,
          shown_content(blocks_of(file), "T", "sha256", sys.argv[3]))
print((most() - before) * 1024)
"""


def test_a_file_is_taken_in_without_being_held(tmp_path: Path) -> None:
    """27 MB of base64 to 20 MB on the disk: a fresh process takes less than 4 MB more for it."""
    paper = InventedPaper("a.pdf", bytes(20_000_000))
    document = tmp_path / "in.xml"
    document.write_text(f"<A><T sha256='{paper.sha256}'>{paper.base64}</T></A>")
    arguments = [sys.executable, "-c", MEASURE, str(document), str(tmp_path), paper.sha256]
    told = subprocess.run(arguments, capture_output=True, check=True, text=True)
    assert (tmp_path / "a" / "b.pdf").stat().st_size == 20_000_000
    assert int(told.stdout) < 4_000_000


def test_a_place_holds_the_whole_file_or_nothing(tmp_path: Path) -> None:
    """Wrong, too large, cut off: nothing is left. What a crash left, or is broken, is replaced.

    What is whole already may never have been made to last, so it is before anything is said of it.
    """
    target = tmp_path / "a" / "b.pdf"
    sha256 = SECOND.sha256

    def broken() -> Iterator[bytes]:
        yield b"%PDF"
        raise Retryable("cut off")

    with pytest.raises(ResultFault, match="sha256"):
        place(tmp_path, target, sha256, 100, [b"other"])
    with pytest.raises(ResultFault, match=r"larger than 9.537e-07 MB"):
        place(tmp_path, target, sha256, 1, [SECOND.content])
    with pytest.raises(Retryable):
        place(tmp_path, target, sha256, 100, broken())
    assert list(target.parent.iterdir()) == []
    target.with_name(".b.pdf.1.tmp").write_bytes(b"left")
    target.write_bytes(b"half")
    assert place(tmp_path, target, sha256, 100, [SECOND.content]) == len(SECOND.content)
    with patch("adapters.onestop_sql.placing._sync") as synced:
        assert place(tmp_path, target, sha256, 100, broken()) == len(SECOND.content)
    synced.assert_called_once_with(target.parent)
    assert [one.name for one in target.parent.iterdir()] == ["b.pdf"]
    with pytest.raises(OneStopFault, match="documents folder"):
        place(tmp_path / "away", tmp_path / "away" / "x", sha256, 100, [SECOND.content])
    assert not (tmp_path / "away").exists()
