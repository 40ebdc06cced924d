"""The plug-in as pytest meets it: loaded by its entry point, light, silent, and plain when it fails."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = ("adapters", "httpx", "lxml", "orjson", "pydantic", "sqlalchemy", "zeep")

TRIVIAL = '''
def test_nothing():
    """Nothing of the kit."""
'''

RIGLESS = '''
from bridge.sdk.conformance import Conformance

class TestBare(Conformance):
    """An author who has written no fixture yet."""
'''

INCOMPLETE = """
import pytest
from bridge.sdk.conformance import Conformance, RehearsalRig
from adapters.gplx import plugin

class TestUntold(Conformance):
    @pytest.fixture
    def rig(self):
        with RehearsalRig(plugin) as rig:
            yield rig
"""


def run(folder: Path, content: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run pytest on one file, in a folder where nothing else is configured."""
    file = folder / "test_it.py"
    file.write_text(content, encoding="utf-8")
    command = [sys.executable, "-W", "error", "-m", "pytest", "-q", "--strict-markers", *arguments]
    return subprocess.run(
        [*command, "-p", "no:cacheprovider", str(file)],
        cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_our_own_suite_has_it_by_its_entry_point(pytestconfig: pytest.Config) -> None:
    """What an author gets with the wheel is what our tests run with."""
    assert pytestconfig.pluginmanager.has_plugin("dossier_bridge")
    assert pytestconfig.pluginmanager.has_plugin("bridge.sdk.conformance.plugin") is False


def test_loading_it_loads_nothing_heavy() -> None:
    """Who only has pytest running waits for no client, no model and no adapter."""
    code = (
        "import sys; import bridge.sdk.conformance.plugin;"
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ended.stdout.strip() == "[]"


def test_beside_other_tests_it_says_nothing(tmp_path: Path) -> None:
    """A run without claims passes with warnings as errors, and tells nothing of conformance."""
    ended = run(tmp_path, TRIVIAL)
    assert ended.returncode == pytest.ExitCode.OK, ended.stdout
    assert "conformance" not in ended.stdout + ended.stderr
    assert "warning" not in ended.stdout


def test_an_author_without_a_fixture_is_told(tmp_path: Path) -> None:
    """The first error says what is missing."""
    ended = run(tmp_path, RIGLESS, "-x")
    assert ended.returncode == pytest.ExitCode.TESTS_FAILED
    assert "TestBare has no fixture rig" in ended.stdout
    assert "DOES NOT HOLD: Its declaration is sound" in ended.stdout


def test_an_author_who_told_too_little_is_told_what(tmp_path: Path) -> None:
    """Without a sample, a broken record or an answer the claim fails, and names what to give."""
    ended = run(tmp_path, INCOMPLETE, "-k", "bad_record or safe or same_key")
    assert ended.returncode == pytest.ExitCode.TESTS_FAILED
    assert "broken={…}" in ended.stdout
    assert "the rig has no sample of a dossier" in ended.stdout
