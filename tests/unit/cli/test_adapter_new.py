"""``adapter new``: a package that works at once, in both languages, and overwrites nothing.

That its own tests pass is proved where its author is led to them: tests/docs/test_adapter_guide.py.
"""

from __future__ import annotations

import compileall
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bridge.sdk.registry import Registry
from tests.journey import town as towns
from tests.journey.town import GPLX, Town

from .conftest import Call
from .scaffolded import forget, install

ROOT = Path(__file__).parents[3]
NAME = "so_tu_phap"


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a package that ``adapter new`` wrote."""
    folder = tmp_path_factory.mktemp("written")
    command = [sys.executable, "-m", "bridge.cli", "adapter", "new", NAME, "--protocol", "rest"]
    subprocess.run([*command, "--into", folder], check=True, capture_output=True)
    return folder / f"dossier-bridge-{NAME}"


@pytest.fixture(scope="module")
def site(package: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder the package is installed in."""
    return install(package, tmp_path_factory.mktemp("installed"))


@pytest.fixture
def installed(site: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let this test find the package as it finds what is installed."""
    monkeypatch.syspath_prepend(str(site))
    yield
    forget(NAME)


def test_what_is_written_is_sound_python(package: Path) -> None:
    """Every file compiles, keeps the rules this project keeps, and holds no placeholder."""
    assert compileall.compile_dir(package, quiet=1, force=True)
    ruff = [sys.executable, "-m", "ruff"]
    config = ["--config", str(ROOT / "pyproject.toml"), "--no-cache", "."]
    for rules in (["check", "--quiet"], ["format", "--check", "--quiet"]):
        done = subprocess.run(
            [*ruff, *rules, *config], cwd=package, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout
    for file in package.rglob("*.*"):
        if file.suffix in {".py", ".toml", ".md", ".yaml"}:
            assert "{{" not in file.read_text(encoding="utf-8"), file


@pytest.mark.usefixtures("installed")
def test_it_is_listed_and_its_mapping_keeps_the_laws(call: Call) -> None:
    """``adapter list`` shows it as sound, from its own package, and ``mapping check`` finds nothing."""
    listed = {one["name"]: one for one in call("adapter", "list", "--json").document()["adapters"]}
    assert listed[NAME]["state"] == "ok"
    assert listed[NAME]["source"] == f"dossier-bridge-{NAME} 0.1.0"
    assert call("mapping", "check", f"{NAME}/dossier").code == 0


@pytest.fixture
def office(installed: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Town]:
    """An office whose one ministry is the scaffold's pretend one."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DOSSIER_BRIDGE__LOCALE", "en")
    monkeypatch.setitem(towns.PROCEDURES, NAME, [GPLX])
    with Town(tmp_path, (NAME,)) as town:
        yield town


def test_a_dossier_goes_there_and_comes_back(call: Call, office: Town) -> None:
    """Checked and synced by the commands: filed, numbered, moved on, corrected, once."""
    assert call("check").code == 0
    code = office.key(GPLX)
    ended = call("sync", "--json")
    [row] = ended.document()["systems"]
    assert (ended.code, row["delivered"], row["confirmed"]) == (0, 1, 1)
    [record] = office.ministries[NAME].records()
    assert (record["code"], office.dossier(code)["ministry_ref"]) == (code, record["ref"])
    office.move(NAME, code, "XL")
    office.edit(code, applicant_name="Đỗ Thị Sửa")
    assert call("sync").code == 0
    assert office.dossier(code)["status"] == 4
    [record] = office.ministries[NAME].records()
    assert record["body"]["NguoiNop"]["HoTen"] == "Đỗ Thị Sửa"
    assert office.ministries[NAME].duplicates() == []


def test_what_is_keyed_only_there_is_imported(call: Call, office: Town) -> None:
    """A dossier of the pretend ministry's own becomes one of the office's, once."""
    office.ministries[NAME].file_own(1)
    imported = [call("sync", "--json").document()["systems"][0]["imported"] for _ in range(2)]
    assert imported == [1, 0]


@pytest.mark.parametrize(
    ("spoilt", "reason"),
    [
        ("raise RuntimeError('half written')", "RuntimeError while it was imported: half written"),
        ("plugin = 1", "it is of type int; expected a bridge.sdk.adapter.Plugin"),
        (
            "from dataclasses import replace\nplugin = replace(plugin, name='other')",
            f"it calls itself other, its entry point {NAME}",
        ),
    ],
)
def test_a_broken_one_is_named_and_stops_nobody(
    call: Call,
    site: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    spoilt: str,
    reason: str,
) -> None:
    """Broken by its author, it is named with the reason and refused; the others work."""
    copy = shutil.copytree(site, tmp_path / "site")
    with (copy / f"dossier_bridge_{NAME}" / "__init__.py").open("a", encoding="utf-8") as file:
        file.write(f"\n{spoilt}\n")
    monkeypatch.syspath_prepend(str(copy))
    forget(NAME)
    ended = call("adapter", "list", "--json")
    listed = {one["name"]: one for one in ended.document()["adapters"]}
    assert ended.code == 1
    assert listed[NAME]["state"] == "broken"
    assert reason in listed[NAME]["reason"]
    assert {one["state"] for name, one in listed.items() if name != NAME} == {"ok"}
    forget(NAME)


@pytest.mark.usefixtures("installed")
def test_of_two_with_one_name_nobody_is_believed(
    call: Call, package: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second distribution of the same name: both are named and refused, the others work."""
    twin = shutil.copytree(package, tmp_path / "twin")
    project = twin / "pyproject.toml"
    text = project.read_text(encoding="utf-8")
    renamed = text.replace(f'name = "dossier-bridge-{NAME}"', 'name = "another"')
    project.write_text(renamed, encoding="utf-8")
    monkeypatch.syspath_prepend(str(install(twin, tmp_path / "site")))
    registry = Registry.load()
    assert NAME not in registry.ministries
    assert "gplx" in registry.ministries
    ended = call("adapter", "list")
    assert ended.code == 1
    assert f"dossier-bridge-{NAME} 0.1.0" in ended.err
    assert "another 0.1.0" in ended.err


@pytest.mark.parametrize("language", ["en", "vi"])
def test_the_next_commands_are_said(call: Call, tmp_path: Path, language: str) -> None:
    """The files are on stdout, the three commands that come next on stderr, in both languages."""
    ended = call(
        "adapter", "new", NAME, "--protocol", "rest", "--into", str(tmp_path), "--lang", language
    )
    folder = tmp_path / f"dossier-bridge-{NAME}"
    assert ended.code == 0
    assert sorted(ended.out.splitlines()) == sorted(
        str(path) for path in folder.rglob("*") if path.is_file()
    )
    for number, command in enumerate(
        (f'python -m pip install -e "{folder}[dev]"', "dossier-bridge adapter list",
         f'python -m pytest "{folder}"'), start=1,
    ):  # fmt: skip
        assert f"{number}. {command}" in ended.err
    assert ("Next:" if language == "en" else "Tiếp theo:") in ended.err


@pytest.mark.parametrize(
    "name", ["So", "1so", "so-tu-phap", "so tu phap", "sổ", "class", "", "../so", "so.tu", "so\n"]
)
def test_a_name_that_is_none_is_refused(call: Call, tmp_path: Path, name: str) -> None:
    """What is no name for a module is refused with 2 and what to do; nothing is written."""
    ended = call("adapter", "new", "--protocol", "rest", "--into", str(tmp_path), "--", name)
    assert (ended.code, ended.out) == (2, "")
    assert "small letters a-z" in ended.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("stranger")
@pytest.mark.parametrize(
    ("name", "source"),
    [("gplx", "dossier-bridge"), ("onestop_sql", "dossier-bridge"), ("hong", "stranger 1.2")],
)
def test_a_name_that_is_taken_is_refused(
    call: Call, tmp_path: Path, name: str, source: str
) -> None:
    """An installed adapter, a one-stop's or a broken one too, keeps its name; its source is told."""
    ended = call("adapter", "new", name, "--protocol", "rest", "--into", str(tmp_path / "here"))
    assert (ended.code, ended.out) == (2, "")
    assert f"{name}: there is an adapter of that name ({source}" in ended.err
    assert not (tmp_path / "here").exists()


def test_a_folder_that_is_there_is_left_alone(call: Call, tmp_path: Path) -> None:
    """Not even an empty folder is written into."""
    folder = tmp_path / f"dossier-bridge-{NAME}"
    folder.mkdir()
    ended = call("adapter", "new", NAME, "--protocol", "rest", "--into", str(tmp_path))
    assert (ended.code, list(folder.iterdir())) == (2, [])
    assert str(folder) in ended.err
    assert "not overwritten" in ended.err


def test_a_folder_that_can_not_be_made_is_told(call: Call, tmp_path: Path) -> None:
    """A file in the way ends with 2 and its name, without a traceback."""
    (tmp_path / "here").write_text("", encoding="utf-8")
    ended = call("adapter", "new", NAME, "--protocol", "rest", "--into", str(tmp_path / "here"))
    assert ended.code == 2
    assert "can't be written" in ended.err
    assert "Traceback" not in ended.err


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("en", "--protocol: not a value it takes (expected one of rest)"),
        ("vi", "--protocol: giá trị không hợp lệ (cần một trong các giá trị rest)"),
    ],
)
def test_a_protocol_there_is_no_template_for_is_refused(
    call: Call, tmp_path: Path, language: str, told: str
) -> None:
    """Only what can be written whole is offered, and what is offered is told; nothing is written."""
    into = ("--into", str(tmp_path), "--lang", language)
    ended = call("adapter", "new", NAME, "--protocol", "soap", *into)
    assert (ended.code, ended.err.splitlines()[0]) == (2, told)
    assert (ended.out, list(tmp_path.iterdir())) == ("", [])
