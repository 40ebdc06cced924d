"""docs/adapter-guide.md leads from nothing to an adapter that passes: its blocks are run."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from bridge.cli.scaffold import Spoken, package_files
from tools.tour.reading import ROOT, blocks, reader

PAGE = (ROOT / "docs" / "adapter-guide.md").read_text(encoding="utf-8")
BLOCKS = blocks(PAGE)
EDITABLE = re.compile(r'python -m pip install -e "(?P<package>\S+)\[dev\]"')
NAME = "so_tu_phap"


def run(folder: Path, command: str | list[str]) -> str:
    """Run what a reader types; what it says."""
    done = subprocess.run(
        command,
        shell=isinstance(command, str),
        cwd=folder,
        env={**reader(folder / "site"), "SO_TU_PHAP_PASSWORD": "x"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.mark.timeout(300)
def test_the_blocks_of_the_guide_lead_to_an_adapter_that_passes(tmp_path: Path) -> None:
    """Every command, the Python and the system's file work as they stand, one after the other.

    Only the installation goes to a folder of the test's own, with nothing fetched.
    """
    said = ""
    for language, block in BLOCKS:
        match language:
            case "sh":
                for line in block.splitlines():
                    apart = "python -m pip install --quiet --no-deps --no-index"
                    apart += r" --no-build-isolation --target site ./\g<package>"
                    said += run(tmp_path, EDITABLE.sub(apart, line))
            case "python":
                said += run(tmp_path, [sys.executable, "-c", block])
            case "toml":
                file = tmp_path / "office" / "systems" / f"{NAME}.toml"
                file.write_text(block, encoding="utf-8")
    [told] = re.findall(rf"`({NAME}: \d+ claims hold, 0 do not)`", PAGE)
    assert told in said
    assert "InDoubt(" in said
    assert "Applied(" in said
    assert f"dossier-bridge-{NAME} 0.1.0" in said


def test_the_files_of_the_guide_are_those_that_are_written() -> None:
    """The drawing of the package names every file, and none that is not there."""
    [drawn] = [block for language, block in BLOCKS if language == "text"]
    names = {line.split()[0].rpartition("/")[2] for line in drawn.splitlines()} - {""}
    written = {name.rpartition("/")[2] for name in package_files(NAME, Spoken.REST)}
    assert names == written
