"""The laws of the decision, tried on every case there is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.domain.authority import Owner, status_owner
from bridge.domain.decide import Decision, decide
from bridge.domain.dossier import Fields, Json
from bridge.domain.status import legal

VALUES: tuple[Json, ...] = (None, "a", "b", "c")
OWNERS = (Owner.ONESTOP, Owner.MINISTRY, Owner.NOBODY)
STATUSES = range(1, 11)
WORDS: tuple[tuple[int, ...], ...] = ((), (7, 10), tuple(STATUSES))


@dataclass(frozen=True)
class Case:
    """One path before the decision: who knows what of it, and which way it goes."""

    path: str
    base: Fields | None
    ours: Fields
    theirs: Fields | None
    owner: Owner = Owner.BY_STATUS
    outgoing: frozenset[str] = field(default_factory=frozenset)
    incoming: frozenset[str] = field(default_factory=frozenset)
    words: tuple[int, ...] = ()
    mirror: bool = False

    def decided(self) -> Decision:
        return decide(
            self.base,
            self.ours,
            self.theirs,
            owner=lambda _: self.owner,
            outgoing=self.outgoing,
            incoming=self.incoming,
            status_out=self.words,
            mirror=self.mirror,
        )

    def carried_out(self, decision: Decision) -> Case:
        """Return the case once everything the decision says was done."""
        theirs = self.theirs
        shown = {path: value for path, value in decision.out.items() if path in self.incoming}
        if theirs is not None:
            theirs = {**theirs, **shown}
        base = {**(self.base or {}), **decision.agreed, **decision.into, **decision.out}
        return replace(self, base=base, ours={**self.ours, **decision.into}, theirs=theirs)

    @property
    def before(self) -> Json:
        return (self.base or {}).get(self.path)

    @property
    def ours_is(self) -> Json:
        return self.ours.get(self.path)

    @property
    def theirs_is(self) -> Json:
        if self.theirs is None or self.path not in self.incoming:
            return self.before
        return self.theirs.get(self.path, self.before)


def ways(path: str) -> Iterator[tuple[frozenset[str], frozenset[str]]]:
    """Yield the outgoing and incoming paths of a field that goes out, comes in, does both."""
    for out, into in ((True, False), (False, True), (True, True)):
        yield (
            frozenset({path}) if out else frozenset(),
            frozenset({path}) if into else frozenset(),
        )


def sides(path: str, values: tuple[Json, ...]) -> Iterator[tuple[Fields | None, Fields | None]]:
    """Yield every base and every view of the ministry's side, "not known" among them."""
    known: tuple[Mapping[str, Json] | None, ...] = (None, {}, *({path: one} for one in values))
    yield from product(known, known)


def fields() -> Iterator[Case]:
    """Yield every case of a plain field."""
    path = "details.x"
    for (base, theirs), ours in product(sides(path, VALUES), VALUES):
        for owner, (outgoing, incoming), mirror in product(OWNERS, ways(path), (False, True)):
            yield Case(
                path,
                base,
                {path: ours},
                theirs,
                owner,
                outgoing,
                incoming,
                mirror=mirror,
            )


def statuses() -> Iterator[Case]:
    """Yield every case of the status."""
    path = "status"
    for (base, theirs), ours in product(sides(path, (None, *STATUSES)), STATUSES):
        for (outgoing, incoming), words, mirror in product(ways(path), WORDS, (False, True)):
            yield Case(
                path,
                base,
                {path: ours},
                theirs,
                Owner.BY_STATUS,
                outgoing,
                incoming,
                words,
                mirror,
            )


def to_do(decision: Decision) -> list[object]:
    """Return what a decision has done, noted or moved."""
    parts = (decision.out, decision.into, decision.agreed, decision.losses)
    return [part for part in parts if part]


def open_questions(decision: Decision) -> list[object]:
    """Return what a decision leaves to a person or to the ministry."""
    return [part for part in (decision.waits, decision.clashes) if part]


FIELD_CASES = tuple(fields())
STATUS_CASES = tuple(statuses())
CASES = FIELD_CASES + STATUS_CASES


def test_a_field_has_one_fate() -> None:
    """Every case has an answer, and no field is both sent and stored, waiting and decided."""
    for case in CASES:
        decision = case.decided()
        fates = [decision.out, decision.into, decision.agreed, decision.waits]
        told = sum(len(fate) for fate in fates) + len(decision.clashes)
        assert told <= 1, case


def test_a_decision_carried_out_leaves_nothing_to_do() -> None:
    """Sent, stored and agreed: the next look finds nothing new, and the same open questions."""
    for case in CASES:
        decision = case.decided()
        again = case.carried_out(decision).decided()
        reasons = [one.why for one in decision.clashes]
        assert to_do(again) == [], case
        assert again.waits == decision.waits, case
        assert [one.why for one in again.clashes] == reasons, case


def test_a_field_goes_only_its_ways() -> None:
    """What does not go out is never sent, what does not come in is never stored."""
    for case in FIELD_CASES:
        decision = case.decided()
        assert set(decision.out) <= case.outgoing or case.mirror, case
        assert set(decision.into) <= case.incoming, case


def test_nothing_one_side_owns_is_overwritten_by_the_other() -> None:
    """The one-stop's fields are never stored over; the ministry's never sent over a value."""
    for case in FIELD_CASES:
        decision = case.decided()
        if case.owner is Owner.ONESTOP or case.mirror:
            assert not decision.into, case
        if case.owner is Owner.MINISTRY and case.incoming and not case.mirror:
            assert not decision.out or case.theirs_is is None, case


def test_nothing_gives_way_in_silence() -> None:
    """An edit that is stored over or sent over is named, with both values."""
    for case in FIELD_CASES:
        if case.mirror:
            continue
        decision = case.decided()
        named = [(one.loser, one.lost, one.kept) for one in decision.losses]
        stored_over = bool(decision.into) and case.ours_is != case.before
        sent_over = bool(decision.out) and case.theirs_is != case.before
        expected = [("onestop", case.ours_is, case.theirs_is)] if stored_over else []
        expected += [("ministry", case.theirs_is, case.ours_is)] if sent_over else []
        assert named == expected, case


def test_the_ministrys_silence_empties_only_what_it_filled() -> None:
    """An empty value is stored only where the ministry owns the field and had a value before."""
    for case in FIELD_CASES:
        if None in case.decided().into.values():
            assert case.owner is Owner.MINISTRY, case
            assert case.before is not None, case


def test_what_both_show_alike_is_agreed() -> None:
    """Equal values are never sent, stored or asked about, whatever was agreed before."""
    for case in CASES:
        if case.mirror or case.ours_is != case.theirs_is or not case.incoming:
            continue
        decision = case.decided()
        assert not to_do(replace(decision, agreed={})), case
        assert not open_questions(decision), case
        moved = {case.path: case.ours_is} if case.ours_is != case.before else {}
        assert decision.agreed == moved, case


def test_only_legal_moves_are_made() -> None:
    """A status is stored or sent only where the move from what stands there is legal."""
    for case in STATUS_CASES:
        decision = case.decided()
        for new in decision.into.values():
            assert isinstance(new, int)
            assert legal(_status(case.ours_is), new), case
        for new in decision.out.values():
            assert isinstance(new, int)
            stands = case.before if case.mirror else case.theirs_is
            assert legal(_status(stands), new), case


def test_each_side_is_told_only_what_the_other_may_say() -> None:
    """Into the one-stop come the ministry's words, out go the counter's that have a word there."""
    for case in STATUS_CASES:
        decision = case.decided()
        for new in decision.into.values():
            assert isinstance(new, int)
            assert status_owner(new) is Owner.MINISTRY, case
        for new in decision.out.values():
            assert isinstance(new, int)
            assert new not in (1, 3), case
            if not case.mirror:
                assert status_owner(new) is Owner.ONESTOP, case
                assert new in case.words, case


def test_no_end_is_taken_from_the_ministry() -> None:
    """Withdrawn or handed over there and not here, and it was not so before: a person decides."""
    for case in STATUS_CASES:
        if case.mirror or not case.incoming or case.theirs_is not in (7, 10):
            continue
        if case.theirs_is not in (case.ours_is, case.before):
            assert [one.why for one in case.decided().clashes] == ["not_ours"], case


def test_an_illegal_move_of_the_counters_is_always_a_conflict() -> None:
    """Where only we moved, and not as the law allows, nothing else can come of it."""
    for case in STATUS_CASES:
        never_shown = case.mirror and case.ours_is in (1, 3)
        if case.base is None or case.theirs_is != case.before or never_shown:
            continue
        old, new = _status(case.before), case.ours_is
        assert isinstance(new, int)
        if not legal(old, new):
            assert [one.why for one in case.decided().clashes] == ["illegal_move"], case


def test_nothing_moved_means_nothing_to_decide() -> None:
    """Both sides as they were agreed: unchanged, for a mirror too."""
    for case in CASES:
        if case.before == case.ours_is == case.theirs_is:
            assert case.decided().unchanged, case


VALUE = st.none() | st.integers() | st.text(max_size=3) | st.lists(st.booleans(), max_size=2)
RECORD = st.dictionaries(st.sampled_from(["a", "b", "c", "d"]), VALUE)


@given(st.none() | RECORD, RECORD, st.none() | RECORD, st.permutations(OWNERS))
@settings(deadline=None, derandomize=True, database=None)
def test_fields_do_not_disturb_each_other(
    base: Fields | None, ours: Fields, theirs: Fields | None, owners: list[Owner]
) -> None:
    """A dossier is decided as its fields one by one are, whatever they hold."""
    paths = ("a", "b", "c", "d")
    owner = dict(zip(paths, [*owners, Owner.NOBODY], strict=True))

    def decided(*some: str) -> Decision:
        both = frozenset(some)
        return decide(base, ours, theirs, owner=owner.__getitem__, outgoing=both, incoming=both)

    parts = [decided(path) for path in paths]
    assert decided(*paths) == Decision(
        {path: value for part in parts for path, value in part.out.items()},
        {path: value for part in parts for path, value in part.into.items()},
        {path: value for part in parts for path, value in part.agreed.items()},
        {},
        tuple(clash for part in parts for clash in part.clashes),
        tuple(loss for part in parts for loss in part.losses),
    )


def _status(value: Json) -> int | None:
    return value if isinstance(value, int) else None
