from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from bridge.daemon import Daemon
from bridge.engine import survey
from bridge.sdk.rehearsal import Fault
from tests.journey.town import DKKD, VIETNAM, PowerCutError, Town

SYSTEMS = ("dvcqg", "dkkd")
DAY = timedelta(days=1)


@contextmanager
def opened(folder: Path, **given: Any) -> Iterator[Town]:
    """Open a town at ten in the morning of the next day, all earlier days read."""
    with Town(folder, SYSTEMS, **given) as town:
        now = town.clock().astimezone(VIETNAM)
        to(town, now.replace(hour=10, minute=0, second=0) + DAY)
        town.settle(2)
        yield town


def to(town: Town, moment: datetime) -> None:
    """Move the clock on to a moment."""
    town.clock.forward((moment - town.clock()).total_seconds())


def keyed(town: Town, **fields: Any) -> str:
    """Let the clerk key a dossier, and an officer of the ministry key it there too."""
    code = town.key(DKKD)
    town.ministries["dkkd"].file_own(DOSSIER_NO=code, **fields)
    return code


def stand(town: Town) -> str:
    (standing,) = survey.standings(town.house, ["dkkd"])
    return standing.state


def warnings(town: Town) -> list[str]:
    """Return what the feed said aloud, in order."""
    return [str(row.detail["reason"]) for row in town.journal("feed_warning")]


def test_what_becomes_of_a_dossier_comes_back_and_nothing_goes_out(tmp_path: Path) -> None:
    """Number, progress, enterprise and result come in; the portal follows; dkkd is sent nothing."""
    with opened(tmp_path) as town:
        code = town.key(DKKD)
        before = town.dossier(code)
        town.settle(3)
        assert [one.system for one in survey.story(town.house, code).links] == ["dvcqg"]
        (ref,) = town.ministries["dkkd"].file_own(DOSSIER_NO=code, NAME="Công ty TNHH Mẫu")
        while town.ministries["dkkd"].advance():
            town.settle(3)
        town.settle(2)

        here, there = town.dossier(code), town.record("dkkd", code)["body"]
        assert town.progress(code) == [(2, "onestop"), (4, "dkkd"), (9, "dkkd")]
        assert (here["status"], here["ministry_ref"]) == (9, ref)
        assert here["details"] == {
            "journal_no": ref,
            "document_type": there["DOCUMENT_TYPE"],
            "enterprise_code": there["ENTERPRISE_GDT_CODE"],
            "enterprise_name": "Công ty TNHH Mẫu",
        }
        assert here["finished_at"] is not None
        own = {"status", "ministry_ref", "finished_at", "updated_at", "details"}
        assert [key for key in before if key not in own and before[key] != here[key]] == []
        assert town.shown(code) == [2, 4, 9]
        assert town.record("dvcqg", code)["status"] == 9
        assert town.states(code, "dkkd") == []
        assert town.link(code, "dkkd").ref == ref
        assert town.notices(code) == []
        town.ends_well()


def test_a_system_that_is_only_read_leaves_no_trace_of_rounds(tmp_path: Path) -> None:
    """Linked or not, an edit posts it nothing, and quiet rounds journal nothing."""
    with opened(tmp_path) as town:
        linked, alone = keyed(town), town.key(DKKD)
        town.settle(3)
        moved = town.moved()
        town.settle(5)
        assert town.moved() == moved
        for code in (linked, alone):
            town.edit(code, applicant_phone="0900000009", summary="Đã sửa")
        town.settle(3)
        assert [town.states(code, "dkkd") for code in (linked, alone)] == [[], []]
        assert town.events(linked, "dkkd") == ["linked", "into_onestop"]
        assert town.events(alone, "dkkd") == []
        town.ends_well()


def test_a_process_that_dies_when_it_has_linked_a_dossier_posts_nothing(tmp_path: Path) -> None:
    """The link stands and nothing is agreed yet: an edit of the clerk's still sends dkkd nothing."""

    def dies(commit: str, moment: str) -> None:
        if (commit, moment) == ("link", "after"):
            raise PowerCutError

    with opened(tmp_path) as town:
        code = keyed(town)
        town.restart(on_commit=dies)
        with pytest.raises(PowerCutError):
            town.settle(2)
        town.restart()
        town.edit(code, summary="Đã sửa")
        town.front()
        assert town.states(code, "dkkd") == []
        town.settle(3)
        assert town.states(code, "dkkd") == []
        assert town.dossier(code)["ministry_ref"] == town.record("dkkd", code)["ref"]
        town.ends_well()


def test_a_code_keyed_twice_over_there_is_for_a_person(tmp_path: Path) -> None:
    """Two numbers for one dossier: the first keeps the link, the clerk is told of the other."""
    with opened(tmp_path) as town:
        code = keyed(town)
        town.settle(2)
        town.ministries["dkkd"].file_own(DOSSIER_NO=code)
        town.settle(3)
        assert town.conflicts(code, "dkkd")["record"].why == "twice"
        (notice,) = town.notices(code)
        assert (notice["system"], notice["severity"]) == ("dkkd", "action")
        assert town.link(code, "dkkd").ref == town.ministries["dkkd"].records()[0]["ref"]
        assert len(town.rows("SELECT code FROM dossier")) == 1


def test_the_time_of_a_step_is_the_ministry_s(tmp_path: Path) -> None:
    """PROCESSED_DATE of the row is the time of the progress row and of the portal's step."""
    with opened(tmp_path) as town:
        code = keyed(town)
        town.settle(2)
        town.clock.forward(3600)
        at = (town.clock() - timedelta(minutes=20)).astimezone(VIETNAM).replace(microsecond=0)
        ref = town.record("dkkd", code)["ref"]
        town.ministries["dkkd"].move(ref, "DANG_XU_LY", at=at)
        town.settle(3)
        (row,) = town.rows(
            "SELECT at FROM dossier_progress WHERE dossier_code = :code AND source = 'dkkd'",
            code=code,
        )
        assert datetime.fromisoformat(row["at"]) == at
        steps = [step["ThoiDiemXuLy"] for step in town.record("dvcqg", code)["steps"]]
        assert steps[-1] == f"{at:%Y%m%d%H%M%S}"
        town.ends_well()


def test_an_enterprise_without_a_contact_is_imported_under_its_name(tmp_path: Path) -> None:
    """The applicant is CONTACT_FULL_NAME, else NAME; it goes on to the portal."""
    with opened(tmp_path) as town:
        (ref,) = town.ministries["dkkd"].file_own(
            CONTACT_FULL_NAME="", CONTACT_ID_NO=None, NAME="Công ty TNHH Mẫu"
        )
        town.settle(4)
        (row,) = town.rows("SELECT * FROM dossier")
        assert (row["applicant_name"], row["ministry_ref"]) == ("Công ty TNHH Mẫu", ref)
        assert row["procedure_code"] == DKKD
        assert town.record("dvcqg", row["code"])["body"]["ChuHoSo"] == "Công ty TNHH Mẫu"
        assert town.progress(row["code"]) == [(2, "dkkd")]
        town.ends_well()


def test_days_missed_while_the_bridge_was_down_come_in(tmp_path: Path) -> None:
    """Twelve days away: what was processed and filed then is in, each once, also what moved twice."""
    with opened(tmp_path) as town:
        early, late = keyed(town), keyed(town)
        town.settle(2)
        ministry = town.ministries["dkkd"]
        town.clock.forward(2 * DAY.total_seconds())
        town.move("dkkd", early, "DANG_XU_LY")
        ministry.file_own()
        town.clock.forward(7 * DAY.total_seconds())
        town.move("dkkd", early, "CAP_GCN")
        town.move("dkkd", late, "TU_CHOI")
        town.clock.forward(3 * DAY.total_seconds())
        town.restart()
        town.settle(4)
        assert town.progress(early) == [(2, "onestop"), (9, "dkkd")]
        assert town.progress(late) == [(2, "onestop"), (8, "dkkd")]
        assert len(town.rows("SELECT code FROM dossier")) == 3
        assert len(town.journal("imported")) == 1
        assert warnings(town) == []
        town.ends_well()


def test_a_process_that_dies_between_two_spans_reads_on(tmp_path: Path) -> None:
    """It comes back two days later: the days it had read are not read again, the others are."""
    with opened(tmp_path) as town:
        code = keyed(town)
        town.settle(2)
        town.clock.forward(8 * DAY.total_seconds())
        town.move("dkkd", code, "CAP_GCN")
        town.clock.forward(4 * DAY.total_seconds())
        ministry = town.ministries["dkkd"]
        before = ministry.calls["danhSachHoSo"]
        ministry.faults.always(Fault.PAGE_503, operation="danhSachHoSoTrongNgay")
        town.receive("dkkd")
        town.restart()
        ministry.faults.clear()
        town.clock.forward(2 * DAY.total_seconds())
        town.settle(4)
        assert town.progress(code) == [(2, "onestop"), (9, "dkkd")]
        assert ministry.calls["danhSachHoSo"] - before == 4
        town.ends_well()


def test_what_happens_around_midnight_comes_in(tmp_path: Path) -> None:
    """Processed in the last second of a day, and in the first of the next: both, in their order."""
    with opened(tmp_path) as town:
        code = keyed(town)
        town.settle(2)
        midnight = town.clock().astimezone(VIETNAM).replace(hour=0, minute=0, second=0) + DAY
        to(town, midnight - timedelta(seconds=20))
        town.settle(2)
        ref = town.record("dkkd", code)["ref"]
        ministry = town.ministries["dkkd"]
        ministry.move(ref, "DANG_XU_LY", at=midnight - timedelta(seconds=1))
        to(town, midnight + timedelta(seconds=2))
        town.settle(2)
        assert town.progress(code) == [(2, "onestop"), (4, "dkkd")]
        ministry.move(ref, "CAP_GCN")
        town.settle(2)
        assert town.progress(code) == [(2, "onestop"), (4, "dkkd"), (9, "dkkd")]
        to(town, midnight + timedelta(hours=2))
        town.settle(2)
        assert town.progress(code) == [(2, "onestop"), (4, "dkkd"), (9, "dkkd")]
        assert town.conflicts(code, "dkkd") == {}
        town.ends_well()


def test_a_day_that_cannot_be_read_is_said_aloud_and_holds_nothing_up(tmp_path: Path) -> None:
    """Status 0 for one missed day: today goes on, the journal says what may be missing, it heals."""
    with opened(tmp_path) as town:
        code, other = keyed(town), keyed(town)
        town.settle(2)
        ministry = town.ministries["dkkd"]
        town.clock.forward(DAY.total_seconds())
        day = town.clock().astimezone(VIETNAM).date()
        ministry.broken = {day}
        town.move("dkkd", code, "CAP_GCN")
        town.clock.forward(2 * DAY.total_seconds())
        town.move("dkkd", other, "DANG_XU_LY")
        town.settle(3)
        assert town.progress(other)[-1] == (4, "dkkd")
        assert town.progress(code) == [(2, "onestop")]
        for _ in range(8):
            town.clock.forward(60)
            town.round()
        (said,) = warnings(town)
        assert said.startswith(f"{day:%d/%m/%Y} can't be read")
        ministry.broken = set()
        town.clock.forward(1200)
        town.settle(2)
        assert town.progress(code) == [(2, "onestop"), (9, "dkkd")]
        assert warnings(town)[-1] == f"{day:%d/%m/%Y} could be read after all"
        town.ends_well()


def test_the_daemon_logs_what_the_feed_says_aloud(tmp_path: Path) -> None:
    """A gap is a warning in the log of the daemon, with the system and the reason, once."""
    with opened(tmp_path) as town:
        keyed(town)
        town.ministries["dkkd"].announced_too_many = 1
        daemon = Daemon(town.house)
        with capture_logs() as logs:
            daemon.poll("dkkd")
            daemon.poll("dkkd")
        (said,) = [one for one in logs if one["event"] == "feed"]
        assert (said["log_level"], said["system"]) == ("warning", "dkkd")
        assert "1 of 2 announced rows were not found" in said["reason"]
        assert warnings(town) == [said["reason"]]
        town.ends_well()


@pytest.mark.parametrize(
    "fault", [Fault.LOST_ANSWER, Fault.CUT_BEFORE, Fault.ERROR_502, Fault.TRUNCATED, Fault.TOO_MANY]
)
def test_a_lost_answer_is_asked_for_again_and_nothing_is_there_twice(
    tmp_path: Path, fault: Fault
) -> None:
    """Whatever becomes of the answers, each change is one progress row and each import one dossier."""
    with opened(tmp_path) as town:
        code = keyed(town)
        town.ministries["dkkd"].file_own()
        town.move("dkkd", code, "DANG_XU_LY")
        for operation in ("danhSachHoSoTrongNgay", "danhSachHoSo"):
            town.ministries["dkkd"].faults.next(fault, operation=operation, count=4)
        town.settle(8)
        town.clock.forward(60)
        town.settle(3)
        assert town.progress(code) == [(2, "onestop"), (4, "dkkd")]
        assert len(town.rows("SELECT code FROM dossier")) == 2
        assert town.quarantined() == []
        town.ends_well()


def test_a_token_that_is_revoked_in_the_middle_costs_nothing(tmp_path: Path) -> None:
    """Every call finds its token dead: each gets a new one, and nobody is told."""
    with opened(tmp_path) as town:
        code = keyed(town)
        ministry = town.ministries["dkkd"]
        for status in ("DANG_XU_LY", "BO_SUNG", "CAP_GCN"):
            ministry.revoke()
            town.move("dkkd", code, status)
            town.settle(2)
        assert town.progress(code) == [(2, "onestop"), (4, "dkkd"), (5, "dkkd"), (9, "dkkd")]
        assert town.journal("held") == []
        assert ministry.calls["token"] == 4
        town.ends_well()


def test_a_page_of_maintenance_holds_and_heals(tmp_path: Path) -> None:
    """Held without a call for a minute, the portal is served, and then everything comes."""
    with opened(tmp_path) as town:
        code = keyed(town)
        ministry = town.ministries["dkkd"]
        ministry.faults.next(Fault.PAGE_503, operation="danhSachHoSoTrongNgay")
        town.settle(3)
        assert stand(town) == "maintenance"
        calls = sum(ministry.calls.values())
        town.settle(4)
        assert sum(ministry.calls.values()) == calls
        assert town.shown(code) == [2]
        town.move("dkkd", code, "DANG_XU_LY")
        town.clock.forward(60)
        town.settle(3)
        assert stand(town) == "running"
        assert town.progress(code) == [(2, "onestop"), (4, "dkkd")]
        town.ends_well()


def test_papers_that_are_asked_for_go_there_by_hand(tmp_path: Path) -> None:
    """BO_SUNG opens a supplement; when it is brought the clerk is told to take it there."""
    with opened(tmp_path) as town:
        code = keyed(town)
        town.move("dkkd", code, "BO_SUNG")
        town.settle(3)
        assert town.dossier(code)["status"] == 5
        query = "SELECT * FROM dossier_supplement WHERE dossier_code = :code"
        assert len(town.rows(query, code=code)) == 1
        town.bring(code)
        town.settle(2)
        (notice,) = town.notices(code)
        assert (notice["system"], notice["severity"]) == ("dkkd", "action")
        assert town.states(code, "dkkd") == []
        town.move("dkkd", code, "DANG_XU_LY")
        town.settle(3)
        assert town.notices(code) == []
        assert [status for status, _ in town.progress(code)] == [2, 5, 4]
        town.ends_well()


@pytest.mark.parametrize("status", [7, 10])
def test_an_end_at_the_counter_is_not_sent_and_the_clerk_is_told(
    tmp_path: Path, status: int
) -> None:
    """Dkkd has no word for it and takes none: one notice, and what it does then is no conflict."""
    with opened(tmp_path) as town:
        code = keyed(town)
        if status == 10:
            town.move("dkkd", code, "CAP_GCN")
        town.settle(3)
        town.step(code, status)
        town.settle(4)
        assert [row.detail["status"] for row in town.journal("no_word", code)] == [status]
        (notice,) = town.notices(code)
        assert (notice["system"], notice["severity"]) == ("dkkd", "info")
        assert town.record("dvcqg", code)["status"] == status
        if status == 7:
            town.move("dkkd", code, "DANG_XU_LY")
            town.settle(3)
        assert town.dossier(code)["status"] == status
        assert town.conflicts(code, "dkkd") == {}
        town.ends_well()


def test_a_word_nobody_configured_sets_its_row_aside_alone(tmp_path: Path) -> None:
    """The neighbours come; the journal names the word; the next word that is known comes in."""
    with opened(tmp_path) as town:
        odd, good = keyed(town), keyed(town)
        town.move("dkkd", odd, "CHO_KY")
        town.move("dkkd", good, "DANG_XU_LY")
        town.settle(3)
        assert town.progress(good)[-1] == (4, "dkkd")
        ((ref, reason, _),) = town.quarantined()
        assert ref == town.record("dkkd", odd)["ref"]
        assert reason == "PROCESS_STATUS: the option statuses does not have this word CHO_KY"
        assert len(town.journal("quarantined")) == 1
        town.move("dkkd", odd, "CAP_GCN")
        town.settle(3)
        assert town.progress(odd) == [(2, "onestop"), (9, "dkkd")]
        assert town.quarantined() == []
        town.ends_well()


def test_words_of_a_province_are_configuration(tmp_path: Path) -> None:
    """With a table of its own, its words are statuses."""
    table = "[options.statuses]\nMOI_NHAN = 2\nDA_CAP = 9\n"
    with opened(tmp_path) as town:
        path = town.folder / "systems" / "dkkd.toml"
        path.write_text(path.read_text("utf-8") + table, encoding="utf-8")
        town.restart()
        code = keyed(town)
        town.move("dkkd", code, "DA_CAP")
        town.settle(3)
        assert town.progress(code) == [(2, "onestop"), (9, "dkkd")]
        assert town.quarantined() == []
        town.ends_well()


def test_a_code_the_one_stop_does_not_have_is_imported_in_the_end(tmp_path: Path) -> None:
    """A row with a strange code waits; the ended day shows it whole, and it is taken over."""
    with opened(tmp_path) as town:
        midnight = town.clock().astimezone(VIETNAM).replace(hour=0, minute=0, second=0) + DAY
        to(town, midnight - timedelta(hours=2))
        (ref,) = town.ministries["dkkd"].file_own(DOSSIER_NO="H41.10-261120-0001")
        town.settle(3)
        assert town.rows("SELECT code FROM dossier") == []
        while town.clock() < midnight + timedelta(hours=2):
            town.clock.forward(301)
            town.receive("dkkd")
        (row,) = town.rows("SELECT ministry_ref FROM dossier")
        assert row["ministry_ref"] == ref
        town.ends_well()
