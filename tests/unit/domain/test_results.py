"""Which files are results, and where they lie: decided without a look at any disk."""

from __future__ import annotations

import unicodedata
from typing import Any

import pytest

from bridge.domain.results import LONGEST_NAME, Issued, news, path_of, plain_name

FIRST, SECOND = "a" * 64, "b" * 64


def issued(sha256: str) -> Issued:
    return Issued(sha256, "a.pdf", "a", "application/pdf")


def test_what_the_dossier_holds_is_no_news() -> None:
    """By its hash in any case, deleted or not; what is shown twice is one file."""
    rows: list[dict[str, Any]] = [{"sha256": FIRST.upper(), "deleted": True}, {"sha256": None}]
    assert news([issued(FIRST), issued(SECOND), issued(SECOND)], rows) == (issued(SECOND),)


@pytest.mark.parametrize(
    ("name", "ending"),
    [("a.PDF", "pdf"), ("a", "bin"), ("pdf", "bin"), ("a.php", "bin"), ("a.p/../../d", "bin"),
     ("a.pdf ", "bin"), ("", "bin")],
)  # fmt: skip
def test_a_path_is_our_own_id_and_a_known_extension(name: str, ending: str) -> None:
    """Nothing else of the ministry's name is in it."""
    assert path_of("12ab", name) == f"ket_qua/12/12ab.{ending}"


def test_a_name_is_made_fit_to_be_shown() -> None:
    """NFC, without folders and control characters, not too long, its extension kept."""
    decomposed = unicodedata.normalize("NFD", "hồ sơ/kết\x00 quả.pdf")
    assert plain_name(decomposed) == "kết quả.pdf"
    assert plain_name("..\\..\\x.pdf") == "x.pdf"
    assert plain_name("x" * 400 + ".pdf") == "x" * (LONGEST_NAME - 4) + ".pdf"
    assert plain_name("x." + "y" * 400) == "x." + "y" * (LONGEST_NAME - 2)
    assert plain_name("/") == ""


@pytest.mark.parametrize("claimed", ["", "ab", "g" * 64, "A" * 64, f"{FIRST}\n"])
def test_what_is_no_sha256_is_no_name(claimed: str) -> None:
    """It is never shown, and never part of a path."""
    assert (issued(claimed).hashed, issued(claimed).mark) == (False, "none")
    assert issued(FIRST).mark == FIRST[:16]
