"""A lost answer is settled by whether a record shows what was sent."""

from __future__ import annotations

import unicodedata
from typing import Any

import pytest

from bridge.sdk.probing import shows

SENT = {"MaHoSo": "H40.05-261120-0001", "NguoiNop": {"HoTen": "Nguyễn Thị Mẫu", "NgaySinh": None}}


@pytest.mark.parametrize(
    ("record", "sent"),
    [
        ({**SENT, "SoTiepNhan": "SO-1", "TrangThai": "TN"}, SENT),
        (
            {"MaHoSo": SENT["MaHoSo"], "NguoiNop": {"HoTen": " Nguyễn Thị Mẫu\n", "NgaySinh": ""}},
            SENT,
        ),
        ({**SENT, "NguoiNop": {"HoTen": unicodedata.normalize("NFD", "Nguyễn Thị Mẫu")}}, SENT),
        ({"SoLuong": "2", "Giay": [{"Ten": "Đơn", "Ma": "1"}]}, {"SoLuong": 2, "Giay": [{"Ten": "Đơn"}]}),
        ({}, {"GhiChu": "", "Giay": [], "NguoiNop": {}}),
        ({}, {"NguoiNop": {"HoTen": None}}),
    ],
)  # fmt: skip
def test_what_was_sent_is_found_among_what_is_the_ministry_s(record: Any, sent: Any) -> None:
    """More fields, other Unicode, blanks, numbers as text and absent nothings change nothing."""
    assert shows(record, sent)


@pytest.mark.parametrize(
    ("record", "sent"),
    [
        ({**SENT, "NguoiNop": {"HoTen": "Nguyễn Thị Mẩu"}}, SENT),
        ({"MaHoSo": SENT["MaHoSo"]}, SENT),
        ({**SENT, "NguoiNop": "Nguyễn Thị Mẫu"}, SENT),
        ({"Giay": [{"Ten": "Đơn"}]}, {"Giay": [{"Ten": "Đơn"}, {"Ten": "Ảnh"}]}),
        ({"Giay": None}, {"Giay": [{"Ten": "Đơn"}]}),
        (None, {"MaHoSo": "1"}),
    ],
)
def test_what_was_not_applied_is_not_found(record: Any, sent: Any) -> None:
    """Another tone, a missing field, a group that is a text, a shorter list: it is not there."""
    assert not shows(record, sent)
