from __future__ import annotations

import json
import logging
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import structlog

from bridge.cli.main import main
from bridge.i18n import use
from tests.journey.town import Town

ADAPTER = """
from pathlib import Path

from pydantic import BaseModel, ConfigDict, SecretStr

from bridge.sdk.adapter import Plugin
from bridge.sdk.capabilities import Capabilities
from bridge.sdk.records import Check


class Options(BaseModel):
    model_config = ConfigDict(extra="forbid")
    address: str
    password: SecretStr
    verify: bool = True


class Adapter:
    capabilities = Capabilities(submit="idempotent")

    def __init__(self, options, context):
        self.options, self.context = options, context

    def check(self):
        up = "down" not in self.options.address
        yield Check("address", up, "answers" if up else "nobody answers")
        if up:
            login = self.options.password.get_secret_value() == "right"
            yield Check("login", login, "accepted" if login else "refused")

    def close(self):
        Path(self.context.folder, "closed").touch()


plugin = Plugin(
    name="thu", title="Bộ Thử", protocol="rest", options=Options,
    capabilities=Adapter.capabilities, build=Adapter, mappings={"dossier": "gplx/licence"},
)
"""


@dataclass(frozen=True)
class Ended:
    """How a command ended and what it wrote."""

    code: int
    out: str
    err: str

    def document(self) -> Any:
        return json.loads(self.out)


Call = Callable[..., Ended]


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Call]:
    """Return a function that runs the command line in this process, in English."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG", "DOSSIER_BRIDGE_CONFIG"):
        monkeypatch.delenv(name, raising=False)

    def run(*arguments: str) -> Ended:
        capsys.readouterr()
        code = main(arguments)
        written = capsys.readouterr()
        return Ended(code, written.out, written.err)

    yield run
    use("en")


@pytest.fixture
def stranger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Install a distribution with a sound adapter, ``thu``, and a broken one, ``hong``."""
    root = tmp_path / "site"
    metadata = root / "stranger-1.2.dist-info"
    metadata.mkdir(parents=True)
    (metadata / "METADATA").write_text("Name: stranger\nVersion: 1.2\n")
    points = "[dossier_bridge.adapters]\nthu = thu_adapter:plugin\nhong = no_such_module:plugin\n"
    (metadata / "entry_points.txt").write_text(points)
    (root / "thu_adapter.py").write_text(ADAPTER, encoding="utf-8")
    monkeypatch.syspath_prepend(str(root))
    yield
    sys.modules.pop("thu_adapter", None)


@pytest.fixture
def configure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """Return a function that writes a configuration and makes its folder the current one."""
    monkeypatch.chdir(tmp_path)

    def write(bridge: str = 'locale = "en"\n', **systems: str) -> Path:
        (tmp_path / "systems").mkdir(exist_ok=True)
        (tmp_path / "bridge.toml").write_text(bridge, encoding="utf-8")
        for name, text in systems.items():
            (tmp_path / "systems" / f"{name}.toml").write_text(text, encoding="utf-8")
        return tmp_path / "bridge.toml"

    return write


@pytest.fixture
def town(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Town]:
    """A one-stop office with one sector ministry, gplx; its folder is the current one."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DOSSIER_BRIDGE__LOCALE", "en")
    with Town(tmp_path, ("gplx",)) as town:
        yield town


@pytest.fixture
def logs_as_before() -> Iterator[None]:
    """Give the test run its logging back after a command that sets its own."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()
