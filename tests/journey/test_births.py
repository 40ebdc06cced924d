"""Births at the civil status service: keyed once, there and back, and what goes wrong between."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bridge.engine import round as rounds
from bridge.engine import survey
from bridge.sdk.rehearsal import Fault
from tests.journey.town import HOTICH, VIETNAM, PowerCutError, Town

SYSTEMS = ("dvcqg", "hotich")
NOTE = "Thiếu giấy chứng sinh"
FILE = "dangKyHoTich"


def supplements(town: Town, code: str) -> list[tuple[str, bool]]:
    """Return what was asked for, and whether it was brought, in order."""
    query = "SELECT * FROM dossier_supplement WHERE dossier_code = :code ORDER BY requested_at"
    return [
        (row["request"], row["completed_at"] is not None) for row in town.rows(query, code=code)
    ]


def standing(town: Town) -> Any:
    """Return where the civil status service stands."""
    (one,) = survey.standings(town.house, ["hotich"])
    return one


def until_registered(town: Town) -> None:
    town.settle(3)
    while town.ministries["hotich"].advance():
        town.settle(3)
    town.settle(2)


def there_and_back(town: Town) -> str:
    """Key a birth and let it be registered; returns its code."""
    code = town.key(HOTICH)
    before = town.dossier(code)
    town.settle(3)
    assert town.states(code, "hotich") == ["confirmed"]
    assert town.dossier(code)["ministry_ref"] == town.record("hotich", code)["ref"]
    until_registered(town)
    here, there = town.dossier(code), town.record("hotich", code)
    assert (here["status"], there["status"]) == (9, 9)
    entry = here["details"].pop("entry")
    assert [entry["number"], entry["book"], entry["page"]] == [
        there["body"][name] for name in ("so", "quyenSo", "trangSo")
    ]
    today = town.clock().astimezone(VIETNAM)
    assert entry["registered_on"] in (f"{today:%Y-%m-%d}", f"{today - timedelta(days=1):%Y-%m-%d}")
    assert here["details"] == before["details"]
    assert there["updates"] == 0
    assert town.progress(code) == [(2, "onestop"), (4, "hotich"), (9, "hotich")]
    assert town.shown(code) == [2, 4, 9]
    assert town.notices(code) == []
    return code


def test_a_birth_goes_there_and_its_entry_comes_back(tmp_path: Path) -> None:
    """Keyed once: the feed brings number, progress and entry, and the portal shows each step."""
    with Town(tmp_path, SYSTEMS) as town:
        there_and_back(town)
        assert town.ministries["hotich"].calls[FILE] == 1
        town.ends_well()


def test_there_and_back_with_both_databases_on_postgresql(
    tmp_path: Path, postgres_database: str, second_database: str
) -> None:
    """The same story as on SQLite, and one that was registered there is imported."""
    with Town(tmp_path, SYSTEMS, onestop_url=postgres_database, store_url=second_database) as town:
        town.ministries["hotich"].file_own()
        there_and_back(town)
        assert len(town.rows("SELECT code FROM dossier WHERE status = 9")) == 2
        town.ends_well()


def test_one_full_round_brings_the_number_too(tmp_path: Path) -> None:
    """The receipt tells none: the feed is read before the deliveries, and once after them."""
    with Town(tmp_path, SYSTEMS) as town:
        code = town.key(HOTICH)
        rounds.full(town.house, list(town.house.ministries.values()), town.opened.paces)
        assert town.dossier(code)["ministry_ref"] == town.record("hotich", code)["ref"]
        assert town.ministries["hotich"].calls["dsHoSoDangKy"] == 2
        rounds.full(town.house, list(town.house.ministries.values()), town.opened.paces)
        assert town.ministries["hotich"].calls["dsHoSoDangKy"] == 3
        town.ends_well()


# -- registered without the one-stop


def imported(town: Town) -> list[dict[str, Any]]:
    query = "SELECT code FROM dossier WHERE code LIKE '%-M%' ORDER BY code"
    return [town.dossier(row["code"]) for row in town.rows(query)]


def test_a_registration_made_there_is_imported_and_goes_on(tmp_path: Path) -> None:
    """Its applicant is the requester; nothing goes back to the ministry, all to the portal."""
    with Town(tmp_path, SYSTEMS) as town:
        (ref,) = town.ministries["hotich"].file_own(nycHoTen="Lê Văn Mẫu", nycQuanHe="Chú")
        town.settle(4)
        (here,) = imported(town)
        code, body = here["code"], town.ministries["hotich"].records()[0]["body"]
        assert (here["ministry_ref"], here["procedure_code"]) == (ref, HOTICH)
        assert here["applicant_name"] == "Lê Văn Mẫu"
        assert (here["applicant_birth_date"], here["applicant_sex"]) == (None, None)
        assert here["details"]["child"]["name"] == body["nksHoTen"]
        assert (here["details"]["register"], here["details"]["relation"]) == ("birth", "Chú")
        assert [row.detail["received_at"] for row in town.journal("imported")] == [
            "when first seen"
        ]
        until_registered(town)
        assert town.progress(code) == [(2, "hotich"), (4, "hotich"), (9, "hotich")]
        assert town.shown(code) == [2, 4, 9]
        assert town.dossier(code)["details"]["entry"]["number"] == "1"
        assert town.ministries["hotich"].calls[FILE] == 0
        town.ends_well()


def test_without_a_requester_the_applicant_is_the_child(tmp_path: Path) -> None:
    """Registered and finished before we saw it: name, sex and birth date are the child's."""
    with Town(tmp_path, SYSTEMS) as town:
        ministry = town.ministries["hotich"]
        nobody = dict.fromkeys(("nycHoTen", "nycQuanHe", "nycSoGiayTo", "nycSoDienThoai"))
        (ref,) = ministry.file_own(nksHoTen="Trần Thị Thử", nksGioiTinh="2", **nobody)
        ministry.move(ref, "4")
        town.settle(4)
        (here,) = imported(town)
        assert (here["applicant_name"], here["applicant_sex"]) == ("Trần Thị Thử", "female")
        assert here["applicant_birth_date"] == here["details"]["child"]["born_on"]
        assert here["applicant_id_number"] is None
        assert (here["status"], town.progress(here["code"])) == (9, [(9, "hotich")])
        assert town.record("dvcqg", here["code"])["body"]["ChuHoSo"] == "Trần Thị Thử"
        town.ends_well()


def test_what_was_registered_there_is_never_sent_a_second_time(tmp_path: Path) -> None:
    """The clerk mends an imported dossier: the portal hears, the ministry can't, and a notice says so."""
    with Town(tmp_path, SYSTEMS) as town:
        town.ministries["hotich"].file_own()
        town.settle(4)
        (here,) = imported(town)
        town.edit(here["code"], applicant_phone="0900000001")
        town.settle(3)
        assert town.states(here["code"], "hotich") == ["dead"]
        (notice,) = town.notices(here["code"])
        assert "đăng ký trực tiếp tại bộ" in notice["text_vi"]
        assert len(town.ministries["hotich"].records()) == 1
        assert town.record("dvcqg", here["code"])["body"]["SoDienThoai"] == "0900000001"
        town.ends_well()


def test_one_that_looks_like_ours_is_proposed_not_imported(tmp_path: Path) -> None:
    """The same requester, and ours has no number yet: a person says if it is one."""
    with Town(tmp_path, SYSTEMS) as town:
        code = town.key(HOTICH, received_at=None)
        number = town.dossier(code)["applicant_id_number"]
        (ref,) = town.ministries["hotich"].file_own(nycSoGiayTo=number)
        town.settle(4)
        assert imported(town) == []
        assert town.conflicts(code, "hotich")[f"link:{ref}"].why == "alike"
        town.ends_well()


# -- answers that are lost, tokens that die, doors that are shut


@pytest.mark.parametrize("fault", [Fault.LOST_ANSWER, Fault.ERROR_502, Fault.TRUNCATED])
def test_a_lost_answer_is_ended_by_sending_again(tmp_path: Path, fault: Fault) -> None:
    """Never in doubt: the same code replaces what may be there, and there is one record."""
    with Town(tmp_path, SYSTEMS) as town:
        ministry = town.ministries["hotich"]
        ministry.faults.next(fault, operation=FILE)
        code = town.key(HOTICH)
        town.front()
        town.deliver("hotich")
        assert town.states(code, "hotich") == ["pending"]
        town.settle(4)
        assert town.states(code, "hotich") == ["confirmed"]
        assert (ministry.calls[FILE], len(ministry.records())) == (2, 1)
        assert town.dossier(code)["ministry_ref"] == town.record("hotich", code)["ref"]
        town.ends_well()


@pytest.mark.parametrize("phase", ["before", "after"])
def test_a_process_that_dies_with_the_answer_in_hand_sends_again(
    tmp_path: Path, phase: str
) -> None:
    """Killed around the commit of the answer: one record, confirmed, its number known."""

    def on_commit(commit: str, moment: str) -> None:
        if (commit, moment) == ("settle", phase):
            raise PowerCutError

    with Town(tmp_path, ("hotich",)) as town:
        town.restart(on_commit=on_commit)
        code = town.key(HOTICH)
        town.front()
        with pytest.raises(PowerCutError):
            town.deliver("hotich")
        town.restart()
        town.clock.forward(600)
        town.settle(4)
        assert town.states(code, "hotich") == ["confirmed"]
        assert len(town.ministries["hotich"].records()) == 1
        assert town.dossier(code)["ministry_ref"] is not None
        town.ends_well()


def test_a_token_that_is_revoked_in_the_middle_is_no_event(tmp_path: Path) -> None:
    """Before a write, and before a read: a new one is got, and the journal knows of nothing."""
    with Town(tmp_path, SYSTEMS) as town:
        first = town.key(HOTICH)
        town.settle(3)
        town.ministries["hotich"].revoke()
        second = town.key(HOTICH)
        town.front()
        town.deliver("hotich")
        town.ministries["hotich"].revoke()
        town.settle(3)
        for code in (first, second):
            assert town.states(code, "hotich") == ["confirmed"]
            assert not {"retry", "held"} & set(town.events(code, "hotich"))
        assert town.ministries["hotich"].calls["token"] == 3
        town.ends_well()


def test_a_maintenance_page_holds_the_system_and_it_heals(tmp_path: Path) -> None:
    """A page of HTML at night: held, no attempt counted, the portal goes on; then all goes."""
    with Town(tmp_path, SYSTEMS) as town:
        ministry = town.ministries["hotich"]
        ministry.faults.always(Fault.PAGE_503)
        code = town.key(HOTICH)
        town.settle(3)
        assert (standing(town).state, town.states(code, "hotich")) == ("maintenance", ["held"])
        assert "confirmed" in town.states(code, "dvcqg")
        ministry.faults.clear()
        town.clock.forward(120)
        town.settle(4)
        assert (standing(town).state, town.states(code, "hotich")) == ("running", ["confirmed"])
        town.ends_well()


def test_a_unit_the_ministry_does_not_know_makes_no_dead_letters(tmp_path: Path) -> None:
    """106 is our configuration's fault, not the dossier's: the system is held, and heals."""
    with Town(tmp_path, SYSTEMS) as town:
        ministry = town.ministries["hotich"]
        ministry.refuse(FILE, "106", "Mã đơn vị không đúng")
        code = town.key(HOTICH)
        town.front()
        town.deliver("hotich")
        assert town.states(code, "hotich") == ["held"]
        assert standing(town).state == "held"
        town.clock.forward(301)
        town.settle(4)
        assert town.states(code, "hotich") == ["confirmed"]
        assert town.notices(code) == []
        town.ends_well()
