"""What the pretend ministry refuses: contracts/systems.md, "hotich", field by field."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bridge.sdk.errors import ContractBroken
from bridge.sdk.xml import parse, to_plain

from .client import day_of
from .document import SCHEMA
from .faults import NO_UNIT, WRONG
from .rehearsal_lists import ETHNIC_GROUPS, NATIONALITIES, on_list

__all__ = ["MODULES", "Refusal", "opened", "refusal"]

MODULES = ("KS", "KH", "KT")
LONGEST_CODE = 50

REQUIRED = ("nksHoTen", "nycHoTen")


class Refusal(Exception):  # noqa: N818 - what the ministry says, not a fault of the program
    """An answer with ``status`` 0: the code, and what is wrong (never the value)."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def refusal(asked: Mapping[str, Any], agency: int) -> Refusal | None:
    """Return why the ministry refuses the envelope of a dossier, None when it takes it."""
    return next(_refusals(asked, agency), None)


def _refusals(asked: Mapping[str, Any], agency: int) -> Iterator[Refusal]:
    if type(asked.get("maDonVi")) is not int or asked["maDonVi"] != agency:
        yield Refusal(NO_UNIT, "Mã đơn vị không đúng")
    module, code = asked.get("module"), asked.get("maHoSo")
    if module not in MODULES:
        yield Refusal(WRONG, "Dữ liệu sai: module không có trong danh mục")
    elif module != MODULES[0]:
        yield Refusal(WRONG, "Dữ liệu sai: module chưa nhận hồ sơ qua kết nối")
    if not isinstance(code, str) or not 0 < len(code.strip()) <= LONGEST_CODE:
        yield Refusal(WRONG, "Dữ liệu sai: maHoSo trống hoặc quá dài")
    if day_of(asked.get("ngayTiepNhan")) is None:
        yield Refusal(WRONG, "Dữ liệu sai: ngayTiepNhan không đúng dạng dd/MM/yyyy")


def opened(data: Any) -> dict[str, str]:
    """Return the fields of a document.

    Raises:
        Refusal: it is no text, no XML, or not as the schema and the lists have it.
    """
    if not isinstance(data, str):
        raise Refusal(WRONG, "Dữ liệu sai: data phải là chuỗi XML")
    try:
        root = parse(data.encode())
    except ContractBroken as broken:
        raise Refusal(WRONG, "Dữ liệu sai: data không phải là tài liệu XML") from broken
    if found := SCHEMA.violations(root):
        birth = root.find("hoso")
        missing = (one for one in REQUIRED if birth is not None and birth.find(one) is None)
        name = next(missing, found[0].name)
        raise Refusal(WRONG, f"Dữ liệu sai: {name} thiếu hoặc không đúng dạng")
    fields: dict[str, str] = to_plain(root)["hoso"]
    for name, number in (("nksDanToc", ETHNIC_GROUPS), ("nksQuocTich", NATIONALITIES)):
        if name in fields and not on_list(number, fields[name]):
            raise Refusal(WRONG, f"Dữ liệu sai: {name} không có trong danh mục")
    return fields
