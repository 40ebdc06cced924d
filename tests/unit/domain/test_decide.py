"""What two edits of one dossier come to: the cases of the field, told one by one."""

from __future__ import annotations

from typing import Any

import pytest

from bridge.domain.authority import Owner
from bridge.domain.decide import Clash, Decision, Loss, Ruling, Take, decide
from bridge.domain.dossier import Fields, Json

PHONE, NOTE, FEES, CLASS = "applicant.phone", "status_note", "fees", "details.licence_class"
OWNERS = {
    PHONE: Owner.ONESTOP,
    NOTE: Owner.MINISTRY,
    FEES: Owner.ONESTOP,
    CLASS: Owner.NOBODY,
    "details.number": Owner.MINISTRY,
    "status": Owner.BY_STATUS,
}
OUTGOING = frozenset({PHONE, FEES, CLASS, "details.number", "status"})
INCOMING = frozenset({PHONE, NOTE, CLASS, "details.number", "status"})
GPLX, YTE = (7, 10), ()
"""The statuses gplx has a word for, and those yte has."""


def weigh(base: Fields | None, ours: Fields, theirs: Fields | None, **more: Any) -> Decision:
    given = {"outgoing": OUTGOING, "incoming": INCOMING, "status_out": GPLX} | more
    return decide(base, ours, theirs, owner=lambda path: OWNERS[path], **given)


def one(path: str, base: Json, ours: Json, theirs: Json, **more: Any) -> Decision:
    """Decide one field of a dossier both sides have agreed on before."""
    only = {"outgoing": OUTGOING & {path}, "incoming": INCOMING & {path}}
    return weigh({path: base}, {path: ours}, {path: theirs}, **only | more)


def status(base: int, ours: int, theirs: int, **more: Any) -> Decision:
    return one("status", base, ours, theirs, **more)


# -- what a person decided


@pytest.mark.parametrize(
    ("take", "out", "into"),
    [
        (Take.ONESTOP, {CLASS: "A"}, {}),
        (Take.MINISTRY, {}, {CLASS: "B"}),
        (Take.NEITHER, {}, {}),
    ],
)
def test_a_ruling_goes_before_every_rule(take: Take, out: Fields, into: Fields) -> None:
    """For the two values it was made on: nobody is asked again, and no loss is told."""
    ruled = {CLASS: Ruling("A", "B", take)}
    decision = one(CLASS, "0", "A", "B", rulings=ruled)
    assert decision == Decision(out=out, into=into, ruled={CLASS: take})
    for ours, theirs in (("A", "C"), ("C", "B")):
        assert one(CLASS, "0", ours, theirs, rulings=ruled).clashes
    assert one(CLASS, "B", "B", "B", rulings=ruled) == Decision()


def test_a_ruling_holds_for_owned_fields_statuses_and_mirrors() -> None:
    """The owner's value, a reopening, what a mirror is told: as the person said."""
    left = {PHONE: Ruling("1", "2", Take.NEITHER)}
    assert one(PHONE, "1", "1", "2", rulings=left) == Decision(ruled={PHONE: Take.NEITHER})
    yes = {"status": Ruling(9, 4, Take.MINISTRY)}
    assert status(9, 9, 4, rulings=yes).into == {"status": 4}
    told = {"status": Ruling(4, 9, Take.ONESTOP)}
    assert status(9, 4, 9, mirror=True, rulings=told).out == {"status": 4}


# -- fields


def test_a_dossier_as_both_sides_left_it_is_unchanged() -> None:
    """Nothing moved: nothing to send, to store, to note."""
    same: Fields = {PHONE: "1", NOTE: "n", FEES: [{"amount": 1}], CLASS: "B1", "status": 4}
    decision = weigh(same, dict(same), dict(same))
    assert decision == Decision()
    assert decision.unchanged


def test_the_first_send_carries_all_that_goes_out() -> None:
    """Nothing agreed, nothing known: every outgoing value goes, the status is taken as told."""
    decision = weigh(None, {PHONE: "1", FEES: [1], NOTE: "ours", "status": 2}, None)
    assert decision == Decision(out={PHONE: "1", FEES: [1]}, agreed={"status": 2})


@pytest.mark.parametrize("path", [PHONE, NOTE, CLASS])
def test_our_own_write_coming_home_is_an_echo(path: str) -> None:
    """The ministry shows what we sent: the base moves, and nothing else does."""
    assert one(path, "a", "b", "b") == Decision(agreed={path: "b"})


def test_an_edit_of_the_counter_goes_out() -> None:
    """What only the one-stop changed goes to the ministry."""
    assert one(PHONE, "1", "2", "1") == Decision(out={PHONE: "2"})
    assert one(CLASS, "B1", "B2", "B1") == Decision(out={CLASS: "B2"})


def test_a_field_the_ministry_does_not_show_goes_out_when_it_changes() -> None:
    """Fees are never shown back: they are compared with what was sent."""
    assert one(FEES, [1], [1, 2], None) == Decision(out={FEES: [1, 2]})
    assert one(FEES, [1], [1], [9]).unchanged


def test_a_field_the_counter_clears_goes_out_empty() -> None:
    """A cleared value is an edit like any other."""
    assert one(PHONE, "1", None, "1") == Decision(out={PHONE: None})


def test_an_edit_of_the_ministry_comes_in() -> None:
    """What only the ministry changed, and may change, is stored in the one-stop."""
    assert one(NOTE, None, None, "thiếu ảnh") == Decision(into={NOTE: "thiếu ảnh"})
    assert one(CLASS, "B1", "B1", "B2") == Decision(into={CLASS: "B2"})


def test_a_value_the_ministry_takes_back_goes() -> None:
    """The owner had a value and has none now: the one-stop has none either."""
    assert one(NOTE, "n", "n", None) == Decision(into={NOTE: None})


def test_an_edit_of_what_the_one_stop_owns_is_sent_over_and_named() -> None:
    """The ministry changed the phone: ours is sent again, and the journal learns of the loss."""
    lost = Loss(PHONE, "9", "1", "ministry")
    assert one(PHONE, "1", "1", "9") == Decision(out={PHONE: "1"}, losses=(lost,))
    assert one(PHONE, "1", "2", "9").losses == (Loss(PHONE, "9", "2", "ministry"),)


def test_a_value_the_ministry_dropped_is_a_loss_too() -> None:
    """A ministry that keeps showing nothing where it took a value can be counted."""
    assert one(PHONE, "1", "1", None).losses == (Loss(PHONE, None, "1", "ministry"),)


@pytest.mark.parametrize("path", [NOTE, "details.number"])
@pytest.mark.parametrize("ours", ["typed", None])
def test_an_edit_of_what_the_ministry_owns_is_put_back_and_named(path: str, ours: Json) -> None:
    """A clerk who overwrites or clears the ministry's value gets it back, and it is journalled."""
    expected = Decision(into={path: "n"}, losses=(Loss(path, ours, "n", "onestop"),))
    assert one(path, "n", ours, "n") == expected


@pytest.mark.parametrize("path", [NOTE, "details.number"])
def test_when_both_edit_what_the_ministry_owns_the_ministry_wins(path: str) -> None:
    """The owner's value is stored, the clerk's is named."""
    expected = Decision(into={path: "n2"}, losses=(Loss(path, "typed", "n2", "onestop"),))
    assert one(path, "n", "typed", "n2") == expected


def test_a_clerks_note_the_ministry_has_none_of_stays_for_good() -> None:
    """A ministry that never had a value does not take ours away, now or at the next look."""
    first = one(NOTE, None, "typed", None)
    assert first == Decision()
    later = weigh({NOTE: None} | dict(first.agreed), {NOTE: "typed"}, {NOTE: None})
    assert NOTE not in later.into


@pytest.mark.parametrize(
    ("base", "ours", "theirs"), [("B1", "B2", "C"), ("B1", None, "C"), ("B1", "B2", None)]
)
def test_what_nobody_owns_and_both_edit_waits_for_a_person(
    base: Json, ours: Json, theirs: Json
) -> None:
    """Two edits of one field without an owner, clearing included: a conflict, nothing moves."""
    clash = Clash(CLASS, ours, theirs, base, "no_owner")
    assert one(CLASS, base, ours, theirs) == Decision(clashes=(clash,))
    inward = one(CLASS, base, ours, theirs, outgoing=frozenset())
    assert inward.clashes == ((clash,) if theirs is not None else ())
    assert not inward.into


def test_silence_of_the_ministry_never_empties_what_it_does_not_own() -> None:
    """A field nobody owns that is gone over there is sent again, and named."""
    lost = Loss(CLASS, None, "B1", "ministry")
    assert one(CLASS, "B1", "B1", None) == Decision(out={CLASS: "B1"}, losses=(lost,))
    assert one(CLASS, "B1", "B1", None, outgoing=frozenset()).unchanged


def test_a_field_the_record_does_not_speak_of_is_as_it_was() -> None:
    """Absent is not empty: a record without the field says nothing about it."""
    decision = weigh({PHONE: "1", NOTE: "n"}, {PHONE: "1", NOTE: "n"}, {"status": None})
    assert decision.unchanged


# -- two records found to be one


def test_a_fresh_pair_takes_each_field_from_its_owner() -> None:
    """Nothing was agreed: the owner's value wins, the other one is named."""
    decision = weigh(
        None,
        {PHONE: "1", NOTE: "ours", CLASS: "B1", "status": 2},
        {PHONE: "9", NOTE: "theirs", CLASS: "B2", "status": 4},
    )
    assert decision == Decision(
        out={PHONE: "1"},
        into={NOTE: "theirs", "status": 4},
        clashes=(Clash(CLASS, "B1", "B2", None, "no_owner"),),
        losses=(Loss(PHONE, "9", "1", "ministry"), Loss(NOTE, "ours", "theirs", "onestop")),
    )


def test_in_a_fresh_pair_nothing_gives_way_to_something() -> None:
    """Where one side has no value the other's is taken, whoever owns the field."""
    ours = weigh(None, {CLASS: "B1", "details.number": "7"}, {CLASS: None, "details.number": None})
    assert ours == Decision(out={CLASS: "B1", "details.number": "7"})
    theirs = weigh(None, {}, {CLASS: "B1", "details.number": "7"})
    assert theirs == Decision(into={CLASS: "B1", "details.number": "7"})


# -- the status


@pytest.mark.parametrize("new", [4, 5, 6, 8, 9])
def test_what_the_ministry_may_say_comes_in(new: int) -> None:
    """From received, every status of the ministry's is stored."""
    assert status(2, 2, new) == Decision(into={"status": new})


@pytest.mark.parametrize("end", [7, 10])
def test_an_end_goes_to_a_system_that_has_a_word(end: int) -> None:
    """A withdrawal or a hand-over is told to gplx."""
    assert status(4, end, 4) == Decision(out={"status": end})


@pytest.mark.parametrize("end", [7, 10])
def test_an_end_without_a_word_is_said_once_and_disturbs_nobody(end: int) -> None:
    """Nothing is sent to yte; that it still shows its own status is no news, and no conflict."""
    assert status(4, end, 4, status_out=YTE) == Decision(agreed={"status": end})
    assert status(end, end, 4, status_out=YTE).unchanged


def test_a_system_that_was_told_the_end_and_shows_another_is_a_conflict() -> None:
    """Gplx knows of the hand-over; that it works on needs a person."""
    clash = Clash("status", 10, 4, 10, "illegal_move")
    assert status(10, 10, 4, status_out=GPLX) == Decision(clashes=(clash,))


def test_a_ministry_that_finishes_a_withdrawn_dossier_is_a_conflict() -> None:
    """Done cannot become withdrawn any more, told or not."""
    assert status(7, 7, 9, status_out=YTE).clashes[0].why == "illegal_move"


@pytest.mark.parametrize("word", [4, 5, 6, 8, 9])
def test_what_only_the_ministry_may_say_waits_for_it(word: int) -> None:
    """A clerk who keys it is neither believed nor overruled: it waits for the ministry."""
    assert status(2, word, 2) == Decision(waits={"status": word})


def test_a_supplement_that_was_brought_is_not_asked_for_again() -> None:
    """The clerk sets 2 after 5: the ministry still shows 5, and that is no new request."""
    assert status(5, 2, 5).unchanged
    assert status(5, 2, 4) == Decision(into={"status": 4})


@pytest.mark.parametrize(("old", "new"), [(9, 4), (10, 4), (7, 2), (4, 1), (9, 7)])
def test_an_illegal_move_of_ours_is_a_conflict_everywhere(old: int, new: int) -> None:
    """It is sent to nobody, to the mirror neither."""
    clash = Clash("status", new, old, old, "illegal_move")
    assert status(old, new, old) == Decision(clashes=(clash,))
    if new != 1:
        assert status(old, new, old, mirror=True) == Decision(clashes=(clash,))


def test_a_reopening_waits_for_a_person() -> None:
    """Finished, and in process again at the ministry: only a person confirms that."""
    assert status(9, 9, 4) == Decision(clashes=(Clash("status", 9, 4, 9, "reopening"),))


@pytest.mark.parametrize("end", [7, 10])
@pytest.mark.parametrize("ours", [4, 9])
def test_an_end_that_is_not_ours_is_a_conflict(end: int, ours: int) -> None:
    """HUY or TR that did not come from the counter is never stored by itself."""
    assert status(ours, ours, end).clashes == (Clash("status", ours, end, ours, "not_ours"),)
    assert not status(ours, ours, end).into


def test_the_ministrys_reception_is_no_news() -> None:
    """It shows 2 while the one-stop is further: nothing happens."""
    assert status(4, 4, 2).unchanged


def test_a_withdrawal_wins_over_what_the_ministry_did_meanwhile() -> None:
    """Both moved: the counter's word goes out where it may, and the other is named."""
    lost = Loss("status", 5, 7, "ministry")
    assert status(4, 7, 5) == Decision(out={"status": 7}, losses=(lost,))


def test_an_untold_hand_over_outlasts_what_the_ministry_did_meanwhile() -> None:
    """Both moved and there is no word: the dossier stays handed over, what gave way is named."""
    lost = Loss("status", 9, 10, "ministry")
    expected = Decision(agreed={"status": 10}, losses=(lost,))
    assert status(4, 10, 9, status_out=YTE) == expected


def test_the_ministrys_word_wins_over_one_the_clerk_keyed() -> None:
    """Both said what only the ministry may say: its word is stored, the clerk's is named."""
    lost = Loss("status", 4, 5, "onestop")
    assert status(2, 4, 5) == Decision(into={"status": 5}, losses=(lost,))


def test_where_neither_word_follows_the_other_a_person_decides() -> None:
    """Withdrawn here and done there: no legal move joins them."""
    assert status(4, 7, 9) == Decision(clashes=(Clash("status", 7, 9, 4, "illegal_move"),))


# -- the mirror


def test_the_mirror_gets_all_and_gives_nothing() -> None:
    """The portal shows the dossier: every edit goes there, none comes back."""
    decision = weigh(
        {PHONE: "1", "status": 2},
        {PHONE: "2", "status": 4},
        {PHONE: "9", NOTE: "x", "status": 5},
        mirror=True,
    )
    assert decision == Decision(out={PHONE: "2", "status": 4})


@pytest.mark.parametrize("word", [1, 3])
def test_new_and_refused_are_not_shown_in_the_mirror(word: int) -> None:
    """1 and 3 are never pushed: they wait."""
    assert weigh(None, {"status": word}, None, mirror=True) == Decision(waits={"status": word})


def test_the_mirror_may_begin_anywhere() -> None:
    """A dossier the portal has never seen is shown as it is."""
    assert weigh(None, {"status": 9}, None, mirror=True) == Decision(out={"status": 9})
