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
        ({"LePhi": "135000.00"}, {"LePhi": 135000}),
        ({"Luc": "2026-11-20T02:15:00Z"}, {"Luc": "2026-11-20T09:15:00.000"}),
        ({"Xong": "true"}, {"Xong": True}),
        ({"Giay": {"Ma": "1"}}, {"Giay": [{"Ma": "1", "NoiDung": {"document": "7"}}]}),
    ],
)  # fmt: skip
def test_what_was_sent_is_found_among_what_is_the_ministry_s(record: Any, sent: Any) -> None:
    """More fields, other Unicode, blanks, other forms of a number or a time, absent nothings change nothing."""
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
        ({"SoGiayTo": "36190000001"}, {"SoGiayTo": "036190000001"}),
        ({"Luc": "2026-11-20T02:15:00Z"}, {"Luc": "2026-11-20T02:15:00+07:00"}),
        ({"GhiChu": "đã xem"}, {"GhiChu": ""}),
    ],
)
def test_what_was_not_applied_is_not_found(record: Any, sent: Any) -> None:
    """Another tone, a missing field, a group that is a text, a shorter list, a number's zero: not there."""
    assert not shows(record, sent)


def test_what_the_ministry_fills_in_itself_says_nothing() -> None:
    """A field of theirs may hold anything where nothing was sent, and nothing else where it was."""
    record = {"GhiChu": "đã xem", "TrangThai": "TN"}
    assert shows(record, {"GhiChu": "", "TrangThai": None}, ("GhiChu", "TrangThai"))
    assert not shows(record, {"TrangThai": "XL"}, ("GhiChu", "TrangThai"))
