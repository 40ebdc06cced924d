"""What columns hold becomes canonical, or the dossier is unreadable and the reason names where."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from adapters.onestop_sql.create import statements
from adapters.onestop_sql.schema import COLUMNS
from bridge.sdk import LIST_KEYS, PATHS
from bridge.sdk.hashing import content_hash
from bridge.sdk.onestop import OneStopChange, Paper
from bridge.sdk.records import Unreadable
from tests.contract.onestop_world import CODE, World

NFC = "Nguyễn Thị Phượng"
NFD = unicodedata.normalize("NFD", NFC)


@pytest.fixture
def world(store_url: str, tmp_path: Path) -> Iterator[World]:
    world = World(store_url, tmp_path)
    yield world
    world.close()


def test_the_schema_is_the_contract() -> None:
    """Every table, column and type of onestop.sql is known to the code, and no other."""
    contract = {}
    for statement in statements("sqlite"):
        if statement.startswith("CREATE TABLE"):
            head, _, body = statement.partition("(")
            columns = [line.split()[:2] for line in body.splitlines() if line.strip(" )")]
            contract[head.split()[2]] = {name: kind.rstrip(",") for name, kind in columns}
    assert {table: dict(columns) for table, columns in COLUMNS.items()} == contract


def test_postgresql_keeps_instants_with_their_zone() -> None:
    """The times of the contract are TIMESTAMPTZ there."""
    assert "TIMESTAMPTZ" in "".join(statements("postgresql"))
    assert "TIMESTAMPTZ" not in "".join(statements("sqlite"))


def test_every_canonical_path_is_there_and_no_other(world: World) -> None:
    """A snapshot of a bare dossier has each fixed path of a canonical dossier."""
    world.file()
    snapshot = world.look()
    assert set(snapshot.fields) == set(PATHS)
    assert snapshot.content_hash == content_hash(snapshot.fields)


def test_a_whole_dossier_is_canonical(world: World) -> None:
    """Odd writings of every kind of value come out in the one form."""
    world.file(
        reception_agency_code="H40.01",
        applicant_name=f" \ufeff{NFD}  ",
        applicant_id_number="",
        applicant_id_issued_on="2021-05-04",
        applicant_birth_date="1990-02",
        applicant_vneid=1,
        summary="   ",
        submitted_at="2026-11-20T01:15:00Z",
        due_at="2026-11-27T17:00:00.1239+07:00",
        details=f'{{"child": {{"name": "{NFD}", "sex": ""}}, "rows": [{{"a": " x "}}], "n": null}}',
    )
    fields = dict[str, Any](world.look().fields)
    assert fields["applicant.name"] == NFC
    assert fields["applicant.id_number"] is None
    assert fields["applicant.id_issued_on"] == "2021-05-04"
    assert fields["applicant.birth_date"] == "1990-02"
    assert fields["applicant.vneid"] is True
    assert fields["summary"] is None
    assert fields["submitted_at"] == "2026-11-20T08:15:00.000+07:00"
    assert fields["due_at"] == "2026-11-27T17:00:00.123+07:00"
    assert fields["reception_agency.name"] == "Trung tâm Một cửa"
    assert fields["procedure.sector_name"] == "Đường bộ"
    assert {path: fields[path] for path in fields if path.startswith("details.")} == {
        "details.child.name": NFC,
        "details.rows": [{"a": "x"}],
    }


def test_the_same_facts_have_the_same_hash_however_they_are_written(world: World) -> None:
    """NFC or NFD, one offset or another, null or empty: the content is the same."""
    world.file(applicant_name=NFC, summary=None, submitted_at="2026-11-20T08:15:00+07:00")
    before = world.look()
    world.change(applicant_name=NFD, summary="", submitted_at="2026-11-20T01:15:00+00:00")
    assert world.look() == before


def test_what_belongs_to_a_dossier_is_in_the_snapshot(world: World) -> None:
    """Documents, fees, supplements and steps are flat records with the keys of the contract."""
    world.file()
    world.add(
        "dossier_document",
        id="d1",
        kind="component",
        name=NFD,
        file_name="don.pdf",
        media_type="application/pdf",
        size=3,
        sha256="ab",
        path="a/don.pdf",
        digitised=1,
        deleted=1,
    )
    world.add("dossier_fee", id="f1", name="Lệ phí", kind=1, amount=135000)
    world.add("dossier_fee", id="f2", name="Phí", kind=2, amount="1500.50", gateway=2)
    world.add("dossier_supplement", id="s1", requested_at="2026-11-20T09:00:00+07:00", request="x")
    for step, at in (("p2", "2026-11-20T09:00:00+07:00"), ("p1", "2026-11-20T10:00:00+07:00")):
        world.add("dossier_progress", id=step, at=at, status=4)
    fields = dict[str, Any](world.look().fields)
    for path, keys in LIST_KEYS.items():
        for row in fields[path]:
            assert set(row) == set(keys)
    document = fields["documents"][0]
    assert document["name"] == NFC
    assert (document["digitised"], document["deleted"]) == (True, True)
    assert world.onestop.paper("d1") == Paper(CODE, document)
    assert world.onestop.paper("d2") is None
    world.sql("UPDATE dossier_document SET deleted = 7")
    assert world.onestop.paper("d1") is None
    assert [fee["amount"] for fee in fields["fees"]] == [135000, "1500.5"]
    assert [step["id"] for step in fields["progress"]] == ["p2", "p1"]


def test_what_was_brought_of_what_was_asked_for_is_told_beside_the_documents(
    world: World,
) -> None:
    """Only requests with completed_at are brought; every document is shown, ready or not."""
    world.file()
    for number, done in ((1, "2026-11-21T09:00:00+07:00"), (2, None)):
        world.add(
            "dossier_supplement",
            id=f"s{number}",
            requested_at="2026-11-20T09:00:00+07:00",
            request="Bổ sung",
            completed_at=done,
        )
    for kind in ("component", "supplement"):
        world.add(
            "dossier_document",
            id=kind,
            kind=kind,
            name="x",
            file_name="x.pdf",
            media_type="application/pdf",
            size=1,
            sha256="ab",
            path="x.pdf",
        )
    first = dict[str, Any](world.look().fields)
    assert [one["id"] for one in first["documents"]] == ["component", "supplement"]
    brought = {"id": "s1", "completed_at": "2026-11-21T09:00:00.000+07:00"}
    assert first["supplements_brought"] == [brought]
    world.sql("UPDATE dossier_supplement SET completed_at = '2026-11-22T09:00:00+07:00'")
    second = dict[str, Any](world.look().fields)
    assert [one["id"] for one in second["documents"]] == ["component", "supplement"]
    assert [one["id"] for one in second["supplements_brought"]] == ["s1", "s2"]


@pytest.mark.parametrize(
    ("column", "value", "expected"),
    [
        ("status", 11, "dossier.status: expected a national status, 1 to 10"),
        ("applicant_birth_date", "1990-02-31", "dossier.applicant_birth_date: expected YYYY-MM-DD"),
        ("applicant_birth_date", "31/12/1990", "dossier.applicant_birth_date: expected YYYY-MM-DD"),
        ("applicant_vneid", 7, "dossier.applicant_vneid: expected 0 or 1"),
        ("details", "{broken", "dossier.details: expected a JSON object"),
        ("details", '["bí mật"]', "dossier.details: expected a JSON object"),
        ("details", '{"a.b": "bí mật"}', "dossier.details: expected keys without a dot"),
    ],
)
def test_what_has_no_canonical_form_names_its_column_and_not_its_value(
    world: World, column: str, value: object, expected: str
) -> None:
    """The reason says where and what is expected; nothing of the value is in it."""
    world.file()
    columns: dict[str, Any] = {column: value}
    world.change(**columns)
    reason = world.refused()
    assert reason.startswith(expected)
    assert str(value) not in reason


@pytest.mark.parametrize("written", ["2026-02-31T09:00:00+07:00", "31/02/2026", "hôm qua"])
def test_an_impossible_time_is_unreadable_on_sqlite(tmp_path: Path, written: str) -> None:
    """SQLite keeps what PostgreSQL would refuse; the dossier says which column it is in."""
    world = World(f"sqlite:///{tmp_path}/onestop.db", tmp_path)
    world.file(due_at=written)
    assert world.refused().startswith("dossier.due_at: expected a time like")
    world.close()


@pytest.mark.parametrize("code", ["H40.05-261332-0001", "H40.05-261120-01", "H40.05-261120-0001\n"])
def test_an_invalid_dossier_code_is_unreadable(world: World, code: str) -> None:
    """A code that is none is told, under that code."""
    world.file(code)
    found = world.onestop.fetch([code])[code]
    assert isinstance(found, Unreadable)
    assert found.reason.startswith("dossier.code: expected a dossier code")


def test_a_row_of_another_table_names_that_table(tmp_path: Path) -> None:
    """A fee without a readable amount is told as a fee's (PostgreSQL refuses it itself)."""
    world = World(f"sqlite:///{tmp_path}/onestop.db", tmp_path)
    world.file()
    world.add("dossier_fee", id="f1", name="Lệ phí", kind=1, amount="miễn phí")
    assert world.refused() == "dossier_fee.amount: expected an amount in VND"
    world.close()


def test_an_empty_name_is_readable(world: World) -> None:
    """A missing name is a fact that the mapping judges."""
    world.file(applicant_name="  ")
    assert world.look().fields["applicant.name"] is None


def test_other_names_of_tables_and_columns(world: World) -> None:
    """A province's own names, a view among them, are read as the contract's."""
    world.file(status_note="ghi chú")
    world.sql("ALTER TABLE dossier RENAME TO ho_so")
    world.sql("ALTER TABLE ho_so RENAME COLUMN code TO ma_ho_so")
    world.sql("CREATE VIEW don_vi AS SELECT code AS ma, name AS ten, parent_code FROM agency")
    world.onestop.close()
    world.onestop = world.open(
        tables={"dossier": "ho_so", "agency": "don_vi"},
        columns={"dossier": {"code": "ma_ho_so"}, "agency": {"code": "ma", "name": "ten"}},
    )
    assert world.look().fields["status_note"] == "ghi chú"
    assert world.look().fields["agency.name"] == "Sở Giao thông vận tải"
    assert world.round() == [CODE]
    amiss = {check.name for check in world.onestop.check() if not check.ok}
    assert amiss <= {"documents", "clock"}


def test_times_without_a_zone_are_vietnams(postgres_database: str, tmp_path: Path) -> None:
    """A PostgreSQL database with plain TIMESTAMP columns is read and written in local time."""
    world = World(postgres_database, tmp_path)
    for column in ("due_at", "updated_at", "finished_at"):
        world.sql(
            f"ALTER TABLE dossier ALTER {column} TYPE TIMESTAMP "
            f"USING {column} AT TIME ZONE 'Asia/Ho_Chi_Minh'"
        )
    world.file(due_at="2026-11-27 17:00:00", updated_at="2026-11-20 08:30:00.5")
    assert world.look().fields["due_at"] == "2026-11-27T17:00:00.000+07:00"
    assert world.round() == [CODE]
    change = OneStopChange(fields={"finished_at": "2026-11-21T00:10:00.000+07:00"})
    after = world.write(CODE, change, world.look().stamp)
    assert after.fields["finished_at"] == "2026-11-21T00:10:00.000+07:00"
    assert world.ask("SELECT finished_at::text FROM dossier") == [("2026-11-21 00:10:00",)]
    assert world.round() == [CODE]
    assert world.round() == []
    world.close()
