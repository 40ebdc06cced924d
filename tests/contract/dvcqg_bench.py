"""What the tests of dvcqg share: bodies as the mapping lowers them, commands, and a portal."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

from adapters.dvcqg import plugin
from adapters.dvcqg.adapter import DvcqgAdapter
from adapters.dvcqg.rehearsal import DvcqgRehearsal
from bridge.sdk.adapter import AdapterContext
from bridge.sdk.errors import AdapterError
from bridge.sdk.records import Action, Answer, Command, Receipt
from bridge.sdk.rehearsal import Fault, Request, Response

NOW = datetime(2026, 11, 20, 2, 15, tzinfo=UTC)
PERSONAL = ("Nguyễn Văn Mẫu", "036090000001", "0900000001", "mau@example.vn")


def code(number: int = 1) -> str:
    return f"H40.05-261120-{number:04}"


def body(number: int = 1, **changes: Any) -> dict[str, Any]:
    """Return a dossier as the mapping lowers it."""
    return {
        "MaHoSo": code(number),
        "MaTTHC": "1.002835",
        "TenTTHC": "Cấp mới giấy phép lái xe",
        "MaLinhVuc": "G09-GT01",
        "TenLinhVuc": "Đường bộ",
        "KenhThucHien": "1",
        "ChuHoSo": PERSONAL[0],
        "LoaiDoiTuong": "1",
        "MaDoiTuong": "",
        "Email": PERSONAL[3],
        "SoDienThoai": PERSONAL[2],
        "TrichYeuHoSo": "",
        "NgayNopHoSo": "20261120090000",
        "NgayTiepNhan": "20261120091500",
        "NgayHenTra": "20261127170000",
        "TrangThaiHoSo": "2",
        "NgayTuChoi": "",
        "NgayKetThucXuLy": "",
        "NgayTra": "",
        "HinhThuc": "0",
        "DonViXuLy": "Sở Mẫu",
        "GhiChu": "",
        "NoiNopHoSo": "2",
        "HoSoCoThanhPhanSoHoa": "1",
        "TaiKhoanDuocXacThucVoiVNeID": "0",
        "DuocThanhToanTrucTuyen": "0",
        "DinhDanhCHS": [{"LoaiDinhDanh": "1", "SoDinhDanh": PERSONAL[1]}],
        "TaiLieuNop": [],
        "DanhSachLePhi": [
            {
                "TenPhiLePhi": "Lệ phí",
                "MaPhiLePhi": "LP1",
                "HinhThucThu": "1",
                "Gia": "135000",
                "LoaiPhiLePhi": "1",
            }
        ],
        "DanhSachHoSoBoSung": [],
        "DanhSachGiayToKetQua": [],
        **changes,
    }


def dossier(number: int = 1, action: Action = Action.CREATE, **changes: Any) -> Command:
    """Return a command that creates, or updates, a dossier."""
    return Command(f"key-{number}", action, code(number), None, body(number, **changes))


def update(number: int = 1, **changes: Any) -> Command:
    """Return a command that updates a dossier."""
    return dossier(number, Action.UPDATE, **changes)


def step_body(number: int = 1, status: int = 4, **changes: Any) -> dict[str, Any]:
    """Return a step as the mapping lowers it."""
    return {
        "MaHoSo": code(number),
        "NguoiXuLy": "Trần Thị Thử",
        "ThoiDiemXuLy": f"202611201000{status:02}",
        "PhongBanXuLy": "Phòng Mẫu",
        "NoiDungXuLy": "Đang xử lý",
        "TrangThai": str(status),
        **changes,
    }


def step(number: int = 1, status: int = 4, **changes: Any) -> Command:
    """Return a command that appends a step."""
    lowered = step_body(number, status, **changes)
    return Command(f"step-{number}-{status}", Action.STEP, code(number), code(number), lowered)


class Portal(DvcqgRehearsal):
    """The rehearsal, which also answers a service once with what a test makes up.

    ``sent`` holds what was asked of it, oldest first; ``route`` the last ``dstcode`` and path.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.sent: list[dict[str, Any]] = []
        self.route: tuple[str | None, str] = (None, "")
        self._made_up: dict[str, deque[bytes]] = {}

    def says(self, service: str, *answers: Mapping[str, Any] | bytes) -> None:
        """Answer the next calls of a service with these; nothing is applied by them."""
        made = (one if isinstance(one, bytes) else orjson.dumps(one) for one in answers)
        self._made_up.setdefault(service, deque()).extend(made)

    def answer(self, request: Request, fault: Fault | None) -> Response:
        self.route = (request.headers.get("dstcode"), request.path)
        self.sent.append(orjson.loads(request.body))
        waiting = self._made_up.get(self.operation(request))
        return Response(waiting.popleft()) if waiting else super().answer(request, fault)

    def services(self) -> list[str]:
        """Return what was called, without logins, oldest first."""
        return [one["service"] for one in self.sent if "service" in one]

    def batches(self) -> list[tuple[str | None, list[str]]]:
        """Return ``isUpdating`` (None: steps) and the codes of every write, oldest first."""
        return [
            (one.get("isUpdating"), [row["MaHoSo"] for row in one["data"]])
            for one in self.sent
            if "data" in one
        ]


def built(
    options: Mapping[str, Any], *, timeout: float = 5.0, folder: Path | None = None
) -> DvcqgAdapter:
    """Return an adapter as the engine builds it."""
    context = AdapterContext("dvcqg", folder or Path(), timeout, 4, lambda: NOW)
    adapter = plugin.build(plugin.options.model_validate(dict(options)), context)
    assert isinstance(adapter, DvcqgAdapter)
    return adapter


@dataclass
class Bench:
    """A portal that serves, and an adapter that speaks to it."""

    portal: Portal
    timeout: float = 5.0
    adapter: DvcqgAdapter = field(init=False)

    def __post_init__(self) -> None:
        """Build the adapter."""
        self.adapter = built(self.options, timeout=self.timeout)

    @property
    def options(self) -> dict[str, Any]:
        """The options under which the portal is reached."""
        return {**self.portal.options(), **self.portal.secrets()}

    def send(self, *commands: Command) -> list[Answer]:
        """Return the answers to one call's commands."""
        return list(self.adapter.submit(commands))

    def filed(self, *numbers: int) -> None:
        """Have dossiers there, and forget how they came."""
        assert good(self.send(*(dossier(one) for one in numbers or (1,))))
        self.forget()

    def forget(self) -> None:
        """Forget what was called so far."""
        self.portal.sent.clear()
        self.portal.calls.clear()

    def held(self) -> dict[str, dict[str, Any]]:
        """Return what the portal holds, by code."""
        return {one["code"]: one for one in self.portal.records()}

    def shown(self, number: int = 1) -> list[str]:
        """Return the statuses of the steps the portal shows for a dossier."""
        return [one["TrangThai"] for one in self.held()[code(number)]["steps"]]

    def close(self) -> None:
        """Let go of the connections."""
        self.adapter.close()


def good(answers: Sequence[Answer]) -> bool:
    """Tell whether every command was taken."""
    return all(isinstance(one, Receipt) for one in answers)


def kinds(answers: Sequence[Answer]) -> list[type[Answer]]:
    """Return what each command came to."""
    return [type(one) for one in answers]


def text_of(answer: Answer) -> str:
    """Return the words of an error."""
    assert isinstance(answer, AdapterError)
    return answer.reason
