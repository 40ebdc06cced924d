"""Records that were set aside come in after all, once what set them aside is mended."""

from __future__ import annotations

from pathlib import Path

import pytest

from bridge.engine import survey
from bridge.engine.house import ONESTOP
from bridge.engine.people import aside
from bridge.engine.people.decision import Decision
from tests.journey.town import GPLX, Town

MAPPING = Path(__file__).parents[2] / "mappings" / "gplx" / "licence.v1.yaml"
MENDED = Decision("truc", "đã bổ sung mã BS")


@pytest.fixture
def unlettered(tmp_path: Path) -> Path:
    """A folder with a mapping that has no word for gplx's request for supplements."""
    mapping = MAPPING.read_text(encoding="utf-8")
    (tmp_path / "licence.yaml").write_text(mapping.replace("BS: 5, ", ""), encoding="utf-8")
    return tmp_path


def mend(town: Town) -> None:
    text = MAPPING.read_text(encoding="utf-8")
    (town.folder / "licence.yaml").write_text(text, encoding="utf-8")
    town.restart()


def set_aside(folder: Path) -> Town:
    extra = {"gplx": 'mapping = { dossier = "licence.yaml" }'}
    return Town(folder, ("dvcqg", "gplx"), extra=extra)


def test_a_mended_mapping_and_a_release_take_them_in(unlettered: Path) -> None:
    """Why, the rule and the path are told; released, each is taken in as if it had just come."""
    with set_aside(unlettered) as town:
        codes = [town.key(GPLX) for _ in range(2)]
        town.settle(2)
        for code in codes:
            town.move("gplx", code, "BS", "thiếu giấy khám sức khỏe")
        town.settle(2)
        records = aside.all_of(town.house)
        assert {one.ref for one in records} == {town.record("gplx", code)["ref"] for code in codes}
        assert all(one.rule and "TrangThai" in one.reason and one.kept for one in records)
        assert survey.standings(town.house, ["gplx"])[0].quarantined == 2

        mend(town)
        assert len(aside.release(town.house, records, MENDED)) == 2
        town.settle(3)
        assert [town.dossier(code)["status"] for code in codes] == [5, 5]
        assert town.quarantined() == []
        assert [(row.system, row.detail["what"]) for row in town.journal("decided")] == [
            ("gplx", "release")
        ] * 2
        assert aside.release(town.house, records, MENDED) == []
        town.ends_well()


def test_what_fails_again_is_set_aside_again(unlettered: Path) -> None:
    """Released before the mapping is mended: back where it was, and nothing was lost."""
    with set_aside(unlettered) as town:
        code = town.key(GPLX)
        town.settle(2)
        town.move("gplx", code, "BS")
        town.settle(2)
        aside.release(town.house, aside.all_of(town.house), MENDED)
        town.settle(2)
        [again] = aside.all_of(town.house)
        assert again.ref == town.record("gplx", code)["ref"]
        town.ends_well()


def test_an_older_version_does_not_come_in_over_a_newer_one(unlettered: Path) -> None:
    """Both came at once: the first can't be read, the second is: nothing is left to release."""
    with set_aside(unlettered) as town:
        code = town.key(GPLX)
        town.settle(2)
        town.move("gplx", code, "BS")
        town.move("gplx", code, "CP")
        town.settle(2)
        assert town.dossier(code)["status"] == 9
        assert aside.all_of(town.house) == []
        town.ends_well()


def test_what_could_not_even_be_read_stays(tmp_path: Path) -> None:
    """A row of the one-stop that can't be read is read again when the clerk mends it, not before."""
    with Town(tmp_path, ("gplx",)) as town:
        code = town.key(GPLX, received_at="hôm qua")
        town.settle(1)
        [record] = aside.all_of(town.house)
        assert (record.source, record.ref, record.kept) == (ONESTOP, code, False)
        assert aside.release(town.house, [record], MENDED) == []
        assert aside.chosen([record], {"gplx"}, set()) == []
        assert aside.chosen([record], {ONESTOP}, set()) == [record]
        town.ends_well()
