from __future__ import annotations

import pytest

from bridge.domain.authority import Owner
from bridge.domain.decide import Clash, Decision
from bridge.domain.reconcile import (
    Action,
    Compared,
    Lacks,
    Origin,
    Powers,
    differences,
    when_lacking,
)
from bridge.domain.unlike import Unlike

SECTOR = Powers(mirror=False, writes=True, repeat_safe=False)
MIRROR = Powers(mirror=True, writes=True, repeat_safe=False)
FOLDERS = Powers(mirror=False, writes=True, repeat_safe=True)
READ_ONLY = Powers(mirror=False, writes=False, repeat_safe=False)


@pytest.mark.parametrize(
    ("why", "status", "powers", "imported", "action"),
    [
        (Lacks.LOST, 2, SECTOR, False, Action.SEND_ANEW),
        (Lacks.LOST, 5, SECTOR, False, Action.SEND_ANEW),
        (Lacks.LOST, 9, SECTOR, False, Action.PERSON),
        (Lacks.LOST, 10, SECTOR, False, Action.PERSON),
        (Lacks.LOST, 10, MIRROR, False, Action.SEND_ANEW),
        (Lacks.LOST, 2, SECTOR, True, Action.AWAIT),
        (Lacks.LOST, 2, READ_ONLY, False, Action.AWAIT),
        (Lacks.UNCAPTURED, 2, READ_ONLY, False, Action.PERSON),
        (Lacks.UNPROVED, 2, SECTOR, False, Action.PERSON),
        (Lacks.UNPROVED, 2, FOLDERS, False, Action.SEND_ANEW),
        (Lacks.NEVER_SENT, 2, SECTOR, False, Action.PERSON),
        (Lacks.UNCAPTURED, 2, SECTOR, False, Action.CAPTURE),
    ],
)
def test_only_what_is_safe_is_sent_unasked(
    why: Lacks, status: int, powers: Powers, imported: bool, action: Action
) -> None:
    """What the ministry had keyed or decided itself, or may have after all, a person decides."""
    assert when_lacking(why, status, powers, Origin(imported, numbered=True)) is action


def test_what_was_decided_goes_anew_when_a_person_says_so_but_an_end_never() -> None:
    """A withdrawal or hand-over is not made undone by a comparison."""
    sent = [
        when_lacking(Lacks.LOST, status, SECTOR, Origin(), also_decided=True)
        for status in (8, 9, 7, 10)
    ]
    assert sent == [Action.SEND_ANEW, Action.SEND_ANEW, Action.PERSON, Action.PERSON]


def test_each_difference_names_its_side_and_held_fields_are_left_out() -> None:
    """Out, in, clash: each once; a field that a person decides about already is none."""
    clash = Clash("status", 9, 4, 9, "reopening")
    compared = Compared(
        {"a": 1, "b": 2, "c": 3, "status": 9},
        {"a": 9, "b": 8, "c": 7, "status": 4},
        None,
        Decision(out={"a": 1, "c": 3}, into={"b": 8}, clashes=(clash,)),
        {"b": Owner.MINISTRY},
        frozenset({"c"}),
    )
    found = [(one.path, one.to, one.owner) for one in differences(compared)]
    assert found == [
        ("a", "ministry", Owner.ONESTOP),
        ("b", "onestop", Owner.MINISTRY),
        ("status", "person", Owner.ONESTOP),
    ]


def test_what_the_ministry_never_told_before_counts_though_it_changes_nothing() -> None:
    """A status that only went back moves no field, but what comes next is measured by it."""
    owners = {"status": Owner.BY_STATUS, "name": Owner.ONESTOP}
    compared = Compared(
        {"status": 4, "name": "x"},
        {"status": 2, "name": "x"},
        {"status": 4, "name": "y"},
        Decision(),
        owners,
    )
    assert [(one.path, one.to) for one in differences(compared)] == [("status", "onestop")]


def test_what_no_record_shows_is_not_said_to_be_missing_there() -> None:
    """A field that only goes out is told to the ministry; that it has none of it nobody can say.

    The code is what the two are one by, and no difference.
    """
    compared = Compared(
        {"a": 1, "b": 2, "gone": None, "code": "x"},
        {"b": None},
        None,
        Decision(out={"a": 1, "b": 2, "gone": None, "code": "x"}),
        {},
    )
    assert [(one.path, one.unlike) for one in differences(compared)] == [
        ("a", Unlike.NOT_SHOWN),
        ("b", Unlike.ABSENT_THERE),
        ("gone", Unlike.NOT_SHOWN),
    ]
