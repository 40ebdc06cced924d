"""What a command stands on is missing or broken: told with place and remedy, never a traceback."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from bridge.store import upgrade

from .conftest import Call, Ended

Configure = Callable[..., Path]
OPENING = [("sync",), ("status",), ("dossier", "H40.05-261120-0001")]
"""The commands that open the whole house."""

COMMANDS = [*OPENING, ("db", "status"), ("db", "upgrade")]
ONESTOP = [("sync",), ("dossier", "H40.05-261120-0001")]
"""The commands that read the one-stop database."""

commands = pytest.mark.parametrize("command", COMMANDS, ids=" ".join)


def _told(ended: Ended, code: int, *words: str) -> None:
    assert (ended.code, ended.out) == (code, ""), ended.err
    assert "Traceback" not in ended.err
    assert "unexpected error" not in ended.err
    for word in words:
        assert word in ended.err


@commands
@pytest.mark.parametrize(
    ("language", "remedy"),
    [
        ("en", "there is no such file; make one with: dossier-bridge init DIR"),
        ("vi", "không có tệp này; tạo bằng lệnh: dossier-bridge init DIR"),
    ],
)
def test_no_configuration(
    call: Call, tmp_path: Path, command: tuple[str, ...], language: str, remedy: str
) -> None:
    """A missing bridge.toml is named, with the command that makes one."""
    ended = call(*command, "--json", "--config", str(tmp_path / "bridge.toml"), "--lang", language)
    _told(ended, 2, "bridge.toml: ", remedy)


@commands
def test_broken_toml(call: Call, configure: Configure, command: tuple[str, ...]) -> None:
    """A syntax error is told with file and line."""
    configure('locale = "en"\n[store\n')
    _told(call(*command, "--json", "--lang", "en"), 2, "bridge.toml:2: not valid TOML")


@commands
def test_an_unknown_key(call: Call, configure: Configure, command: tuple[str, ...]) -> None:
    """A misspelt key is told with file, line and the nearest key."""
    configure('locale = "en"\n[stor]\nurl = "sqlite:///x.db"\n')
    _told(call(*command, "--json"), 2, 'bridge.toml:2: stor: unknown key; did you mean "store"?')


@commands
def test_a_broken_system_file(call: Call, configure: Configure, command: tuple[str, ...]) -> None:
    """A mistake in systems/ stops every command, with the file and line of the system."""
    configure(gplx='name = "gplx"\nadaptor = "gplx"\n')
    _told(call(*command, "--json"), 2, "gplx.toml:2: adaptor: unknown key")


@commands
def test_a_store_that_does_not_answer(
    call: Call, configure: Configure, command: tuple[str, ...]
) -> None:
    """A PostgreSQL nobody listens for: where, what, and how to look closer."""
    configure('locale = "en"\n[store]\nurl = "postgresql+psycopg://nobody@127.0.0.1:1/none"\n')
    place = "postgresql+psycopg://nobody@127.0.0.1:1/none: "
    remedy = "look closer with: dossier-bridge check"
    _told(call(*command, "--json"), 3, "the bridge's database: ", place, remedy)


@commands
def test_a_store_that_is_no_database(
    call: Call, configure: Configure, command: tuple[str, ...]
) -> None:
    """A file of something else is named, and left as it is."""
    configure()
    Path("var").mkdir()
    Path("var/bridge.db").write_text("danh sách hồ sơ giấy", encoding="utf-8")
    _told(call(*command, "--json"), 3, "var/bridge.db: ", "file is not a database")
    assert Path("var/bridge.db").read_text(encoding="utf-8") == "danh sách hồ sơ giấy"


@commands
def test_a_store_whose_folder_can_t_be(
    call: Call, configure: Configure, command: tuple[str, ...]
) -> None:
    """A file where the store's folder should be is told as the place it is."""
    folder = configure().parent / "var"
    folder.write_text("", encoding="utf-8")
    _told(call(*command, "--json"), 3, f"{folder} can't be used: File exists")


@commands
def test_a_store_of_a_later_release(
    call: Call, configure: Configure, command: tuple[str, ...]
) -> None:
    """Tables of a release to come are not touched: the revision and the remedy are told."""
    configure()
    upgrade("sqlite:///var/bridge.db")
    with closing(sqlite3.connect("var/bridge.db")) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()
    _told(call(*command, "--json"), 3, "revision 9999 is of a later release; install that release")


@pytest.mark.parametrize("command", ONESTOP, ids=" ".join)
@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ("the one-stop database (", "look closer with: dossier-bridge check")),
        ("vi", ("cơ sở dữ liệu một cửa (", "xem kỹ hơn bằng lệnh: dossier-bridge check")),
    ],
)
def test_a_one_stop_database_that_is_gone(
    call: Call,
    configure: Configure,
    command: tuple[str, ...],
    language: str,
    words: tuple[str, ...],
) -> None:
    """It is told which setting names it, and no empty database is made in its place."""
    config = configure()
    call("db", "upgrade")
    ended = call(*command, "--json", "--lang", language)
    _told(ended, 3, f"{config}, onestop.url", *words)
    assert not Path("var/onestop.db").exists()


def test_the_others_work_without_the_one_stop_database(call: Call, configure: Configure) -> None:
    """Where the systems stand is known to the bridge alone."""
    configure()
    assert call("status").code == 0
