"""The one-stop's side of a comparison: the dossiers received on some days, each once."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from bridge.sdk import PATHS, Snapshot
from bridge.sdk.onestop import Unchanged
from bridge.sdk.records import Unreadable
from tests.contract.onestop_world import CODE, World, numbered

DAY = date(2026, 11, 20)


@pytest.fixture
def world(store_url: str, tmp_path: Path) -> Iterator[World]:
    world = World(store_url, tmp_path)
    yield world
    world.close()


def walked(
    world: World, limit: int, procedures: Collection[str] | None = None, until: date = DAY
) -> list[str]:
    """Walk to the end; returns the names of what was met."""
    met: list[str] = []
    after: str | None = None
    while True:
        page = world.onestop.received(DAY, until, procedures, after, limit)
        met += [one.name if isinstance(one, Unreadable) else one.code for one in page.dossiers]
        after = page.after
        if after is None:
            return met


def test_the_days_are_vietnams_and_each_dossier_is_met_once(world: World) -> None:
    """Whatever offset a time was written in, it counts on the day it was in Vietnam."""
    at = {
        1: "2026-11-20T00:00:00+07:00",
        2: "2026-11-19T23:59:59+07:00",
        3: "2026-11-19T17:00:00Z",
        4: "2026-11-20T16:59:59+00:00",
        5: "2026-11-20T17:00:00+00:00",
        6: "2026-11-20T23:59:59.999+07:00",
    }
    for number, received in at.items():
        world.file(numbered(number), received_at=received)
    world.file(numbered(7), received_at=None)
    wanted = [numbered(n) for n in (1, 3, 4, 6)]
    assert [walked(world, limit) for limit in (1, 2, 3, 7, 100)] == [wanted] * 5
    assert walked(world, 2, until=date(2026, 11, 21)) == [numbered(n) for n in (1, 3, 4, 5, 6)]


def test_only_the_procedures_that_are_asked_for_are_met(world: World) -> None:
    """``None`` is all of them, an empty list none."""
    code = world.file(numbered(1))
    assert walked(world, 10) == walked(world, 10, ["1.002835"]) == [code]
    assert walked(world, 10, ["1.003709"]) == walked(world, 10, []) == []


def test_one_that_can_not_be_read_is_met_and_named(world: World) -> None:
    """A status the law does not know spoils its own dossier, not its neighbours."""
    world.file(numbered(1), status=77)
    world.file(numbered(2))
    assert walked(world, 1) == [numbered(1), numbered(2)]


_AT = "2026-11-20T08:30:00+07:00"
ALL = frozenset({*PATHS, "details.*"})
_PROGRESS = f"(id, dossier_code, status, at, source) VALUES ('p1', '{{}}', 2, '{_AT}', 'onestop')"
_SUPPLEMENT = (
    "(id, dossier_code, requested_at, requested_by, request) "
    f"VALUES ('s1', '{{}}', '{_AT}', 'Sở', 'Bổ sung')"
)


def told(
    world: World, known: Mapping[str, str], paths: frozenset[str] = ALL
) -> tuple[object, dict[str, str]]:
    """Read a dossier whose mark may be known; returns what it is told as, and its mark."""
    asked: dict[str, str] = {}

    def alike(marks: Mapping[str, str]) -> set[str]:
        asked.update(marks)
        return {code for code, mark in marks.items() if known.get(code) == mark}

    codes = [CODE, numbered(2)]
    found = world.onestop.fetch_unknown(codes, alike, paths)[CODE]
    assert world.onestop.marks(codes, paths) == asked
    return found, asked


def looked(world: World) -> Snapshot:
    """Return the dossier as it is, without what it is written by."""
    return replace(world.look(), stamp="", content_hash="")


def test_a_dossier_is_known_by_its_mark_until_any_of_its_rows_is_another(world: World) -> None:
    """Whatever changed it, and without a new time of change: its own row, one of its, the catalogue."""
    world.file(details='{"licence_class": "B2"}')
    file = {"name": "Đơn", "file_name": "a.pdf", "path": "a.pdf", "media_type": "application/pdf"}
    world.add("dossier_document", id="d1", kind="component", size=10, sha256="00", **file)
    world.add("dossier_fee", id="f1", name="Lệ phí", kind=1, amount=135000)
    first, mark = told(world, {})
    assert first == looked(world)
    assert told(world, mark)[0] == Unchanged(
        CODE,
        {
            "received_at": "2026-11-20T08:30:00.000+07:00",
            "agency.code": "H40.05",
            "procedure.code": "1.002835",
        },
    )
    marks = [mark[CODE]]
    for change in (
        "UPDATE dossier SET applicant_name = 'Trần Thị Mẫu Khác'",
        'UPDATE dossier SET details = \'{"licence_class": "C"}\'',
        "UPDATE dossier SET applicant_phone = ''",
        "UPDATE dossier_document SET size = 11",
        "UPDATE dossier_fee SET amount = 135000.5",
        f"INSERT INTO dossier_progress {_PROGRESS.format(CODE)}",
        f"INSERT INTO dossier_supplement {_SUPPLEMENT.format(CODE)}",
        "UPDATE procedure SET name = 'Đổi giấy phép lái xe' WHERE code = '1.002835'",
        "UPDATE agency SET name = 'Sở Xây dựng' WHERE code = 'H40.05'",
        "DELETE FROM dossier_document",
    ):
        world.sql(change)
        now, mark = told(world, {CODE: marks[-1]})
        assert now == looked(world)
        marks.append(mark[CODE])
    assert len(set(marks)) == len(marks)
    assert isinstance(told(world, mark)[0], Unchanged)


def test_a_row_that_sqlite_keeps_bytes_in_is_read_and_not_marked(tmp_path: Path) -> None:
    """Bytes have no place in JSON, but in ``details``, which may be JSON in bytes; nor do they stop others."""
    world = World(f"sqlite:///{tmp_path / 'onestop.db'}", tmp_path)
    try:
        world.file(details=b'{"licence_class": "B2"}')
        first, mark = told(world, {})
        assert first == looked(world)
        assert isinstance(told(world, mark)[0], Unchanged)
        world.file(numbered(2), applicant_name=b"\xff")
        assert told(world, mark) == (looked(world), {})
        assert isinstance(world.onestop.fetch([numbered(2)])[numbered(2)], Unreadable)
        world.change(numbered(2), applicant_name="Trần", received_at=b"2026-11-20\xff")
        assert walked(world, 1) == [CODE]
    finally:
        world.close()


def test_what_is_not_asked_for_is_not_read_nor_marked(world: World) -> None:
    """Neither another column, nor a list, nor the catalogue makes a difference, or can't be read."""
    world.file(details='{"licence_class": "B2"}')
    asked = frozenset({"status", "applicant.name", "procedure.name"})
    first, mark = told(world, {}, asked)
    assert isinstance(first, Snapshot)
    assert first.fields.keys() == {"code", *asked}
    for change in (
        "UPDATE dossier SET applicant_phone = '0900000001', channel = 3",
        "UPDATE dossier SET applicant_birth_date = '1990-13-41'",
        "UPDATE dossier SET details = '[]'",
        f"INSERT INTO dossier_progress {_PROGRESS.format(CODE)}",
        "UPDATE agency SET name = 'Sở Xây dựng' WHERE code = 'H40.05'",
    ):
        world.sql(change)
        assert isinstance(told(world, mark, asked)[0], Unchanged), change
        assert told(world, {}, asked) == (first, mark)
    world.sql("UPDATE dossier SET applicant_name = 'Trần Thị Mẫu Khác'")
    assert isinstance(told(world, mark, asked)[0], Snapshot)
