"""What is wrong with a one-stop database is said in words for the person who must act."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from sqlalchemy import text
from sqlalchemy.engine import make_url

from adapters.onestop_sql import plugin
from adapters.onestop_sql.options import OneStopOptions
from bridge.sdk.onestop import NewDossier, OneStop, OneStopChange, OneStopContext, OneStopFault
from bridge.sdk.records import Check
from tests.contract.onestop_world import CODE, MORNING, World, iso

NAME = "Trần Thị Mẫu"


@pytest.fixture
def world(store_url: str, tmp_path: Path) -> Iterator[World]:
    world = World(store_url, tmp_path)
    yield world
    world.close()


def nothing_seen(_: object) -> tuple[str, ...]:
    return ()


def fault_of(call: Callable[[], object]) -> OneStopFault:
    """Return the fault a call raises; nothing personal is in it or behind it."""
    with pytest.raises(OneStopFault) as caught:
        call()
    assert NAME not in "".join(traceback.format_exception(caught.value))
    return caught.value


def checks(onestop: OneStop) -> dict[str, Check]:
    return {check.name: check for check in onestop.check()}


def test_a_locked_database_is_transient(world: World) -> None:
    """A lock held by the clerks' software, waited for in vain, asks for patience."""
    world.file()
    stamp = world.look().stamp
    hasty = world.open(busy_timeout_seconds=0.05)
    change = OneStopChange(fields={"status": 4})
    with world.clerk.connect() as clerk:
        clerk.execute(text("UPDATE dossier SET status = 6"))
        fault = fault_of(lambda: world.write(CODE, change, stamp, hasty))
        assert fault.transient
        assert "locked" in fault.reason
        assert hasty.fetch([CODE])[CODE] == world.look()
        clerk.rollback()
    assert world.write(CODE, change, stamp, hasty).fields["status"] == 4
    hasty.close()


def test_a_read_only_database_needs_a_person_and_can_be_read(world: World) -> None:
    """Reading goes on; a write says that the right to write is missing, and check says it too."""
    world.file()
    if world.sqlite:
        reader = world.open(url=f"{world.url}?mode=ro")
    else:
        name = make_url(world.url).database
        world.sql(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
        reader = world.open()
    snapshot = reader.fetch([CODE])[CODE]
    assert snapshot == world.look()
    change = OneStopChange(fields={"status": 4})
    fault = fault_of(lambda: world.write(CODE, change, world.look().stamp, reader))
    assert not fault.transient
    assert "read-only" in fault.reason
    found = checks(reader)
    assert (found["connection"].ok, found["write right"].ok) == (True, False)
    reader.close()


def test_an_unreachable_database_is_transient(world: World) -> None:
    """No file, or no server: waiting may help; check says it and raises nothing."""
    url = "sqlite:///absent/none.db" if world.sqlite else "postgresql+psycopg://u@127.0.0.1:1/x"
    gone = world.open(url=url)
    fault = fault_of(lambda: gone.changes(None, nothing_seen, 10))
    assert fault.transient
    found = checks(gone)
    assert not found["connection"].ok
    assert "write right" not in found
    assert not (world.folder / "absent").exists()
    gone.close()


def test_a_database_that_does_not_exist_needs_a_person(
    postgres_database: str, tmp_path: Path
) -> None:
    """A wrong name on a living server is not waited for."""
    world = World(postgres_database, tmp_path)
    nowhere = make_url(postgres_database).set(database="nowhere")
    wrong = world.open(url=nowhere.render_as_string(hide_password=False))
    fault = fault_of(wrong.procedures)
    wrong.close()
    world.close()
    assert not fault.transient


def test_a_file_that_is_no_database_needs_a_person(tmp_path: Path) -> None:
    """Something else under that path is said to be so."""
    world = World(f"sqlite:///{tmp_path}/onestop.db", tmp_path)
    (tmp_path / "other.db").write_text("không phải cơ sở dữ liệu" * 100)
    other = world.open(url="sqlite:///other.db")
    fault = fault_of(other.procedures)
    assert (fault.transient, fault.reason) == (False, "the file is not an SQLite database")
    other.close()
    world.close()


def test_a_missing_column_is_named_with_its_nearest_and_where_to_set_it(world: World) -> None:
    """Expected, found, nearest and the key of the configuration stand in the fault and in check."""
    world.file()
    world.sql("ALTER TABLE dossier RENAME COLUMN updated_at TO updatedat")
    fault = fault_of(lambda: world.onestop.changes(None, nothing_seen, 10))
    assert not fault.transient
    assert "dossier has no column updated_at (found: agency_code, " in fault.reason
    assert "nearest: updatedat)" in fault.reason
    assert "[onestop.columns.dossier]: updated_at = " in fault.reason
    check = checks(world.onestop)["table dossier"]
    assert (check.ok, check.detail) == (False, fault.reason)


def test_a_missing_table_is_named_likewise(world: World) -> None:
    """So does a table under another name."""
    world.sql("ALTER TABLE dossier_fee RENAME TO dossier_fees")
    world.file()
    reason = fault_of(lambda: world.onestop.fetch([CODE])).reason
    assert "there is no table dossier_fee (found: " in reason
    assert "nearest: dossier_fees)" in reason
    assert "[onestop.tables]: dossier_fee = " in reason


def test_a_column_of_another_type_is_told(postgres_database: str, tmp_path: Path) -> None:
    """On PostgreSQL a wrong type is found by check, and by the statement it breaks."""
    world = World(postgres_database, tmp_path)
    world.sql("ALTER TABLE dossier ALTER updated_at TYPE text")
    said = "dossier.updated_at is TEXT, expected TIMESTAMP"
    assert checks(world.onestop)["table dossier"].detail == said
    cursor = {"watermark": MORNING.isoformat(), "at": None, "ahead": None}
    world.file()
    fault = fault_of(lambda: world.onestop.changes(cursor, nothing_seen, 10))
    assert (fault.transient, fault.reason) == (False, said)
    world.close()


def test_a_refusing_trigger_concerns_one_dossier(tmp_path: Path) -> None:
    """The province's own rule in a trigger refuses the row, not the database."""
    world = World(f"sqlite:///{tmp_path}/onestop.db", tmp_path)
    world.sql(
        "CREATE TRIGGER no_more BEFORE UPDATE ON dossier BEGIN "
        f"SELECT RAISE(ABORT, 'không được sửa {NAME}'); END"
    )
    world.file()
    change = OneStopChange(fields={"status": 4})
    fault = fault_of(lambda: world.write(CODE, change, world.look().stamp))
    assert (fault.transient, fault.code) == (False, CODE)
    world.close()


def test_a_missing_right_is_told(postgres_database: str, tmp_path: Path) -> None:
    """A user that may only read gets its findings from check without a row being touched."""
    world = World(postgres_database, tmp_path)
    role = "reader_" + str(make_url(postgres_database).database)
    world.sql(f"CREATE ROLE {role} LOGIN")
    world.sql(f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role}")
    database = make_url(postgres_database).database
    world.sql(f"ALTER ROLE CURRENT_USER IN DATABASE {database} SET role = {role}")
    found = checks(world.onestop)
    assert found["table dossier"].ok
    assert not found["write right"].ok
    assert "may not do this" in found["write right"].detail
    world.onestop.close()
    world.sql(f"DROP OWNED BY {role}")
    world.sql(f"DROP ROLE {role}")
    world.close()


def test_a_table_that_is_looked_through_for_every_page_is_told(world: World) -> None:
    """Our own towns have every index; where one is missing, check says so and how to make it."""
    assert all("CREATE INDEX" not in one.detail for one in world.onestop.check())
    world.sql("DROP INDEX dossier_fee_dossier_code")
    told = checks(world.onestop)["table dossier_fee"]
    assert told.ok
    assert "CREATE INDEX dossier_fee_dossier_code ON dossier_fee (dossier_code)" in told.detail
    world.sql("ALTER TABLE dossier_fee RENAME TO fees")
    world.sql("CREATE VIEW dossier_fee AS SELECT * FROM fees")
    told = checks(world.onestop)["table dossier_fee"]
    assert told.ok
    assert "CREATE INDEX" not in told.detail, "of a view nothing is known"


def test_a_write_check_leaves_no_trace(world: World) -> None:
    """Looking at the right to write writes nothing."""
    world.file()
    before = world.ask("SELECT * FROM dossier")
    assert checks(world.onestop)["write right"].ok
    assert world.ask("SELECT * FROM dossier") == before
    assert world.ask("SELECT count(*) FROM dossier_progress") == [(0,)]


def test_clocks_that_differ_are_told(world: World) -> None:
    """A newest row an hour ahead, and a server clock off ours, stand in the finding."""
    world.now = datetime.now(UTC)
    assert checks(world.onestop)["clock"].ok
    world.file(updated_at=iso(world.now + timedelta(hours=1)))
    clock = checks(world.onestop)["clock"]
    assert not clock.ok
    assert "the newest dossier is 36" in clock.detail
    world.now += timedelta(hours=2)
    assert checks(world.onestop)["clock"].ok is world.sqlite


def test_a_missing_documents_folder_is_told(world: World) -> None:
    """The finding names the folder and the key that sets it."""
    assert not checks(world.onestop)["documents"].ok
    (world.folder / "documents").mkdir()
    assert checks(world.onestop)["documents"].ok


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"url": "mysql://x/y"}, "expected sqlite:///"),
        ({"url": "postgresql://x/y"}, "expected sqlite:///"),
        ({"url": "sqlite://"}, "path of a file"),
        ({"url": "nonsense"}, "not a database url"),
        ({"url": "sqlite:///a.db", "tables": {"dosier": "x"}}, "did you mean dossier"),
        (
            {"url": "sqlite:///a.db", "columns": {"dossier": {"updatedat": "x"}}},
            "did you mean updated_at",
        ),
        ({"url": "sqlite:///a.db", "overlap_seconds": 1}, "greater than or equal to 60"),
        ({"url": "sqlite:///a.db", "tabels": {}}, "Extra inputs"),
    ],
)
def test_wrong_options_are_told_with_the_nearest_name(options: dict[str, Any], said: str) -> None:
    """A misspelt name, another kind of database, a forgotten path: each is said."""
    with pytest.raises(ValidationError, match=said):
        OneStopOptions.model_validate(options)


def test_a_password_stays_out_of_sight() -> None:
    """It is put into the address, and shown nowhere."""
    options = OneStopOptions.model_validate(
        {"url": "postgresql+psycopg://bridge@127.0.0.1:1/x", "password": "bí-mật"}
    )
    assert options.address.password == "bí-mật"
    assert "bí-mật" not in repr(options) + str(options.address)


def test_nothing_is_opened_before_the_first_call(tmp_path: Path) -> None:
    """Building an adapter for a database that is not there raises nothing and makes no file."""
    world = World(f"sqlite:///{tmp_path}/onestop.db", tmp_path)
    world.open(url="sqlite:///elsewhere/none.db").close()
    assert isinstance(world.onestop, OneStop)
    assert not (tmp_path / "elsewhere").exists()
    world.close()


def test_closing_twice_is_harmless_and_the_next_call_opens_again(world: World) -> None:
    """close() lets go; a later call works."""
    world.file()
    world.onestop.close()
    world.onestop.close()
    assert world.look().code == CODE


def test_the_plug_in_creates_only_an_empty_database_under_its_own_names(world: World) -> None:
    """Creating over tables, or for tables with other names, is refused."""
    context = OneStopContext(world.folder, lambda: MORNING)
    assert plugin.create is not None
    with pytest.raises(OneStopFault, match="not empty: it has agency"):
        plugin.create(OneStopOptions(url=world.url), context)
    with pytest.raises(OneStopFault, match="names of their own"):
        plugin.create(OneStopOptions(url=world.url, tables={"dossier": "x"}), context)


def test_a_dossier_of_an_unreadable_code_is_not_inserted(world: World) -> None:
    """An import under a code that is no dossier code is refused before it can be stored."""
    fields: dict[str, Any] = {"procedure.code": "1.002835", "agency.code": "H40.05", "status": 2}
    dossier = NewDossier(code="x", fields=fields | {"applicant.name": NAME})
    (fault,) = world.onestop.insert([dossier])
    assert isinstance(fault, OneStopFault)
    assert fault.code == "x"
    assert world.ask("SELECT count(*) FROM dossier") == [(0,)]
