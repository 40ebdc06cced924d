"""Criminal records: a list that is acknowledged, and a ministry that takes no corrections."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from bridge.engine import code_lists, feed, survey
from bridge.sdk.rehearsal import Fault
from tests.journey.town import LLTP, PowerCutError, Town

SYSTEMS = ("dvcqg", "lltp")
FILE, CHANGES, DONE, STATUS = (
    "nhanHoSoDangKy",
    "traDsTrangThaiHs",
    "danhDauHsThanhCong",
    "traTrangThaiHs",
)


def filed(town: Town, **columns: Any) -> str:
    """Key a dossier and have it at the ministry; returns its code."""
    code = town.key(LLTP, **columns)
    town.settle(3)
    assert town.states(code, "lltp") == ["confirmed"]
    return code


def released(town: Town) -> None:
    """Let what a fault held back be applied, and wait until it is."""
    town.ministries["lltp"].faults.release()
    for thread in town.ministries["lltp"]._late:
        thread.join(10)


def details(town: Town, code: str, **changes: Any) -> dict[str, Any]:
    return {**town.dossier(code)["details"], **changes}


# -- there and back


def test_all_that_is_known_of_a_dossier_reaches_the_ministry(tmp_path: Path) -> None:
    """Half dates, a spouse, a proxy, decomposed text: in the ministry's codes, and nothing made up."""
    with Town(tmp_path, SYSTEMS) as town:
        code = town.key(LLTP, received_at=None)
        proxy = {"name": "Phạm Thị Thử", "birth_date": "1965-02", "authorised_on": "2026-11-19"}
        town.edit(
            code,
            applicant_birth_date="1988-03",
            applicant_email="",
            details=details(
                town,
                code,
                declared_by="proxy",
                proxy=proxy,
                spouse={"name": "Le\u0302 Thi\u0323 Thu\u031b\u0309", "born": "1990"},
                nationality="KR",
                ethnic_group=None,
            ),
            received_at="2026-11-20T23:30:00+07:00",
        )
        town.settle(3)
        form = town.record("lltp", code)["body"]["declarationWSForm"]
        assert form["birthDateStr"] == "03/1988"
        assert (form["partnerName"], form["partnerDob"]) == ("Lê Thị Thử", "1990")
        assert (form["declareTypeId"], form["nationalityId"]) == ("3845", "24")
        assert not {"ethnicId", "email"} & form.keys()
        body = town.record("lltp", code)["body"]
        assert body["dateReceivedDec"] == "20/11/2026"
        assert body["mandatorWSForm"] == {
            "fullName": "Phạm Thị Thử",
            "birthDateStr": "02/1965",
            "mandatorDate": "19/11/2026",
        }
        town.ends_well()


def test_the_certificate_comes_back_with_its_dates(tmp_path: Path) -> None:
    """Approved and issued are written beside what the clerk keyed, and nothing else moves."""
    with Town(tmp_path, SYSTEMS) as town:
        code = filed(town)
        before = town.dossier(code)["details"]
        town.ministries["lltp"].advance()
        town.settle(2)
        assert "certificate" not in town.dossier(code)["details"]
        town.ministries["lltp"].advance()
        town.settle(2)
        after = town.dossier(code)["details"]
        certificate = after.pop("certificate")
        assert after == before
        day = town.dossier(code)["finished_at"][:10]
        assert certificate == {"approved_on": day, "issued_on": day}
        town.ends_well()


def test_a_skipped_list_is_caught_up_in_order(tmp_path: Path) -> None:
    """Two statuses between two polls, listed backwards and twice: two steps, in their order."""
    with Town(tmp_path, SYSTEMS) as town:
        code = filed(town)
        town.ministries["lltp"].advance()
        town.ministries["lltp"].advance()
        town.ministries["lltp"].faults.next(Fault.REORDER, operation=CHANGES)
        town.settle(2)
        town.ministries["lltp"].faults.next(Fault.DUPLICATE, operation=CHANGES)
        town.settle(2)
        assert town.progress(code) == [(2, "onestop"), (4, "lltp"), (9, "lltp")]
        assert town.shown(code) == [2, 4, 9]
        town.ends_well()


# -- the word between


def test_a_status_that_comes_just_before_the_word_is_not_lost(tmp_path: Path) -> None:
    """The acknowledgement covers it unread, so it is asked for."""
    with Town(tmp_path, SYSTEMS) as town:
        code = filed(town)
        ministry = town.ministries["lltp"]
        ministry.advance()
        moved: list[int] = []

        def on_commit(name: str, phase: str) -> None:
            if (name, phase) == ("receive page", "after") and not moved:
                moved.append(ministry.advance())

        town.restart(on_commit=on_commit)
        town.settle(3)
        assert moved == [1]
        assert town.dossier(code)["status"] == 9
        assert town.progress(code) == [(2, "onestop"), (4, "lltp"), (9, "lltp")]
        town.ends_well()


@pytest.mark.parametrize("phase", ["before", "after"])
def test_a_process_that_dies_beside_the_commit_loses_nothing(tmp_path: Path, phase: str) -> None:
    """Before it, the list is read again; after it, who must be asked is stored."""
    with Town(tmp_path, SYSTEMS) as town:
        code = filed(town)
        town.ministries["lltp"].advance()

        def on_commit(name: str, moment: str) -> None:
            if (name, moment) == ("receive page", phase):
                raise PowerCutError

        town.restart(on_commit=on_commit)
        with pytest.raises(PowerCutError):
            town.settle(1)
        town.restart()
        town.ministries["lltp"].advance()
        town.settle(3)
        assert town.progress(code) == [(2, "onestop"), (4, "lltp"), (9, "lltp")]
        assert town.shown(code) == [2, 4, 9]
        town.ends_well()


def test_a_word_that_is_lost_is_said_again(tmp_path: Path) -> None:
    """Cut before or after it was heard: listed again or not, each status is a step once."""
    with Town(tmp_path, SYSTEMS) as town:
        code = filed(town)
        for fault in (Fault.CUT_BEFORE, Fault.LOST_ANSWER):
            town.ministries["lltp"].faults.next(fault, operation=DONE)
            town.ministries["lltp"].advance()
            town.settle(3)
        assert town.progress(code) == [(2, "onestop"), (4, "lltp"), (9, "lltp")]
        town.ends_well()


def test_two_processes_that_read_the_feed_at_once_forget_nobody(tmp_path: Path) -> None:
    """A page read from a place that was left meanwhile is dropped, not stored over the newer one.

    The other process stored a page, a status came, the word was said, and it died before it asked.
    """
    with Town(tmp_path, SYSTEMS) as town:
        first, second = filed(town), filed(town)
        ministry, lltp = town.ministries["lltp"], town.house.ministries["lltp"]
        ministry.advance(1)
        read, say = lltp.adapter.changes, lltp.adapter.acknowledge
        calls = iter(["outer", "other", "dead"])

        def changes(cursor: Any) -> Any:
            match next(calls, None):
                case "outer":
                    with pytest.raises(PowerCutError):
                        feed.poll(town.house, lltp)
                    town.move("lltp", second, "4")
                case "dead":
                    raise PowerCutError
            return read(cursor)

        def acknowledge(token: Any) -> None:
            if town.record("lltp", first)["status"] == 4:
                town.move("lltp", first, "5")
            say(token)

        with patch.multiple(lltp.adapter, changes=changes, acknowledge=acknowledge):
            town.settle(2)
        assert next(calls, None) is None
        assert town.progress(first) == [(2, "onestop"), (4, "lltp"), (9, "lltp")]
        assert town.progress(second) == [(2, "onestop"), (4, "lltp")]
        town.ends_well()


# -- filed there


def test_a_dossier_filed_there_lives_its_life_here(tmp_path: Path) -> None:
    """Read whole once, its statuses once each, and to the portal: as much of its birth as is known."""
    with Town(tmp_path, SYSTEMS) as town:
        ministry = town.ministries["lltp"]
        (ref,) = ministry.file_own(birthDateStr="03/1988", nationalityId="26", email="")
        town.settle(3)
        (row,) = town.rows("SELECT code FROM dossier")
        here = town.dossier(row["code"])
        assert (here["ministry_ref"], here["applicant_birth_date"]) == (ref, "1988-03")
        assert here["details"]["nationality"] == "LA"
        (step,) = town.rows("SELECT at FROM dossier_progress")
        assert step["at"][11:16] != "00:00"
        while ministry.advance():
            town.settle(2)
        town.settle(2)
        assert town.progress(row["code"]) == [(2, "lltp"), (4, "lltp"), (9, "lltp")]
        assert town.shown(row["code"]) == [2, 4, 9]
        assert town.states(row["code"], "lltp") == []
        assert town.notices(row["code"]) == []
        assert ministry.calls[STATUS] == 0
        assert [one for one in ministry._register.entries() if one.unacknowledged] == []
        town.ends_well()


def test_a_dossier_filed_there_and_not_readable_stops_nobody(tmp_path: Path) -> None:
    """A nationality the list does not have: set aside with its rule; its neighbour is imported."""
    with Town(tmp_path, SYSTEMS) as town:
        ministry = town.ministries["lltp"]
        (bad,) = ministry.file_own(nationalityId="9999")
        ministry.file_own()
        town.settle(3)
        assert len(town.rows("SELECT code FROM dossier")) == 1
        ref, reason, _rule = town.quarantined()[0]
        assert ref == bad
        assert "nationalityId" in reason
        assert "9999" not in reason
        town.ends_well()


# -- no corrections


def test_a_later_change_is_told_to_the_clerk_by_field_and_never_sent(tmp_path: Path) -> None:
    """A dead letter with every field that was changed; taken back, the notice ends by itself."""
    with Town(tmp_path, SYSTEMS) as town:
        code = filed(town)
        phone = town.dossier(code)["applicant_phone"]
        town.edit(code, applicant_phone="0912000001")
        town.settle(2)
        assert town.states(code, "lltp")[1:] == ["dead"]
        (notice,) = town.notices(code)
        assert (notice["system"], notice["severity"]) == ("lltp", "action")
        assert notice["field"] == "applicant_phone"
        assert "điện thoại của người nộp (applicant_phone)" in notice["text_vi"]
        assert "0912000001" not in notice["text_vi"]

        town.edit(code, details=details(town, code, quantity=7))
        town.settle(2)
        (notice,) = town.notices(code)
        assert "applicant_phone" in notice["text_vi"]
        assert "số phiếu yêu cầu (quantity)" in notice["text_vi"]
        (dead,) = [
            one for one in survey.story(town.house, code).deliveries if one.state.value == "dead"
        ]
        assert dead.error_code == "NO_CORRECTIONS"
        assert town.ministries["lltp"].calls[FILE] == 1
        assert town.record("dvcqg", code)["body"]["SoDienThoai"] == "0912000001"

        town.edit(
            code, applicant_phone=phone, details=details(town, code, quantity=quantity(town, code))
        )
        town.settle(2)
        assert town.notices(code) == []
        assert "dead" not in town.states(code, "lltp")
        assert town.ministries["lltp"].calls[FILE] == 1
        town.ends_well()


def quantity(town: Town, code: str) -> int:
    return int(town.record("lltp", code)["body"]["declarationWSForm"]["requestQty"])


def test_a_dossier_with_a_change_nobody_takes_goes_on(tmp_path: Path) -> None:
    """The ministry's statuses still come in, and the change is refused once, not with each."""
    with Town(tmp_path, SYSTEMS) as town:
        code = filed(town)
        town.edit(code, applicant_email="mau@example.vn")
        town.settle(2)
        while town.ministries["lltp"].advance():
            town.settle(3)
        assert town.dossier(code)["status"] == 9
        assert town.states(code, "lltp") == ["confirmed", "dead"]
        assert len(town.notices(code, standing=False)) == 1
        assert town.conflicts(code, "lltp") == {}
        town.ends_well()


def test_a_change_of_an_imported_dossier_is_not_sent_either(tmp_path: Path) -> None:
    """Sent under the one-stop's code it would be a second dossier."""
    with Town(tmp_path, SYSTEMS) as town:
        town.ministries["lltp"].file_own()
        town.settle(3)
        (row,) = town.rows("SELECT code FROM dossier")
        town.edit(row["code"], applicant_phone="0912000001")
        town.settle(2)
        assert town.states(row["code"], "lltp") == ["dead"]
        assert len(town.ministries["lltp"].records()) == 1
        assert town.ministries["lltp"].calls[FILE] == 0
        town.ends_well()


def test_what_the_ministry_does_not_know_of_is_no_change(tmp_path: Path) -> None:
    """A field that is not carried may change: there is nothing to send, nor to refuse."""
    with Town(tmp_path, SYSTEMS) as town:
        code = filed(town)
        town.edit(code, summary="Đề nghị mẫu", channel=3)
        town.settle(2)
        assert town.states(code, "lltp") == ["confirmed"]
        assert town.notices(code) == []
        town.ends_well()


@pytest.mark.parametrize("status", [7, 10])
def test_an_end_the_ministry_has_no_word_for_is_not_sent(tmp_path: Path, status: int) -> None:
    """Withdrawn or handed over at the counter: the clerk is told, nothing goes out or is refused."""
    with Town(tmp_path, SYSTEMS) as town:
        code = filed(town)
        town.step(code, status)
        town.settle(2)
        assert town.states(code, "lltp") == ["confirmed"]
        (notice,) = town.notices(code)
        assert (notice["system"], notice["severity"]) == ("lltp", "info")
        assert town.record("dvcqg", code)["status"] == status
        town.ends_well()


def test_a_refusal_is_mended_and_sent_as_the_first(tmp_path: Path) -> None:
    """Refused it was never there: what the clerk mends goes by itself."""
    with Town(tmp_path, SYSTEMS) as town:
        code = town.key(LLTP, received_at=None)
        proxy = {"sex": "female", "relation": "Mẹ"}
        town.edit(
            code,
            received_at="2026-11-20T09:15:00+07:00",
            details=details(town, code, declared_by="proxy", proxy=proxy),
        )
        town.settle(2)
        (notice,) = town.notices(code)
        assert notice["field"] == "proxy.name"
        assert "họ tên người được ủy quyền" in notice["text_vi"]
        town.edit(code, details=details(town, code, proxy={**proxy, "name": "Phạm Thị Thử"}))
        town.settle(2)
        assert town.states(code, "lltp")[-1] == "confirmed"
        assert town.notices(code) == []
        town.ends_well()


# -- there already, and doubt


def test_what_others_filed_under_our_code_is_ours(tmp_path: Path) -> None:
    """301 settles the first delivery: the number comes back, and nothing is there twice."""
    with Town(tmp_path, SYSTEMS) as town:
        code = town.key(LLTP, received_at=None)
        ministry = town.ministries["lltp"]
        entry, _ = ministry._register.file(code, {"declarationWSForm": {}, "residenceWSForm": []})
        ministry.advance()
        town.receive("lltp")
        assert survey.story(town.house, code).links == []
        town.edit(code, received_at="2026-11-20T09:15:00+07:00")
        town.settle(4)
        assert town.states(code, "lltp") == ["confirmed"]
        assert town.dossier(code)["ministry_ref"] == entry.ref
        assert town.dossier(code)["status"] == 4
        assert town.notices(code) == []
        town.ends_well()


def test_a_status_waits_for_our_first_word(tmp_path: Path) -> None:
    """What the ministry says of a dossier that is still in line here pairs nobody before it went."""
    with Town(tmp_path, SYSTEMS) as town:
        ministry = town.ministries["lltp"]
        code = town.key(LLTP)
        town.front()
        entry, _ = ministry._register.file(code, {"declarationWSForm": {}, "residenceWSForm": []})
        ministry.advance()
        town.receive("lltp")
        link = town.link(code, "lltp")
        assert (link.base, link.ref) == (None, None)
        town.settle(4)
        assert town.states(code, "lltp") == ["confirmed"]
        assert town.dossier(code)["ministry_ref"] == entry.ref
        assert town.dossier(code)["status"] == 4
        assert town.notices(code, standing=False) == []
        town.ends_well()


@pytest.mark.parametrize(
    "fault",
    [Fault.LOST_ANSWER, Fault.CUT_BEFORE, Fault.ERROR_500, Fault.ERROR_502, Fault.TRUNCATED,
     Fault.HTML_200, Fault.WRONG_SCHEMA, Fault.APPLIED_LATE],
)  # fmt: skip
def test_a_lost_answer_is_asked_about_and_nothing_is_there_twice(
    tmp_path: Path, fault: Fault
) -> None:
    """Found, or absent twice after the grace and sent again; the list brings the number."""
    with Town(tmp_path, SYSTEMS) as town:
        ministry = town.ministries["lltp"]
        code = town.key(LLTP)
        ministry.faults.next(fault, operation=FILE)
        town.round()
        assert town.states(code, "lltp") == ["in_doubt"]
        released(town)
        town.settle(8)
        assert town.states(code, "lltp") == ["confirmed"]
        assert len(ministry.records()) == 1
        assert town.dossier(code)["ministry_ref"] == town.record("lltp", code)["ref"]
        assert ministry.calls[STATUS] > 0
        town.ends_well()


def test_a_dossier_that_arrives_after_all_is_there_once(tmp_path: Path) -> None:
    """Absent twice, sent again, and the first arrives later still: 301, one record."""
    with Town(tmp_path, SYSTEMS) as town:
        ministry = town.ministries["lltp"]
        code = town.key(LLTP)
        ministry.faults.next(Fault.APPLIED_LATE, operation=FILE)
        town.settle(8)
        assert town.states(code, "lltp") == ["confirmed"]
        released(town)
        town.settle(2)
        assert len(ministry.records()) == 1
        town.ends_well()


# -- the gateway


def test_a_token_that_is_revoked_in_the_middle_is_renewed_unnoticed(tmp_path: Path) -> None:
    """Between filings and in the feed: each is done once, nobody is held."""
    with Town(tmp_path, SYSTEMS) as town:
        ministry = town.ministries["lltp"]
        first = filed(town)
        ministry.revoke()
        second = town.key(LLTP)
        town.front()
        town.deliver("lltp")
        ministry.advance()
        ministry.faults.next(Fault.EXPIRED_SESSION, operation=CHANGES)
        town.settle(3)
        assert [town.dossier(code)["status"] for code in (first, second)] == [4, 4]
        assert ministry.calls["token"] == 3
        assert town.journal("held") == []
        town.ends_well()


def test_a_page_of_maintenance_holds_and_heals(tmp_path: Path) -> None:
    """503 with a page: held without an attempt, the portal goes on; open again, all arrives."""
    with Town(tmp_path, SYSTEMS) as town:
        ministry = town.ministries["lltp"]
        code_lists.refresh(town.house, town.house.ministries["lltp"])
        ministry.faults.always(Fault.PAGE_503)
        code = town.key(LLTP)
        town.settle(3)
        assert town.states(code, "lltp") == ["held"]
        assert town.states(code, "dvcqg") == ["confirmed", "confirmed"]
        (standing,) = survey.standings(town.house, ["lltp"])
        assert standing.state == "maintenance"
        ministry.faults.clear()
        town.clock.forward(61)
        town.settle(4)
        assert town.states(code, "lltp") == ["confirmed"]
        assert town.dossier(code)["ministry_ref"] is not None
        town.ends_well()


def test_a_unit_the_ministry_does_not_know_blames_no_dossier(tmp_path: Path) -> None:
    """106 holds the system and says why; no clerk is told to mend what is not wrong."""
    with Town(tmp_path, SYSTEMS) as town:
        town.house.ministries["lltp"].adapter._client._agency = "sai"  # type: ignore[attr-defined]
        code = town.key(LLTP)
        town.settle(2)
        assert town.states(code, "lltp") == ["held"]
        (standing,) = survey.standings(town.house, ["lltp"])
        assert "106" in "; ".join(standing.reasons)
        assert town.notices(code) == []
        town.ends_well()
