"""gplx, inwards: every change once, in order, past what can't be read; one record; days; check."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import respx
from pydantic import ValidationError

from adapters.gplx import plugin
from adapters.gplx.options import PACKAGED, GplxOptions
from adapters.gplx.rehearsal import GplxRehearsal
from bridge.sdk.adapter import AdapterContext
from bridge.sdk.errors import AdapterError, ContractBroken, Retryable
from bridge.sdk.records import Record, Unreadable
from bridge.sdk.rehearsal import Fault
from bridge.sdk.times import VIETNAM
from tests.contract.gplx_bench import CODE, PERSONAL, Bench, body, built, command, paper, update

ADDRESS = "http://127.0.0.1:9/soap"
OPTIONS = {"address": ADDRESS, "username": "motcua", "password": "x"}
RECORD = """<HoSo><SoTiepNhan>{ref}</SoTiepNhan><MaThuTuc>1.002835</MaThuTuc><NguoiNop>
<HoTen>Nguyễn Thị Bình An</HoTen><NgaySinh>1990</NgaySinh><GioiTinh>Nữ</GioiTinh>
<LoaiGiayTo>CCCD</LoaiGiayTo><SoGiayTo>036190000001</SoGiayTo></NguoiNop><HangGPLX>B</HangGPLX>
<NgayTiepNhan>{received}</NgayTiepNhan></HoSo>"""


@pytest.fixture
def bench() -> Iterator[Bench]:
    with GplxRehearsal() as ministry:
        made = Bench(ministry)
        yield made
        made.close()


def row(version: object, ref: str, received: str = "2026-11-20T09:15:00+07:00") -> str:
    """Return one ThayDoi."""
    record = RECORD.format(ref=ref, received=received)
    at = "2026-11-20T10:00:00"
    return f"<ThayDoi><PhienBan>{version}</PhienBan><ThoiDiem>{at}</ThoiDiem>{record}</ThayDoi>"


def listed(*rows: str, more: str = "<ConNua>false</ConNua>") -> None:
    """Let the ministry answer with these rows."""
    inner = "".join(rows) + more
    content = (
        '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>'
        f'<DanhSachThayDoiKetQua xmlns="urn:onestop:gplx:v1">{inner}</DanhSachThayDoiKetQua>'
        "</s:Body></s:Envelope>"
    )
    respx.post(ADDRESS).mock(httpx.Response(200, content=content.encode()))


# --- the feed ------------------------------------------------------------------------------------


def test_every_change_comes_once_and_in_order(bench: Bench) -> None:
    """A dossier's filing, its steps and our own update are rows of growing 64-bit versions."""
    ref = bench.filed()
    bench.ministry.move(ref, "XL")
    bench.send(update(ref))
    bench.ministry.move(ref, "BS", "Thiếu ảnh")
    page = bench.adapter.changes(None)
    records = [one for one in page.records if isinstance(one, Record)]
    assert [one.body["TrangThai"] for one in records] == ["TN", "XL", "XL", "BS"]
    versions = [one.version for one in records if one.version]
    assert versions == sorted(set(versions))
    assert versions[0] > 2**32
    assert (page.cursor, page.more) == (versions[-1], False)
    assert bench.adapter.changes(page.cursor).records == ()
    assert bench.adapter.changes(page.cursor).cursor == page.cursor


def test_pages_hold_200_and_lead_on(bench: Bench) -> None:
    """450 changes come in three pages, none twice and none left out."""
    refs = bench.ministry.file_own(450)
    pages = [bench.adapter.changes(None)]
    while pages[-1].more:
        pages.append(bench.adapter.changes(pages[-1].cursor))
    assert [len(page.records) for page in pages] == [200, 200, 50]
    found = [one.ref for page in pages for one in page.records if isinstance(one, Record)]
    assert found == refs


def test_a_record_is_plain_and_light(bench: Bench, tmp_path: Path) -> None:
    """A body is nested texts, dates as ISO text; a file is told by its hash, not its content."""
    document, lowered = paper(tmp_path, "don.pdf")
    bench.filed(body=body(TaiLieu=[lowered]), documents={document.id: document})
    (record,) = bench.feed()
    assert record.body["NgayTiepNhan"] == "2026-11-20T09:15:00+07:00"
    assert record.body["NguoiNop"] == body()["NguoiNop"]
    del lowered["NoiDung"]
    assert record.body["TaiLieu"] == [lowered]
    assert record.at is not None
    assert abs(record.at - datetime.now(UTC)) < timedelta(minutes=1)


def test_a_dossier_keyed_only_there_has_no_code(bench: Bench) -> None:
    """What the ministry's own counter took comes in the same feed, without MaHoSoMotCua."""
    (ref,) = bench.ministry.file_own(HoTen="Đỗ Văn Thử")
    (record,) = bench.feed()
    assert record.ref == ref
    assert "MaHoSoMotCua" not in record.body
    assert record.body["NguoiNop"]["HoTen"] == "Đỗ Văn Thử"


@pytest.mark.parametrize("fault", [Fault.DUPLICATE, Fault.REORDER])
def test_rows_that_come_twice_or_in_disorder_do_no_harm(bench: Bench, fault: Fault) -> None:
    """Every row is handed over, by version, and the cursor is the greatest of them."""
    bench.ministry.file_own(5)
    bench.ministry.faults.next(fault)
    page = bench.adapter.changes(None)
    versions = [one.version for one in page.records if isinstance(one, Record)]
    assert versions == sorted(versions, key=lambda one: one or 0)
    assert len(set(versions)) == 5
    assert page.cursor == versions[-1]


def test_decomposed_text_is_handed_over_readable(bench: Bench) -> None:
    """A page in NFD has the same records; what their text is folded to is the mapping's affair."""
    bench.filed()
    bench.ministry.faults.next(Fault.NFD)
    (record,) = bench.feed()
    assert unicodedata.normalize("NFC", record.body["NguoiNop"]["HoTen"]) == PERSONAL[0]


def test_a_broken_record_is_set_aside_and_its_neighbours_are_read(bench: Bench) -> None:
    """A row that breaks the schema is named by its number and rule; the cursor passes it."""
    refs = bench.ministry.file_own(3, HoTen=PERSONAL[0])
    bench.ministry.faults.next(Fault.WRONG_SCHEMA)
    page = bench.adapter.changes(None)
    broken, *others = page.records
    assert isinstance(broken, Unreadable)
    assert broken.name == refs[0]
    assert "HoSo/NgayTiepNhan: not a valid" in broken.reason
    assert not [value for value in (*PERSONAL, "hôm qua") if value in broken.reason]
    assert [one.ref for one in others if isinstance(one, Record)] == refs[1:]
    assert page.cursor == others[-1].version  # type: ignore[union-attr]


def test_a_very_large_file_does_not_stop_the_feed(bench: Bench, tmp_path: Path) -> None:
    """A file past libxml2's limit for a text is dropped on the way in, wherever it is read."""
    _, lowered = paper(tmp_path, "scan.pdf")
    held = {**lowered, "NoiDung": "AAAA" * 2_600_000}
    (ref,) = bench.ministry.file_own(MaHoSoMotCua=CODE, TaiLieu=[held])
    (neighbour,) = bench.ministry.file_own()
    record, other = bench.feed()
    fetched, found = bench.adapter.fetch(ref), bench.adapter.probe(command())
    assert (record.ref, other.ref) == (ref, neighbour)
    assert record.body["TaiLieu"][0]["Sha256"] == lowered["Sha256"]
    assert fetched is not None
    assert fetched.body == record.body == getattr(found, "body", None)


@respx.mock
def test_rows_that_can_not_be_named_are_named_by_place() -> None:
    """Without a number that looks like one, a bad row is told by its place in the page."""
    listed(
        row(3, "GPLX-3"),
        row(1, "").replace("<SoTiepNhan></SoTiepNhan>", ""),
        row(2, PERSONAL[0], received="hôm qua"),
    )
    adapter = built(OPTIONS)
    unnamed, odd, good = adapter.changes(None).records
    adapter.close()
    assert unnamed == Unreadable("ThayDoi[2]", "ThayDoi[2]: lacks SoTiepNhan")
    assert isinstance(odd, Unreadable)
    assert odd.name == "ThayDoi[3]"
    assert isinstance(good, Record)
    assert good.at == datetime(2026, 11, 20, 10, tzinfo=VIETNAM)


@respx.mock
@pytest.mark.parametrize("more", ["", "<ConNua>có</ConNua>", "<ConNua>true</ConNua><KhongCo/>"])
def test_a_page_that_is_none_is_not_half_believed(more: str) -> None:
    """When the page itself breaks the schema, not a row of it, the same cursor is asked again."""
    listed(row(1, "GPLX-1"), more=more)
    adapter = built(OPTIONS)
    with pytest.raises(ContractBroken):
        adapter.changes(None)
    adapter.close()


@respx.mock
def test_a_feed_that_does_not_move_is_not_followed() -> None:
    """More without a newer version would be asked for ever: the round ends there."""
    listed(row(7, "GPLX-1"), more="<ConNua>1</ConNua>")
    adapter = built(OPTIONS)
    assert adapter.changes(6).more
    stuck = adapter.changes(7)
    adapter.close()
    assert (stuck.cursor, stuck.more) == (7, False)


@pytest.mark.parametrize(
    "fault", [Fault.ERROR_500, Fault.CUT_BEFORE, Fault.TRUNCATED, Fault.HTML_200, Fault.PAGE_503]
)
def test_a_lost_page_is_asked_for_again(bench: Bench, fault: Fault) -> None:
    """A page that could not be had raises; the same cursor then gives the same page."""
    bench.ministry.file_own(2)
    bench.ministry.faults.next(fault)
    with pytest.raises(AdapterError):
        bench.adapter.changes(None)
    assert len(bench.feed()) == 2


def test_acknowledging_is_nothing(bench: Bench) -> None:
    """The cursor is all there is: acknowledge may come twice and calls nobody."""
    bench.adapter.acknowledge(None)
    bench.adapter.acknowledge("x")
    assert not bench.ministry.calls


# --- one record, and days ------------------------------------------------------------------------


def test_a_record_is_fetched_by_its_number(bench: Bench) -> None:
    """LayHoSo gives the record as the feed last gave it; an unknown number gives nothing."""
    ref = bench.filed()
    (last,) = bench.feed()
    assert bench.adapter.fetch(ref) == replace(last, at=None)
    assert bench.adapter.fetch("GPLX-26-9999999") is None


def test_a_fetched_record_that_is_another_is_refused(bench: Bench) -> None:
    """An answer about another dossier than the one asked for is broken, not believed."""
    ref, other = bench.filed(), bench.filed(code="H40.05-261120-0002")
    bench.ministry._register._entries[ref].body = bench.held(other)
    with pytest.raises(ContractBroken, match="is not the one asked for"):
        bench.adapter.fetch(ref)


def test_days_are_listed_page_by_page(bench: Bench) -> None:
    """By day of reception in Hanoi, both days included, 100 a page, from page 1."""
    for day in ("19", "20", "21", "22"):
        bench.ministry.file_own(70, NgayTiepNhan=f"2026-11-{day}T00:30:00+07:00")
    bench.ministry.file_own(1, NgayTiepNhan="2026-11-21T18:00:00Z")
    since, until = date(2026, 11, 20), date(2026, 11, 21)
    first = bench.adapter.list(since, until, None)
    second = bench.adapter.list(since, until, first.cursor)
    assert (len(first.records), first.more) == (100, True)
    assert (len(second.records), second.more) == (40, False)
    found = {one.ref for one in (*first.records, *second.records) if isinstance(one, Record)}
    assert len(found) == 140
    assert all(isinstance(one, Record) and one.version is None for one in first.records)


def test_a_broken_record_in_a_list_is_set_aside(bench: Bench) -> None:
    """A list by day keeps the neighbours of a bad record too."""
    bench.ministry.file_own(3, NgayTiepNhan="2026-11-20T08:00:00+07:00")
    bench.ministry.faults.next(Fault.WRONG_SCHEMA)
    page = bench.adapter.list(date(2026, 11, 20), date(2026, 11, 20), None)
    assert [type(one) for one in page.records] == [Unreadable, Record, Record]


# --- options, check, threads ---------------------------------------------------------------------


def test_options_are_closed_and_the_wsdl_is_ours_by_default(tmp_path: Path) -> None:
    """An unknown key is an error, the password is no text, a WSDL path starts at the folder."""
    with pytest.raises(ValidationError):
        GplxOptions.model_validate({**OPTIONS, "wsdl_url": "x"})
    options = GplxOptions.model_validate(OPTIONS)
    assert "'x'" not in repr(options)
    assert options.wsdl_file(tmp_path) == PACKAGED
    named = GplxOptions.model_validate({**OPTIONS, "wsdl": "contracts/gplx.wsdl"})
    assert named.wsdl_file(tmp_path) == tmp_path / "contracts" / "gplx.wsdl"


def test_the_packaged_wsdl_is_the_contract() -> None:
    """The plug-in offers all it needs, and its WSDL has the six operations of the contract."""
    assert plugin.name == "gplx"
    assert set(plugin.safe_faults) >= {"DuLieuSai", "KhongTimThay", "DangBaoTri", "QuaTai"}
    assert PACKAGED.read_text(encoding="utf-8").count("<soap:operation ") == 6


@respx.mock
@pytest.mark.parametrize("address", [ADDRESS, f"{ADDRESS}/", "http://127.0.0.1:9/"])
def test_the_address_is_called_as_it_is_written(address: str) -> None:
    """A slash at the end of the address is neither added nor dropped."""
    route = respx.post(url__eq=address).mock(httpx.Response(500))
    adapter = built({**OPTIONS, "address": address})
    with pytest.raises(Retryable):
        adapter.changes(None)
    adapter.close()
    assert route.called


def findings(bench: Bench, **options: Any) -> dict[str, tuple[bool, str]]:
    """Return the findings of a check by name."""
    adapter = built({**bench.options, **options})
    found = {one.name: (one.ok, one.detail) for one in adapter.check()}
    adapter.close()
    return found


def test_check_finds_all_well(bench: Bench) -> None:
    """With everything in order, contract, address, login and clock are well."""
    found = findings(bench)
    assert list(found) == ["wsdl", "address", "login", "clock"]
    assert all(ok for ok, _ in found.values())


def test_check_tells_what_is_wrong(bench: Bench, tmp_path: Path) -> None:
    """A wrong password, a dead address and an odd WSDL are told apart, and none raises."""
    assert not findings(bench, password="khác")["login"][0]
    bench.ministry.faults.next(Fault.ERROR_500)
    assert findings(bench)["login"] == (False, "not tried: HTTP 500")
    assert not findings(bench, wsdl=tmp_path / "none.wsdl")["wsdl"][0]
    less = tmp_path / "less.wsdl"
    text = PACKAGED.read_text(encoding="utf-8")
    less.write_text(
        text.replace('operation name="LayHoSo"', 'operation name="DocHoSo"'), encoding="utf-8"
    )
    assert findings(bench, wsdl=less)["wsdl"] == (False, "lacks LayHoSo")
    bench.ministry.down()
    assert list(findings(bench)) == ["wsdl", "address"]
    assert not findings(bench)["address"][0]


def test_check_compares_the_clocks(bench: Bench) -> None:
    """A ministry an hour away from the engine's clock is a finding."""
    late = AdapterContext("gplx", Path(), 5, 1, lambda: datetime.now(UTC) - timedelta(hours=1))
    adapter = plugin.build(plugin.options.model_validate(bench.options), late)
    found = {one.name: one for one in adapter.check()}
    adapter.close()
    assert not found["clock"].ok
    assert found["clock"].detail.startswith("+3")


def test_threads_share_one_adapter(bench: Bench) -> None:
    """Eight threads file 80 dossiers through one adapter: 80 records, each with its own number."""
    codes = [f"H40.05-261120-{number:04d}" for number in range(80)]
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda code: bench.send(command(code=code)), codes))
    held = {one["code"]: one["ref"] for one in bench.ministry.records()}
    assert [getattr(answer, "ref", None) for answer in answers] == [held[code] for code in codes]
    assert not bench.ministry.duplicates()


def test_closing_twice_is_harmless(bench: Bench) -> None:
    """An adapter can be closed before it was used, and again after."""
    adapter = built(bench.options)
    adapter.close()
    adapter.close()


def test_our_code_is_found_whatever_else_the_ministry_lists(bench: Bench) -> None:
    """A look-up by code that lists another code's record too is not fooled by it."""
    ref = bench.filed()
    register = bench.ministry._register
    other = bench.filed(code="H40.05-261120-0002")
    register._by_code[CODE].insert(0, register._entries[other])
    found = bench.adapter.probe(command())
    assert getattr(found, "ref", None) == ref
    assert getattr(found, "count", None) == 1
