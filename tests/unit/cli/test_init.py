"""``init`` writes a configuration that explains itself, checks out, and overwrites nothing."""

from __future__ import annotations

import sqlite3
import tomllib
from contextlib import closing
from pathlib import Path

import pytest

from bridge.cli.starters import STARTERS, example_files
from bridge.sdk.registry import Registry
from bridge.settings import load
from bridge.settings.explain import fields_of
from bridge.settings.models import BridgeFile, SystemFile

from .conftest import Call

ROOT = Path(__file__).parents[3]


def test_the_example_in_the_repository_is_what_init_writes() -> None:
    """config/ is generated from the models; ``python tools/example_config.py`` renews it."""
    files = example_files(Registry.load())
    shown = {
        path.relative_to(ROOT / "config").as_posix(): path.read_text(encoding="utf-8")
        for path in (ROOT / "config").rglob("*.toml")
    }
    assert shown == files


def test_every_setting_is_in_the_example() -> None:
    """Each key of the models and of the adapters' options stands in it, live or as a comment."""
    registry = Registry.load()
    files = example_files(registry)
    for key in BridgeFile.model_fields:
        assert f"\n{key} = " in files["bridge.toml"] or f"\n[{key}]" in files["bridge.toml"]
    for key in registry.onestop("onestop_sql").options.model_fields:
        assert f"{key} = " in files["bridge.toml"]
    for starter in STARTERS:
        text = files[f"systems/{starter.adapter}.toml"]
        options = registry.ministry(starter.adapter).options
        for key in [*SystemFile.model_fields, *fields_of(options)]:
            assert f"{key} = " in text or f"[{key}]" in text, (starter.adapter, key)


def test_what_the_example_shows_as_a_comment_may_be_made_live() -> None:
    """Every commented setting is valid TOML once its # is gone."""
    for name, text in example_files(Registry.load()).items():
        for line in text.splitlines():
            key, equals, value = line.removeprefix("# ").partition(" = ")
            is_sentence = line.endswith(".")
            if line.startswith("# ") and equals and key.isidentifier() and not is_sentence:
                assert tomllib.loads(f"{key} = {value}"), (name, line)


def test_a_new_user_gets_a_configuration_that_checks_out(call: Call, tmp_path: Path) -> None:
    """The written files load, the empty one-stop database is there, and check has no complaint."""
    folder = tmp_path / "cầu nối"
    ended = call("init", str(folder), "--lang", "en")
    settings = load(folder, {})
    assert ended.code == 0
    assert sorted(path for path in folder.rglob("*.toml") if str(path) not in ended.out) == []
    assert [system.enabled for system in settings.systems] == [False] * 6
    assert f"dossier-bridge check --config {folder / 'bridge.toml'}" in ended.err
    with closing(sqlite3.connect(folder / "var" / "onestop.db")) as database:
        assert database.execute("SELECT count(*) FROM dossier").fetchone() == (0,)
    assert (folder / "var" / "documents").is_dir()
    assert call("check", "--config", str(folder)).code == 0


def test_all_systems_check_out_when_they_are_enabled(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Enabling the examples as they are is a valid configuration once the secrets are there."""
    call("init", str(tmp_path / "b"))
    for starter in STARTERS:
        monkeypatch.setenv(f"DOSSIER_BRIDGE__SYSTEMS__{starter.adapter.upper()}__ENABLED", "true")
        for secret in ("PASSWORD", "SECRET"):
            monkeypatch.setenv(f"{starter.adapter.upper()}_{secret}", "x")
    ended = call("check", "--offline", "--config", str(tmp_path / "b"), "--json")
    assert ended.code in {0, 1}, ended.err
    assert "mapping gplx/licence v1" in [one["name"] for one in ended.document()["checks"]]


@pytest.mark.parametrize("name", ["bridge.toml", "systems/yte.toml", "var/onestop.db"])
def test_nothing_is_overwritten_and_then_nothing_written(
    call: Call, tmp_path: Path, name: str
) -> None:
    """One file that is there stops everything: it is named, and no other file appears."""
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text("mine", encoding="utf-8")
    ended = call("init", str(tmp_path))
    assert ended.code == 2
    assert str(tmp_path / name) in ended.err
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == [Path(name).name]
    assert (tmp_path / name).read_text(encoding="utf-8") == "mine"


def test_a_one_stop_database_that_is_named_is_used(call: Call, tmp_path: Path) -> None:
    """With --onestop the url is written down and no database is made."""
    url = "postgresql+psycopg://bridge@db/motcua"
    assert call("init", str(tmp_path / "b"), "--onestop", url).code == 0
    assert load(tmp_path / "b", {}).onestop.given["url"] == url
    assert not (tmp_path / "b" / "var").exists()


@pytest.mark.parametrize("url", ["postgresql+psycopg://bridge:geheim@db/motcua", "oracle://db/x"])
def test_a_url_that_can_t_be_used_writes_nothing(call: Call, tmp_path: Path, url: str) -> None:
    """A password in the url, or a database we can't speak to, is refused before anything."""
    ended = call("init", str(tmp_path / "b"), "--onestop", url)
    assert (ended.code, ended.out) == (2, "")
    assert "geheim" not in ended.err
    assert not (tmp_path / "b").exists()


def test_a_folder_that_can_t_be_written_is_told(call: Call, tmp_path: Path) -> None:
    """A file where the folder should be is named, with no traceback."""
    (tmp_path / "b").write_text("", encoding="utf-8")
    ended = call("init", str(tmp_path / "b"))
    assert ended.code == 2
    assert str(tmp_path / "b") in ended.err
    assert "Traceback" not in ended.err
