"""What a new user starts from: the systems ``init`` writes, and the options left to fill in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bridge.sdk.registry import Registry
from bridge.settings.example import bridge_text, system_text

__all__ = ["ONESTOP", "STARTERS", "Starter", "example_files"]

ONESTOP = "onestop_sql"


@dataclass(frozen=True, slots=True)
class Starter:
    """One system: its line in Vietnamese, its procedures, and the options nobody can guess."""

    adapter: str
    summary: str
    procedures: tuple[str, ...]
    options: Mapping[str, Any]


STARTERS = (
    Starter(
        "dvcqg",
        "Mọi hồ sơ và tiến độ được đồng bộ lên cổng. Điền địa chỉ, tài khoản, mã đơn vị, rồi đặt "
        "enabled = true.",
        ("*",),
        {
            "base_url": "https://lgsp.example.vn/dvcqg",
            "username": "h40",
            "password": {"env": "DVCQG_PASSWORD"},
            "agency": "000.00.00.H40",
        },
    ),
    Starter(
        "gplx",
        "Dịch vụ SOAP, hai chiều. Điền địa chỉ và tài khoản, rồi đặt enabled = true.",
        ("1.002835", "1.002809"),
        {
            "address": "https://gplx.example.vn/soap",
            "username": "motcua",
            "password": {"env": "GPLX_PASSWORD"},
        },
    ),
    Starter(
        "lltp",
        "Lý lịch tư pháp qua trục LGSP, hai chiều. Điền địa chỉ, tài khoản và mã đơn vị, rồi đặt "
        "enabled = true.",
        ("2.000488",),
        {
            "base_url": "https://lgsp.example.vn/apiLyLichTuPhap",
            "token_url": "https://lgsp.example.vn/token",
            "client_id": "h40",
            "client_secret": {"env": "LLTP_SECRET"},
            "agency": "H40-STP",
        },
    ),
    Starter(
        "hotich",
        "Đăng ký khai sinh qua trục LGSP, hai chiều. Điền địa chỉ, tài khoản và mã đơn vị, rồi đặt "
        "enabled = true.",
        ("1.001193",),
        {
            "base_url": "https://lgsp.example.vn/apiHoTich",
            "token_url": "https://lgsp.example.vn/token",
            "client_id": "h40",
            "client_secret": {"env": "HOTICH_SECRET"},
            "agency": 36,
        },
    ),
    Starter(
        "dkkd",
        "Đăng ký doanh nghiệp qua trục LGSP, chỉ đọc về. Điền địa chỉ và tài khoản, rồi đặt "
        "enabled = true.",
        ("2.001610",),
        {
            "base_url": "https://lgsp.example.vn/apiDangKyDoanhNghiep",
            "token_url": "https://lgsp.example.vn/token",
            "client_id": "h40",
            "client_secret": {"env": "DKKD_SECRET"},
        },
    ),
    Starter(
        "yte",
        "Trao đổi tệp XML qua thư mục hoặc máy chủ SFTP, hai chiều. Điền thư mục (root), hoặc thay "
        "bằng máy chủ (sftp, key, known_hosts), và mã đơn vị, rồi đặt enabled = true.",
        ("1.003709",),
        {"root": "var/yte", "agency": "H40.09"},
    ),
)


def example_files(registry: Registry, onestop_url: str | None = None) -> dict[str, str]:
    """Return the files of a new configuration: path from its folder → text.

    Raises:
        UnknownPlugin: an adapter that comes with the bridge is not installed, or is broken.
    """
    onestop = registry.onestop(ONESTOP)
    files = {"bridge.toml": bridge_text(onestop.options, onestop_url)}
    for starter in STARTERS:
        plugin = registry.ministry(starter.adapter)
        values = {
            "name": starter.adapter,
            "adapter": starter.adapter,
            "enabled": False,
            "procedures": list(starter.procedures),
        }
        files[f"systems/{starter.adapter}.toml"] = system_text(
            plugin.title, starter.summary, plugin, values, starter.options
        )
    return files
