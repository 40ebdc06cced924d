from __future__ import annotations

from datetime import date, timedelta

from bridge.domain.comparison import Kind, Place
from bridge.store import ComparedPortion, ComparedRow, KeptComparison, Store, Unit
from tests.store.conftest import MINUTE, SYSTEM, Clock

SINCE, UNTIL = date(2026, 11, 1), date(2026, 11, 20)
HERE = Place("2026-11-03", "000.00.01.H40", "1.002835")
NOWHERE = Place()
SIGNS = b"\x00one\xff\xfftwo"


def begun(unit: Unit, *, unasked: bool = False) -> KeptComparison:
    how = {"terms": "terms", "rules": "rules", "worker": "one"}
    return unit.comparisons.begin(SYSTEM, SINCE, UNTIL, **how, unasked=unasked)


def row(key: str, kind: Kind, place: Place = HERE) -> ComparedRow:
    return ComparedRow(key, kind, "person", place, {"kind": kind.value, "name": key})


def test_a_comparison_grows_by_portions_and_each_key_is_there_once(store: Store) -> None:
    """What a later portion says of a key stands."""
    second = SINCE + timedelta(days=7)
    with store.write("comparison kept") as unit:
        number = begun(unit).id
        comparisons = unit.comparisons
        comparisons.put(number, [row("a", Kind.DIFFERENT), row("b", Kind.NOT_SEEN, NOWHERE)])
        portion = ComparedPortion(
            SINCE, second - timedelta(days=1), {HERE: 3, NOWHERE: 1}, ("R1",), SIGNS
        )
        assert comparisons.add_portion(number, portion)
        assert not comparisons.add_portion(number, portion)
        comparisons.put(number, [row("a", Kind.DUPLICATES), row("c", Kind.DIFFERENT)])
    with store.read() as unit:
        assert unit.comparisons.days(number) == [(portion.since, portion.until)]
        assert unit.comparisons.aside(number, SINCE) == {"R1"}
        assert list(unit.comparisons.signs(number)) == [SIGNS]
        assert dict(unit.comparisons.in_step(number)) == portion.in_step
        counts = {(place, kind): count for place, kind, count in unit.comparisons.tally(number)}
        assert counts == {
            (HERE, Kind.DUPLICATES): 1,
            (HERE, Kind.DIFFERENT): 1,
            (NOWHERE, Kind.NOT_SEEN): 1,
        }
        found = unit.comparisons.rows(number, ("", ""))
        assert [one.key for one in found] == ["c", "a", "b"]
        assert unit.comparisons.rows(number, ("duplicates", "a")) == found[2:]
        assert unit.comparisons.of_keys(number, ["b", "z"]) == {"b": found[2]}
    with store.write("comparison kept") as unit:
        unit.comparisons.drop(number, ["a", "b", "c"])
        assert unit.comparisons.rows(number, ("", "")) == []


def test_totals_are_kept_and_what_differed_only_of_the_last(store: Store, clock: Clock) -> None:
    """Finished, it is the last; the rows of those before go, and those of long ago; totals stay.

    Those of a night whose repairs are owed stay, for a while.
    """
    numbers = []
    for unasked, settled in ((True, True), (True, False), (False, False)):
        with store.write("comparison made") as unit:
            number = begun(unit, unasked=unasked).id
            unit.comparisons.put(number, [row("a", Kind.DIFFERENT)])
            unit.comparisons.finish(number, {"different": 1, "in_step": 4})
            if settled:
                unit.comparisons.settle(number)
        numbers.append(number)
        clock.pass_()
    with store.read() as unit:
        assert [one.id for one in unit.comparisons.trend(SYSTEM, 9)] == numbers[::-1]
        assert unit.comparisons.trend("yte", 9) == []
        night = unit.comparisons.last_night(SYSTEM)
        assert night is not None
        assert (night.id, night.counts) == (numbers[1], {Kind.DIFFERENT: 1, Kind.IN_STEP: 4})
        kept = [len(unit.comparisons.rows(one, ("", ""))) for one in numbers]
        assert kept == [0, 1, 1]
        assert unit.comparisons.unfinished(SYSTEM, SINCE, UNTIL, "terms") is None
    with store.write("comparisons tidied") as unit:
        unit.comparisons.purge(unit.now)
        assert unit.comparisons.rows(numbers[1], ("", "")) == []
        assert unit.comparisons.rows(numbers[2], ("", "")) == []
        assert len(unit.comparisons.trend(SYSTEM, 9)) == 3


def test_one_worker_at_a_time_holds_a_comparison(store: Store) -> None:
    """Who has it keeps it; another takes it over only by saying so, and has it from then on."""
    with store.write("comparison begun") as unit:
        number = begun(unit).id
        until = unit.now + MINUTE
        assert unit.comparisons.hold(number, "one", until)
    with store.write("comparison kept") as unit:
        assert not unit.comparisons.hold(number, "two", until)
        assert unit.comparisons.hold(number, "two", until, over=True)
        assert not unit.comparisons.hold(number, "one", until)
        held = [unit.comparisons.is_held(number, who) for who in ("one", "two")]
        assert held == [False, True]
        found = unit.comparisons.unfinished(SYSTEM, SINCE, UNTIL, "terms")
        assert found is not None
        assert (found.id, found.worker, found.worked_until) == (number, "two", until)
        assert found.rules == "rules"
        unit.comparisons.finish(number, {})
        assert unit.comparisons.hold(number, "two", until)
        unit.comparisons.settle(number)
        last = unit.comparisons.trend(SYSTEM, 1)[0]
        assert last.settled_at == unit.now


def test_nothing_goes_of_a_comparison_that_somebody_holds(store: Store, clock: Clock) -> None:
    """However long it takes or was read, finished or not; let go of, nobody can hold it any more."""
    with store.write("comparison begun") as unit:
        made, slow = begun(unit).id, begun(unit).id
        for number in (made, slow):
            unit.comparisons.put(number, [row("a", Kind.DIFFERENT)])
        unit.comparisons.finish(made, {"different": 1})
    clock.pass_(timedelta(days=3))
    with store.write("comparison made") as unit:
        for number in (made, slow):
            assert unit.comparisons.hold(number, "one", unit.now + MINUTE)
        unit.comparisons.finish(begun(unit).id, {})
        unit.comparisons.purge(unit.now)
        assert [len(unit.comparisons.rows(one, ("", ""))) for one in (made, slow)] == [1, 1]
    clock.pass_(2 * MINUTE)
    with store.write("comparison made") as unit:
        unit.comparisons.finish(begun(unit).id, {})
        assert [len(unit.comparisons.rows(one, ("", ""))) for one in (made, slow)] == [0, 0]
        assert not unit.comparisons.hold(made, "one", unit.now + MINUTE, over=True)
        assert not unit.comparisons.is_held(made, "one")
        assert made in {one.id for one in unit.comparisons.trend(SYSTEM, 9)}
