"""docs/adapter-guide.md leads from nothing to an adapter that passes: its blocks are run."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib import import_module, invalidate_caches
from pathlib import Path

import pytest

from bridge.cli.main import main
from bridge.cli.scaffold import Spoken, package_files
from bridge.i18n import use
from tools.tour.reading import ROOT, blocks
from tools.tour.reading import reader as environment

PAGE = (ROOT / "docs" / "adapter-guide.md").read_text(encoding="utf-8")
BLOCKS = blocks(PAGE)
EDITABLE = re.compile(r'python -m pip install -e "(?P<package>\S+)\[dev\]"')
NAME = "so_tu_phap"
OTHERS = {"so_noi_vu": Spoken.SOAP, "so_y_te": Spoken.XML}


@pytest.fixture
def reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Return the folder of a reader, who speaks English and has the guide's package on the path."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    monkeypatch.setenv("LANG", "en_US.UTF-8")
    monkeypatch.setenv("SO_TU_PHAP_PASSWORD", "x")
    yield tmp_path
    use("en")
    for module in [one for one in sys.modules if one.startswith("dossier_bridge_so_")]:
        del sys.modules[module]


def run(folder: Path, line: str) -> str:
    """Run what a reader types in a process of its own; what it says.

    The kit is spared what only this environment has: hypothesis, and coverage of every process.
    Bytecode is kept, for pytest rewrites all modules of a distribution that brings a plug-in.
    """
    given = dict(environment(folder / "site"))
    for name in list(given):
        if name == "PYTHONDONTWRITEBYTECODE" or name.startswith("COVERAGE"):
            del given[name]
    given["PYTEST_ADDOPTS"] = "-p no:hypothesispytest"
    done = subprocess.run(
        line, shell=True, cwd=folder, env=given, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{line}\n{done.stdout}\n{done.stderr}"
    invalidate_caches()  # it may have installed what this process is to import
    return done.stdout


@pytest.mark.timeout(300)
def test_the_blocks_of_the_guide_lead_to_an_adapter_that_passes(
    reader: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every command, the Python and the system's file work as they stand, one after the other.

    Only the installation goes to a folder of the test's own, with nothing fetched. The commands
    of the bridge and the Python run in this process, the others in their own.
    """
    said = ""
    for language, block in BLOCKS:
        match language:
            case "sh":
                for line in block.splitlines():
                    if line.startswith("dossier-bridge "):
                        assert main(line.split()[1:]) == 0, line
                        continue
                    apart = "python -m pip install --quiet --no-deps --no-index"
                    apart += r" --no-build-isolation --target site ./\g<package>"
                    said += run(reader, EDITABLE.sub(apart, line))
            case "python":
                exec(compile(block, "adapter-guide.md", "exec"), {"__name__": "guide"})
            case "toml" if "options]" in block and f'name = "{NAME}"' in block:
                file = reader / "office" / "systems" / f"{NAME}.toml"
                file.write_text(block, encoding="utf-8")
    [told] = re.findall(rf"`({NAME}: \d+ claims hold, 0 do not)`", PAGE)
    assert told in said
    printed = capsys.readouterr().out
    assert "InDoubt(" in printed
    assert "Applied(" in printed
    assert f"dossier-bridge-{NAME} 0.1.0" in printed


@pytest.mark.parametrize("name", OTHERS)
def test_the_options_of_the_guide_are_those_of_the_template(reader: Path, name: str) -> None:
    """What stands in a system's file is taken by the options of the protocol's template."""
    package = package_files(name, OTHERS[name])
    for path, text in package.items():
        file = reader / "site" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    found: dict[str, object] = {}
    exec(f"from dossier_bridge_{name} import plugin", found)
    plugin = found["plugin"]
    [shown] = [block for language, block in BLOCKS if block.startswith(f"[{name}.options]")]
    options = tomllib.loads(shown)[name]["options"]
    if "password" in options:
        options["password"] = "x"
    assert plugin.options.model_validate(options)  # type: ignore[attr-defined]


def test_what_the_guide_says_is_there_is_there() -> None:
    """Every module of the sdk that it names can be imported, and has public names."""
    named = set(re.findall(r"`(bridge\.sdk\.\w+)`", PAGE))
    assert len(named) > 10
    for name in named:
        assert import_module(name).__all__, name


def test_the_files_of_the_guide_are_those_that_are_written() -> None:
    """The drawing of the package names every file; what is otherwise for soap and xml is said."""
    [drawn] = [block for language, block in BLOCKS if language == "text"]
    names = {line.split()[0].rpartition("/")[2] for line in drawn.splitlines()} - {""}
    written = {
        protocol: {path.rpartition("/")[2] for path in package_files(NAME, protocol)}
        for protocol in Spoken
    }
    assert names == written[Spoken.REST]
    assert names ^ written[Spoken.SOAP] == {"ministry.wsdl"}
    assert names ^ written[Spoken.XML] == {"ministry.xsd", "documents.py", "client.py"}
    for name in set().union(*written.values()):
        assert name in PAGE, name
