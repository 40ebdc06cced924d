"""One run: everybody works while everything fails; then both sides are laid beside each other."""

from __future__ import annotations

import threading
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from bridge.bootstrap import open_house
from bridge.engine import survey
from bridge.engine.house import House
from bridge.store.inbox import WAITING
from tools.chaos import evidence
from tools.chaos.bridge import free_port, running, scrape
from tools.chaos.comparison import Comparison, compare, look_at
from tools.chaos.databases import databases
from tools.chaos.faults import Account, Lives, Reaper, Weather
from tools.chaos.people import Clerks, Officers, spread
from tools.chaos.recovery import Recovery, recoveries
from tools.chaos.town import SECTORS, Town, town

TICK = 0.5
"""Seconds between two moments when people do something."""

LOOK_EVERY = 1.0
KILLS_LEAST = 2
"""How often the daemon is killed in a run, however short it is."""

PATIENCE = 300.0
"""Seconds after the last fault until both sides must show the same."""


@dataclass(frozen=True)
class Order:
    """What is asked of a run. ``own`` is how many dossiers all ministries file by themselves."""

    database: str
    dossiers: int
    seconds: float
    seed: int
    own: int
    lives: Lives = field(default_factory=Lives)


@dataclass(frozen=True)
class Outcome:
    """What came of a run."""

    order: Order
    folder: Path
    seconds: float
    """How long people worked and everything failed."""
    rest_seconds: float | None
    """From the last fault until both sides showed the same; ``None`` when they never did."""
    moved: int
    """How often a ministry moved a dossier on."""
    known: int
    """How many dossiers people keyed and ministries filed: so many must be compared."""
    comparison: Comparison
    recoveries: list[Recovery]
    balance: survey.Balance
    quarantined: int
    entries: int
    broken: int | None
    """The journal's entries, and the first that breaks its chain."""
    told: list[str]
    """Where a personal value stands that should not."""
    unasked: list[int]
    """Exit codes of lives that ended without being killed."""
    exit_code: int

    @property
    def good(self) -> bool:
        """Whether nothing was lost, nothing done twice, nothing left to a person, nothing told."""
        left = self.balance.waiting + self.balance.in_doubt + self.balance.dead
        wrong = left + self.balance.conflicts + self.quarantined
        ended_well = self.exit_code == 0 and not self.unasked
        all_there = self.comparison.good and self.comparison.compared == self.known
        whole = self.broken is None and all_there
        return whole and ended_well and not wrong and not self.told


def run(order: Order, folder: Path) -> Outcome:
    """Play a run in ``folder``, which is left behind to be searched."""
    chance = Random(order.seed)
    with ExitStack() as stack:
        both = stack.enter_context(databases(order.database, folder))
        port = free_port()
        place = stack.enter_context(town(folder, both, port))
        clerks = Clerks(both.direct["onestop"], folder / "documents", Random(chance.random()))
        stack.callback(clerks.close)
        officers = Officers(place, max(1, order.own // len(SECTORS)))
        account, writing = Account(), threading.Lock()
        weather = Weather(place, Random(chance.random()), account)
        reaper = Reaper(place, port, Random(chance.random()), account, lambda: writing, order.lives)
        began = time.monotonic()
        with reaper, weather:
            _everybody_works(order, clerks, officers, writing)
            reaper.wait_for(KILLS_LEAST)
        seconds = time.monotonic() - began
        opened = open_house(place.settings)
        stack.callback(opened.close)
        with running(folder, reaper.log) as bridge:
            rest, comparison = until_at_rest(place, opened.house)
            balance = survey.balance(
                opened.house
            )  # what is read as it stops waits for the next life
            scrape(port, reaper.metrics / "at_rest.txt")
            code = bridge.stop()
        said = evidence.keep_journal(opened.house, folder)
        standings = survey.standings(opened.house)
        return Outcome(
            order=order,
            folder=folder,
            seconds=seconds,
            rest_seconds=rest,
            moved=officers.moved,
            known=clerks.keyed + officers.filed,
            comparison=comparison,
            recoveries=recoveries(account.faults, said.moves, evidence.work(opened.house)),
            balance=balance,
            quarantined=sum(one.quarantined for one in standings),
            entries=said.entries,
            broken=said.broken,
            told=evidence.told(folder, evidence.people(both.direct["onestop"])),
            unasked=reaper.unasked,
            exit_code=code,
        )


def _everybody_works(
    order: Order, clerks: Clerks, officers: Officers, writing: threading.Lock
) -> None:
    """Deal the work out over the time there is, a tick at a time."""
    ticks = max(1, round(order.seconds / TICK))
    pause = threading.Event()
    started = time.monotonic()
    for tick, n in enumerate(spread(order.dossiers, ticks)):
        pause.wait(max(0.0, started + tick * TICK - time.monotonic()))
        with writing:
            clerks.work(n)
        if tick == ticks // 2:
            officers.file()
        officers.move(1 + n)


def held(place: Town) -> dict[str, Any]:
    """Return what every ministry holds."""
    return {name: one.tell("records") for name, one in place.ministries.items()}


def twice(place: Town) -> list[str]:
    """Return what a ministry says it holds twice."""
    said = {name: one.tell("duplicates") for name, one in place.ministries.items()}
    return [f"{name}: {code} twice, it says" for name, codes in said.items() for code in codes]


def until_at_rest(place: Town, house: House) -> tuple[float | None, Comparison]:
    """Wait until nothing is on its way and both sides show the same, for ``PATIENCE``."""
    started = time.monotonic()
    pause = threading.Event()
    while True:
        waited = time.monotonic() - started
        late = waited > PATIENCE
        if late or _at_rest(house):
            comparison = compare(look_at(place.databases.direct["onestop"]), held(place))
            comparison.twice += twice(place)
            if late or (comparison.good and _at_rest(house)):
                return (waited if comparison.good else None), comparison
        pause.wait(LOOK_EVERY)


def _at_rest(house: House) -> bool:
    """Tell whether nothing is on its way, out or in."""
    balance = survey.balance(house)
    with house.store.read() as unit:
        read = [n for (_, state), n in unit.inbox.counts().items() if state == WAITING]
    return not (balance.waiting or balance.in_doubt or any(read))
