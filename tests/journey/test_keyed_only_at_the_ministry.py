from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bridge.engine import feed, mark_key, receive
from bridge.engine import round as rounds
from bridge.store import StoreFault
from bridge.store.unpaired import BEGINNING
from tests.journey.town import DKKD, GPLX, LLTP, VIETNAM, YTE, PowerCutError, Town

SYSTEMS = [
    pytest.param("gplx", GPLX, "H40.05", id="gplx"),
    pytest.param("yte", YTE, "H40.07", id="yte"),
    pytest.param("dkkd", DKKD, "H40.10", id="dkkd"),
    pytest.param("lltp", LLTP, "H40.09", id="lltp"),
]
DEATHS = [(name, phase) for name in ("reserve import", "imported") for phase in ("before", "after")]


def dies_at(name: str, phase: str) -> Any:
    def on_commit(commit: str, moment: str) -> None:
        if (commit, moment) == (name, phase):
            raise PowerCutError

    return on_commit


def the_codes(town: Town) -> list[str]:
    return [row["code"] for row in town.rows("SELECT code FROM dossier ORDER BY code")]


@pytest.mark.parametrize(("name", "procedure", "agency"), SYSTEMS)
def test_a_dossier_only_the_ministry_has_becomes_ours(
    tmp_path: Path, name: str, procedure: str, agency: str
) -> None:
    """It is imported under a code of its own day, and goes on to the portal; its life goes on."""
    with Town(tmp_path, ("dvcqg", name)) as town:
        (ref,) = town.ministries[name].file_own()
        town.settle(4)
        (code,) = the_codes(town)
        today = town.clock().astimezone(VIETNAM)
        assert re.fullmatch(rf"{re.escape(agency)}-{today:%y%m%d}-M000001", code)
        here = town.dossier(code)
        assert here["ministry_ref"] == ref
        assert here["procedure_code"] == procedure
        assert here["received_at"].startswith(f"{today:%Y-%m-%dT}")
        assert (here["channel"], here["status"]) == (1, 2)
        assert town.progress(code) == [(2, name)]
        assert [row.detail["received_at"] for row in town.journal("imported")] == [
            "of the ministry"
        ]
        assert town.record("dvcqg", code)["status"] == 2
        assert town.shown(code) == [2]
        assert town.states(code, name) == []

        while town.ministries[name].advance():
            town.settle(3)
        town.settle(2)
        assert town.progress(code) == [(2, name), (4, name), (9, name)]
        assert town.shown(code) == [2, 4, 9]
        assert len(town.ministries[name].records()) == 1
        town.ends_well()


def test_each_gets_a_number_of_its_own(tmp_path: Path) -> None:
    """Five filed at once: five codes in a row, five dossiers at the portal."""
    with Town(tmp_path, ("dvcqg", "gplx")) as town:
        town.ministries["gplx"].file_own(5)
        town.settle(4)
        assert [code[-6:] for code in the_codes(town)] == [f"00000{n}" for n in range(1, 6)]
        assert len(town.ministries["dvcqg"].records()) == 5
        town.ends_well()


def test_what_nobody_has_linked_goes_before_all_moves(tmp_path: Path) -> None:
    """Three moves came first: until the newcomer was looked at, nothing new goes to its ministry."""
    with Town(tmp_path, ("gplx",)) as town:
        codes = [town.key(GPLX) for _ in range(3)]
        town.settle(3)
        ministry = town.house.ministries["gplx"]
        before = len(town.journal("into_onestop"))
        for code in codes:
            town.move("gplx", code, "XL")
        feed.poll(town.house, ministry)
        town.clock.forward(1)
        town.ministries["gplx"].file_own(1)
        feed.poll(town.house, ministry)
        receive.work(replace(town.house, page=1), ministry)
        (imported,) = town.journal("imported")
        moved = town.journal("into_onestop")[before:]
        assert len(moved) == 3
        assert imported.n < moved[0].n
        town.settle(2)
        town.ends_well()


def test_moves_are_taken_in_while_marks_are_made_anew(tmp_path: Path) -> None:
    """Of the newcomer it can't be told meanwhile whether it is there already; nobody else waits for it."""
    with Town(tmp_path, ("gplx",)) as town:
        code = town.key(GPLX)
        town.settle(3)
        town.ministries["gplx"].file_own(1)
        town.move("gplx", code, "XL")
        before = len(town.journal("into_onestop"))
        with town.house.store.write("marks made anew") as unit:
            unit.unpaired.mark_anew(BEGINNING)
        feed.poll(town.house, town.house.ministries["gplx"])
        with pytest.raises(StoreFault, match="being marked anew"):
            receive.work(town.house, town.house.ministries["gplx"])
        assert len(town.journal("into_onestop")) == before + 1
        assert town.journal("imported") == []
        mark_key.go_on(town.house)
        town.settle(2)
        assert len(town.journal("imported")) == 1
        town.ends_well()


def test_all_are_reserved_before_the_first_is_made(tmp_path: Path) -> None:
    """What is new to the ministry goes there as soon as they are known, however slowly they are made."""
    with Town(tmp_path, ("gplx",)) as town:
        town.ministries["gplx"].file_own(12)
        commits: list[str] = []
        town.house.store.on_commit = lambda commit, moment: commits.append(f"{commit} {moment}")
        town.receive("gplx")
        town.house.store.on_commit = None
        made = [one for one in commits if one in ("reserve import after", "imported after")]
        assert made == ["reserve import after", *["imported after"] * 2]
        assert len(town.journal("imported")) == 12
        town.settle(2)
        town.ends_well()


def test_they_get_through_while_dossiers_are_posted_all_the_time(tmp_path: Path) -> None:
    """Whoever posts sees them; so nothing that is posted meanwhile sends them back."""
    with Town(tmp_path, ("dvcqg", "gplx")) as town:
        town.ministries["gplx"].file_own(5)
        commits: list[str] = []

        def on_commit(commit: str, moment: str) -> None:
            commits.append(f"{commit} {moment}")
            if (commit, moment) == ("import number", "after"):
                town.key(GPLX)
                rounds.front(town.house)

        town.house.store.on_commit = on_commit
        town.receive("gplx")
        assert len(town.journal("imported")) == 5
        assert commits.count("import number after") == commits.count("reserve import after") == 1
        town.house.store.on_commit = None
        town.settle(4)
        town.ends_well()


@pytest.mark.parametrize(("commit", "phase"), DEATHS)
@pytest.mark.parametrize("name", ["gplx", "yte", "hotich"])
def test_a_process_that_dies_imports_once(
    tmp_path: Path, name: str, commit: str, phase: str
) -> None:
    """Whatever commit it dies before or after: one dossier, one row, one record at the portal."""
    with Town(tmp_path, ("dvcqg", name)) as town:
        town.restart(on_commit=dies_at(commit, phase))
        (ref,) = town.ministries[name].file_own()
        with pytest.raises(PowerCutError):
            town.settle(4)
        town.restart()
        town.settle(4)
        (code,) = the_codes(town)
        assert town.dossier(code)["ministry_ref"] == ref
        assert town.progress(code) == [(2, name)]
        assert town.shown(code) == [2]
        assert town.link(code, name).ref == ref
        assert [row.code for row in town.journal("import_reserved")] == [code]
        assert [row.code for row in town.journal("imported")] == [code]
        town.ends_well()


@pytest.mark.parametrize(("name", "procedure", "agency"), SYSTEMS)
def test_one_that_looks_like_ours_is_proposed_not_imported(
    tmp_path: Path, name: str, procedure: str, agency: str
) -> None:
    """The same person and procedure, and ours has no number yet: a person says if it is one."""
    with Town(tmp_path, ("dvcqg", name)) as town:
        code = town.key(procedure, received_at=None)
        number = town.dossier(code)["applicant_id_number"]
        (ref,) = file_for(town, name, number)
        town.settle(4)
        assert the_codes(town) == [code]
        assert town.conflicts(code, name)[f"link:{ref}"].why == "alike"
        (notice,) = town.notices(code)
        assert (notice["system"], notice["severity"]) == (name, "action")
        assert [one[0] for one in town.quarantined()] == [ref]
        assert town.dossier(code)["ministry_ref"] is None
        town.ends_well()


def file_for(town: Town, name: str, number: str) -> list[str]:
    """File a dossier over there for a person with this number."""
    person = {"HoTen": "Lê Văn Mẫu", "NgaySinh": "1980", "GioiTinh": "M", "SoDinhDanh": number}
    fields: dict[str, dict[str, Any]] = {
        "gplx": {"SoGiayTo": number},
        "yte": {"NguoiHanhNghe": person},
        "dkkd": {"CONTACT_ID_NO": number},
        "lltp": {"identifyNo": number},
    }
    refs: list[str] = town.ministries[name].file_own(**fields[name])
    return refs


def test_another_dossier_of_the_same_person_is_imported(tmp_path: Path) -> None:
    """Ours has its number already, so what the ministry filed for that person is another one."""
    with Town(tmp_path, ("dvcqg", "gplx")) as town:
        code = town.key(GPLX)
        town.settle(3)
        town.ministries["gplx"].file_own(SoGiayTo=town.dossier(code)["applicant_id_number"])
        town.settle(4)
        assert len(the_codes(town)) == 2
        assert town.conflicts(code, "gplx") == {}
        town.ends_well()
