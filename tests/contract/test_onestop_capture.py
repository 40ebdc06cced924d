"""Capture from a one-stop database: every change is met, whatever clocks and commits do."""

from __future__ import annotations

import random
from collections.abc import Collection, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from bridge.sdk import Snapshot
from bridge.sdk.records import Unreadable
from tests.contract.onestop_world import CODE, MORNING, World, iso, numbered

BETWEEN = {
    "watermark": None,
    "reached": None,
    "at": None,
    "ahead": None,
    "whole": True,
    "late": False,
}
"""The cursor between two rounds before anything was met."""

EXACTLY = MORNING + timedelta(milliseconds=1)
"""A stamp that stands for one content alone: one of whole seconds is read again five seconds later."""

EVERY = timedelta(seconds=20)
"""How often the whole overlap is read, unless it is told otherwise."""


@pytest.fixture
def world(store_url: str, tmp_path: Path) -> Iterator[World]:
    world = World(store_url, tmp_path)
    yield world
    world.close()


@pytest.fixture
def daily(store_url: str, tmp_path: Path) -> Iterator[World]:
    """Return a world whose rounds are short but for one in twenty seconds, as the daemon's are."""
    world = World(store_url, tmp_path, overlap_every_seconds=EVERY.seconds)
    world.now += timedelta(seconds=1)
    yield world
    world.close()


@pytest.fixture
def sqlite_world(tmp_path: Path) -> Iterator[World]:
    world = World(f"sqlite:///{tmp_path}/onestop.db", tmp_path)
    yield world
    world.close()


def test_the_first_round_returns_everything_and_the_next_nothing(world: World) -> None:
    """What was seen once is not returned again, though the overlap walks over it again."""
    codes = [world.file(numbered(n)) for n in range(7)]
    assert world.round() == codes
    assert world.round() == []


def test_an_empty_database_is_a_finished_round(world: World) -> None:
    """No rows: no snapshots, no watermark, nothing more."""
    assert world.page() == ([], False)
    assert world.cursor == BETWEEN
    world.file()
    assert world.round() == [CODE]


def test_a_page_border_between_equal_stamps_skips_nobody(world: World) -> None:
    """Forty dossiers of one stamp come in pages of three, each once."""
    codes = [world.file(numbered(n)) for n in range(40)]
    assert world.round(limit=3) == codes


def test_more_known_rows_than_a_page_looks_at_do_not_hide_a_new_one(world: World) -> None:
    """A page full of known rows ends with more = True and the walk goes on behind it."""
    stamp = iso(MORNING)
    rows = [{"code": numbered(n), "stamp": stamp} for n in range(2300)]
    statement = (
        "INSERT INTO dossier (code, procedure_code, agency_code, applicant_name, status, "
        "updated_at) VALUES (:code, '1.002835', 'H40.05', 'Trần Thị Mẫu', 2, :stamp)"
    )
    with world.clerk.begin() as connection:
        connection.execute(text(statement), rows)
    world.round(limit=200)
    world.file(numbered(9000), updated_at=stamp)
    codes, more = world.page(limit=200)
    assert (codes, more) == ([], True)
    assert world.page(limit=200) == ([numbered(9000)], False)


def test_a_page_asks_only_for_the_limit(world: World) -> None:
    """The page holds at most ``limit`` and says that more is there."""
    for n in range(5):
        world.file(numbered(n))
    assert world.page(limit=2) == ([numbered(0), numbered(1)], True)
    assert world.page(limit=2) == ([numbered(2), numbered(3)], True)
    assert world.page(limit=2) == ([numbered(4)], False)


def test_a_late_commit_is_met_in_the_overlap(world: World) -> None:
    """A row stamped nine minutes before one that was seen, and committed after it, is captured."""
    world.file(numbered(1), updated_at=iso(MORNING))
    world.round()
    world.file(numbered(2), updated_at=iso(MORNING - timedelta(minutes=9)))
    assert world.round() == [numbered(2)]


def test_a_short_round_asks_about_the_last_seconds_alone(daily: World) -> None:
    """What came since is met at once; of what was met before, nearly nothing is asked again."""
    for n in range(10):
        daily.file(numbered(n), updated_at=iso(MORNING - timedelta(seconds=15 * n)))
    daily.round()
    daily.file(numbered(20), updated_at=iso(daily.now))
    asked: list[str] = []

    def seen(pairs: Collection[tuple[str, str]]) -> Collection[str]:
        asked.extend(code for code, _ in pairs)
        return daily.seen(pairs)

    captured = daily.onestop.changes(daily.cursor, seen, 100)
    assert [one.code for one in captured.snapshots if isinstance(one, Snapshot)] == [numbered(20)]
    assert asked == [numbered(1), numbered(0), numbered(20)]


def test_a_late_commit_waits_for_the_next_whole_round(daily: World) -> None:
    """Nine minutes late: not met by a short round, and by the whole one that comes within 20 s.

    Short rounds may have gone on far: the watermark stayed where the last whole round left it.
    """
    daily.file(numbered(1), updated_at=iso(EXACTLY))
    daily.round()
    daily.now += EVERY - timedelta(seconds=1)
    daily.file(numbered(2), updated_at=iso(daily.now))
    assert daily.round() == [numbered(2)]
    daily.file(numbered(3), updated_at=iso(EXACTLY - timedelta(minutes=9)))
    assert daily.round() == []
    assert daily.cursor["watermark"] == EXACTLY.isoformat()
    daily.now += timedelta(seconds=1)
    assert daily.round() == [numbered(3)]


def test_after_a_late_commit_the_next_rounds_are_whole(daily: World) -> None:
    """Another one may follow, of a slow clock or of another offset: it is met at once."""
    daily.file(numbered(1), updated_at=iso(EXACTLY))
    daily.round()
    late = EXACTLY - timedelta(minutes=9)
    daily.now += EVERY
    for n in range(2, 5):
        daily.file(numbered(n), updated_at=iso(late))
        assert daily.round() == [numbered(n)]
    assert daily.round() == []
    daily.file(numbered(5), updated_at=iso(late))
    assert daily.round() == []


def test_a_process_begins_with_a_whole_round(daily: World) -> None:
    """What was committed late before it is met by its first round, and a clock set back tells of nothing."""
    daily.file(numbered(1), updated_at=iso(EXACTLY))
    daily.round()
    daily.file(numbered(2), updated_at=iso(EXACTLY - timedelta(minutes=9)))
    daily.onestop.close()
    daily.onestop = daily.open()
    assert daily.round() == [numbered(2)]
    assert daily.round() == []
    daily.file(numbered(3), updated_at=iso(EXACTLY - timedelta(minutes=9)))
    daily.now -= timedelta(seconds=2)
    assert daily.round() == [numbered(3)]


def test_a_late_commit_is_met_after_a_round_that_lay_still_for_days(world: World) -> None:
    """The watermark is that of the round's beginning: stopping mid-walk hides no late commit."""
    for n in range(4):
        world.file(numbered(n), updated_at=iso(MORNING + timedelta(seconds=n)))
    world.now = MORNING + timedelta(minutes=1)
    assert world.page(limit=3)[1]
    world.file(numbered(9), updated_at=iso(MORNING - timedelta(minutes=5)))
    world.now += timedelta(days=2)
    world.file(numbered(5), updated_at=iso(world.now))
    assert world.round() == [numbered(3), numbered(5)]
    assert world.round() == [numbered(9)]


def test_a_clock_an_hour_ahead_hides_nothing(world: World) -> None:
    """The watermark never passes the engine's clock, so rows stamped rightly are still met."""
    world.file(numbered(1), updated_at=iso(MORNING + timedelta(hours=1)))
    assert world.round() == [numbered(1)]
    assert world.cursor["watermark"] == MORNING.isoformat()
    world.file(numbered(2), updated_at=iso(MORNING + timedelta(seconds=1)))
    world.now += timedelta(seconds=2)
    assert world.round() == [numbered(2)]
    world.change(numbered(1), status=4, updated_at=iso(MORNING + timedelta(hours=1, seconds=1)))
    assert world.round() == [numbered(1)]


def test_what_is_keyed_once_our_own_clock_was_put_right_is_met(world: World) -> None:
    """It ran an hour ahead, and so did the stamps of what was written by it: the watermark is in the future."""
    world.now += timedelta(hours=1)
    world.file(numbered(1), updated_at=iso(world.now))
    assert world.round() == [numbered(1)]
    world.now -= timedelta(minutes=59)
    world.file(numbered(2), updated_at=iso(world.now))
    assert world.round() == [numbered(2)]


def test_a_clock_an_hour_behind_hides_nothing(world: World) -> None:
    """The watermark stays with the largest stamp there is, not with our clock."""
    world.file(numbered(1), updated_at=iso(MORNING - timedelta(hours=1)))
    world.round()
    world.now += timedelta(minutes=30)
    world.file(numbered(2), updated_at=iso(MORNING - timedelta(minutes=30)))
    assert world.round() == [numbered(2)]


def test_rows_moved_while_the_walk_goes_on_are_met(world: World) -> None:
    """A row changed ahead of or behind the walk is captured as it became."""
    for n in range(6):
        world.file(numbered(n), updated_at=iso(MORNING + timedelta(seconds=n)))
    world.now = MORNING + timedelta(minutes=1)
    assert world.page(limit=2) == ([numbered(0), numbered(1)], True)
    world.change(numbered(0), status=4, updated_at=iso(world.now))
    world.change(numbered(4), status=4, updated_at=iso(world.now))
    world.round(limit=2)
    world.round(limit=2)
    assert world.known[numbered(0)][1] == world.look(numbered(0)).content_hash
    assert world.known[numbered(4)][1] == world.look(numbered(4)).content_hash


def test_two_changes_under_one_whole_second_are_both_captured(world: World) -> None:
    """Software that stamps seconds may change a row twice under one stamp: it is read again."""
    world.file(updated_at="2026-11-20T09:00:00+07:00")
    world.now = MORNING + timedelta(milliseconds=300)
    assert world.round() == [CODE]
    world.change(status=4)
    world.now += timedelta(seconds=10)
    assert world.round() == [CODE]
    assert world.known[CODE][1] == world.look().content_hash
    assert world.round() == []


def test_a_bad_row_is_told_and_its_neighbours_are_read(world: World) -> None:
    """One unreadable dossier comes as Unreadable between two snapshots."""
    for n in range(3):
        world.file(numbered(n), status=99 if n == 1 else 2)
    found = world.onestop.changes(None, lambda _: (), 10).snapshots
    assert [type(one) for one in found] == [Snapshot, Unreadable, Snapshot]


def test_a_value_the_driver_itself_chokes_on_spoils_only_its_own_dossier(world: World) -> None:
    """Bad UTF-8 on SQLite and an infinite time on PostgreSQL leave the neighbours readable."""
    for n in range(5):
        world.file(numbered(n))
    if world.sqlite:
        world.sql("UPDATE dossier SET summary = CAST(X'C3' AS TEXT) WHERE code = :c", c=numbered(2))
    else:
        world.change(numbered(2), due_at="infinity")
    found = world.onestop.changes(None, lambda _: (), 10).snapshots
    assert [type(one) for one in found] == [Snapshot, Snapshot, Unreadable, Snapshot, Snapshot]
    assert "Mẫu" not in str(found[2])


def test_a_cursor_survives_a_restart(world: World) -> None:
    """Another adapter goes on where the stored cursor stands."""
    for n in range(4):
        world.file(numbered(n))
    world.page(limit=2)
    world.onestop.close()
    world.onestop = world.open()
    assert world.round() == [numbered(2), numbered(3)]


@pytest.mark.parametrize(
    "written",
    [
        "2026-11-20T08:59:00+07:00",
        "2026-11-20T08:59:00.5+07:00",
        "2026-11-20T01:59:00Z",
        "2026-11-20 01:59:00+00:00",
        "2026-11-19T13:59:00-12:00",
        "2026-11-20T15:59:00+14:00",
        "2026-11-20 08:59:00",
        "2026-11-20T08:59",
    ],
)
def test_a_time_in_any_offset_is_met_on_sqlite(sqlite_world: World, written: str) -> None:
    """A row a minute old is captured whatever offset its text has, and whatever was seen before."""
    sqlite_world.file(numbered(1), updated_at=iso(MORNING))
    sqlite_world.round()
    sqlite_world.file(numbered(2), updated_at=written)
    assert sqlite_world.round() == [numbered(2)]
    assert sqlite_world.round() == []


def test_the_overlap_walks_over_few_rows_of_one_offset(sqlite_world: World) -> None:
    """Rows in Vietnam's offset, or Greenwich's, older than the overlap are not asked about."""
    for n in range(10):
        stamp = MORNING - timedelta(minutes=20 * n)
        sqlite_world.file(numbered(n), updated_at=iso(stamp))
        sqlite_world.file(numbered(100 + n), updated_at=iso(stamp, offset={"hours": 0}))
    sqlite_world.round()
    asked: list[str] = []

    def seen(pairs: object) -> list[str]:
        asked.extend(code for code, _ in pairs)  # type: ignore[attr-defined]
        return asked

    sqlite_world.onestop.changes(sqlite_world.cursor, seen, 10)
    assert sorted(asked) == [numbered(0), numbered(100)]


def test_a_stamp_that_is_no_time_is_told_every_round_and_stops_nothing(
    sqlite_world: World,
) -> None:
    """Garbage in updated_at is Unreadable and the watermark goes on with the readable ones."""
    sqlite_world.file(numbered(1), updated_at="2026-11-20Tgarbage")
    sqlite_world.file(numbered(2), updated_at=iso(MORNING))
    captured = sqlite_world.onestop.changes(None, lambda _: (), 10)
    unreadable = [one for one in captured.snapshots if isinstance(one, Unreadable)]
    assert [one.name for one in unreadable] == [numbered(1)]
    assert "dossier.updated_at" in unreadable[0].reason
    morning = MORNING.isoformat()
    assert captured.cursor == BETWEEN | {"watermark": morning, "reached": morning}


@pytest.mark.parametrize("seed", range(12))
def test_whatever_happens_the_engine_ends_with_what_the_database_says(
    world: World, seed: int
) -> None:
    """Clerks, late commits, wrong clocks and odd offsets at random: nothing is ever skipped."""
    world.onestop.close()
    world.onestop = world.open(overlap_every_seconds=EVERY.seconds * (seed % 2))
    rng = random.Random(seed)
    skew = timedelta(minutes=rng.choice((0, 0, 60, -60)))
    codes: list[str] = []
    offsets = [{"hours": hours} for hours in ((7, 0, -12, 14, 7, 7) if world.sqlite else (7,))]
    stamps: dict[str, str] = {}
    world.now += timedelta(milliseconds=1)

    def stamp() -> str:
        late = timedelta(seconds=rng.choice((0, 0, 1, 60, 540)))
        return iso(world.now + skew - late, offset=rng.choice(offsets))

    for step in range(60):
        world.now += timedelta(milliseconds=rng.choice((1, 7, 1000, 1001, 30_000, 400_000)))
        written = stamp()
        action = rng.random()
        if action < 0.35 or not codes:
            codes.append(world.file(numbered(step), updated_at=written))
            stamps[codes[-1]] = written
        elif action < 0.6:
            code = rng.choice(codes)
            if written != stamps[code]:
                stamps[code] = written
                world.change(code, status_note=f"step {step}", updated_at=written)
        elif action < 0.95:
            world.page(limit=rng.choice((1, 2, 5)))
        else:
            world.round()
    world.round(limit=3)
    world.now += EVERY
    world.round(limit=3)
    assert {code: world.known[code][1] for code in codes} == {
        code: world.look(code).content_hash for code in codes
    }


def test_what_is_there_is_told_by_its_key_alone(world: World) -> None:
    """Of many codes those that have a row, also where the row itself can't be read."""
    codes = [world.file(numbered(n)) for n in range(1, 4)]
    world.change(codes[1], details="{broken")
    world.sql("DELETE FROM dossier WHERE code = :code", code=codes[2])
    asked = [*codes, *(numbered(n) for n in range(4, 1500))]
    assert set(world.onestop.present(asked)) == set(codes[:2])
    assert set(world.onestop.present([])) == set()
