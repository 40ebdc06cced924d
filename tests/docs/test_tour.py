"""docs/tour.md is typed line by line, and prints what it says; its Vietnamese twin is the same."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tools.tour.reading import ROOT, blocks, typed
from tools.tour.terminal import comparable, read

ENGLISH = (ROOT / "docs" / "tour.md").read_text(encoding="utf-8")
VIETNAMESE = (ROOT / "docs" / "tour.vi.md").read_text(encoding="utf-8")


def _follow(page: str, folder: Path) -> None:
    for command, told, printed in read(page, folder):
        assert comparable(printed) == comparable(told), command


@pytest.mark.timeout(300)
def test_the_first_hour_goes_as_the_tour_says(tmp_path: Path) -> None:
    """Every command of the page, in its order, prints what the page shows."""
    _follow(ENGLISH, tmp_path)


@pytest.mark.verify
@pytest.mark.timeout(300)
def test_the_first_hour_goes_so_in_vietnamese(tmp_path: Path) -> None:
    """Every command of the Vietnamese page prints what that page shows."""
    _follow(VIETNAMESE, tmp_path)


def test_both_pages_type_the_same() -> None:
    """Commands, orders to the ministry and files stand in both, in the same order, but the language."""
    english, vietnamese = (list(_typed(page)) for page in (ENGLISH, VIETNAMESE))
    assert english[0] == "export DOSSIER_BRIDGE__LOCALE=en"
    assert vietnamese == ["export DOSSIER_BRIDGE__LOCALE=vi", *english[1:]]


def _typed(page: str) -> list[str]:
    done: list[str] = []
    for language, block in blocks(page):
        if language == "console":
            done += [one.command for one in typed(block)]
        else:
            done.append(block)
    return done


def test_both_pages_have_the_same_parts() -> None:
    """No chapter of one is missing in the other."""
    heads = [re.findall(r"^(#+) ", page, re.MULTILINE) for page in (ENGLISH, VIETNAMESE)]
    assert heads[0] == heads[1]


def test_what_differs_from_reader_to_reader_is_left_out() -> None:
    """Times, ages, numbers and revisions are not compared; any other word is."""
    assert comparable("at 2026-11-26 22:00:23  0:00:07 GPLX-26-0000002") == comparable(
        "at 2027-01-02 08:00:00 1:10:07  GPLX-27-0000009\n"
    )
    assert comparable("clock  +0 s from ours") == comparable("clock -1 s from ours")
    assert comparable("lệch +0 giây so") == comparable("lệch -1 giây so")
    assert comparable("upgraded: 0001, 0002") == comparable("upgraded: 0001, 0002, 0003")
    assert comparable("H40.05-261029-0001") != comparable("H40.05-261029-0002")
    assert comparable("2 dead") != comparable("1 dead")


@pytest.mark.parametrize("name", ["README.md", "README.vi.md"])
def test_what_the_readme_types_is_typed_in_the_tour(name: str) -> None:
    """No command is shown to a first reader that is not run, with its output compared."""
    page = (ROOT / name).read_text(encoding="utf-8")
    verbs = re.compile(r"^\$ \(?(dossier-bridge \w+)", re.MULTILINE)
    assert set(verbs.findall(page)) - set(verbs.findall(ENGLISH)) == set()
