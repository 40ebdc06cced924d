from __future__ import annotations

import json
import unicodedata
from urllib.parse import quote

import pytest

from tests.discretion import leaks, plain

NAME = "Đặng Thị Kim Phượng"
PEOPLE = {NAME, "036191001234", "0912345678"}


@pytest.mark.parametrize(
    "said",
    [
        f"lỗi của {NAME}.",
        unicodedata.normalize("NFD", NAME),
        NAME.upper(),
        "Đặng  Thị\nKim Phượng",
        "Dang Thi Kim Phuong",
        json.dumps({"HoTen": NAME}),
        json.dumps({"HoTen": unicodedata.normalize("NFD", NAME)}),
        json.dumps(json.dumps({"HoTen": NAME})),
        f"/tra-cuu?ten={quote(NAME)}",
        "&#272;&#7863;ng Thị Kim Phượng",
        '{"so": "036191001234"}',
        "tel:0912345678",
    ],
)
def test_a_person_is_found_in_every_form(said: str) -> None:
    """NFC, NFD, capitals, without accents, escaped in JSON, HTML or an address: found."""
    assert len(leaks(["ok", said], PEOPLE)) == 1


def test_what_is_nobody_s_is_not_found() -> None:
    """Codes, counts and others' names are no leak; and nobody to look for is a mistake."""
    assert leaks(["H40.05-261120-0001", "Đặng Thị Kim", "091234567"], PEOPLE) == []
    with pytest.raises(AssertionError, match="nobody"):
        leaks(["x"], [])


def test_plain_knows_the_letter_that_has_no_accent() -> None:
    """đ never decomposes: it is a d all the same."""
    assert plain("ĐƯỜNG") == plain("đường") == "duong"
