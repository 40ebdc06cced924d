"""Where two texts differ: both as runs of characters that are the same or not. Pure.

Words are compared first, then what was put in the place of what by its letters, so that one tone
mark is one mark and not a sentence. A letter and what is written above or below it stay together.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import groupby

from bridge.domain.notices import MASK

LONGEST = 2_000
"""Characters of a text that are shown; the rest is an ellipsis."""
MOST_WORDS = 400
MOST_LETTERS = 120
"""Texts of more are not compared by words, by letters: marked as a whole."""
ALIKE = 0.5
"""How much of two texts must be the same for them to be compared by letters."""
MOST_MASKS = 8
"""A masked text of more words is one mask: how long a text is says something of it."""

_WORDS = re.compile(r"\s+|(?:\w[\u0300-\u036f]*)+|[^\w\s]")
_LETTERS = re.compile(r".[\u0300-\u036f]*", re.DOTALL)
_MASKED = re.compile(r"\s+|(?<=\d)[/-](?=\d)")


@dataclass(frozen=True, slots=True)
class Run:
    """Characters that follow each other, all the same on both sides or all not."""

    text: str
    differs: bool = False


Runs = tuple[Run, ...]


def marked(ours: str, theirs: str) -> tuple[Runs, Runs]:
    """Return both texts (in NFC) with what only one of them has marked."""
    first, second = _shortened(ours), _shortened(theirs)
    words = _WORDS.findall(first), _WORDS.findall(second)
    if max(map(len, words)) > MOST_WORDS:
        return _whole(first, second)
    left: list[Run] = []
    right: list[Run] = []
    for same, one, other in _aligned(*words):
        pair = (_plain(one), _plain(other)) if same else _by_letters("".join(one), "".join(other))
        left += pair[0]
        right += pair[1]
    return _joined(left), _joined(right)


def masked(ours: str, theirs: str) -> tuple[Runs, Runs]:
    """Return both texts with a mask for each word, or part of a date: which differ, and no letter."""
    words = _MASKED.split(_nfc(ours)), _MASKED.split(_nfc(theirs))
    if max(map(len, words)) > MOST_MASKS:
        return _whole(MASK if ours else "", MASK if theirs else "")
    sides: tuple[list[Run], list[Run]] = ([], [])
    for same, *parts in _aligned(*words, least=0):
        for side, part in zip(sides, parts, strict=True):
            side += [Run(MASK, not same) for word in part if word]
    return _apart(sides[0]), _apart(sides[1])


def _aligned(
    ours: Sequence[str], theirs: Sequence[str], least: float = ALIKE
) -> Iterator[tuple[bool, Sequence[str], Sequence[str]]]:
    """Yield what is the same and what stands in the place of what, in order.

    Two of one length are held against each other place by place, as a reader does with a date or a
    number; where less than ``least`` of it is the same, and else, by what they have in common in its order.
    """
    if len(ours) == len(theirs):
        pairs = list(zip(ours, theirs, strict=True))
        if sum(one == other for one, other in pairs) >= least * len(pairs):
            yield from ((one == other, [one], [other]) for one, other in pairs)
            return
    matcher = SequenceMatcher(None, ours, theirs, autojunk=False)
    for how, a, b, c, d in matcher.get_opcodes():
        yield how == "equal", ours[a:b], theirs[c:d]


def _by_letters(ours: str, theirs: str) -> tuple[Runs, Runs]:
    letters = _LETTERS.findall(ours), _LETTERS.findall(theirs)
    most = max(map(len, letters))
    if not (ours and theirs) or most > MOST_LETTERS:
        return _whole(ours, theirs)
    matcher = SequenceMatcher(None, *letters, autojunk=False)
    if matcher.ratio() < ALIKE:
        return _whole(ours, theirs)
    pairs = list(_aligned(*letters))
    return (
        tuple(Run("".join(one), not same) for same, one, _other in pairs),
        tuple(Run("".join(other), not same) for same, _one, other in pairs),
    )


def _whole(ours: str, theirs: str) -> tuple[Runs, Runs]:
    same = ours == theirs
    return _joined([Run(ours, not same)]), _joined([Run(theirs, not same)])


def _plain(parts: Iterable[str]) -> Runs:
    return (Run("".join(parts)),)


def _joined(runs: Iterable[Run]) -> Runs:
    """Return runs with neighbours of one sort made one; a space between two that differ is one."""
    filled = [run for run in runs if run.text]
    around = zip([None, *filled], filled, [*filled[1:], None], strict=False)
    bridged = [
        Run(run.text, run.differs or (run.text.isspace() and _differ(before, after)))
        for before, run, after in around
    ]
    return tuple(
        Run("".join(run.text for run in group), differs)
        for differs, group in groupby(bridged, key=lambda run: run.differs)
    )


def _differ(*runs: Run | None) -> bool:
    return all(run is not None and run.differs for run in runs)


def _apart(masks: Sequence[Run]) -> Runs:
    """Return masks with a space between each two."""
    spaced = [part for mask in masks for part in (Run(" "), mask)]
    return tuple(spaced[1:])


def _nfc(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def _shortened(text: str) -> str:
    whole = _nfc(text)
    return whole if len(whole) <= LONGEST else f"{whole[:LONGEST]}…"
