"""What a system's codes stand for is read once a day, kept with its days, and used by day."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bridge.cli.house import needs_a_person
from bridge.engine import code_lists, survey
from bridge.engine import round as rounds
from bridge.sdk.errors import AdapterError
from bridge.sdk.rehearsal import Fault
from bridge.store import CodeSpan
from tests.journey.town import HOTICH, LLTP, Town

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
    """Read once a day; what goes, comes and is renamed begins and ends, and is journalled.

    What is new may have been so since the reading before, and is valid from then on.
    """
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
        before = today - timedelta(days=1)
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
            CodeSpan("55", "Nhóm mới", before, None),
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


def test_a_code_with_two_names_or_none_stays_as_it_was(tmp_path: Path) -> None:
    """What a list says in two ways, or without a name, is left out and said; the rest is taken.

    A row that lost its name ends no code: dossiers that say it are not refused for it. It is said
    once, though the list is read each day and may fail between, until something else is wrong.
    """
    with Town(tmp_path, ONLY) as town:
        read(town)
        town.clock.forward(DAY)
        rows: list[Any] = [
            {"ID": key, "NAME": " " if key == "2" else name}
            for key, name in town.ministries["lltp"].lists[ETHNIC].items()
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
        assert any(
            "code 2 has no name; code 55 has no name; row 57" in one for one in warnings(town)
        )
        assert any("code 1 has two names" in one for one in warnings(town))
        said = len(warnings(town))
        town.clock.forward(DAY)
        town.ministries["lltp"].down()
        rows_of = adapter._client._list
        del adapter._client._list
        with pytest.raises(AdapterError):
            read(town)
        town.ministries["lltp"].up()
        adapter._client._list = rows_of
        town.clock.forward(61)
        read(town)
        assert len(warnings(town)) == said
        rows.append({"ID": "57"})
        town.clock.forward(DAY)
        read(town)
        assert len(warnings(town)) == said + 1


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


# -- what is translated by them


def details(town: Town, code: str, **changes: Any) -> dict[str, Any]:
    return {**town.dossier(code)["details"], **changes}


def sent(town: Town, code: str) -> dict[str, Any]:
    form: dict[str, Any] = town.record("lltp", code)["body"]["declarationWSForm"]
    return form


def test_until_a_list_was_read_what_needs_it_waits(tmp_path: Path) -> None:
    """Dossiers out and records in wait, refused by nobody; the list is asked for by itself."""
    with Town(tmp_path, ONLY) as town:
        ministry = town.ministries["lltp"]
        nations, ministry.lists["2"] = ministry.lists["2"], {}
        code = town.key(LLTP)
        ministry.file_own(1)
        for _ in range(2):
            town.settle(2)
            town.clock.forward(25 * 3600)
        assert town.states(code, "lltp") == ["pending"]
        assert [*town.journal("dead"), *town.journal("retry"), *town.quarantined()] == []
        (standing,) = survey.standings(town.house)
        assert standing.pending == 1
        (said,) = standing.reasons
        assert said.startswith("the code list nationality was not read yet: the code list")
        assert ministry.calls[LIST] <= 8
        ministry.lists["2"] = nations
        town.clock.forward(600)
        town.settle(3)
        assert town.states(code, "lltp") == ["confirmed"]
        assert len(town.journal("imported")) == 1
        assert survey.standings(town.house)[0].reasons == ()
        town.ends_well()


def test_a_sync_with_a_list_that_is_not_there_ends(tmp_path: Path) -> None:
    """It asks once more by itself, and leaves the dossier for later."""
    with Town(tmp_path, ONLY) as town:
        town.ministries["lltp"].lists["2"] = {}
        code = town.key(LLTP)
        rounds.full(town.house, [town.house.ministries["lltp"]], town.opened.paces)
        assert town.states(code, "lltp") == ["pending"]


def test_a_dossier_is_translated_by_the_day_it_was_received(tmp_path: Path) -> None:
    """A group gets another ID: who came before goes out with the old, who comes after with the new."""
    with Town(tmp_path, ONLY) as town:
        ministry = town.ministries["lltp"]
        read(town)
        groups = ministry.lists[ETHNIC]
        early, late = town.key(LLTP, n=2, received_at=None), ""
        before = town.clock()
        town.clock.forward(DAY)
        groups["60"] = groups.pop("2")
        read(town)
        groups["2"] = "Nhóm cũ"  # the ministry takes the old ID still; today's list does not count
        late = town.key(LLTP, received_at=None)
        for code, at in ((early, before), (late, town.clock())):
            received = at.astimezone(town.house.zone).isoformat(timespec="milliseconds")
            town.edit(code, received_at=received, details=details(town, code, ethnic_group="Tày"))
        town.settle(3)
        assert [sent(town, code)["ethnicId"] for code in (early, late)] == ["2", "60"]
        town.ends_well()


def test_an_unknown_name_is_a_dead_letter_that_says_list_and_day(tmp_path: Path) -> None:
    """To the clerk in Vietnamese; of a person neither the value nor what is near it."""
    with Town(tmp_path, ONLY) as town:
        code = town.key(LLTP)
        wrong = details(town, code, ethnic_group="Ta\u0300y lạ")
        town.edit(code, received_at="2026-11-20T09:15:00.000+07:00", details=wrong)
        town.settle(2)
        assert town.states(code, "lltp") == ["dead"]
        (dead,) = town.journal("dead", code)
        assert "not in the list ethnic_group on 2026-11-20" in str(dead.detail["reason"])
        (notice,) = town.notices(code)
        assert "không có trong danh mục dân tộc ngày 20/11/2026" in str(notice)
        assert "Tày" not in str(notice) + str(dead.detail)
        town.edit(code, details=details(town, code, ethnic_group="Tày"))
        town.settle(3)
        assert town.states(code, "lltp")[-1] == "confirmed"
        assert sent(town, code)["ethnicId"] == "2"
        town.ends_well()


def test_an_old_list_is_told(tmp_path: Path) -> None:
    """What could not be read for days is named with its day and the reason; a person looks."""
    with Town(tmp_path, ONLY) as town:
        read(town)
        assert survey.standings(town.house)[0].stale_lists == 0
        town.ministries["lltp"].lists[ETHNIC] = {}
        town.clock.forward(3 * DAY + 60)
        (standing,) = survey.standings(town.house)
        assert standing.stale_lists == 5
        assert "not tried since" in standing.reasons[0]
        read(town)
        (standing,) = survey.standings(town.house)
        assert standing.stale_lists == 1
        assert needs_a_person(standing)
        (said,) = standing.reasons
        assert said.startswith("the code list ethnic_group was last read on ")
        assert "0 rows" in said


def test_a_list_that_only_proves_is_not_waited_for(tmp_path: Path) -> None:
    """A birth goes out before the lists were read; once they were, what is not on them does not."""
    with Town(tmp_path, ("hotich",)) as town:
        town.settle(1)
        early = town.key(HOTICH)
        town.settle(3)
        assert town.states(early, "hotich") == ["confirmed"]
        assert town.ministries["hotich"].calls.get("danhMuc", 0) == 0
        read(town, "hotich")
        late = town.key(HOTICH, received_at="2026-11-20T09:15:00.000+07:00")
        child = {**town.dossier(late)["details"]["child"], "ethnic_group": "Nhóm lạ"}
        town.edit(late, details=details(town, late, child=child))
        town.settle(2)
        assert town.states(late, "hotich") == ["dead"]
        (dead,) = town.journal("dead", late)
        assert "not in the list ethnic_group on 2026-11-20" in str(dead.detail["reason"])
        town.ends_well()
