from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from subprocess import PIPE, Popen, run

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, inspect, text

from bridge import store as store_room
from bridge.domain.said import Said
from bridge.store import Store, StoreFault, revision_status, upgrade
from bridge.store.store import open_engine
from bridge.store.tables import metadata
from bridge.store.upgrade import revisions
from tests.ready import upgraded
from tests.store.conftest import CODE, SYSTEM, Clock, arrival

REVISIONS = [
    "0001",
    "0002",
    "0003",
    "0004",
    "0005",
    "0006",
    "0007",
    "0008",
    "0009",
    "0010",
    "0011",
    "0012",
    "0013",
    "0014",
    "0015",
    "0016",
    "0017",
    "0019",
    "0020",
]
HEAD = REVISIONS[-1]

UPGRADING = """
import sys
from bridge.store import upgrade
print("ready", flush=True)
sys.stdin.readline()
print(upgrade(sys.argv[1]))
"""


@pytest.fixture
def database(store_url: str) -> Iterator[Engine]:
    """The database under the store, for what no store would do."""
    engine = open_engine(store_url)
    yield engine
    engine.dispose()


def test_the_names_of_the_migrations_are_the_way_alembic_goes() -> None:
    """Whether a store is up to date is told by names alone: they are alembic's, in its order."""
    folder = Path(store_room.__file__).parent / "migrations"
    way = [one.revision for one in ScriptDirectory(str(folder)).walk_revisions()]
    assert revisions() == way[::-1]


def test_a_store_that_is_up_to_date_is_opened_without_alembic(tmp_path: Path) -> None:
    """Each command opens it so: what it need not load, it does not wait for."""
    url = f"sqlite:///{tmp_path}/store.db"
    upgraded(url)
    program = "import sys; from bridge.store import upgrade; print(upgrade(sys.argv[1]), 'alembic' in sys.modules)"
    said = run([sys.executable, "-c", program, url], stdout=PIPE, text=True, check=True).stdout
    assert said == "[] False\n"


def tables(database: Engine) -> set[str]:
    return set(inspect(database).get_table_names())


def become(database: Engine, revision: str) -> None:
    """Let the database say that it is of another revision."""
    with database.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :to"), {"to": revision})


def test_an_empty_database_becomes_a_store(store_url: str, database: Engine) -> None:
    """From nothing every table is made, the revisions applied are told, and the store works."""
    assert upgrade(store_url) == REVISIONS
    assert tables(database) == {*metadata.tables, "alembic_version"}
    store = Store(store_url, Clock())
    with store.write("receive page") as unit:
        assert len(unit.inbox.add([arrival()])) == 1
    store.close()


def test_upgrading_again_does_nothing(store_url: str, database: Engine) -> None:
    """A store that is up to date is left as it is, with what it holds."""
    upgrade(store_url)
    store = Store(store_url, Clock())
    with store.write("receive page") as unit:
        unit.inbox.move_cursor(SYSTEM, CODE)
    assert upgrade(store_url) == []
    with store.read() as unit:
        assert unit.inbox.cursor(SYSTEM) == CODE
    store.close()


def test_models_and_migrations_agree(store_url: str, database: Engine) -> None:
    """What the migrations make is what the models say: nothing to add, to drop or to change."""

    def can_be_compared(thing: object, name: str | None, kind: str, *_: object) -> bool:
        return (database.dialect.name, kind, name) != ("sqlite", "index", "delivery_sendable")

    upgrade(store_url)
    with database.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "include_object": can_be_compared}
        )
        assert compare_metadata(context, metadata) == []


def test_indexes_that_cant_be_compared_are_spelt_alike(tmp_path: Path) -> None:
    """SQLite tells the order of an index only in its words: they are the same both ways."""
    migrated, modelled = (open_engine(f"sqlite:///{tmp_path}/{name}.db") for name in "ab")
    upgrade(str(migrated.url))
    metadata.create_all(modelled)
    words = text("SELECT name, sql FROM sqlite_master WHERE type = 'index' ORDER BY name")
    said = []
    for database in (migrated, modelled):
        with database.connect() as connection:
            found = connection.execute(words).all()
        said.append([(name, sql) for name, sql in found if not name.endswith("version_1")])
        database.dispose()
    assert said[0] == said[1]
    assert any("priority DESC" in (sql or "") for _, sql in said[0])


def test_a_database_that_was_never_upgraded_is_told(store_url: str, database: Engine) -> None:
    """Older than this release: the steps to come are named, nothing is made by looking."""
    status = revision_status(store_url)
    assert (status.current, status.head, status.behind) == (None, HEAD, tuple(REVISIONS))
    assert tables(database) == set()
    store = Store(store_url, Clock())
    with pytest.raises(StoreFault, match="cursor"), store.read() as unit:
        unit.inbox.cursor(SYSTEM)
    store.close()


def test_a_store_that_is_up_to_date_is_told(store_url: str) -> None:
    """Nothing is behind, and the revision it has is the one this release wants."""
    upgrade(store_url)
    status = revision_status(store_url)
    assert (status.current, status.head, status.behind) == (HEAD, HEAD, ())


def test_a_store_of_a_later_release_is_refused(store_url: str, database: Engine) -> None:
    """Newer than this release: neither status nor upgrade goes on, both say what to do."""
    upgrade(store_url)
    become(database, "9999")
    for ask in (revision_status, upgrade):
        with pytest.raises(StoreFault, match=r"revision 9999 is of a later release; install"):
            ask(store_url)
    with database.connect() as connection:
        assert MigrationContext.configure(connection).get_current_revision() == "9999"


def test_an_upgrade_that_fails_leaves_the_database_as_it_was(
    store_url: str, database: Engine
) -> None:
    """A table in the way stops the upgrade: none of its tables stays, and it can be repeated."""
    with database.begin() as connection:
        connection.execute(text("CREATE TABLE shard (other INTEGER)"))
    with pytest.raises(StoreFault, match="shard"):
        upgrade(store_url)
    assert tables(database) - {"alembic_version"} == {"shard"}
    assert revision_status(store_url).current is None
    with database.begin() as connection:
        connection.execute(text("DROP TABLE shard"))
    assert upgrade(store_url) == REVISIONS


def test_two_that_upgrade_at_once(store_url: str) -> None:
    """Two processes that start on an empty database both end with an upgraded store."""
    starting = [
        Popen([sys.executable, "-c", UPGRADING, store_url], stdin=PIPE, stdout=PIPE, text=True)
        for _ in range(2)
    ]
    for process in starting:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in starting:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    said = [process.communicate()[0].strip() for process in starting]
    assert sorted(said) == [str(REVISIONS), "[]"]
    assert revision_status(store_url).behind == ()


def go_back(database: Engine, revision: str) -> None:
    """Let the store be as an older release left it."""
    config = Config()
    migrations = Path(store_room.__file__).parent / "migrations"
    config.set_main_option("script_location", str(migrations))
    with database.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, revision)


def test_the_way_back_leaves_nothing(store_url: str, database: Engine) -> None:
    """The downgrade drops every table, and the way up is open again."""
    upgrade(store_url)
    go_back(database, "base")
    assert tables(database) == {"alembic_version"}
    assert upgrade(store_url) == REVISIONS


def test_a_reason_of_an_older_release_is_read(store_url: str, database: Engine) -> None:
    """Reasons were plain text: they are read as such, and those of today become it again."""
    upgrade(store_url)
    go_back(database, "0002")
    with database.begin() as connection:
        row = "INSERT INTO system (name, state, reason, since, failures) "
        connection.execute(text(row + "VALUES ('gplx', 'held', 'login \"refused\"', 0, 1)"))
    assert upgrade(store_url) == REVISIONS[2:]
    store = Store(store_url, Clock())
    with store.write("said") as unit:
        assert unit.systems.of("gplx").reason == 'login "refused"'
        said = Said("closed {how}", how="for now")
        unit.systems.set("gplx", reason=said)
    store.close()
    go_back(database, "0002")
    with database.begin() as connection:
        kept = connection.execute(text("SELECT reason FROM system")).scalar_one()
    assert kept == "closed {how}"


def test_what_was_let_in_before_latecomers_were_noted_is_walked_anew(
    store_url: str, database: Engine
) -> None:
    """At a system that a person let in under a ceiling; one that always ran is left as it is."""
    upgrade(store_url)
    go_back(database, "0015")
    stages = {"a": "all", "b": "running", "c": "running", "d": "retired"}
    with database.begin() as connection:
        for name, stage in stages.items():
            row = "INSERT INTO system (name, state, since, failures, good, bad, stage)"
            connection.execute(text(f"{row} VALUES ('{name}', 'running', 0, 0, 0, 0, '{stage}')"))
            ceiling = "NULL" if name == "c" else "'{}'"
            row = 'INSERT INTO onboarding (system, since, ceiling, "after", through)'
            connection.execute(text(f"{row} VALUES ('{name}', 0, {ceiling}, 'x', true)"))
    upgrade(store_url)
    store = Store(store_url, Clock())
    with store.read() as unit:
        walks = {name: (one.after, one.through) for name, one in unit.onboardings.all().items()}
    store.close()
    assert walks == dict.fromkeys("ab", (None, False)) | dict.fromkeys("cd", ("x", True))


def test_values_of_an_older_release_are_let_go_of(store_url: str, database: Engine) -> None:
    """Plain marks of what was gone over, and both sides of a conflict that is over; a record's number stays."""
    upgrade(store_url)
    go_back(database, "0015")
    conflict = (
        "INSERT INTO conflict (code, system, field, why, onestop, ministry, since, resolved_at) "
    )
    delivery = (
        "INSERT INTO delivery (link_id, code, system, shard, seq, kind, state, priority, fields, "
        "attempts, crashes, absences, asked, failed_times, created_at, settled_at) "
        "VALUES (1, 'a', 'gplx', 0, 1, 'state', :state, 0, '{\"summary\":\"ab12\"}', 0, 0, 0, 0, 0, 0, 0)"
    )
    with database.begin() as connection:
        for why, over in (("no_owner", "1"), ("no_owner", "NULL"), ("alike", "1")):
            values = f"VALUES ('a', 'gplx', 'f', '{why}', '1', '2', 0, {over})"
            connection.execute(text(conflict + values))
        for state in ("confirmed", "dead"):
            connection.execute(text(delivery), {"state": state})
    assert upgrade(store_url) == REVISIONS[REVISIONS.index("0015") + 1 :]
    with database.connect() as connection:
        told = connection.execute(text("SELECT onestop, ministry FROM conflict ORDER BY id")).all()
        left = connection.execute(text("SELECT fields FROM delivery ORDER BY id")).scalars().all()
    assert [tuple(row) for row in told] == [(None, None), ("1", "2"), ("1", "2")]
    assert left == ["{}", '{"summary":"ab12"}']


def test_a_database_out_of_reach_is_a_fault() -> None:
    """Neither asking nor upgrading shows the password of a server that does not answer."""
    url = "postgresql+psycopg://bridge:t0psecret@127.0.0.1:1/bridge"
    for ask in (revision_status, upgrade):
        with pytest.raises(StoreFault, match=r"127\.0\.0\.1:1/bridge") as fault:
            ask(url)
        assert "t0psecret" not in str(fault.value)
