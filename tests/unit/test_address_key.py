"""The key of addresses: made once, its owner's alone, never taken on trust."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from bridge.address_key import KeyFault, key_at, key_file, known_key
from bridge.domain.file_addresses import KEY_BYTES
from bridge.engine.marks import Marks


def test_processes_that_start_at_once_make_one_key(tmp_path: Path) -> None:
    """Four processes wait for one another, then ask: all get the same key; its file is 600."""
    path = tmp_path / "var" / "file-addresses.key"
    program = (
        "import sys; from pathlib import Path; from bridge.address_key import key_at\n"
        "print('ready', flush=True); sys.stdin.readline(); print(key_at(Path(sys.argv[1])).hex())"
    )
    started = [
        subprocess.Popen(
            [sys.executable, "-c", program, str(path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]
    for one in started:
        assert one.stdout is not None
        assert one.stdout.readline() == "ready\n"
    told = [one.communicate("now\n", timeout=30)[0].strip() for one in started]
    assert len(set(told)) == 1
    assert told[0] == key_at(path).hex()
    assert path.stat().st_mode & 0o777 == 0o600
    assert [one.name for one in path.parent.iterdir()] == [path.name]


def test_a_key_others_may_read_is_refused(tmp_path: Path) -> None:
    """Whoever read it could make addresses: a person changes its mode, or lets go of it."""
    path = tmp_path / "file-addresses.key"
    key_at(path)
    path.chmod(0o640)
    with pytest.raises(KeyFault, match="mode 640") as fault:
        key_at(path)
    assert path.read_text(encoding="ascii").strip() not in str(fault.value)


@pytest.mark.parametrize("text", ["", "ab", "zz" * 32, "ab" * 33, "ơ"])
def test_what_is_no_key_is_refused(tmp_path: Path, text: str) -> None:
    """An empty, short, long or strange file signs nothing."""
    path = tmp_path / "file-addresses.key"
    path.write_text(text, encoding="utf-8")
    path.chmod(0o600)
    with pytest.raises(KeyFault, match="no key"):
        key_at(path)


def test_a_folder_that_can_not_be_written_is_named(tmp_path: Path) -> None:
    """The reader is told which file, and what the system said."""
    (tmp_path / "var").write_text("a file where the folder should be")
    with pytest.raises(KeyFault, match=r"file-addresses\.key"):
        key_at(tmp_path / "var" / "file-addresses.key")


def test_it_lies_beside_the_store(tmp_path: Path) -> None:
    """An SQLite store has it in its folder, one on PostgreSQL in var of the configuration."""
    sqlite = key_file(tmp_path, f"sqlite:///{tmp_path}/state/bridge.db")
    assert sqlite == tmp_path / "state" / "file-addresses.key"
    there = key_file(tmp_path, "postgresql+psycopg://bridge@db/bridge")
    assert there == tmp_path / "var" / "file-addresses.key"


def test_a_store_goes_with_the_key_it_knows_alone(tmp_path: Path) -> None:
    """Another one, or none, is refused with what to do; nothing is made in the place of what is lost."""
    path = tmp_path / "file-addresses.key"
    key = key_at(path)
    name = Marks.under(key).name
    assert known_key(path, name) == key
    assert name not in path.read_text(encoding="ascii")
    path.write_text("ab" * KEY_BYTES)
    with pytest.raises(KeyFault, match=r"another key than this store was used with.*accept-key"):
        known_key(path, name)
    path.unlink()
    with pytest.raises(KeyFault, match=r"not there.*db accept-key"):
        known_key(path, name)
    assert not path.exists()
