"""A code list that shrank below half is not believed, until a person accepts it."""

from __future__ import annotations

from pathlib import Path

import pytest

from bridge.engine import code_lists
from bridge.engine.people import brakes, lists
from bridge.engine.people.decision import Decision
from bridge.engine.people.refusal import Refusal
from tests.journey.test_code_lists import DAY, ETHNIC, ONLY, read, spans
from tests.journey.town import Town

WHY = Decision("truc", "danh mục mới chỉ còn hai dân tộc để thử")


def test_a_short_list_is_accepted_by_a_person(tmp_path: Path) -> None:
    """Not believed, read again and again; accepted, what is gone ends, and the next day is quiet."""
    with Town(tmp_path, ONLY) as town:
        ministry = town.house.ministries["lltp"]
        read(town)
        groups = town.ministries["lltp"].lists[ETHNIC]
        known = len(groups)
        for code in list(groups)[2:]:
            del groups[code]
        town.clock.forward(DAY)
        read(town)
        [row] = [one for one in lists.standings(town.house) if one.name == "ethnic_group"]
        assert (row.rows, "not believed" in str(row.state.trouble)) == (known, True)

        short = lists.look_at(town.house, ministry, "ethnic_group")
        assert len(short.gone) == known - 2
        lists.accept(town.house, short, WHY)
        assert sum(one.valid_until is None for one in spans(town)) == 2
        [decided] = town.journal("decided")
        assert (decided.detail["what"], decided.detail["rows"]) == ("lists accept", 2)
        town.clock.forward(DAY)
        read(town)
        assert all(one.state.trouble is None for one in lists.standings(town.house))
        town.ends_well()


def test_an_empty_list_or_a_paused_system_is_none(tmp_path: Path) -> None:
    """An answer without rows is no list, and a system that a person paused is not asked."""
    with Town(tmp_path, ONLY) as town:
        ministry = town.house.ministries["lltp"]
        code_lists.refresh(town.house, ministry)
        before = len(spans(town))
        town.ministries["lltp"].lists[ETHNIC].clear()
        with pytest.raises(Refusal, match="empty"):
            lists.look_at(town.house, ministry, "ethnic_group")
        brakes.pause(town.house, ministry, WHY)
        calls = sum(town.ministries["lltp"].calls.values())
        with pytest.raises(Refusal, match="paused"):
            lists.look_at(town.house, ministry, "ethnic_group")
        assert sum(town.ministries["lltp"].calls.values()) == calls
        assert len(spans(town)) == before
        town.ends_well()
