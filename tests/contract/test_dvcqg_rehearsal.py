"""The pretend portal is as strict as the contract says, all or nothing, and forgets nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from adapters.dvcqg import plugin
from adapters.dvcqg.adapter import DvcqgAdapter
from adapters.dvcqg.client import DvcqgClient
from adapters.dvcqg.rehearsal import DvcqgRehearsal
from bridge.sdk.rehearsal import Rehearsal
from tests.contract.dvcqg_bench import Bench, Portal, body, code, dossier, good, step, step_body

DOSSIERS, STEPS = "DongBoHoSoMC", "CapNhatTienDoHoSoMC"


@pytest.fixture
def bench() -> Iterator[Bench]:
    with Portal() as portal:
        made = Bench(portal)
        yield made
        made.close()


@pytest.fixture
def wire(bench: Bench) -> DvcqgClient:
    """The services as they are, past the adapter's own care."""
    adapter: DvcqgAdapter = bench.adapter
    return adapter._client


def sent(wire: DvcqgClient, *bodies: Any, updating: object = "False") -> tuple[str, str]:
    """Send dossiers; return ``error_code`` as text, and ``message``."""
    answer = wire.call(DOSSIERS, write=True, isUpdating=updating, data=list(bodies))
    return str(answer["error_code"]), answer["message"]


def appended(wire: DvcqgClient, *bodies: Any) -> tuple[str, str]:
    """Send steps; return ``error_code`` as text, and ``message``."""
    answer = wire.call(STEPS, write=True, data=list(bodies))
    return str(answer["error_code"]), answer["message"]


def test_it_is_a_rehearsal_like_the_others() -> None:
    """The plug-in names it, and it can be asked all that the demo asks."""
    assert plugin.rehearsal is DvcqgRehearsal
    portal: Rehearsal = DvcqgRehearsal()
    assert (portal.name, portal.records(), portal.duplicates()) == ("dvcqg", [], [])
    assert (portal.advance(), portal.file_own(3)) == (0, [])
    portal.stop()


FEE = {"TenPhiLePhi": "a", "MaPhiLePhi": "b", "HinhThucThu": "1", "Gia": "1", "LoaiPhiLePhi": "1"}
REQUIRED = [
    "MaHoSo", "MaTTHC", "TenTTHC", "MaLinhVuc", "TenLinhVuc", "KenhThucHien", "ChuHoSo",
    "LoaiDoiTuong", "NgayNopHoSo", "NgayTiepNhan", "TrangThaiHoSo", "HinhThuc", "DonViXuLy",
    "NoiNopHoSo", "HoSoCoThanhPhanSoHoa", "TaiKhoanDuocXacThucVoiVNeID", "DuocThanhToanTrucTuyen",
]  # fmt: skip
WRONG: list[tuple[dict[str, Any], str]] = [
    *(({name: ""}, f"Thiếu {name}") for name in REQUIRED),
    ({"GhiChu": 1}, "GhiChu phải là chuỗi"),
    ({"GhiChu": None}, "GhiChu phải là chuỗi"),
    ({"KenhThucHien": "4"}, "KenhThucHien không đúng danh mục"),
    ({"LoaiDoiTuong": "5"}, "LoaiDoiTuong không đúng danh mục"),
    ({"TrangThaiHoSo": "11"}, "TrangThaiHoSo không đúng danh mục"),
    ({"HinhThuc": "2"}, "HinhThuc không đúng danh mục"),
    ({"NoiNopHoSo": "3"}, "NoiNopHoSo không đúng danh mục"),
    ({"DuocThanhToanTrucTuyen": "3"}, "DuocThanhToanTrucTuyen không đúng danh mục"),
    ({"NgayHenTra": "2026-11-27"}, "NgayHenTra không đúng dạng yyyyMMddHHmmss"),
    ({"NgayTra": "20261127"}, "NgayTra không đúng dạng yyyyMMddHHmmss"),
    ({"MaHoSo": "x" * 51}, "MaHoSo dài quá 50"),
    ({"ChuHoSo": "x" * 501}, "ChuHoSo dài quá 500"),
    ({"TrichYeuHoSo": "x" * 1001}, "TrichYeuHoSo dài quá 1000"),
    ({"TaiLieuNop": ""}, "TaiLieuNop phải là danh sách"),
    ({"TaiLieuNop": ["x"]}, "TaiLieuNop không đúng dạng"),
    ({"TaiLieuNop": [{"TenTepDinhKem": "a"}]}, "Thiếu DuongDanTaiTepTin"),
    ({"TaiLieuNop": [{"TenTepDinhKem": "a", "DuongDanTaiTepTin": "b", "IsDeleted": "1"}]},
     "IsDeleted không đúng danh mục"),
    ({"DanhSachLePhi": [{**FEE, "MaPhiLePhi": ""}]}, "Thiếu MaPhiLePhi"),
    ({"DanhSachLePhi": [{**FEE, "Gia": 5}]}, "DanhSachLePhi không đúng dạng"),
    ({"DinhDanhCHS": [{"LoaiDinhDanh": "3", "SoDinhDanh": "1"}]},
     "LoaiDinhDanh không đúng danh mục"),
    ({"DanhSachHoSoBoSung": [{"NgayBoSung": "hôm qua"}]},
     "NgayBoSung không đúng dạng yyyyMMddHHmmss"),
    ({"DanhSachGiayToKetQua": [{"TenGiayTo": "a"}]}, "Thiếu DuongDanTepTinKetQua"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "message"), WRONG, ids=[message for _, message in WRONG])
def test_it_refuses_what_the_contract_forbids(
    bench: Bench, wire: DvcqgClient, change: dict[str, Any], message: str
) -> None:
    """One wrong dossier refuses the batch with -1, and the good one beside it is not there."""
    assert sent(wire, body(2), body(**change)) == ("-1", message)
    assert not bench.held()


@pytest.mark.parametrize(
    ("name", "length"), [("MaHoSo", 50), ("ChuHoSo", 500), ("TrichYeuHoSo", 1000)]
)
def test_it_takes_a_text_as_long_as_its_limit(wire: DvcqgClient, name: str, length: int) -> None:
    """The limit itself is allowed."""
    assert sent(wire, body() | {name: "ê" * length})[0] == "0"


def test_optional_fields_may_be_missing(wire: DvcqgClient) -> None:
    """Only what the contract marks as required must be there."""
    assert sent(wire, {name: body()[name] for name in REQUIRED})[0] == "0"


@pytest.mark.parametrize("updating", ["true", "", None, True, 1])
def test_is_updating_is_the_text_true_or_false(wire: DvcqgClient, updating: object) -> None:
    """Any other spelling refuses the call."""
    assert sent(wire, body(), updating=updating)[0] == "-1"


def test_a_call_beyond_the_batch_is_refused(bench: Bench, wire: DvcqgClient) -> None:
    """Fifty dossiers and ten steps are taken, one more is not, nor is none at all."""
    assert sent(wire, *(body(n) for n in range(1, 52)))[0] == "-1"
    assert sent(wire)[0] == "-1"
    assert sent(wire, *(body(n) for n in range(1, 51)))[0] == "0"
    assert appended(wire, *(step_body(n) for n in range(1, 12)))[0] == "-1"
    assert appended(wire)[0] == "-1"
    assert appended(wire, *(step_body(n) for n in range(1, 11)))[0] == "0"
    assert len(bench.held()) == 50


def test_one_dossier_twice_in_a_batch_is_refused(bench: Bench, wire: DvcqgClient) -> None:
    """The portal takes a code once a call."""
    assert sent(wire, body(), body(2), body())[0] == "-1"
    assert not bench.held()


def test_what_is_there_is_not_created_and_what_is_not_there_not_updated(
    bench: Bench, wire: DvcqgClient
) -> None:
    """Both are refused under -3 or 3 with their words, and change nothing."""
    bench.filed(1)
    refusal, message = sent(wire, body(2), body(GhiChu="mới"))
    assert (refusal, message.casefold().split()[-2:]) == ("-3", ["to\u0302\u0300n", "ta\u0323i"])
    assert sent(wire, body(), body(2), updating="True") == ("3", "Hồ sơ không tồn tại")
    assert bench.held()[code()]["body"] == body()
    assert list(bench.held()) == [code()]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        *(({name: ""}, f"Thiếu {name}") for name in step_body() if name != "PhongBanXuLy"),
        ({"NguoiXuLy": "x" * 51}, "NguoiXuLy dài quá 50"),
        ({"ThoiDiemXuLy": "10:00"}, "ThoiDiemXuLy không đúng dạng yyyyMMddHHmmss"),
        ({"NgayBatDau": "20"}, "NgayBatDau không đúng dạng yyyyMMddHHmmss"),
        ({"TrangThai": "0"}, "TrangThai không đúng danh mục"),
        ({"TrangThai": 4}, "TrangThai phải là chuỗi"),
        ({"MaHoSo": "H40.05-261120-0009"}, "MaHoSo chưa có"),
    ],
)
def test_it_refuses_a_wrong_step(
    bench: Bench, wire: DvcqgClient, change: dict[str, Any], message: str
) -> None:
    """One wrong step refuses the call, and the good one before it is not shown."""
    bench.filed(1)
    assert appended(wire, step_body(), step_body(**change)) == ("-1", message)
    assert bench.shown(1) == []


def test_a_step_sent_twice_is_shown_twice(bench: Bench) -> None:
    """Steps are appended without a thought, and the rehearsal tells on it."""
    bench.filed(1, 2)
    assert good(bench.send(step(1, 4), step(2, 4), step(2, 5)))
    assert bench.portal.duplicates() == []
    assert good(bench.send(step(1, 4)))
    assert (bench.shown(1), bench.portal.duplicates()) == (["4", "4"], [code(1)])


def test_a_session_counts_and_so_does_the_unit(bench: Bench, wire: DvcqgClient) -> None:
    """No call is served under a session that is not alive, or for another province."""
    wire.login()
    wire._session = "cũ"
    bench.portal.says("login", {"error_code": 0, "session": "giả"})
    assert sent(wire, body())[0] == "-2"
    wire._session = None
    wire._options = wire._options.model_copy(update={"agency": "000.00.00.H41"})
    assert sent(wire, body()) == ("-1", "madonvi không đúng")


def test_records_tell_what_the_tests_ask(bench: Bench) -> None:
    """One record a dossier: number, national status, body, updates and steps."""
    bench.filed(1)
    bench.send(dossier(1, TrangThaiHoSo="4"))
    bench.send(step(1, 4))
    assert bench.portal.records() == [
        {
            "ref": code(),
            "code": code(),
            "status": 4,
            "body": body(TrangThaiHoSo="4"),
            "updates": 1,
            "steps": [step_body()],
        }
    ]


def test_somebody_may_change_a_dossier_by_hand(bench: Bench) -> None:
    """``move`` gives it a status and a note, for what compares both sides to find."""
    bench.filed(1)
    bench.portal.move(code(), "9", "sửa tay")
    held = bench.held()[code()]
    assert (held["status"], held["body"]["GhiChu"], held["updates"]) == (9, "sửa tay", 0)


def test_it_refuses_what_it_is_told_to(bench: Bench, wire: DvcqgClient) -> None:
    """A code in ``refused`` is refused in the words given, until it is taken out."""
    bench.portal.refused[code()] = "SoDienThoai không đúng"
    assert sent(wire, body(2), body()) == ("-1", "SoDienThoai không đúng")
    del bench.portal.refused[code()]
    assert sent(wire, body(2), body())[0] == "0"


def test_a_refusal_names_the_dossier_only_when_told_to() -> None:
    """``names_bad`` puts the code into the message."""
    with Portal(names_bad=True) as portal:
        bench = Bench(portal)
        assert sent(bench.adapter._client, body(2), body(MaTTHC="")) == (
            "-1", f"Thiếu MaTTHC ({code()})",
        )  # fmt: skip
        bench.close()


def test_the_catalogue_comes_in_pages(wire: DvcqgClient) -> None:
    """``LayDanhSachTTHC`` gives each procedure once over its pages, ``LayThuTuc`` one of them."""
    pages = [
        wire.call("LayDanhSachTTHC", write=False, trang=page, soluong=2)["result"]
        for page in ("1", "2", "3")
    ]
    listed = [row["MATTHC"] for page in pages for row in page]
    assert (len(pages[0]), pages[2]) == (2, [])
    assert len(set(listed)) == len(listed) > 2
    (one,) = wire.call("LayThuTuc", write=False, maTTHC=listed[0])["result"]
    assert (one["MATTHC"], len(one["LINHVUCTHUCHIEN"])) == (listed[0], 1)
    assert wire.call("LayThuTuc", write=False, maTTHC="9.9")["result"] == []


@pytest.mark.parametrize("asked", [{"soluong": 101}, {"soluong": 0}, {"trang": 0}, {"trang": "x"}])
def test_a_page_beyond_the_contract_is_refused(wire: DvcqgClient, asked: dict[str, Any]) -> None:
    """At most a hundred rows a page, and pages count from one."""
    answer = wire.call("LayDanhSachTTHC", write=False, **asked)
    assert answer["error_code"] == "-1"


def test_an_unknown_service_is_refused(wire: DvcqgClient) -> None:
    """What the contract does not name is not served."""
    assert wire.call("XoaHoSo", write=True)["error_code"] == "-1"
