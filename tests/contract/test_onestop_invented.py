"""Invented dossiers: credible, the same for the same seed, readable without an exception."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine

from adapters.onestop_sql import plugin
from adapters.onestop_sql.create import create_schema
from adapters.onestop_sql.invented import Invention
from adapters.onestop_sql.invented_catalogue import PROCEDURES
from adapters.onestop_sql.options import OneStopOptions
from bridge.sdk import Snapshot
from bridge.sdk.onestop import OneStop, OneStopContext

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)

#: Keys contracts/systems.md wants the one-stop to fill.
REQUIRED = {
    "1.002835": {"licence_class"},
    "1.002809": {"licence_class"},
    "1.003709": {"practice_scope", "degrees"},
    "2.000488": {"nationality", "form_type", "quantity", "declared_on", "declared_by", "requester"},
    "1.001193": {"register", "child.name", "child.sex", "child.born_on", "child.place"},
    "2.001610": set[str](),
}


def invent(url: str, folder: Path, n: int, seed: int = 7) -> tuple[OneStop, list[Snapshot]]:
    """Create and fill a database as the demo does; returns the adapter and every dossier."""
    options = OneStopOptions(url=url, documents=folder / "documents")
    context = OneStopContext(folder, lambda: NOW)
    assert plugin.create is not None
    assert plugin.invent is not None
    plugin.create(options, context)
    codes = plugin.invent(options, context, n, seed)
    onestop = plugin.build(options, context)
    found = onestop.fetch(codes)
    assert list(found) == list(codes) or set(found) == set(codes)
    assert all(isinstance(one, Snapshot) for one in found.values())
    return onestop, [one for code in codes if isinstance(one := found[code], Snapshot)]


def test_every_invented_dossier_is_canonical_and_complete(store_url: str, tmp_path: Path) -> None:
    """Each procedure has what its ministry asks for, and each file is the one in its row."""
    onestop, dossiers = invent(store_url, tmp_path, 60)
    assert {one.fields["procedure.code"] for one in dossiers} == set(PROCEDURES)
    for one in dossiers:
        fields = dict[str, Any](one.fields)
        keys = {path.removeprefix("details.") for path in fields}
        assert REQUIRED[fields["procedure.code"]] <= keys
        assert fields["received_at"] < fields["due_at"]
        assert [step["status"] for step in fields["progress"]] == [2]
        assert len(fields["documents"]) == 2
        for row in fields["documents"]:
            onestop.document(row).verify()
    onestop.close()


def test_a_citizen_number_agrees_with_sex_and_birth(store_url: str, tmp_path: Path) -> None:
    """036, the digit of sex and century, the year: as on the card."""
    onestop, dossiers = invent(store_url, tmp_path, 200)
    for one in dossiers:
        number, born = (
            str(one.fields["applicant.id_number"]),
            str(one.fields["applicant.birth_date"]),
        )
        digit = (2 if born >= "2000" else 0) + (one.fields["applicant.sex"] == "female")
        assert (len(number), number[:3], number[4:6]) == (12, "036", born[2:4])
        assert int(number[3]) == digit
    onestop.close()


def test_the_same_seed_gives_the_same_dossiers_on_both_databases(
    postgres_database: str, tmp_path: Path
) -> None:
    """Content and files are equal to the byte; another seed gives others."""
    worlds = [
        invent(f"sqlite:///{tmp_path}/a/onestop.db", tmp_path / "a", 30),
        invent(postgres_database, tmp_path / "b", 30),
        invent(f"sqlite:///{tmp_path}/c/onestop.db", tmp_path / "c", 30, seed=8),
    ]
    hashes = [[one.content_hash for one in dossiers] for _, dossiers in worlds]
    assert hashes[0] == hashes[1]
    assert not set(hashes[0]) & set(hashes[2])
    for onestop, _ in worlds:
        onestop.close()


def test_a_walk_meets_every_invented_dossier_once(store_url: str, tmp_path: Path) -> None:
    """The pages of the walk hold what was invented, none twice."""
    onestop, dossiers = invent(store_url, tmp_path, 700)
    codes, cursor, more = [], None, True
    while more:
        page = onestop.changes(cursor, lambda _: (), 150)
        codes += [one.code for one in page.snapshots if isinstance(one, Snapshot)]
        cursor, more = page.cursor, page.more
    assert sorted(codes) == sorted(one.code for one in dossiers)
    onestop.close()


def test_procedures_and_start_are_chosen_and_days_off_left_out(tmp_path: Path) -> None:
    """Only the procedures asked for, received on working days from the start on, codes unique."""
    url = f"sqlite:///{tmp_path}/onestop.db"
    create_schema(url)
    engine = create_engine(url)
    with engine.begin() as connection:
        invention = Invention(1)
        invention.seed_catalogue(connection)
        codes = invention.dossiers(connection, 650, ["1.001193"], start=date(2026, 10, 3))
        more = invention.dossiers(connection, 5, ["1.001193"], start=date(2026, 10, 5))
    engine.dispose()
    assert len({*codes, *more}) == 655
    assert sorted({code.split("-")[1] for code in codes}) == ["261005", "261006", "261007"]


@pytest.mark.parametrize("n", [0, 1])
def test_few_are_as_good_as_many(tmp_path: Path, n: int) -> None:
    """None, or one, can be asked for."""
    onestop, dossiers = invent(f"sqlite:///{tmp_path}/onestop.db", tmp_path, n)
    assert len(dossiers) == n
    onestop.close()
