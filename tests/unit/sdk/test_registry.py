"""Plug-ins are found by entry point, proved one by one, and stop nobody when they are broken."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from textwrap import dedent

import pytest

from bridge.i18n import use
from bridge.sdk.registry import PluginFault, Registry, UnknownPlugin

Install = Callable[..., None]

SOUND = """
    from pydantic import BaseModel
    from bridge.sdk.adapter import Plugin
    from bridge.sdk.capabilities import Capabilities

    class Options(BaseModel):
        address: str

    plugin = Plugin(
        name="{name}", title="Bộ Thử", protocol="rest", options=Options,
        capabilities=Capabilities(submit="{submit}"), build=lambda options, context: None,
    )
"""


@pytest.fixture(autouse=True)
def _english() -> None:
    use("en")


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """Return a function that installs a distribution: module sources and entry points."""
    root = tmp_path / "site"
    root.mkdir()
    monkeypatch.syspath_prepend(str(root))
    before = set(sys.modules)

    def put(distribution: str, points: str, **modules: str) -> None:
        metadata = root / f"{distribution}-1.2.dist-info"
        metadata.mkdir()
        (metadata / "METADATA").write_text(f"Name: {distribution}\nVersion: 1.2\n")
        (metadata / "entry_points.txt").write_text(dedent(points))
        for name, source in modules.items():
            (root / f"{name}.py").write_text(dedent(source), encoding="utf-8")

    yield put
    for name in set(sys.modules) - before:
        sys.modules.pop(name)


def _faults(registry: Registry, name: str) -> list[PluginFault]:
    return [fault for fault in registry.faults if fault.name == name]


def test_a_stranger_s_adapter_is_found_with_its_origin(install: Install) -> None:
    """An installed distribution's plug-in is usable by name, and its origin is known."""
    install(
        "stranger",
        "[dossier_bridge.adapters]\nkhoa = khoa_adapter:plugin\n",
        khoa_adapter=SOUND.format(name="khoa", submit="idempotent"),
    )
    registry = Registry.load()
    assert registry.ministry("khoa").title == "Bộ Thử"
    assert str(registry.sources["khoa"]) == "stranger 1.2"
    assert not _faults(registry, "khoa")


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("import no_such_module_at_all", "ModuleNotFoundError while it was imported"),
        ("raise RuntimeError('at import')", "RuntimeError while it was imported: at import"),
        (
            "import sys\nsys.exit('leave me alone')",
            "SystemExit while it was imported: leave me alone",
        ),
        ("raise SystemExit", "SystemExit while it was imported"),
        ("import", "SyntaxError while it was imported"),
        ("other = 1", "AttributeError while it was imported"),
        ("plugin = 'text'", "it is of type str; expected a bridge.sdk.adapter.Plugin"),
        (SOUND.format(name="other", submit="idempotent"), "it calls itself other"),
        (SOUND.format(name="bad", submit="not_idempotent"), "without probes may not write"),
        (SOUND.format(name="bad", submit="idempotent") + "    plugin.options", None),
    ],
)
def test_a_broken_plug_in_is_named_and_stops_nobody(
    install: Install, source: str, reason: str | None
) -> None:
    """Whatever is wrong with one plug-in, the reason is told and the one beside it works."""
    install("bad-one", "[dossier_bridge.adapters]\nbad = bad_adapter:plugin\n", bad_adapter=source)
    install(
        "good-one",
        "[dossier_bridge.adapters]\ngood = good_adapter:plugin\n",
        good_adapter=SOUND.format(name="good", submit="idempotent"),
    )
    registry = Registry.load()
    assert registry.ministry("good").name == "good"
    if reason is None:
        assert registry.ministry("bad").name == "bad"
        return
    [fault] = _faults(registry, "bad")
    assert reason in fault.reason
    assert (str(fault.source), fault.source.place) == ("bad-one 1.2", "bad_adapter:plugin")
    with pytest.raises(UnknownPlugin, match="the adapter bad can't be used"):
        registry.ministry("bad")


def test_one_that_prints_is_refused_and_prints_nothing(
    install: Install, capsys: pytest.CaptureFixture[str]
) -> None:
    """What a plug-in prints at import stays out of what scripts read; it is refused, also later."""
    sound = dedent(SOUND.format(name="loud", submit="idempotent"))
    points = "[dossier_bridge.adapters]\nloud = loud_adapter:plugin\n"
    install("loud-one", points, loud_adapter=f"print('Xin chào')\n{sound}")
    for _ in range(2):  # the second time it is only looked up
        [fault] = _faults(Registry.load(), "loud")
        assert "prints to the standard output" in fault.reason
    assert capsys.readouterr().out == ""


def test_who_keeps_the_standard_output_at_import_may_use_it_later(
    install: Install, capsys: pytest.CaptureFixture[str]
) -> None:
    """A plug-in that makes a handler of logs at import is sound, and what it logs is shown."""
    sound = dedent(SOUND.format(name="quiet", submit="idempotent"))
    points = "[dossier_bridge.adapters]\nquiet = quiet_adapter:plugin\n"
    install("quiet-one", points, quiet_adapter=f"import sys\nkept = sys.stdout\n{sound}")
    registry = Registry.load()
    assert registry.ministry("quiet").name == "quiet"
    print("một dòng", file=sys.modules["quiet_adapter"].kept, flush=True)
    assert capsys.readouterr().out == "một dòng\n"


def test_a_mapping_package_that_leaves_stops_nobody(install: Install) -> None:
    """A package of mappings that ends the program at import is named; the others are there."""
    points = "[dossier_bridge.mappings]\nleaving = leaving_mappings\n"
    install("leaving", points, leaving_mappings="raise SystemExit(0)\n")
    registry = Registry.load()
    assert "SystemExit while it was imported" in _faults(registry, "leaving")[0].reason
    assert "gplx/licence" in registry.mappings


def test_of_two_plug_ins_with_one_name_neither_is_believed(install: Install) -> None:
    """Two distributions that claim one name are both named and both refused."""
    for number in ("one", "two"):
        install(
            number,
            f"[dossier_bridge.adapters]\nkhoa = khoa_{number}:plugin\n",
            **{f"khoa_{number}": SOUND.format(name="khoa", submit="idempotent")},
        )
    registry = Registry.load()
    assert "khoa" not in registry.ministries
    faults = _faults(registry, "khoa")
    assert [str(fault.source) for fault in faults] == ["one 1.2", "two 1.2"]
    assert all("one 1.2 (khoa_one:plugin), two 1.2 (khoa_two:plugin)" in f.reason for f in faults)


def test_an_unknown_adapter_is_told_with_the_nearest(install: Install) -> None:
    """A misspelt adapter gets the names near to it."""
    install(
        "stranger",
        "[dossier_bridge.adapters]\nkhoahoc = khoahoc_adapter:plugin\n",
        khoahoc_adapter=SOUND.format(name="khoahoc", submit="idempotent"),
    )
    with pytest.raises(UnknownPlugin, match='no adapter khoahok; did you mean "khoahoc"'):
        Registry.load().ministry("khoahok")


def _mapping_package(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def test_the_version_of_a_mapping_is_chosen_by_its_day(install: Install, tmp_path: Path) -> None:
    """The greatest version wins among those that hold on the day; without a day, of all."""
    install("maps", "[dossier_bridge.mappings]\nmine = my_mappings\n")
    files = {
        "__init__.py": "",
        "khoa/giay.v1.yaml": "mapping: khoa/giay\nversion: 1\n",
        "khoa/giay.v2.yaml": "mapping: khoa/giay\nvalid_from: 2026-01-01\n",
        "khoa/giay.v10.yaml": 'valid_from: "2027-01-01"\n',
    }
    _mapping_package(tmp_path / "site" / "my_mappings", files)
    registry = Registry.load()
    assert registry.mapping_file("khoa/giay").name == "giay.v10.yaml"
    assert registry.mapping_file("khoa/giay", date(2026, 6, 1)).name == "giay.v2.yaml"
    assert registry.mapping_file("khoa/giay", date(2025, 6, 1)).name == "giay.v1.yaml"


def test_a_mapping_that_is_missing_or_misnamed_is_told(install: Install, tmp_path: Path) -> None:
    """A wrong name gets the near ones; a file that is no version is a fault, not a silence."""
    install("maps", "[dossier_bridge.mappings]\nmine = our_mappings\nlost = no_such_package\n")
    files = {"__init__.py": "", "khoa/giay.yaml": "", "khoa/the.v1.yaml": "valid_from: 2027-01-01"}
    _mapping_package(tmp_path / "site" / "our_mappings", files)
    registry = Registry.load()
    assert "giay.yaml: expected a name like licence.v1.yaml" in _faults(registry, "khoa")[0].reason
    assert "ModuleNotFoundError" in _faults(registry, "lost")[0].reason
    with pytest.raises(UnknownPlugin, match='no mapping khoa/thẻ; did you mean "khoa/the'):
        registry.mapping_file("khoa/thẻ")
    with pytest.raises(UnknownPlugin, match="no version of mapping khoa/the holds on 2026-01-01"):
        registry.mapping_file("khoa/the", date(2026, 1, 1))


def test_our_own_come_in_by_the_same_door() -> None:
    """The one-stop adapter and the mappings that come with the bridge are found as entry points."""
    registry = Registry.load()
    assert registry.onestop("onestop_sql").name == "onestop_sql"
    assert {"dvcqg/dossier", "gplx/licence", "yte/practice"} <= set(registry.mappings)
    assert registry.sources["onestop_sql"].distribution == "dossier-bridge"
