"""Addresses of files: nobody can make or change one, and a new day is no new content."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, quote, unquote, urlsplit

import pytest

from bridge.domain.file_addresses import FileAddresses, Permit, without_addresses

KEY = bytes(range(32))
ADDRESSES = FileAddresses("https://bridge.example.vn/h40", KEY, days=7)
NOON = datetime(2026, 11, 20, 5, tzinfo=UTC)
PAPER = "8d1e4a50-0000-4000-8000-000000000001"


def parts(address: str) -> tuple[str, str, str]:
    """Return (document id, day, signature) of an address."""
    split = urlsplit(address)
    asked = parse_qs(split.query)
    return unquote(split.path.rpartition("/")[2]), asked["e"][0], asked["s"][0]


def test_an_address_opens_what_it_was_made_for_until_its_day_begins() -> None:
    """Whole days of Vietnam: the last second of the seventh day is good, the next is not."""
    address = ADDRESSES.address("dvcqg", PAPER, NOON)
    assert address.startswith(f"https://bridge.example.vn/h40/files/{PAPER}?e=20261128&s=")
    paper, day, signature = parts(address)
    ends = datetime(2026, 11, 27, 17, tzinfo=UTC)
    for now, expired in ((NOON, False), (ends - timedelta(seconds=1), False), (ends, True)):
        permit = ADDRESSES.permit(["gplx", "dvcqg"], paper, day, signature, now)
        assert permit == Permit("dvcqg", expired)


def test_the_same_day_gives_the_same_address_and_the_next_day_another() -> None:
    """Nothing in an address tells one moment of a Vietnamese day from another."""
    begins = datetime(2026, 11, 19, 17, tzinfo=UTC)
    day = [ADDRESSES.address("dvcqg", PAPER, begins + timedelta(hours=n)) for n in (0, 12, 23)]
    assert len(set(day)) == 1
    assert ADDRESSES.address("dvcqg", PAPER, begins + timedelta(hours=24)) != day[0]


@pytest.mark.parametrize(
    ("system", "paper", "day", "spoil"),
    [
        ("dvcqg", "another", None, ""),
        ("dvcqg", None, "20361128", ""),
        ("gplx", None, None, ""),
        ("dvcqg", None, None, "0"),
        ("dvcqg", None, None, "ơ\ud800"),
    ],
    ids=["another paper", "a later day", "another system", "longer", "no ascii"],
)
def test_no_part_of_an_address_can_be_changed(
    system: str, paper: str | None, day: str | None, spoil: str
) -> None:
    """Another id, day, system or signature is none of ours."""
    its_paper, its_day, signature = parts(ADDRESSES.address("dvcqg", PAPER, NOON))
    given = (paper or its_paper, day or its_day, signature + spoil)
    assert ADDRESSES.permit([system], *given, NOON) is None


def test_another_key_opens_nothing_and_no_key_is_shown() -> None:
    """Who takes the key away ends every address; the key stands in no text of the object."""
    paper, day, signature = parts(ADDRESSES.address("dvcqg", PAPER, NOON))
    other = FileAddresses(ADDRESSES.base, bytes(32))
    assert other.permit(["dvcqg"], paper, day, signature, NOON) is None
    assert repr(KEY) not in repr(ADDRESSES)


def test_an_id_of_any_letters_comes_back_whole() -> None:
    """Ids are the one-stop's: blanks, slashes and marks survive the address."""
    for paper in ("a/b c", "giấy&e=1?s=2", "%2F"):
        found, day, signature = parts(ADDRESSES.address("dvcqg", paper, NOON))
        assert found == paper
        assert ADDRESSES.permit(["dvcqg"], found, day, signature, NOON) is not None


def test_an_address_inside_a_sentence_is_masked() -> None:
    """What a ministry quotes of an address opens no file to those who read it."""
    address = ADDRESSES.address("dvcqg", PAPER, NOON)
    said = without_addresses(f"Không tải được ({address}), thử lại", "•••")
    assert PAPER not in said
    assert said.startswith("Không tải được (•••")


@pytest.mark.parametrize(
    "repeat",
    [
        lambda address: address.replace("/", "\\/"),
        lambda address: address.partition("://")[2],
        lambda address: "/files/" + address.partition("/files/")[2],
        lambda address: quote(address, safe=""),
        lambda address: address.replace("&", "&amp;"),
    ],
    ids=["JSON", "no scheme", "no host", "a URL in a URL", "HTML"],
)
def test_an_address_is_masked_as_others_write_it(repeat: Callable[[str], str]) -> None:
    """Escaped, or cut in front: its signature still opens the file, so it is masked all the same."""
    _, _, signature = parts(address := ADDRESSES.address("dvcqg", PAPER, NOON))
    said = without_addresses(f'lỗi: {{"url":"{repeat(address)}","ma":1}}', "•••")
    assert said == 'lỗi: {"url":"•••","ma":1}'
    assert signature not in said
