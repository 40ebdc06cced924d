"""Imprints: what both sides of some days showed as a whole, and what ends one."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from sqlalchemy import text

from bridge.domain.comparison import Place
from bridge.domain.delivery import OPEN, State
from bridge.store import Agreement, Arrival, Imprint, Store, StoreFault, Unit, imprints
from tests.store.conftest import CODE, MINUTE, SYSTEM, Clock, end, line, open_link, state

DAY = date(2026, 11, 20)
OTHER = f"{CODE[:-1]}2"
NUMBER = "GPLX-0001"
ASKED = {"onestop": "onestop", "unnumbered": "?"}


def imprint(since: date = DAY, until: date = DAY) -> Imprint:
    place = Place(DAY.isoformat(), "H40.05", None)
    return Imprint(since, until, "ours", "theirs", {place: 2}, bytes(16), (0, 7), (3,))


def agreement(unit: Unit, code: str, day: date = DAY) -> Agreement:
    link = unit.links.of_codes([code])[code, SYSTEM]
    return Agreement(code, link.id, day, "ours", "theirs")


@pytest.fixture
def agreed(store: Store) -> Store:
    """A store in which a dossier with a number is agreed, and another one has a link."""
    with store.write("post") as unit:
        unit.links.change(open_link(unit, CODE).id, ref=NUMBER)
        open_link(unit, OTHER)
    with store.write("agree") as unit:
        unit.agreements.keep(SYSTEM, [agreement(unit, CODE)])
    with store.write("comparison kept") as unit:
        unit.imprints.keep(SYSTEM, imprint())
    return store


def days(store: Store, since: date, until: date) -> list[tuple[date, date]]:
    with store.read() as unit:
        return unit.imprints.days(SYSTEM, since, until)


def test_an_imprint_is_of_its_days_and_takes_the_place_of_all_it_touches(store: Store) -> None:
    first, week = DAY - timedelta(days=9), timedelta(days=7)
    with store.write("comparison kept") as unit:
        for since in (first, first + week):
            unit.imprints.keep(SYSTEM, imprint(since, since + timedelta(days=6)))
        unit.imprints.keep("another", imprint(first, DAY))
    with store.read() as unit:
        assert unit.imprints.of(SYSTEM, first, first + timedelta(days=6)) == imprint(
            first, first + timedelta(days=6)
        )
        assert unit.imprints.of(SYSTEM, first, first + timedelta(days=5)) is None
    both = days(store, DAY - timedelta(days=3), DAY)
    assert [since for since, _ in both] == [first, first + week]
    with store.write("comparison kept") as unit:
        unit.imprints.keep(SYSTEM, imprint(DAY - timedelta(days=3), DAY))
    assert days(store, date.min, date.max) == [(DAY - timedelta(days=3), DAY)]
    with store.read() as unit:
        assert unit.imprints.of("another", first, DAY) is not None


def test_who_keeps_an_agreement_ends_the_imprint_of_its_day(agreed: Store) -> None:
    """One of another day, or of another system, does not."""
    with agreed.write("agree") as unit:
        unit.agreements.keep(SYSTEM, [])
        unit.agreements.keep(SYSTEM, [agreement(unit, OTHER, DAY + timedelta(days=1))])
        unit.agreements.keep("another", [agreement(unit, OTHER)])
    assert days(agreed, DAY, DAY) == [(DAY, DAY)]
    with agreed.read() as unit:
        assert list(unit.agreements.of_days(SYSTEM, DAY, DAY)) == [CODE]
        assert not unit.agreements.is_any_unnumbered(SYSTEM, DAY, DAY)
        assert unit.agreements.is_any_unnumbered(SYSTEM, DAY, DAY + timedelta(days=1))
        assert unit.agreements.count(SYSTEM, DAY, DAY + timedelta(days=1)) == 2
    with agreed.write("agree") as unit:
        unit.agreements.keep(SYSTEM, [agreement(unit, OTHER)])
    assert days(agreed, DAY, DAY) == []


def test_nobody_keeps_an_agreement_while_an_imprint_is_kept(agreed: Store, rival: Store) -> None:
    """It would see no imprint to end, and the imprint would not count it."""
    if agreed.url.startswith("sqlite"):
        pytest.skip("on SQLite there is one writer at a time")
    with agreed.write("comparison kept") as unit:
        unit.imprints.alone()
        with pytest.raises(StoreFault, match="lock"):
            agree_at_once(rival)
        unit.imprints.keep(SYSTEM, imprint())
    with rival.write("agree") as other:
        other.agreements.keep(SYSTEM, [agreement(other, OTHER)])
    assert days(agreed, DAY, DAY) == []


def agree_at_once(store: Store) -> None:
    """Keep an agreement, or fail where that has to wait."""
    with store.write("agree") as unit:
        unit.connection.execute(text("SET LOCAL lock_timeout = '1ms'"))
        unit.agreements.keep(SYSTEM, [agreement(unit, OTHER)])


def test_an_imprint_that_does_not_hold_for_long_is_let_go_of(agreed: Store, clock: Clock) -> None:
    begun = clock()
    clock.pass_(MINUTE)
    with agreed.write("comparison kept") as unit:
        unit.imprints.use(SYSTEM, DAY)
    with agreed.write("comparisons tidied") as unit:
        unit.imprints.purge(begun + MINUTE)
    assert days(agreed, DAY, DAY) == [(DAY, DAY)]
    with agreed.write("comparisons tidied") as unit:
        unit.imprints.purge(begun + 2 * MINUTE)
    assert days(agreed, DAY, DAY) == []


def arrives(source: str, ref: str) -> Callable[[Unit], object]:
    return lambda unit: unit.inbox.add([Arrival(source, ref, "another", {"so": 1})])


def is_asked(code: str) -> Callable[[Unit], object]:
    return lambda unit: unit.conflicts.raise_(code, SYSTEM, "record", "shared", code, NUMBER)


@pytest.mark.parametrize(
    ("stirs", "happens"),
    [
        (True, arrives("onestop", CODE)),
        (True, arrives(SYSTEM, CODE)),
        (True, arrives(SYSTEM, f"?{CODE}")),
        (True, arrives(SYSTEM, NUMBER)),
        (True, is_asked(CODE)),
        (False, arrives("onestop", OTHER)),
        (False, arrives("another", CODE)),
        (False, arrives(SYSTEM, f"?{OTHER}")),
        (False, is_asked(OTHER)),
    ],
)
def test_what_is_under_way_of_what_is_agreed_stirs_its_days(
    agreed: Store, happens: Callable[[Unit], object], stirs: bool
) -> None:
    """In the inbox under whatever name, or before a person; what is under way of another does not."""
    assert not stirred(agreed)
    with agreed.write("receive page") as unit:
        happens(unit)
    assert stirred(agreed) is stirs
    assert not stirred(agreed, DAY + timedelta(days=1))


@pytest.mark.parametrize("now", State)
def test_what_stands_in_line_stirs_its_day(agreed: Store, now: State) -> None:
    """Until it has ended, whether it is on its way, waits, or could not be sent."""
    with agreed.write("post") as unit:
        unit.outbox.post([state(unit.links.of_codes([CODE])[CODE, SYSTEM], 1)])
    end(agreed, line(agreed)[0], now)
    assert stirred(agreed) is (now in OPEN)


def test_days_are_asked_about_without_going_through_all_that_ever_was(agreed: Store) -> None:
    """SQLite, told that nearly all deliveries are of one state, would rather read them all."""
    if not agreed.url.startswith("sqlite"):
        pytest.skip("it is SQLite that has to be led to an index")
    with agreed.write("post") as unit:
        link = unit.links.of_codes([OTHER])[OTHER, SYSTEM]
        unit.outbox.post([state(link, seq) for seq in range(200)])
        unit.connection.execute(text("UPDATE delivery SET state = 'confirmed'"))
        unit.connection.execute(text("ANALYZE"))
    with agreed.read() as unit:
        for look in imprints.STIRRED:
            spelt = str(look.compile(dialect=unit.connection.dialect))
            plan = unit.connection.exec_driver_sql(
                f"EXPLAIN QUERY PLAN {spelt}", (None,) * spelt.count("?")
            )
            assert not re.search("SCAN (inbox|conflict|delivery)", str(plan.all()))


def stirred(store: Store, day: date = DAY) -> bool:
    with store.read() as unit:
        return unit.imprints.stirred(SYSTEM, day, day, **ASKED)
