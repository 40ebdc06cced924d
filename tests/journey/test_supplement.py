from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.journey.town import GPLX, YTE, Town

NOTE = "Thiếu giấy khám sức khỏe"
PAPER = b"%PDF-1.4 giay kham"
BOTH = [
    pytest.param("gplx", GPLX, "BS", "TenTep", id="gplx"),
    pytest.param("yte", YTE, "BOSUNG", "@ten", id="yte"),
]


def supplements(town: Town, code: str) -> list[dict[str, Any]]:
    query = "SELECT * FROM dossier_supplement WHERE dossier_code = :code ORDER BY requested_at"
    return town.rows(query, code=code)


def files(town: Town, name: str, code: str, key: str) -> list[str]:
    """Return the names of the files the ministry has of a dossier."""
    if name == "gplx":
        return [one[key] for one in town.record(name, code)["body"].get("TaiLieu", [])]
    entry = town.ministries["yte"].register.entries[town.record(name, code)["ref"]]
    return [one[key] for one in entry.dossier.get("TepDinhKem", [])]


@pytest.mark.parametrize(("name", "procedure", "word", "key"), BOTH)
def test_what_the_ministry_asks_for_is_asked_for_brought_and_sent(
    tmp_path: Path, name: str, procedure: str, word: str, key: str
) -> None:
    """5 opens a supplement here and at the portal; what is brought goes out as a new version."""
    with Town(tmp_path, ("dvcqg", name)) as town:
        code = town.key(procedure)
        town.settle(3)
        town.move(name, code, word, NOTE)
        town.settle(3)
        (asked,) = supplements(town, code)
        assert (asked["request"], asked["completed_at"]) == (NOTE, None)
        (notice,) = town.notices(code)
        assert (notice["system"], notice["severity"]) == (name, "action")
        assert notice["field"] == "dossier_supplement"
        assert "yêu cầu bổ sung" in notice["text_vi"]
        assert town.dossier(code)["status"] == 5
        assert town.progress(code) == [(2, "onestop"), (5, name)]
        portal = town.record("dvcqg", code)
        assert (portal["status"], town.shown(code)) == (5, [2, 5])
        (there,) = portal["body"]["DanhSachHoSoBoSung"]
        assert (there["HoSoBoSungId"], there["NoiDungBoSung"]) == (asked["id"], NOTE)

        sent = town.states(code, name)
        town.paper(code, "kham.pdf", PAPER)
        town.settle(3)
        assert town.states(code, name) == sent
        assert "kham.pdf" not in files(town, name, code, key)

        town.bring(code)
        town.settle(4)
        assert town.states(code, name) == [*sent, "confirmed"]
        assert "kham.pdf" in files(town, name, code, key)
        assert town.record(name, code)["updates"] == 1
        assert town.notices(code) == []
        (there,) = town.record("dvcqg", code)["body"]["DanhSachHoSoBoSung"]
        assert there["NgayTiepNhanBoSung"] != ""

        town.ministries[name].advance()
        town.settle(3)
        assert town.dossier(code)["status"] == 4
        assert town.shown(code) == [2, 5, 4]
        assert len(supplements(town, code)) == 1
        town.ends_well()


@pytest.mark.parametrize(("name", "procedure", "word", "key"), BOTH)
def test_the_ministry_may_ask_twice(
    tmp_path: Path, name: str, procedure: str, word: str, key: str
) -> None:
    """A second request opens a second supplement; what was brought before stays over there."""
    with Town(tmp_path, ("dvcqg", name)) as town:
        code = town.key(procedure)
        town.settle(3)
        for number, paper in enumerate(("mot.pdf", "hai.pdf"), start=1):
            town.move(name, code, word, f"Lần {number}")
            town.settle(3)
            assert len(supplements(town, code)) == number
            town.edit(code, applicant_phone=f"090000000{number}")
            town.paper(code, paper, PAPER + paper.encode())
            town.settle(3)
            assert paper not in files(town, name, code, key)
            if number == 2:
                assert "mot.pdf" in files(town, name, code, key)
            town.bring(code)
            town.settle(4)
            assert paper in files(town, name, code, key)
            town.ministries[name].advance()
            town.settle(3)
        assert {"mot.pdf", "hai.pdf"} <= set(files(town, name, code, key))
        assert town.progress(code)[1:] == [(5, name), (4, name), (5, name), (4, name)]
        assert town.shown(code) == [2, 5, 4, 5, 4]
        town.ends_well()


def test_a_ministry_that_goes_on_without_the_papers_ends_the_notice(tmp_path: Path) -> None:
    """Nothing was brought and it goes on all the same: the clerk has nothing left to do."""
    with Town(tmp_path, ("gplx",)) as town:
        code = town.key(GPLX)
        town.settle(3)
        town.move("gplx", code, "BS", NOTE)
        town.settle(3)
        assert len(town.notices(code)) == 1
        town.move("gplx", code, "XL")
        town.settle(3)
        assert town.notices(code) == []
        (ended,) = town.notices(code, standing=False)
        assert ended["resolved_at"] is not None
        town.ends_well()


def test_a_request_without_words_says_what_it_is(tmp_path: Path) -> None:
    """BS without GhiChu: the request is the status's national name, for it can't be empty."""
    with Town(tmp_path, ("dvcqg", "gplx")) as town:
        code = town.key(GPLX)
        town.settle(3)
        town.move("gplx", code, "BS")
        town.settle(3)
        assert [one["request"] for one in supplements(town, code)] == ["Yêu cầu bổ sung giấy tờ"]
        town.ends_well()


def test_where_the_ministry_takes_no_papers_the_clerk_sends_them_by_hand(tmp_path: Path) -> None:
    """What is brought for a ministry without supplements: a notice, until the ministry goes on."""
    with Town(tmp_path, ("gplx",)) as town:
        adapter: Any = town.house.ministries["gplx"].adapter
        adapter.capabilities = replace(adapter.capabilities, supplements=False)
        code = town.key(GPLX)
        town.settle(3)
        town.move("gplx", code, "BS", NOTE)
        town.settle(3)
        before = len(town.notices(code))
        town.paper(code, "kham.pdf", PAPER)
        town.bring(code)
        town.settle(3)
        notices = [one["text_vi"] for one in town.notices(code)]
        assert len([text for text in notices if "gửi trực tiếp" in text]) == 1
        town.move("gplx", code, "XL")
        town.settle(4)
        assert len(town.notices(code)) <= before
        assert not [one for one in town.notices(code) if "gửi trực tiếp" in one["text_vi"]]
        town.ends_well()


@pytest.mark.parametrize(("name", "procedure", "word", "key"), BOTH)
def test_a_ministry_may_ask_again_without_leaving_the_status(
    tmp_path: Path, name: str, procedure: str, word: str, key: str
) -> None:
    """Brought, looked at, and more is asked for in other words: a second supplement opens."""
    with Town(tmp_path, ("dvcqg", name)) as town:
        code = town.key(procedure)
        town.settle(3)
        town.move(name, code, word, NOTE)
        town.settle(3)
        town.paper(code, "kham.pdf", PAPER)
        town.bring(code)
        town.settle(4)
        town.move(name, code, word, "Ảnh mờ, chụp lại")
        town.settle(4)
        asked = [(one["request"], one["completed_at"] is None) for one in supplements(town, code)]
        assert asked == [(NOTE, False), ("Ảnh mờ, chụp lại", True)]
        assert town.progress(code) == [(2, "onestop"), (5, name)]
        town.ends_well()
