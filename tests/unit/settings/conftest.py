from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bridge.i18n import use

Write = Callable[..., Path]


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    use("en")
    yield
    use("en")


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    """Return a function that writes bridge.toml and systems, and returns the folder."""
    monkeypatch.chdir(tmp_path)

    def write_files(bridge: str = "", **systems: str) -> Path:
        (tmp_path / "systems").mkdir(exist_ok=True)
        (tmp_path / "bridge.toml").write_text(bridge, encoding="utf-8")
        for name, text in systems.items():
            (tmp_path / "systems" / f"{name}.toml").write_text(text, encoding="utf-8")
        return tmp_path

    return write_files
