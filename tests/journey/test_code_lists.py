"""What a system's codes stand for is read once a day, kept with its days, and used by day."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bridge.engine import code_lists
from bridge.sdk.errors import AdapterError
from bridge.sdk.rehearsal import Fault
from bridge.store import CodeSpan
from tests.journey.town import Town

ONLY = ("lltp",)
DAY = 86_400
ETHNIC, LIST = "3", "traDanhMuc"


def read(town: Town, system: str = "lltp") -> None:
    """Read the lists of a system, if nobody did today."""
    code_lists.refresh(town.house, town.house.ministries[system])


def spans(town: Town, name: str = "ethnic_group") -> list[CodeSpan]:
    with town.house.store.read() as unit:
        return unit.code_lists.spans("lltp", name)


def told(town: Town) -> list[dict[str, Any]]:
    """Return what the journal says of changed lists; it begins with how each was first read."""
    return [dict(row.detail) for row in town.journal("code_list") if row.detail["how"] != "first"]


def warnings(town: Town) -> list[str]:
    return [str(row.detail["reason"]) for row in town.journal("feed_warning")]


def test_a_list_changes_by_the_day(tmp_path: Path) -> None:
    """Read once a day; what goes, comes and is renamed begins and ends, and is journalled."""
    with Town(tmp_path, ONLY) as town:
        ministry = town.ministries["lltp"]
        read(town)
        read(town)
        assert ministry.calls[LIST] == 5
        assert len(town.journal("code_list")) == 5
        assert spans(town)[0] == CodeSpan("1", "Kinh", None, None)
        groups = ministry.lists[ETHNIC]
        del groups["54"]
        groups |= {"53": "O\u031b Đu\u0300 ", "55": "Nhóm mới"}
        town.clock.forward(DAY)
        read(town)
        today = town.clock().astimezone(town.house.zone).date()
        (change,) = told(town)
        assert change == {
            "list": "ethnic_group",
            "how": "changed",
            "added": 1,
            "renamed": 1,
            "closed": 1,
            "codes": ["55", "53", "54"],
        }
        assert spans(town)[-2:] == [
            CodeSpan("55", "Nhóm mới", today, None),
            CodeSpan("53", "Ơ Đù", today, None),
        ]
        assert CodeSpan("54", "Rơ Măm", None, today) in spans(town)
        town.ends_well()


def test_a_list_that_is_not_whole_is_not_believed(tmp_path: Path) -> None:
    """Empty or less than half: nothing ends, it is said once, and it is read again."""
    with Town(tmp_path, ONLY) as town:
        ministry = town.ministries["lltp"]
        read(town)
        before, whole = spans(town), dict(ministry.lists[ETHNIC])
        town.clock.forward(DAY)
        for rows in ({}, {"1": "Kinh"}, {"1": "Kinh"}):
            ministry.lists[ETHNIC] = dict(rows)
            read(town)
            town.clock.forward(61)
            assert spans(town) == before
        said = warnings(town)
        assert [one.partition(":")[0] for one in said] == [
            f"the code list ethnic_group has {n} rows, and had 54" for n in (0, 1)
        ]
        ministry.lists[ETHNIC] = whole
        read(town)
        with town.house.store.read() as unit:
            assert unit.code_lists.states("lltp")["ethnic_group"].trouble is None
        assert told(town) == []
        town.ends_well()


def test_a_code_with_two_names_stays_as_it_was(tmp_path: Path) -> None:
    """What a list says in two ways, or without a name, is left out and said; the rest is taken."""
    with Town(tmp_path, ONLY) as town:
        read(town)
        town.clock.forward(DAY)
        rows: list[Any] = [
            {"ID": key, "NAME": name} for key, name in town.ministries["lltp"].lists[ETHNIC].items()
        ]
        rows += [
            {"ID": "1", "NAME": "Khác"},
            {"ID": "55", "NAME": None},
            "x",
            {"ID": 56, "NAME": "M"},
        ]
        ministry = town.house.ministries["lltp"]
        adapter: Any = ministry.adapter
        adapter._client._list = lambda _path, number: rows if number == ETHNIC else []
        read(town)
        assert [(one["list"], one["codes"]) for one in told(town)] == [("ethnic_group", ["56"])]
        assert any("row 56 has no code or no name; row 57" in one for one in warnings(town))
        assert any("code 1 has two names" in one for one in warnings(town))


def test_lists_that_cant_be_read_spare_the_others_and_the_ministry(tmp_path: Path) -> None:
    """A failure is kept with its list, which is left alone for a minute; the others are read."""
    with Town(tmp_path, ONLY) as town:
        ministry = town.ministries["lltp"]
        ministry.faults.next(Fault.WRONG_SCHEMA, operation=LIST)
        with pytest.raises(AdapterError):
            read(town)
        with town.house.store.read() as unit:
            states = unit.code_lists.states("lltp")
        assert [name for name, one in states.items() if one.read_at is None] == [
            "administrative_unit"
        ]
        assert len(states) == 5
        read(town)
        assert spans(town, "administrative_unit") == []
        town.clock.forward(61)
        read(town)
        assert len(spans(town, "administrative_unit")) == 3
        ministry.down()
        town.clock.forward(DAY)
        with pytest.raises(AdapterError):
            read(town)
        assert town.house.store.ready()
        ministry.up()
        town.clock.forward(61)
        read(town)
        town.ends_well()
