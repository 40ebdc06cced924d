from __future__ import annotations

import os
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from bridge.domain.journal import Event
from bridge.store import Brake, NoticeRow, Store, StoreFault, Unit, upgrade
from bridge.store.store import SQLITE_LOOKS, fault_of, open_engine
from tests.store.conftest import (
    CODE,
    NOON,
    SYSTEM,
    Clock,
    PowerCut,
    arrival,
    cut,
    line,
    open_link,
    state,
    together,
)


class Hook:
    """Notes every commit; dies where it is told."""

    def __init__(self, dies: tuple[str, str] | None = None) -> None:
        self.calls: list[tuple[str, str]] = []
        self.dies = dies

    def __call__(self, name: str, phase: str) -> None:
        self.calls.append((name, phase))
        if (name, phase) == self.dies:
            raise PowerCut


def everything(unit: Unit) -> None:
    """Write a row of every noun."""
    link = open_link(unit)
    unit.inbox.add([arrival()])
    unit.inbox.move_cursor(SYSTEM, 7)
    unit.outbox.post([state(link, 1)])
    unit.outbox.take_shard(SYSTEM, 0, "w1", NOON)
    unit.systems.set(SYSTEM, state="paused")
    unit.conflicts.raise_(CODE, SYSTEM, "status", "no_owner", 1, 2)
    unit.notices.add(NoticeRow("n1", CODE, SYSTEM, "dead", "error", None, "…", NOON))
    unit.dossiers.next_import_number("H40.05-261120-")
    unit.journal.add(Event.POSTED, code=CODE, system=SYSTEM)


def seen(store: Store) -> list[bool]:
    """Tell of each noun whether the store holds it."""
    with store.read() as unit:
        return [
            (CODE, SYSTEM) in unit.links.of_codes([CODE]),
            unit.inbox.refs(SYSTEM) == {"r1"},
            unit.inbox.cursor(SYSTEM) == 7,
            len(unit.outbox.of_code(CODE)) == 1,
            unit.outbox.owners() == {"w1"},
            unit.systems.of(SYSTEM).state == "paused",
            len(unit.conflicts.all_open()) == 1,
            len(unit.notices.of(CODE)) == 1,
            unit.dossiers.next_import_number("H40.05-261120-") == 2,
            unit.journal.last() == 1,
        ]


def post_everything(store: Store) -> None:
    with store.write("post") as unit:
        everything(unit)


def link_twice(store: Store) -> None:
    with store.write("link") as unit:
        open_link(unit)
        open_link(unit)


def test_a_unit_commits_all_it_holds(store: Store) -> None:
    """What one unit wrote to every noun is there after it, for everybody."""
    post_everything(store)
    assert all(seen(store))


def test_a_unit_that_fails_leaves_nothing(store: Store) -> None:
    """An end after writes to every noun leaves no trace of any, the journal included."""
    cut(store, everything)
    assert not any(seen(store))


def test_the_hook_stands_just_before_and_just_after_the_commit(store: Store, rival: Store) -> None:
    """Before the commit nobody else sees the work; after it everybody does."""
    seen_by_others: list[tuple[str, str, bool]] = []

    def look(name: str, phase: str) -> None:
        seen_by_others.append((name, phase, line(rival) != []))

    store.on_commit = look
    with store.write("post") as unit:
        unit.outbox.post([state(open_link(unit), 1)])
    assert seen_by_others == [("post", "before", False), ("post", "after", True)]


def test_death_before_the_commit_leaves_nothing(store: Store) -> None:
    """A hook that dies before the commit takes the whole unit with it, and the next one works."""
    store.on_commit = Hook(("post", "before"))
    with pytest.raises(PowerCut):
        post_everything(store)
    assert not any(seen(store))
    store.on_commit = None
    post_everything(store)
    assert all(seen(store))


def test_death_after_the_commit_keeps_all(store: Store) -> None:
    """A hook that dies after the commit finds all of it kept."""
    store.on_commit = Hook(("post", "after"))
    with pytest.raises(PowerCut):
        post_everything(store)
    assert all(seen(store))


def test_the_hook_hears_of_writes_that_reach_their_commit_only(store: Store) -> None:
    """A read, and a write that failed on its way, call no hook."""
    hook = store.on_commit = Hook()
    with store.read() as unit:
        unit.journal.last()
    cut(store)
    with store.write("settle"):
        pass
    assert hook.calls == [("settle", "before"), ("settle", "after")]


def test_a_read_keeps_nothing(store: Store) -> None:
    """What is written through a read is gone with it."""
    with store.read() as unit:
        unit.inbox.move_cursor(SYSTEM, 7)
    with store.read() as unit:
        assert unit.inbox.cursor(SYSTEM) is None


def test_a_read_sees_one_state(store: Store) -> None:
    """A read that began before a commit shows the same all along; the next one shows the new."""
    with store.read() as unit:
        before = unit.inbox.counts()
        with store.write("receive page") as writing:
            writing.inbox.add([arrival()])
        assert unit.inbox.counts() == before == {}
    with store.read() as unit:
        assert unit.inbox.counts() == {(SYSTEM, "waiting"): 1}


def test_a_glance_sees_what_is_committed_and_leaves_no_trace_on_its_connection(
    store: Store,
) -> None:
    """What fails after it, on the connection it used, is undone as ever."""
    with store.write("receive page") as unit:
        unit.inbox.add([arrival()])
    with store.glance() as unit:
        assert unit.inbox.counts() == {(SYSTEM, "waiting"): 1}
    with pytest.raises(StoreFault):
        link_twice(store)
    with store.glance() as unit:
        assert unit.links.of_codes([CODE]) == {}


def test_a_glance_is_one_message(store: Store) -> None:
    """PostgreSQL hears of no transaction around it."""
    with store.read() as unit:
        in_read = _transaction_status(unit)
    with store.glance() as unit:
        in_glance = _transaction_status(unit)
    expected = (None, None) if store.is_sqlite else ("INTRANS", "IDLE")
    assert (in_read, in_glance) == expected


def _transaction_status(unit: Unit) -> str | None:
    unit.inbox.counts()
    driver: Any = unit.connection.connection.dbapi_connection
    return None if unit.connection.dialect.name == "sqlite" else driver.info.transaction_status.name


def test_two_processes_take_turns(store: Store, rival: Store) -> None:
    """Numbers drawn by two processes at once, from the very first on, never repeat nor skip."""

    def draw(one: Store) -> list[int]:
        numbers = []
        for _ in range(20):
            with one.write("reserve import") as unit:
                numbers.append(unit.dossiers.next_import_number("H40.05-261120-"))
        return numbers

    first, second = together(lambda: draw(store), lambda: draw(rival))
    assert sorted(first + second) == list(range(1, 41))


def test_a_brake_set_for_the_first_time_by_two_processes(store: Store, rival: Store) -> None:
    """Two that set the first brake of a system at once both succeed, and there is one brake."""

    def note(one: Store, name: str) -> None:
        with one.write("settle") as unit:
            unit.systems.set(name, last_success_at=unit.now)

    names = [f"system{n}" for n in range(20)]
    for name in names:
        together(lambda name=name: note(store, name), lambda name=name: note(rival, name))  # type: ignore[misc]
    with store.read() as unit:
        brakes = unit.systems.all()
    assert brakes == {
        name: Brake(name, "running", None, None, NOON, last_success_at=NOON) for name in names
    }


def test_moments_of_a_system_are_given_once(store: Store, rival: Store) -> None:
    """Two processes that take blocks of moments at once get different ones, none twice."""
    gap = timedelta(milliseconds=100)

    def take(one: Store) -> list[datetime]:
        firsts = []
        for _ in range(10):
            with one.write("take moments") as unit:
                firsts.append(unit.systems.moments(SYSTEM, gap, 5))
        return firsts

    ours, theirs = together(lambda: take(store), lambda: take(rival))
    assert sorted(ours + theirs) == [NOON + n * 5 * gap for n in range(20)]


def test_whoever_tries_a_system_is_known_and_can_be_forgotten(store: Store) -> None:
    """The process is told without its thread; one that is over, or forgotten, is nobody."""
    with store.write("try one call") as unit:
        until = NOON + timedelta(minutes=1)
        unit.systems.set(SYSTEM, probed_by="here:1:1/140", probed_until=until)
        unit.systems.set("other", probed_by="there:2:2/7", probed_until=NOON)
        assert unit.systems.owners() == {"here:1:1"}
        unit.systems.expire_probes("here:1:1")
        assert unit.systems.owners() == set()
        assert unit.systems.of(SYSTEM).probed_by is None
        assert unit.systems.of("other").probed_by == "there:2:2/7"


def test_setting_a_brake_leaves_its_other_columns(store: Store) -> None:
    """A column that is set changes alone; a system never heard of is running."""
    with store.write("pause") as unit:
        assert unit.systems.of(SYSTEM) == Brake(SYSTEM, "running", None, None, NOON)
        unit.systems.set(SYSTEM, state="paused", reason="by hand")
        unit.systems.set(SYSTEM, failures=3)
        assert unit.systems.of(SYSTEM) == Brake(SYSTEM, "paused", "by hand", None, NOON, 3)


def test_sqlite_keeps_what_it_has_said_to_keep(store: Store) -> None:
    """Every connection, reading or writing, has WAL and synchronous=FULL (2)."""
    if not store.is_sqlite:
        pytest.skip("PRAGMAs are SQLite's")
    with store.write("one") as writing, store.read() as reading:
        for unit in (writing, reading):
            said = [
                unit.connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
                for name in ("journal_mode", "synchronous", "foreign_keys")
            ]
            assert said == ["wal", 2, 1]


def test_a_new_sqlite_store_is_its_owners_alone(tmp_path: Path, clock: Clock) -> None:
    """Its file and its log, whatever the process lets others read; one that is there stays as it is."""
    file = tmp_path / "state" / "bridge.db"
    before = os.umask(0o022)
    try:
        store = Store(f"sqlite:///{file}", clock)
        with store.read() as unit:
            unit.connection.exec_driver_sql("SELECT 1")
        assert {one.stat().st_mode & 0o777 for one in file.parent.iterdir()} == {0o600}
        file.chmod(0o640)
        store.close()
        Store(store.url, clock).close()
    finally:
        os.umask(before)
    assert file.stat().st_mode & 0o777 == 0o640


def test_postgresql_answers_after_the_disk(store: Store) -> None:
    """On PostgreSQL a commit is answered when it is durable."""
    if store.is_sqlite:
        pytest.skip("a setting of PostgreSQL")
    with store.write("one") as unit:
        assert unit.connection.exec_driver_sql("SHOW synchronous_commit").scalar_one() == "on"


def test_a_fault_names_no_value_and_harms_no_later_unit(store: Store) -> None:
    """A broken rule of the database is a fault without the row's values; the store goes on."""
    with pytest.raises(StoreFault) as fault:
        link_twice(store)
    assert CODE not in str(fault.value)
    with store.write("link") as unit:
        assert open_link(unit).code == CODE


def test_a_store_that_does_not_answer_is_a_fault_without_the_password() -> None:
    """Unreachable: opening is quiet, the first unit says where, and the password stays unsaid."""
    store = Store("postgresql+psycopg://bridge:t0psecret@127.0.0.1:1/bridge", Clock())
    assert not store.ready()
    with pytest.raises(StoreFault, match=r"127\.0\.0\.1:1/bridge") as fault, store.write("one"):
        pass
    assert "t0psecret" not in str(fault.value)


def test_what_was_committed_is_there_when_opened_again(store_url: str, clock: Clock) -> None:
    """A store that is closed and opened again holds what it held."""
    upgrade(store_url)
    for turn in (1, 2):
        store = Store(store_url, clock)
        assert store.ready()
        with store.write("receive page") as unit:
            assert unit.inbox.cursor(SYSTEM) == (None if turn == 1 else {"page": 1})
            unit.inbox.move_cursor(SYSTEM, {"page": turn})
        store.close()


def test_a_server_that_vanishes_is_noticed(postgres_database: str) -> None:
    """A connection says how long it waits for a silent server; what the url says goes before."""
    url = make_url(postgres_database).update_query_dict({"keepalives_idle": "60"})
    engine = open_engine(url.render_as_string(hide_password=False))
    try:
        with engine.connect() as connection:
            driver = connection.connection.driver_connection
            assert driver is not None
            told = driver.info.get_parameters()
        assert (told["tcp_user_timeout"], told["keepalives_idle"]) == ("30000", "60")
    finally:
        engine.dispose()


@pytest.mark.parametrize(
    ("said", "transient"),
    [
        ('connection failed: FATAL:  password authentication failed for user "bridge"', False),
        ('FATAL:  database "bridge" does not exist', False),
        ("connection refused\n\tIs the server running on that host?", True),
        ("FATAL:  the database system is starting up", True),
    ],
)
def test_a_fault_tells_whether_waiting_may_help(said: str, transient: bool) -> None:
    """A refused login stays refused; a server that is away may come back."""
    error = DBAPIError(None, None, psycopg.OperationalError(said))
    assert fault_of("postgresql+psycopg://bridge@db/bridge", error).transient is transient


def test_the_connections_that_stay_open_are_opened_at_once(store: Store) -> None:
    """SQLite's, so that none is opened when many work at once; then all of them serve."""
    store.open_all()
    opened = store._engine.pool.checkedin()  # type: ignore[attr-defined]
    assert opened == (SQLITE_LOOKS.kept if store.is_sqlite else 0)
    assert store.ready()


def test_one_connection_to_sqlite_writes(tmp_path: Path, clock: Clock) -> None:
    """Its pages stay good from one transaction to the next; whoever looks meanwhile has another."""
    store = Store(f"sqlite:///{tmp_path}/store.db", clock)
    written = []
    for _ in range(3):
        with store.write("t") as unit, store.read() as look:
            written.append(unit.connection.connection.dbapi_connection)
            assert look.connection.connection.dbapi_connection is not written[-1]
    store.close()
    assert written == written[:1] * 3
