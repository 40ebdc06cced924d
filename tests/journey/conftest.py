"""The command line in a story: it reads the town's clock, as everybody in the town does."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bridge.bootstrap import open_house
from tests.journey.town import Town
from tests.unit.cli.conftest import Call, Ended, call

__all__ = ["Call", "Ended", "call", "typed"]

Typed = Callable[..., Ended]


@pytest.fixture
def typed(call: Call, monkeypatch: pytest.MonkeyPatch) -> Callable[[Town], Typed]:
    """Return what lets an operator of a town type commands there."""

    def at(town: Town) -> Typed:
        def opened(settings: Any, **more: Any) -> Any:
            clock = town.clock
            return open_house(
                settings, registry=town.registry, now=clock, sleep=clock.forward, **more
            )

        monkeypatch.setattr("bridge.cli.house.open_house", opened)
        monkeypatch.setenv("DOSSIER_BRIDGE_CONFIG", str(Path(town.folder, "bridge.toml")))
        monkeypatch.setenv("DOSSIER_BRIDGE__LOCALE", "en")
        return call

    return at
