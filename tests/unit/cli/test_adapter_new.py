"""``adapter new``: packages that work at once, in both languages, and overwrite nothing.

That their own tests pass is proved where their author is led to them (tests/docs/test_adapter_guide.py)
and beside the wheel (tools/check_wheel.py).
"""

from __future__ import annotations

import compileall
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from bridge.cli.new_files import write_new
from bridge.cli.scaffold import Spoken, distribution, package_files
from bridge.sdk.registry import Registry
from tests.journey import town as towns
from tests.journey.town import GPLX, Town

from .conftest import Call
from .scaffolded import forget, install

ROOT = Path(__file__).parents[3]
NAMES = {"so_tu_phap": Spoken.REST, "so_noi_vu": Spoken.SOAP, "so_y_te": Spoken.XML}
NAME = "so_tu_phap"


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    """Return the folders of packages as ``adapter new`` writes them, one a protocol."""
    folder = tmp_path_factory.mktemp("written")
    made = {name: folder / distribution(name) for name in NAMES}
    for name, protocol in NAMES.items():
        write_new(made[name], package_files(name, protocol))
    return made


@pytest.fixture(scope="module")
def site(packages: Mapping[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder the packages are installed in."""
    return install(packages.values(), tmp_path_factory.mktemp("installed"))


@pytest.fixture
def installed(site: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let this test find the packages as it finds what is installed."""
    monkeypatch.syspath_prepend(str(site))
    yield
    forget(*NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_what_is_written_is_sound_python(packages: Mapping[str, Path], name: str) -> None:
    """Every file compiles, keeps this project's rules and types, and holds no placeholder."""
    package = packages[name]
    assert compileall.compile_dir(package, quiet=1, force=True)
    rules, places = str(ROOT / "pyproject.toml"), {"MYPYPATH": str(package)}
    ruff = ["--quiet", "--config", rules, "--no-cache", "."]
    for folder, tool in (
        (package, ["ruff", "check", *ruff]),
        (package, ["ruff", "format", "--check", *ruff]),
        (ROOT, ["mypy", "--config-file", rules, str(package)]),
    ):
        command = [sys.executable, "-m", *tool]
        done = subprocess.run(
            command,
            cwd=folder,
            env=os.environ | places,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout
    for file in package.rglob("*"):
        if file.is_file() and file.suffix != ".pyc":
            assert "{{" not in file.read_text(encoding="utf-8"), file


@pytest.mark.usefixtures("installed")
def test_they_are_listed_and_their_mappings_keep_the_laws(call: Call) -> None:
    """``adapter list`` shows each as sound, from its own package, and ``mapping check`` finds nothing."""
    listed = {one["name"]: one for one in call("adapter", "list", "--json").document()["adapters"]}
    for name, protocol in NAMES.items():
        assert (listed[name]["state"], listed[name]["protocol"]) == ("ok", protocol)
        assert listed[name]["source"] == f"{distribution(name)} 0.1.0"
    assert call("mapping", "check", *(f"{name}/dossier" for name in NAMES)).code == 0


@pytest.fixture(params=NAMES)
def office(
    request: pytest.FixtureRequest,
    installed: None,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Town]:
    """An office whose one ministry is a scaffold's pretend one."""
    name = request.param
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DOSSIER_BRIDGE__LOCALE", "en")
    monkeypatch.setitem(towns.PROCEDURES, name, [GPLX])
    given = {name: {"interval": None}} if NAMES[name] is Spoken.XML else {}
    with Town(tmp_path, (name,), rehearsals=given) as town:
        yield town


def test_dossiers_go_there_and_come_back(call: Call, office: Town) -> None:
    """Checked and synced by the commands: filed, numbered, moved on, corrected and imported, once."""
    [(name, ministry)] = office.ministries.items()

    def sync() -> dict[str, int]:
        ended = call("sync", "--json")
        if NAMES[name] is Spoken.XML and ministry.work():
            again = call("sync", "--json").document()["systems"][0]
            assert again["confirmed"] >= 1
        row: dict[str, int] = ended.document()["systems"][0]
        return row

    assert call("check").code == 0
    code = office.key(GPLX)
    assert sync()["delivered"] == 1
    [record] = ministry.records()
    assert (record["code"], office.dossier(code)["ministry_ref"]) == (code, record["ref"])
    office.move(name, code, "XL")
    office.edit(code, applicant_name="Đỗ Thị Sửa")
    [own] = ministry.file_own(1)
    assert sync()["imported"] == 1
    assert office.dossier(code)["status"] == 4
    [imported] = office.rows("SELECT code FROM dossier WHERE ministry_ref = :ref", ref=own)
    office.edit(imported["code"], applicant_name="Võ Văn Đúng")
    assert sync()["imported"] == 0
    shown = {
        one["ref"]: (one["code"], one["body"]["NguoiNop"]["HoTen"]) for one in ministry.records()
    }
    assert shown == {
        record["ref"]: (code, "Đỗ Thị Sửa"),
        own: (imported["code"], "Võ Văn Đúng"),
    }
    assert ministry.duplicates() == []
    assert call("status").code == 0


@pytest.mark.parametrize(
    ("spoilt", "reason"),
    [
        ("raise RuntimeError('half written')", "RuntimeError while it was imported: half written"),
        ("raise SystemExit(3)", "SystemExit while it was imported: 3"),
        ("print('{}')", "it prints to the standard output while it is imported"),
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
    monkeypatch.setattr("bridge.sdk.imported._talking", set())
    forget(*NAMES)
    ended = call("adapter", "list", "--json")
    listed = {one["name"]: one for one in ended.document()["adapters"]}
    assert ended.code == 1
    assert listed[NAME]["state"] == "broken"
    assert reason in listed[NAME]["reason"]
    assert {one["state"] for name, one in listed.items() if name != NAME} == {"ok"}
    forget(*NAMES)


@pytest.mark.usefixtures("installed")
def test_of_two_with_one_name_nobody_is_believed(
    call: Call, site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second distribution of the same name: both are named and refused, the others work."""
    [known] = site.glob(f"dossier_bridge_{NAME}-*.dist-info")
    twin = shutil.copytree(known, tmp_path / "twin" / "another-0.1.0.dist-info")
    metadata = twin / "METADATA"
    text = metadata.read_text(encoding="utf-8")
    renamed = text.replace(f"Name: {distribution(NAME)}", "Name: another")
    metadata.write_text(renamed, encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path / "twin"))
    registry = Registry.load()
    assert NAME not in registry.ministries
    assert {"gplx", "so_noi_vu"} <= registry.ministries.keys()
    ended = call("adapter", "list")
    assert ended.code == 1
    assert f"{distribution(NAME)} 0.1.0" in ended.err
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
    "name",
    ["So", "1so", "so-tu-phap", "so tu phap", "Tên", "class", "", "../x", "/x", "so.tu", "so\n"],
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
        ("en", "--protocol: not a value it takes (expected one of rest|soap|xml)"),
        ("vi", "--protocol: giá trị không hợp lệ (cần một trong các giá trị rest|soap|xml)"),
    ],
)
def test_a_protocol_there_is_no_template_for_is_refused(
    call: Call, tmp_path: Path, language: str, told: str
) -> None:
    """Only what can be written whole is offered, and what is offered is told; nothing is written."""
    into = ("--into", str(tmp_path), "--lang", language)
    ended = call("adapter", "new", NAME, "--protocol", "ftp", *into)
    assert (ended.code, ended.err.splitlines()[0]) == (2, told)
    assert (ended.out, list(tmp_path.iterdir())) == ("", [])
