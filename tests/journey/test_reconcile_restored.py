"""A ministry is set back to yesterday's backup: what it lost is sent anew, and nothing twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from random import Random

from bridge.domain.reconcile import Action, Different, Finding, InStep, Lacks, MissingAtMinistry
from bridge.engine import reconcile
from bridge.engine.reconcile import Left, Repair, Terms
from bridge.sdk.rehearsal_paper import invented_paper
from tests.journey.town import GPLX, LLTP, YTE, Town

EVER = Terms(date(2000, 1, 1), date(2100, 1, 1), age=timedelta())


def swept(town: Town, name: str, terms: Terms = EVER) -> list[Finding]:
    town.clock.forward(60)
    return [one.finding for one in reconcile.sweep(town.house, town.house.ministries[name], terms)]


def amiss(findings: list[Finding]) -> list[Finding]:
    return [one for one in findings if not isinstance(one, InStep)]


def healed(town: Town, name: str, terms: Terms = EVER) -> list[Repair]:
    ministry = town.house.ministries[name]
    done = list(reconcile.apply(town.house, ministry, terms, swept(town, name, terms)))
    town.settle()
    return [one for one in done if not isinstance(one, Left)]


def test_gplx_gets_anew_what_it_lost(tmp_path: Path) -> None:
    """A dossier sent after the backup is there again, under one number, which the one-stop has."""
    with Town(tmp_path, ("gplx",)) as town:
        kept = town.key(GPLX)
        town.settle(3)
        backup = town.ministries["gplx"].snapshot()
        lost = town.key(GPLX)
        town.settle(3)
        town.move("gplx", lost, "XL")
        town.settle(3)
        assert amiss(swept(town, "gplx")) == []
        town.ministries["gplx"].restore(backup)
        (found,) = amiss(swept(town, "gplx"))
        assert isinstance(found, MissingAtMinistry)
        assert (found.code, found.why, found.action) == (lost, Lacks.LOST, Action.SEND_ANEW)
        assert len(healed(town, "gplx")) == 1
        assert amiss(swept(town, "gplx")) == []
        record = town.record("gplx", lost)
        assert record["ref"] == town.dossier(lost)["ministry_ref"]
        assert town.dossier(lost)["status"] == 4
        assert town.record("gplx", kept)["updates"] == 0
        town.move("gplx", lost, "XL")
        town.move("gplx", lost, "CP")
        town.settle(3)
        assert town.dossier(lost)["status"] == 9
        assert [status for status, source in town.progress(lost) if source == "gplx"] == [4, 9]
        town.ends_well()


def test_gplx_whose_numbers_went_back_is_read_again_and_wipes_nothing_out(tmp_path: Path) -> None:
    """What came since is forgotten there: a number it issued stays here, what it does anew is read."""
    with Town(tmp_path, ("gplx",)) as town:
        code, other = town.key(GPLX), town.key(GPLX)
        town.settle(2)
        town.move("gplx", code, "XL")
        town.settle(2)
        backup = town.ministries["gplx"].snapshot()
        town.move("gplx", code, "CP")
        town.edit(other, applicant_phone="0900000007")
        town.settle(2)
        licence = town.dossier(code)["details"]["new_licence_number"]
        town.ministries["gplx"].restore(backup)
        found = {one.code: one for one in amiss(swept(town, "gplx")) if isinstance(one, Different)}
        assert [one.path for one in found[other].fields] == ["applicant.phone"]
        assert {one.path for one in found[code].fields} >= {"status", "details.new_licence_number"}
        assert len(healed(town, "gplx")) == 2
        assert town.record("gplx", other)["body"]["NguoiNop"]["DienThoai"] == "0900000007"
        assert town.dossier(code)["details"]["new_licence_number"] == licence
        conflicts = town.conflicts(code, "gplx")
        assert conflicts["details.new_licence_number"].why == "taken_back"
        assert conflicts["status"].why == "reopening"
        assert len(town.journal("feed_moved_back")) == 1
        town.move("gplx", code, "CP")
        town.move("gplx", other, "XL")
        town.settle(3)
        assert town.conflicts(code, "gplx") == {}
        assert (town.dossier(code)["status"], town.dossier(other)["status"]) == (9, 4)
        town.ends_well()


def test_a_number_given_anew_brings_nothing_into_the_dossier_that_had_it(tmp_path: Path) -> None:
    """The number of a lost dossier goes to one filed there since: that one is imported as its own."""
    with Town(tmp_path, ("gplx",)) as town:
        backup = town.ministries["gplx"].snapshot()
        code = town.key(GPLX)
        town.settle(2)
        name, number = town.dossier(code)["applicant_name"], town.dossier(code)["ministry_ref"]
        town.ministries["gplx"].restore(backup)
        assert town.ministries["gplx"].file_own(1) == [number]
        with town.house.store.write("from the beginning") as unit:
            unit.inbox.move_cursor("gplx", None)
        town.settle(2)
        assert town.dossier(code)["applicant_name"] == name
        assert town.events(code, "gplx").count("into_onestop") == 1
        assert len(healed(town, "gplx")) == 1
        town.clock.forward(400)
        town.settle(2)
        refs = {row["ministry_ref"]: row["code"] for row in town.rows("SELECT * FROM dossier")}
        assert refs[town.record("gplx", code)["ref"]] == code
        assert refs[number] != code
        assert amiss(swept(town, "gplx")) == []
        town.ends_well()


def test_a_dossier_that_was_given_a_lost_ones_number_gets_it_once_that_is_free(
    tmp_path: Path,
) -> None:
    """Sent before anybody compared, it bears a known number: a conflict, until the repair."""
    with Town(tmp_path, ("gplx",)) as town:
        backup = town.ministries["gplx"].snapshot()
        lost = town.key(GPLX)
        town.settle(2)
        town.ministries["gplx"].restore(backup)
        later = town.key(GPLX)
        town.settle(2)
        number = town.record("gplx", later)["ref"]
        assert number == town.dossier(lost)["ministry_ref"]
        assert town.conflicts(later, "gplx")["ministry_ref"].why == "shared"
        assert len(healed(town, "gplx")) == 1
        town.clock.forward(60)
        town.settle(2)
        assert town.dossier(later)["ministry_ref"] == number
        assert town.dossier(lost)["ministry_ref"] == town.record("gplx", lost)["ref"]
        assert town.conflicts(later, "gplx") == {}
        assert amiss(swept(town, "gplx")) == []
        town.ends_well()


def test_what_was_keyed_there_and_lost_is_not_sent_and_met_again_by_a_person(
    tmp_path: Path,
) -> None:
    """Sent by us it would be there twice once they key it again: then a person sees both."""
    with Town(tmp_path, ("gplx",)) as town:
        town.receive("gplx")
        backup = town.ministries["gplx"].snapshot()
        town.ministries["gplx"].file_own(1, Random(5))
        town.settle(2)
        [row] = town.rows("SELECT code FROM dossier")
        town.ministries["gplx"].restore(backup)
        (found,) = amiss(swept(town, "gplx"))
        assert isinstance(found, MissingAtMinistry)
        assert found.action is Action.AWAIT
        assert len(healed(town, "gplx")) == 1
        assert town.ministries["gplx"].records() == []
        [number] = town.ministries["gplx"].file_own(1, Random(5))
        town.settle(2)
        assert len(town.rows("SELECT code FROM dossier")) == 1
        assert [one.why for one in town.conflicts(row["code"], "gplx").values()] == ["alike"]
        assert [ref for ref, _, _ in town.quarantined()] == [number]
        town.ends_well()


def test_the_portal_gets_dossiers_and_steps_it_lost_each_once(tmp_path: Path) -> None:
    """A lost dossier, a lost update, lost steps: all are shown again, none of them twice."""
    with Town(tmp_path, ("dvcqg",)) as town:
        older, same = town.key(GPLX), town.key(GPLX)
        town.settle(2)
        town.step(older, 4)
        town.step(same, 4)
        town.settle(2)
        backup = town.ministries["dvcqg"].snapshot()
        town.step(older, 5)
        newer = town.key(GPLX)
        town.settle(2)
        town.step(newer, 4)
        town.settle(2)
        steps = {code: town.shown(code) for code in (older, same, newer)}
        assert amiss(swept(town, "dvcqg")) == []
        town.ministries["dvcqg"].restore(backup)
        assert len(healed(town, "dvcqg")) == 2
        assert {code: town.shown(code) for code in (older, same, newer)} == steps
        assert town.record("dvcqg", older)["status"] == 5
        assert amiss(swept(town, "dvcqg")) == []
        town.ends_well()


def test_a_step_lost_between_two_that_are_shown_is_found_when_all_are_asked_for(
    tmp_path: Path,
) -> None:
    """Sent on after the backup was restored: the last step is there, the one before it is not."""
    with Town(tmp_path, ("dvcqg",)) as town:
        code = town.key(GPLX)
        town.settle(2)
        backup = town.ministries["dvcqg"].snapshot()
        town.step(code, 4)
        town.settle(2)
        town.ministries["dvcqg"].restore(backup)
        town.step(code, 9)
        town.settle(2)
        shown = town.shown(code)
        assert amiss(swept(town, "dvcqg")) == []
        assert len(healed(town, "dvcqg", replace(EVER, thorough=True))) == 1
        assert town.shown(code) == [*shown, 4]
        assert amiss(swept(town, "dvcqg", replace(EVER, thorough=True))) == []
        town.ends_well()


def test_what_was_refused_since_goes_out_once_the_dossier_is_there_again(tmp_path: Path) -> None:
    """A step to a dossier the portal has lost is refused: the dead letter ends with the repair."""
    with Town(tmp_path, ("dvcqg",)) as town:
        backup = town.ministries["dvcqg"].snapshot()
        code = town.key(GPLX)
        town.settle(2)
        shown = town.shown(code)
        town.ministries["dvcqg"].restore(backup)
        at = town.clock().astimezone().isoformat(timespec="milliseconds")
        for number, status in enumerate((4, 5)):
            row = {"id": f"00000000-0000-4000-8000-00000000000{number}", "code": code, "at": at}
            town.execute(
                "INSERT INTO dossier_progress (id, dossier_code, at, status)"
                " VALUES (:id, :code, :at, :status)",
                **row,
                status=status,
            )
        town.edit(code)
        town.settle(2)
        assert "dead" in town.states(code, "dvcqg")
        assert len(healed(town, "dvcqg")) == 1
        assert town.shown(code) == [*shown, 4, 5]
        assert {"dead", "pending"}.isdisjoint(town.states(code, "dvcqg"))
        assert town.notices(code) == []
        town.ends_well()


def test_lltp_is_asked_by_code_and_gets_what_it_lost(tmp_path: Path) -> None:
    """The ministry tells only whether it has a dossier: one it has not is filed anew, once."""
    with Town(tmp_path, ("lltp",)) as town:
        kept = town.key(LLTP)
        town.ministries["lltp"].file_own(1)
        town.settle(2)
        backup = town.ministries["lltp"].snapshot()
        lost = town.key(LLTP)
        town.settle(2)
        town.ministries["lltp"].restore(backup)
        findings = swept(town, "lltp")
        assert InStep(kept, town.record("lltp", kept)["ref"], compared=False) in findings
        assert [one.code for one in amiss(findings) if isinstance(one, MissingAtMinistry)] == [lost]
        assert len(healed(town, "lltp")) == 1
        assert town.record("lltp", lost)["ref"] == town.dossier(lost)["ministry_ref"]
        town.ministries["lltp"].advance()
        town.settle(2)
        assert (town.dossier(kept)["status"], town.dossier(lost)["status"]) == (4, 4)
        town.ends_well()


def test_what_was_filed_there_and_is_listed_again_is_no_correction(tmp_path: Path) -> None:
    """What the one-stop fills in where the record says nothing was agreed when it was taken over."""
    with Town(tmp_path, ("lltp",)) as town:
        lltp = town.ministries["lltp"]
        lltp.file_own(delivery="")
        backup, then = lltp.snapshot(), town.clock()
        town.settle(3)
        (row,) = town.rows("SELECT code, result_delivery FROM dossier")
        assert row["result_delivery"] is not None
        lltp.restore(backup)
        terms = replace(EVER, restored_to=then, thorough=True)
        for _ in range(2):
            town.clock.forward(120)
            healed(town, "lltp", terms)
            town.settle(3)
        assert town.states(row["code"], "lltp") == []
        assert town.notices(row["code"]) == []
        assert "loss" not in town.events(row["code"])


def test_yte_that_can_not_be_asked_is_sent_all_that_came_after_the_backup(tmp_path: Path) -> None:
    """A person says to when it was set back: what was sent since goes again, the rest does not."""
    with Town(tmp_path, ("yte",)) as town:
        kept, before = town.key(YTE), town.key(YTE)
        town.settle(2)
        backup, then = town.ministries["yte"].snapshot(), town.clock()
        town.clock.forward(60)
        lost, moved = town.key(YTE), before
        town.move("yte", moved, "THAMDINH")
        town.settle(2)
        town.edit(kept, applicant_phone="0900000008")
        town.settle(2)
        town.ministries["yte"].restore(backup)
        unasked = reconcile.unseen(town.house.ministries["yte"])
        assert len(unasked) == 2
        assert len(healed(town, "yte")) == 0
        terms = replace(EVER, restored_to=then)
        assert len(healed(town, "yte", terms)) == 3
        assert healed(town, "yte", replace(EVER, restored_to=town.clock())) == []
        assert town.record("yte", lost)["ref"] == town.dossier(lost)["ministry_ref"]
        assert town.record("yte", kept)["body"]["NguoiHanhNghe"]["DienThoai"] == "0900000008"
        town.move("yte", lost, "THAMDINH")
        town.move("yte", moved, "TUCHOI")
        town.settle(2)
        assert (town.dossier(lost)["status"], town.dossier(moved)["status"]) == (4, 8)
        town.ends_well()


def test_papers_that_no_record_shows_are_missed_when_they_are_asked_for(tmp_path: Path) -> None:
    """What the citizen brought after the backup: the ministry is asked whether it holds it."""
    with Town(tmp_path, ("gplx",)) as town:
        code = town.key(GPLX)
        town.settle(2)
        town.move("gplx", code, "BS", "Thiếu giấy khám sức khỏe")
        town.settle(2)
        backup = town.ministries["gplx"].snapshot()
        town.paper(code, "kham.pdf", b"%PDF-1.7 mau")
        town.bring(code)
        town.settle(2)
        thorough = replace(EVER, thorough=True)
        assert amiss(swept(town, "gplx", thorough)) == []
        town.ministries["gplx"].restore(backup)
        assert amiss(swept(town, "gplx")) == []
        assert len(healed(town, "gplx", thorough)) == 1
        papers = [one["TenTep"] for one in town.record("gplx", code)["body"]["TaiLieu"]]
        assert papers.count("kham.pdf") == 1
        assert amiss(swept(town, "gplx", thorough)) == []
        town.ministries["gplx"].advance()
        town.settle(2)
        assert town.dossier(code)["status"] == 4
        town.ends_well()


def test_a_version_that_went_back_and_shows_nothing_else_is_heard_anew(tmp_path: Path) -> None:
    """A file issued anew is lost and no field tells: its number is given to what comes next."""
    with Town(tmp_path, ("gplx",)) as town:
        code = town.key(GPLX)
        town.settle(2)
        town.move("gplx", code, "XL")
        town.move("gplx", code, "TC", "Không đủ điều kiện")
        register, ref = town.ministries["gplx"], town.record("gplx", code)["ref"]
        register.issue(ref, invented_paper("tu-choi.pdf", "Thông báo"))
        town.settle(2)
        backup = register.snapshot()
        register.issue(ref, invented_paper("tu-choi.pdf", "Thông báo, bản sửa"))
        town.settle(2)
        register.restore(backup)
        assert amiss(swept(town, "gplx")) == []
        assert len(healed(town, "gplx", replace(EVER, thorough=True))) == 1
        assert amiss(swept(town, "gplx", replace(EVER, thorough=True))) == []
        town.move("gplx", code, "XL")
        town.settle(2)
        assert town.dossier(code)["status"] == 4
        town.ends_well()
