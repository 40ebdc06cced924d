from __future__ import annotations

from pathlib import Path

import pytest

from tests.journey.town import GPLX, HOTICH, YTE, Town

SKIPS = [
    pytest.param("gplx", GPLX, "CP", id="gplx"),
    pytest.param("yte", YTE, "DACAP", id="yte"),
    pytest.param("hotich", HOTICH, "4", id="hotich"),
]
WAYS = [
    pytest.param("gplx", GPLX, ("XL", "BS", "XL", "CP"), id="gplx"),
    pytest.param("yte", YTE, ("THAMDINH", "BOSUNG", "THAMDINH", "DACAP"), id="yte"),
]


@pytest.mark.parametrize(("name", "procedure", "word"), SKIPS)
def test_a_step_nobody_saw_is_skipped_not_invented(
    tmp_path: Path, name: str, procedure: str, word: str
) -> None:
    """The feed shows 9 right after 2: one progress row, one step at the portal, no 4 made up."""
    with Town(tmp_path, ("dvcqg", name)) as town:
        code = town.key(procedure)
        town.settle(3)
        town.move(name, code, word)
        town.settle()
        assert town.progress(code) == [(2, "onestop"), (9, name)]
        assert town.dossier(code)["status"] == 9
        assert town.shown(code) == [2, 9]
        assert town.record("dvcqg", code)["status"] == 9
        assert town.conflicts(code, name) == {}
        town.ends_well()


@pytest.mark.parametrize(("name", "procedure", "words"), WAYS)
def test_what_happened_while_the_bridge_was_down_comes_in_order(
    tmp_path: Path, name: str, procedure: str, words: tuple[str, ...]
) -> None:
    """Four moves wait in the feed when the bridge starts again: four rows, four steps, in order."""
    with Town(tmp_path, ("dvcqg", name)) as town:
        code = town.key(procedure)
        town.settle(3)
        town.opened.close()
        for word in words:
            town.clock.forward(3600)
            town.move(name, code, word, "Ghi chú")
        town.restart()
        town.settle()
        assert town.progress(code) == [(2, "onestop"), *((n, name) for n in (4, 5, 4, 9))]
        assert town.shown(code) == [2, 4, 5, 4, 9]
        assert town.dossier(code)["status"] == town.record("dvcqg", code)["status"] == 9
        times = [row["at"] for row in town.rows("SELECT at FROM dossier_progress ORDER BY at")]
        assert len(set(times)) == 5
        assert town.conflicts(code, name) == {}
        town.ends_well()


def test_moves_faster_than_the_portal_are_shown_in_order(tmp_path: Path) -> None:
    """The portal is down through three moves: then it gets the last state, and each step once."""
    with Town(tmp_path, ("dvcqg", "gplx")) as town:
        code = town.key(GPLX)
        town.settle(3)
        town.ministries["dvcqg"].down()
        for word in ("XL", "BS", "XL"):
            town.move("gplx", code, word)
            town.settle(2)
        assert town.dossier(code)["status"] == 4
        town.ministries["dvcqg"].up()
        town.clock.forward(60)
        town.settle()
        assert town.shown(code) == [2, 4, 5, 4]
        assert town.record("dvcqg", code)["status"] == 4
        town.ends_well()
