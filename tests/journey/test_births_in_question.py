"""Births that are asked about: supplements, refusals, registers without a document, edits."""

from __future__ import annotations

import unicodedata
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.journey.test_births import NOTE, SYSTEMS, supplements
from tests.journey.town import HOTICH, VIETNAM, Town


def asked(town: Town, note: str = NOTE) -> str:
    """Key a birth for which the ministry asks a supplement; returns its code."""
    code = town.key(HOTICH)
    town.settle(3)
    town.move("hotich", code, "2", note)
    town.settle(3)
    return code


def test_what_is_asked_for_is_brought_and_the_birth_is_sent_again(tmp_path: Path) -> None:
    """``value`` is the request; while it is open nothing goes, once it is brought a new version."""
    with Town(tmp_path, SYSTEMS) as town:
        code = asked(town, unicodedata.normalize("NFD", NOTE))
        assert supplements(town, code) == [(NOTE, False)]
        assert (town.dossier(code)["status"], town.dossier(code)["status_note"]) == (5, NOTE)
        (there,) = town.record("dvcqg", code)["body"]["DanhSachHoSoBoSung"]
        assert there["NoiDungBoSung"] == NOTE
        assert town.record("hotich", code)["updates"] == 0
        town.bring(code)
        town.settle(4)
        assert town.states(code, "hotich") == ["confirmed", "confirmed"]
        assert (town.record("hotich", code)["updates"], town.dossier(code)["status"]) == (1, 5)
        town.ministries["hotich"].advance()
        town.settle(3)
        assert town.dossier(code)["status"] == 4
        assert town.dossier(code)["status_note"] is None
        assert town.shown(code) == [2, 5, 4]
        town.ends_well()


def test_the_same_may_be_asked_for_again_in_the_same_words(tmp_path: Path) -> None:
    """Brought, received, and asked again: a second request, a second step, and nothing thrice."""
    with Town(tmp_path, SYSTEMS) as town:
        code = asked(town)
        town.bring(code)
        town.settle(4)
        assert town.record("hotich", code)["status"] == 2
        town.move("hotich", code, "2", NOTE)
        town.settle(5)
        assert supplements(town, code) == [(NOTE, True), (NOTE, False)]
        assert town.progress(code) == [(2, "onestop"), (5, "hotich"), (5, "hotich")]
        assert town.shown(code) == [2, 5, 5]
        town.bring(code)
        town.settle(4)
        assert town.record("hotich", code)["updates"] == 2
        town.ends_well()


def test_an_edit_while_papers_are_awaited_asks_for_nothing_new(tmp_path: Path) -> None:
    """The birth is received again for a phone number's sake, and asked for again: one request."""
    with Town(tmp_path, SYSTEMS) as town:
        code = asked(town)
        town.edit(code, applicant_phone="0900000001")
        town.settle(4)
        assert town.record("hotich", code)["updates"] == 1
        town.move("hotich", code, "2", NOTE)
        town.settle(4)
        assert supplements(town, code) == [(NOTE, False)]
        town.ends_well()


def test_a_state_that_comes_again_is_a_step_of_its_own(tmp_path: Path) -> None:
    """In process, asked, in process: the record is the same as before, the step is another."""
    with Town(tmp_path, SYSTEMS) as town:
        code = town.key(HOTICH)
        town.settle(3)
        for state in ("3", "2", "3"):
            town.move("hotich", code, state, NOTE if state == "2" else None)
            town.settle(3)
        assert town.progress(code)[1:] == [(4, "hotich"), (5, "hotich"), (4, "hotich")]
        assert town.shown(code) == [2, 4, 5, 4]
        town.ends_well()


@pytest.mark.parametrize("register", ["marriage", "death"])
def test_a_register_without_a_document_is_told_to_the_clerk(tmp_path: Path, register: str) -> None:
    """One sentence, about the register alone; what is keyed as a birth then goes by itself."""
    with Town(tmp_path, SYSTEMS) as town:
        birth = town.dossier(town.key(HOTICH))["details"]
        code = town.key(HOTICH, details={"register": register})
        town.settle(3)
        assert town.states(code, "hotich") == ["dead"]
        assert "confirmed" in town.states(code, "dvcqg")
        (notice,) = town.notices(code)
        assert notice["field"] == "register"
        assert "loại việc hộ tịch (register) thuộc loại chưa có quy định gửi" in notice["text_vi"]
        assert "thiếu" not in notice["text_vi"]
        town.edit(code, details=birth | {"child": birth["child"] | {"name": "Trần Văn Thử"}})
        town.settle(4)
        assert town.states(code, "hotich") == ["superseded", "confirmed"]
        assert town.notices(code) == []
        town.ends_well()


def test_a_refused_field_is_named_mended_and_sent(tmp_path: Path) -> None:
    """A nationality that is on no list: the ministry's words and our column, then it goes."""
    with Town(tmp_path, SYSTEMS) as town:
        code = town.key(HOTICH)
        details = town.dossier(code)["details"]
        child = details["child"]
        town.edit(code, details=details | {"child": child | {"nationality": "XX"}})
        town.settle(3)
        assert town.states(code, "hotich") == ["dead"]
        (notice,) = town.notices(code)
        assert notice["field"] == "child.nationality"
        assert "không có trong danh mục" in notice["text_vi"]
        town.edit(code, details=details)
        town.settle(4)
        assert town.states(code, "hotich") == ["superseded", "confirmed"]
        assert town.notices(code) == []
        town.ends_well()


def test_what_an_officer_changes_in_the_birth_is_the_one_stops_to_say(tmp_path: Path) -> None:
    """The child's name is ours: it is sent again, the loss is journalled, the entry is theirs."""
    with Town(tmp_path, SYSTEMS) as town:
        code = town.key(HOTICH)
        town.settle(3)
        name = town.dossier(code)["details"]["child"]["name"]
        town.ministries["hotich"].amend(town.record("hotich", code)["ref"], nksHoTen="Người Khác")
        town.settle(4)
        assert town.record("hotich", code)["body"]["nksHoTen"] == name
        assert town.dossier(code)["details"]["child"]["name"] == name
        assert [row.detail["field"] for row in town.journal("loss", code)] == ["details.child.name"]
        town.ends_well()


def test_no_change_around_midnight_is_missed(tmp_path: Path) -> None:
    """The feed knows days: what changes on the evening of one is seen on the next."""
    with Town(tmp_path, SYSTEMS) as town:
        code = town.key(HOTICH)
        town.settle(3)
        night = datetime.combine(
            town.clock().astimezone(VIETNAM).date(), datetime.min.time(), VIETNAM
        )
        night += timedelta(days=1)
        town.clock.forward((night - town.clock()).total_seconds() - 20)
        town.receive("hotich")
        town.move("hotich", code, "3")
        town.clock.forward(3600)
        town.settle(3)
        assert town.dossier(code)["status"] == 4
        town.clock.forward(86_400)
        town.move("hotich", code, "4")
        town.settle(3)
        assert town.progress(code)[1:] == [(4, "hotich"), (9, "hotich")]
        town.ends_well()
