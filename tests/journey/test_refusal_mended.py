from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from bridge.engine import doubt
from bridge.sdk.errors import Rejected, Retryable
from bridge.sdk.records import Action
from tests.journey.town import GPLX, YTE, PowerCutError, Town

SYSTEMS = ("dvcqg", "gplx")
Spoil = Callable[[Town, str], None]


def no_such_class(town: Town, code: str) -> None:
    town.edit(code, details={**town.dossier(code)["details"], "licence_class": "XE MÁY"})


def a_class_there_is(town: Town, code: str) -> None:
    town.edit(code, details={**town.dossier(code)["details"], "licence_class": "A1"})


def column(name: str, value: Any) -> Spoil:
    return lambda town, code: town.edit(code, **{name: value})


def the_file(town: Town, code: str) -> Path:
    query = "SELECT path FROM dossier_document WHERE dossier_code = :code ORDER BY path LIMIT 1"
    (row,) = town.rows(query, code=code)
    return town.folder / "documents" / str(row["path"])


def lose_the_file(town: Town, code: str) -> None:
    file = the_file(town, code)
    file.rename(file.with_suffix(".away"))


def find_the_file(town: Town, code: str) -> None:
    file = the_file(town, code)
    file.with_suffix(".away").rename(file)
    town.clock.forward(60)


def spoil_the_hash(town: Town, code: str) -> None:
    town.execute(
        "UPDATE dossier_document SET sha256 = 'x' || substr(sha256, 2) WHERE dossier_code = :code",
        code=code,
    )
    town.edit(code)


def lead_outside(town: Town, code: str) -> None:
    town.execute(
        "UPDATE dossier_document SET path = '../' || path WHERE dossier_code = :code", code=code
    )
    town.edit(code)


def lead_inside(town: Town, code: str) -> None:
    town.execute(
        "UPDATE dossier_document SET path = substr(path, 4) WHERE dossier_code = :code", code=code
    )
    town.edit(code)


def mend_the_hash(town: Town, code: str) -> None:
    query = "SELECT id, path FROM dossier_document WHERE dossier_code = :code"
    for row in town.rows(query, code=code):
        right = sha256((town.folder / "documents" / row["path"]).read_bytes()).hexdigest()
        town.execute(
            "UPDATE dossier_document SET sha256 = :right WHERE id = :id", right=right, id=row["id"]
        )
    town.edit(code)


REFUSALS = [
    pytest.param(no_such_class, a_class_there_is, "licence_class", id="their_rule"),
    pytest.param(
        column("applicant_sex", "other"),
        column("applicant_sex", "female"),
        "applicant_sex",
        id="no_word",
    ),
    pytest.param(
        column("applicant_birth_date", None),
        column("applicant_birth_date", "1988-03"),
        "applicant_birth_date",
        id="missing",
    ),
    pytest.param(spoil_the_hash, mend_the_hash, "dossier_document", id="wrong_hash"),
    pytest.param(lead_outside, lead_inside, "dossier_document", id="outside"),
    pytest.param(lose_the_file, find_the_file, "dossier_document", id="no_file"),
]


@pytest.mark.parametrize(("spoil", "mend", "field"), REFUSALS)
def test_what_is_refused_is_told_mended_and_goes_by_itself(
    tmp_path: Path, spoil: Spoil, mend: Spoil, field: str
) -> None:
    """A dead letter, a notice that names the column, the others go on; mended, it revives."""
    with Town(tmp_path, SYSTEMS) as town:
        code = town.key(GPLX)
        spoil(town, code)
        others = {town.key(GPLX) for _ in range(3)}
        town.settle()
        assert town.states(code, "gplx") == ["dead"]
        assert {one["code"] for one in town.ministries["gplx"].records()} == others
        assert town.record("dvcqg", code)["status"] == 2
        (notice,) = town.notices(code)
        assert (notice["system"], notice["severity"], notice["field"]) == ("gplx", "action", field)
        assert field in notice["text_vi"]
        assert "hồ sơ" in notice["text_vi"]
        assert town.dossier(code)["applicant_name"] not in notice["text_vi"]

        mend(town, code)
        town.settle()
        assert town.states(code, "gplx")[-1] == "confirmed"
        assert town.record("gplx", code)["status"] == 2
        assert town.notices(code) == []
        (ended,) = town.notices(code, standing=False)
        assert ended["resolved_at"] is not None
        assert "revived" in town.events(code, "gplx")
        town.ends_well()


def test_a_refused_update_leaves_the_last_good_state_there(tmp_path: Path) -> None:
    """A bad correction of a dossier they have: dead letter, and mending it sends one update."""
    with Town(tmp_path, SYSTEMS) as town:
        code = town.key(GPLX)
        town.settle(3)
        no_such_class(town, code)
        town.settle(3)
        assert town.states(code, "gplx")[-1] == "dead"
        town.move("gplx", code, "XL")
        town.settle(3)
        assert town.dossier(code)["status"] == 4
        a_class_there_is(town, code)
        town.settle(3)
        there = town.record("gplx", code)
        assert (there["body"]["HangGPLX"], there["updates"], there["status"]) == ("A1", 1, 4)
        assert town.notices(code) == []
        town.ends_well()


def test_a_refused_file_of_yte_is_mended_too(tmp_path: Path) -> None:
    """The refusal comes as a receipt: the clerk reads the ministry's words, mends, it goes."""
    with Town(tmp_path, ("dvcqg", "yte")) as town:
        code = town.key(YTE)
        town.ministries["yte"].refuse("SAI_HoTen", "HoTen không hợp lệ", dossier=code)
        town.settle(4)
        assert town.states(code, "yte") == ["dead"]
        (notice,) = town.notices(code)
        assert notice["field"] == "applicant_name"
        assert "HoTen không hợp lệ" in notice["text_vi"]
        town.edit(code, applicant_name="Lê Thị Mẫu")
        town.settle(4)
        assert town.states(code, "yte")[-1] == "confirmed"
        assert town.notices(code) == []
        town.ends_well()


@pytest.mark.parametrize(("name", "procedure"), [("gplx", GPLX), ("yte", YTE)])
def test_what_can_not_be_written_is_told_in_the_clerks_language(
    tmp_path: Path, name: str, procedure: str
) -> None:
    """XML can't carry the character: the notice names the column, and holds no English of ours."""
    with Town(tmp_path, (name,)) as town:
        code = town.key(procedure, applicant_address="Số 1\x0bphố Mẫu")
        town.settle(3)
        assert town.states(code, name) == ["dead"]
        (notice,) = town.notices(code)
        assert notice["field"] == "applicant_address"
        _, _, said = notice["text_vi"].partition(": ")
        assert said == (
            "trường địa chỉ của người nộp (applicant_address) chưa đúng yêu cầu của hệ thống đó. "
            "Sửa xong hệ thống sẽ tự gửi."
        )
        town.edit(code, applicant_address="Số 1 phố Mẫu")
        town.settle(3)
        assert town.states(code, name)[-1] == "confirmed"
        assert town.notices(code) == []
        town.ends_well()


def test_what_is_given_up_is_told_in_the_clerks_language(tmp_path: Path) -> None:
    """Nothing was applied for more than a day: the clerk reads whom to tell, and no English."""
    with Town(tmp_path, ("gplx",)) as town:
        code = town.key(GPLX)
        adapter: Any = town.house.ministries["gplx"].adapter
        adapter.submit = lambda commands: [Retryable("no luck today") for _ in commands]
        town.round()
        town.clock.forward(25 * 3600)
        town.round()
        assert town.states(code, "gplx") == ["dead"]
        (notice,) = town.notices(code)
        assert "báo quản trị" in notice["text_vi"]
        assert "luck" not in notice["text_vi"]


def test_one_bad_dossier_does_not_hold_the_portals_batch(tmp_path: Path) -> None:
    """The portal refuses a batch whole and names nobody: it is taken apart, the others go."""
    with Town(tmp_path, SYSTEMS) as town:
        codes = [town.key(GPLX) for _ in range(7)]
        bad = codes[3]
        town.ministries["dvcqg"].refused[bad] = "SoDienThoai không đúng"
        town.settle(4)
        shown = {one["code"] for one in town.ministries["dvcqg"].records()}
        assert shown == set(codes) - {bad}
        (notice,) = town.notices(bad)
        assert (notice["system"], notice["field"]) == ("dvcqg", "applicant_phone")
        del town.ministries["dvcqg"].refused[bad]
        town.edit(bad, applicant_phone="0900000001")
        town.settle(4)
        assert town.record("dvcqg", bad)["status"] == 2
        assert town.shown(bad) == [2]
        assert town.notices(bad) == []
        town.ends_well()


def test_a_refused_edit_that_is_taken_back_ends_its_notice(tmp_path: Path) -> None:
    """The clerk puts back what was there: nothing is left to send, and nothing left to do."""
    with Town(tmp_path, SYSTEMS) as town:
        code = town.key(GPLX)
        town.settle(3)
        born = town.dossier(code)["applicant_birth_date"]
        town.edit(code, applicant_birth_date=None)
        town.settle(3)
        assert len(town.notices(code)) == 1
        town.edit(code, applicant_birth_date=born)
        town.settle(3)
        assert town.states(code, "gplx") == ["confirmed", "superseded"]
        assert town.notices(code) == []
        town.ends_well()


def test_a_refused_step_is_mended_and_holds_up_no_state_meanwhile(tmp_path: Path) -> None:
    """The dossier goes on at the portal; the step goes once its row is mended, before later ones."""
    with Town(tmp_path, SYSTEMS) as town:
        code = town.key(GPLX)
        town.settle(3)
        adapter: Any = town.house.ministries["dvcqg"].adapter
        send = adapter.submit

        def picky(commands: Any) -> Any:
            if commands[0].action is Action.STEP and "xấu" in str(commands[0].body):
                return [Rejected("-1", "NoiDungXuLy", "không hợp lệ") for _ in commands]
            return send(commands)

        adapter.submit = picky
        town.step(code, 2, note="xấu")
        town.settle(3)
        assert len(town.notices(code)) == 1
        town.edit(code, applicant_phone="0911111111")
        town.move("gplx", code, "XL")
        town.settle(3)
        portal = town.record("dvcqg", code)
        assert (portal["status"], portal["body"]["SoDienThoai"]) == (4, "0911111111")
        assert town.shown(code) == [2]
        town.execute("UPDATE dossier_progress SET note = 'tốt' WHERE note = 'xấu'")
        town.edit(code)
        town.settle(4)
        assert town.shown(code) == [2, 2, 4]
        assert town.notices(code) == []
        town.ends_well()


def test_a_file_found_again_revives_nothing_that_was_replaced_meanwhile(tmp_path: Path) -> None:
    """The file is back and the clerk mends the row at the same moment: one delivery goes."""
    with Town(tmp_path, ("gplx",)) as town:
        code = town.key(GPLX)
        town.settle(3)
        town.paper(code, "a.pdf", b"x", "component")
        place = town.folder / "documents" / f"{code}-a.pdf"
        place.unlink()
        town.settle(3)
        place.write_bytes(b"x")
        town.clock.forward(120)

        def mended_meanwhile(*_: Any) -> bool:
            town.edit(code, applicant_phone="0911111111")
            town.front()
            return True

        with patch.object(doubt, "_files_are_there", mended_meanwhile):
            doubt.revive(town.house, town.house.ministries["gplx"])
        town.settle(4)
        assert sorted(town.states(code, "gplx")) == ["confirmed", "confirmed", "superseded"]
        assert town.notices(code) == []
        town.ends_well()


def test_no_personal_value_of_a_refusal_is_kept_in_any_form(tmp_path: Path) -> None:
    """The ministry quotes the birth date as it writes it: masked in the letter and the journal."""
    with Town(tmp_path, ("gplx",)) as town:
        code = town.key(GPLX, applicant_birth_date="1990-02-01")
        town.front()
        reason = "Ngày sinh 01/02/1990 không hợp lệ"
        town.ministries["gplx"].shut("DuLieuSai", Truong="NgaySinh", LyDo=reason)
        town.deliver("gplx")
        told = [str(row.detail) for row in town.journal("dead", code)]
        assert len(told) == 1
        assert "1990" not in told[0]
        assert "không hợp lệ" in told[0]


def test_what_crashed_us_five_times_is_asked_about_before_it_is_given_up(tmp_path: Path) -> None:
    """The fifth time it had been applied: found, and not filed a second time."""
    with Town(tmp_path, ("gplx",)) as town:
        code = town.key(GPLX)
        town.front()
        for life in range(1, 6):

            def power_cut(name: str, phase: str, life: int = life) -> None:
                if (name, phase) == (
                    ("settle", "before") if life == 5 else ("mark sending", "after")
                ):
                    raise PowerCutError

            town.restart(on_commit=power_cut, owner=f"here:{life}:1")
            with pytest.raises(PowerCutError):
                town.deliver("gplx")
            town.restart(owner="here:0:0")
            town.clock.forward(100)
            for _ in range(4):
                town.ask("gplx")
                town.clock.forward(5)
        assert town.states(code, "gplx") == ["confirmed"]
        town.edit(code, applicant_phone="0911111111")
        town.settle(3)
        assert town.ministries["gplx"].calls["NopHoSo"] == 1
        town.ends_well()
