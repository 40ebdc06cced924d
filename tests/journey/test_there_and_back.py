from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.journey.town import GPLX, YTE, Town

WAYS = [
    pytest.param("gplx", GPLX, [4, 9], "new_licence_number", "SoGPLXMoi", id="gplx"),
    pytest.param("yte", YTE, [4, 9], "certificate_number", "SoChungChi", id="yte"),
]


def until_finished(town: Town, name: str) -> None:
    town.settle(3)
    while town.ministries[name].advance():
        town.settle(3)
    town.settle(2)


@pytest.mark.parametrize(("name", "procedure", "steps", "key", "number"), WAYS)
def test_a_dossier_goes_there_and_all_that_became_of_it_comes_back(
    tmp_path: Path, name: str, procedure: str, steps: list[int], key: str, number: str
) -> None:
    """One dossier: confirmed at both targets, each step back in the one-stop and at the portal."""
    with Town(tmp_path, ("dvcqg", name)) as town:
        code = town.key(procedure)
        before = town.dossier(code)
        town.settle(3)
        assert town.states(code, name) == ["confirmed"]
        assert town.states(code, "dvcqg") == ["confirmed", "confirmed"]
        held = town.record(name, code)
        assert town.dossier(code)["ministry_ref"] == held["ref"]
        assert town.record("dvcqg", code)["status"] == 2

        until_finished(town, name)

        here, there = town.dossier(code), town.record(name, code)
        assert town.progress(code) == [(2, "onestop"), *((step, name) for step in steps)]
        assert (here["status"], there["status"]) == (9, 9)
        assert here["details"][key] == there["body"][number]
        assert here["finished_at"] is not None
        assert unchanged(before, here, key) == []
        portal = town.record("dvcqg", code)
        assert town.shown(code) == [2, *steps]
        assert portal["status"] == 9
        assert portal["body"]["NgayKetThucXuLy"] != ""
        assert in_order([step["ThoiDiemXuLy"] for step in portal["steps"]])
        assert town.notices(code) == []
        town.ends_well()


def test_papers_the_portal_would_have_to_fetch_are_said_to_be_left_out(tmp_path: Path) -> None:
    """They have no address yet: the journal says how many, once, and only of the portal."""
    with Town(tmp_path, ("dvcqg", "gplx")) as town:
        code = town.key(GPLX)
        query = "SELECT count(*) AS n FROM dossier_document WHERE dossier_code = :c"
        (row,) = town.rows(query, c=code)
        town.settle(3)
        town.edit(code, applicant_phone="0911111111")
        town.settle(2)
        (left_out,) = town.journal("documents_left_out", code)
        assert (left_out.system, left_out.detail["count"]) == ("dvcqg", row["n"])
        assert town.record("dvcqg", code)["body"]["TaiLieuNop"] == []
        town.ends_well()


def test_the_portal_follows_each_status_of_the_ministry(tmp_path: Path) -> None:
    """After each move of the ministry, and before the next, TrangThaiHoSo is the one-stop's."""
    with Town(tmp_path, ("dvcqg", "gplx")) as town:
        code = town.key(GPLX)
        town.settle(3)
        seen = [town.record("dvcqg", code)["status"]]
        for status in ("XL", "BS", "XL", "CP"):
            town.move("gplx", code, status, "Ghi chú")
            town.settle(3)
            assert town.record("dvcqg", code)["status"] == town.dossier(code)["status"]
            seen.append(town.record("dvcqg", code)["status"])
        assert seen == [2, 4, 5, 4, 9]
        assert town.shown(code) == seen
        town.ends_well()


def test_one_of_each_kind_side_by_side(tmp_path: Path) -> None:
    """Three systems at once: every dossier at its own two targets, and nowhere else."""
    with Town(tmp_path) as town:
        licence, practice = town.key(GPLX), town.key(YTE)
        town.settle(3)
        for name in ("gplx", "yte"):
            town.ministries[name].advance()
        town.settle(3)
        assert [one["code"] for one in town.ministries["gplx"].records()] == [licence]
        assert [one["code"] for one in town.ministries["yte"].records()] == [practice]
        portal = sorted(one["code"] for one in town.ministries["dvcqg"].records())
        assert portal == sorted([licence, practice])
        assert [town.dossier(code)["status"] for code in (licence, practice)] == [4, 4]
        assert [town.shown(code) for code in (licence, practice)] == [[2, 4], [2, 4]]
        town.ends_well()


def unchanged(before: dict[str, Any], after: dict[str, Any], written: str) -> list[str]:
    """Return the columns a ministry changed though they are not its own."""
    own = {"status", "ministry_ref", "finished_at", "status_note", "updated_at", "details"}
    kept = {key: value for key, value in after["details"].items() if key != written}
    odd = [] if kept == before["details"] else ["details"]
    return odd + [key for key in before if key not in own and before[key] != after[key]]


def in_order(times: list[str]) -> bool:
    return times == sorted(times)
