"""What a command writes is there whole or not at all, for its owner only."""

from __future__ import annotations

from pathlib import Path

import pytest

from bridge.cli.exits import CommandFault
from bridge.cli.whole_file import whole_file


def test_a_file_takes_the_place_of_the_old_one_whole(tmp_path: Path) -> None:
    """Only its owner can read it, whoever could read the one before."""
    file = tmp_path / "kế hoạch.plan"
    file.write_text("old")
    file.chmod(0o644)
    with whole_file(file) as out:
        out.write("Nguyễn\n")
        assert file.read_text() == "old"
    assert (file.read_bytes(), file.stat().st_mode & 0o777) == ("Nguyễn\n".encode(), 0o600)
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize("end", [KeyboardInterrupt, ValueError])
def test_what_is_stopped_half_way_leaves_nothing(tmp_path: Path, end: type[BaseException]) -> None:
    """Ctrl-C or a fault: the old file is as it was, and nothing lies beside it."""
    file = tmp_path / "plan"
    file.write_text("old")

    def write() -> None:
        with whole_file(file) as out:
            out.write("half")
            raise end

    with pytest.raises(end):
        write()
    assert [(one, one.read_text()) for one in tmp_path.iterdir()] == [(file, "old")]


def test_where_nothing_can_be_written_is_said(tmp_path: Path) -> None:
    """No folder, or something that is no file: named, and as it was."""
    for file in (tmp_path / "none" / "plan", tmp_path):
        with pytest.raises(CommandFault) as told, whole_file(file):
            pass
        assert str(file) in told.value.text
    assert list(tmp_path.iterdir()) == []
