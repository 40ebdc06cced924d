"""What the portal publishes of procedures, page by page and row by row."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from adapters.dvcqg.rehearsal_catalogue import PROCEDURES
from bridge.sdk.catalogue import CatalogueSource, Procedure, ProcedurePage, Withdrawn
from bridge.sdk.errors import ContractBroken, Retryable
from tests.contract.dvcqg_bench import NOW, Bench, Portal

ROW: dict[str, Any] = {**PROCEDURES[0]}


@pytest.fixture
def portal() -> Iterator[Portal]:
    with Portal() as portal:
        yield portal


@pytest.fixture
def bench(portal: Portal) -> Iterator[Bench]:
    bench = Bench(portal)
    yield bench
    bench.close()


def shown(bench: Bench, portal: Portal, *rows: Any) -> ProcedurePage:
    """Return what the adapter makes of a page with these rows."""
    portal.says("LayDanhSachTTHC", {"error_code": 0, "result": list(rows)})
    return bench.adapter.procedures(None, 1)


def read_all(bench: Bench, since: datetime | None = None) -> list[str]:
    """Return the codes of every page, to the end."""
    codes: list[str] = []
    page = 1
    while (got := bench.adapter.procedures(since, page)).more:
        codes += [one.code for one in got.procedures]
        page += 1
    return codes


def test_it_offers_what_it_declares(bench: Bench) -> None:
    """``catalogue`` is declared, and the adapter is a source of one."""
    assert bench.adapter.capabilities.catalogue
    assert isinstance(bench.adapter, CatalogueSource)


def test_every_procedure_comes_once_over_its_pages(bench: Bench, portal: Portal) -> None:
    """A hundred a page at most, and an empty page is the end."""
    for number in range(150):
        portal.catalogue.publish(f"3.{number:06}", NOW, **{**ROW, "MATTHC": f"3.{number:06}"})
    codes = read_all(bench)
    assert len(codes) == len(set(codes)) == 150 + len(PROCEDURES)


def test_only_what_was_published_since_is_asked_for(bench: Bench, portal: Portal) -> None:
    """``tungay`` is the wall clock of Vietnam in fourteen digits."""
    portal.catalogue.publish("1.002809", NOW, TENTTHC="Tên khác")
    assert read_all(bench, NOW) == ["1.002809"]
    assert read_all(bench, NOW + timedelta(seconds=1)) == []
    assert portal.sent[-1]["tungay"] == "20261120091501"
    assert (portal.sent[-1]["trang"], portal.sent[-1]["soluong"]) == ("1", "100")


def test_a_row_is_read_as_it_is_meant(bench: Bench, portal: Portal) -> None:
    """Numbers are texts, accents may be decomposed, and what is empty is not said."""
    row = {**ROW, "MATTHC": "\ufeff1.002835.000.00.00.H40", "THOIHAN": "2.50", "PHI": ""}
    decomposed = {key: unicodedata.normalize("NFD", value) for key, value in row.items()}
    assert shown(bench, portal, decomposed).procedures == [
        Procedure(
            code="1.002835",
            local_code="1.002835.000.00.00.H40",
            name="Cấp mới giấy phép lái xe",
            sector_code="G09-GT01",
            sector_name="Đường bộ",
            agency="Sở Giao thông vận tải",
            processing_time="2.5",
            processing_unit="working_day",
            fee=None,
        )
    ]


@pytest.mark.parametrize(
    ("text", "unit"),
    [("Ngày  làm việc", "working_day"), ("NGÀY", "day"), ("giờ", "hour"), ("Tháng", "month")],
)
def test_the_unit_of_time_is_told_by_its_name(
    bench: Bench, portal: Portal, text: str, unit: str
) -> None:
    """Blanks and capitals do not matter."""
    (one,) = shown(bench, portal, {**ROW, "DONVITINH": text}).procedures
    assert isinstance(one, Procedure)
    assert one.processing_unit == unit


def test_a_withdrawn_procedure_needs_nothing_but_its_code(bench: Bench, portal: Portal) -> None:
    """Any ``TRANGTHAI`` but 1 withdraws it."""
    rows = [{"MATTHC": "1.002835", "TRANGTHAI": 0}, {"MATTHC": "1.002809", "TRANGTHAI": "2"}]
    assert shown(bench, portal, *rows).procedures == [Withdrawn("1.002835"), Withdrawn("1.002809")]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("MATTHC", "thủ tục"), ("MATTHC", ""), ("TENTTHC", " "), ("MALINHVUC", None),
        ("TENLINHVUC", ""), ("COQUAN", ""), ("TRANGTHAI", ""), ("TRANGTHAI", None),
        ("THOIHAN", "mười"), ("PHI", "135.000"), ("PHI", "-1"), ("DONVITINH", "tuần"),
    ],
)  # fmt: skip
def test_a_row_that_says_nothing_usable_is_named_and_its_neighbours_are_read(
    bench: Bench, portal: Portal, field: str, value: Any
) -> None:
    """The field is told; a missing ``TRANGTHAI`` withdraws nothing, a fee is not guessed at."""
    page = shown(bench, portal, {**ROW, field: value}, PROCEDURES[1])
    assert [one.field for one in page.unreadable] == [field]
    assert field in page.unreadable[0].reason
    assert [one.code for one in page.procedures] == ["1.002809"]


def test_a_list_that_is_refused_or_fails_is_no_empty_list(bench: Bench, portal: Portal) -> None:
    """-3, -99 and a result that is none are errors, never an end of the list."""
    portal.says("LayDanhSachTTHC", {"error_code": "-3", "message": "không có quyền"})
    with pytest.raises(ContractBroken, match="-3"):
        bench.adapter.procedures(None, 1)
    portal.fail("LayDanhSachTTHC")
    with pytest.raises(Retryable):
        bench.adapter.procedures(None, 1)
    portal.says("LayDanhSachTTHC", {"error_code": 0, "result": None})
    with pytest.raises(ContractBroken):
        bench.adapter.procedures(None, 1)
