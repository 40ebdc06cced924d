"""``dead``: what was refused is listed in the clerk's words, sent again, or dropped."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from bridge.domain.dossier import Json
from bridge.sdk.errors import Rejected
from bridge.sdk.records import Action
from bridge.sdk.rehearsal import Fault
from bridge.sdk.times import VIETNAM
from tests.journey.conftest import Typed
from tests.journey.town import GPLX, LLTP, Town

At = Callable[[Town], Typed]
BY_LETTER = "told the ministry by letter"


def refused(town: Town, n: int = 1, licence_class: str = "XE MÁY") -> list[str]:
    """Key dossiers of a class the ministry does not know; returns their codes."""
    codes = [town.key(GPLX) for _ in range(n)]
    for code in codes:
        details = {**town.dossier(code)["details"], "licence_class": licence_class}
        town.edit(code, details=details)
    town.settle(2)
    assert [town.states(code, "gplx") for code in codes] == [["dead"]] * n
    return codes


def mend(town: Town, code: str) -> None:
    town.edit(code, details={**town.dossier(code)["details"], "licence_class": "A1"})


def listed(desk: Typed, *filters: str) -> dict[str, dict[str, Json]]:
    """Return the dead letters by the code of their dossier."""
    return {one["code"]: one for one in desk("dead", "list", *filters, "--json").document()["dead"]}


def decided(town: Town, code: str) -> list[tuple[Json, Json]]:
    return [(row.detail["what"], row.detail["reason"]) for row in town.journal("decided", code)]


def test_the_list_tells_what_to_mend_and_a_mended_dossier_revives_by_itself(
    tmp_path: Path, typed: At
) -> None:
    """Field by label and column, the ministry's words; the clerk mends it, and nothing is left."""
    with Town(tmp_path, ("gplx",)) as town:
        desk = typed(town)
        assert (desk("dead").code, desk("dead", "--json").document()) == (0, {"dead": []})
        [code] = refused(town)
        ended = desk("dead", "--json")
        [one] = ended.document()["dead"]
        assert ended.code == 1
        assert (one["code"], one["system"], one["attempts"]) == (code, "gplx", 1)
        assert (one["field"], one["error"]) == ("HangGPLX", "DuLieuSai")
        assert (one["label"], one["column"]) == ("hạng giấy phép lái xe", "licence_class")
        assert one["reason"] == "Hạng giấy phép không có trong danh mục"
        assert "mending licence_class" in str(one["revived_by"])
        said = desk("dead", "--lang", "vi").out
        assert "hạng giấy phép lái xe (licence_class)" in said
        assert "sửa licence_class ở một cửa" in said
        assert town.dossier(code)["applicant_name"] not in said
        assert len(town.notices(code)) == 1

        mend(town, code)
        town.settle(2)
        assert town.states(code, "gplx") == ["superseded", "confirmed"]
        assert town.notices(code) == []
        assert desk("dead").code == 0
        town.ends_well()


def test_a_filter_shows_what_would_be_done_and_waits_for_a_yes(tmp_path: Path, typed: At) -> None:
    """Counted by system and field; without a terminal nothing is done until --yes says so."""
    with Town(tmp_path, ("gplx",)) as town:
        desk = typed(town)
        codes = refused(town, 2)
        before = town.moved()
        words = ("dead", "retry", "--system", "gplx", "--field", "HangGPLX")
        ended = desk(*words)
        assert (ended.code, town.moved()) == (1, before)
        assert "details.licence_class  2" in ended.err
        assert "add --yes" in ended.err
        assert desk(*words[:-1], "NgaySinh", "--yes").out == "no dead letter fits\n"
        again = desk(*words, "--yes", "--json")
        assert [one["code"] for one in again.document()["done"]] == codes
        assert again.code == 0
        assert [town.states(code, "gplx") for code in codes] == [["pending"]] * 2
        assert [town.notices(code) for code in codes] == [[], []]
        assert decided(town, codes[0]) == [("sent again", "no reason was given")]
        town.settle(2)
        assert listed(desk).keys() == set(codes)
        assert len(town.notices(codes[0])) == 1


def test_filters_narrow_by_dossier_error_and_time(tmp_path: Path, typed: At) -> None:
    """Any of them alone or together; the field by the ministry's name, our path or the column."""
    with Town(tmp_path, ("gplx",)) as town:
        desk = typed(town)
        [first] = refused(town)
        town.clock.forward(3600)
        late = town.clock().astimezone(town.house.zone).strftime("%d/%m/%Y %H:%M")
        second = town.key(GPLX)
        town.edit(second, applicant_birth_date=None)
        town.settle(2)
        both = {first, second}
        assert listed(desk).keys() == both
        for words, found in {
            ("--code", first): {first},
            ("--error", "MAPPING"): {second},
            ("--error", "MAPPING", "--code", first): set(),
            ("--since", late): {second},
            ("--since", "2026-01-01"): both,
            ("--field", "hanggplx"): {first},
            ("--field", "licence_class"): {first},
            ("--field", "details.licence_class"): {first},
            ("--field", "applicant_birth_date"): {second},
            ("--system", "gplx"): both,
        }.items():
            assert listed(desk, *words).keys() == found, words
        wrong = desk("dead", "--since", "hôm qua")
        assert (wrong.code, "--since takes a day and time" in wrong.err) == (2, True)
        assert desk("dead", "--system", "gplxx").code == 2


def test_a_reason_of_ours_is_said_in_the_readers_language(tmp_path: Path, typed: At) -> None:
    """What can't be sent at all: English for one, Vietnamese for the other, from one store."""
    with Town(tmp_path, ("gplx",)) as town:
        desk = typed(town)
        code = town.key(GPLX)
        town.edit(code, applicant_birth_date=None)
        town.settle(2)
        reasons = {
            language: str(listed(desk, "--lang", language)[code]["reason"])
            for language in ("en", "vi")
        }
        assert "applicant.birth_date" in reasons["en"]
        assert "ngày sinh của người nộp" in reasons["vi"]
        story = desk("dossier", code, "--lang", "vi")
        assert reasons["vi"] in story.out
        [delivery] = desk("dossier", code, "--json", "--lang", "vi").document()["deliveries"]
        assert delivery["reason"] == reasons["vi"]


def test_numbers_and_all_are_done_at_once(tmp_path: Path, typed: At) -> None:
    """A script names them, or says all; what is no dead letter any more is told and left."""
    with Town(tmp_path, ("gplx",)) as town:
        desk = typed(town)
        codes = refused(town, 3)
        found = listed(desk)
        one, two = (str(found[code]["id"]) for code in codes[:2])
        assert desk("dead", "retry", one, two, "--reason", "the list was mended").code == 0
        assert decided(town, codes[0]) == [("sent again", "the list was mended")]
        again = desk("dead", "retry", one, "99999")
        assert again.code == 1
        assert "it is no dead letter: pending" in again.out
        assert "there is no delivery 99999" in again.out
        ended = desk("dead", "retry", "--all")
        assert (ended.code, "details.licence_class  1" in ended.err) == (0, True)
        assert [town.states(code, "gplx") for code in codes] == [["pending"]] * 3
        for words in ((), ("1", "--all"), ("1", "--system", "gplx")):
            assert desk("dead", "retry", *words).code == 2
        assert desk("dead", "drop", "1").code == 2


def test_letters_of_a_system_that_is_switched_off_are_left_alone(tmp_path: Path, typed: At) -> None:
    """Neither sent again nor dropped, by their numbers too: said why, 1, and nothing is changed."""
    with Town(tmp_path, ("gplx",)) as town:
        desk = typed(town)
        (code,) = refused(town)
        one, before = str(listed(desk)[code]["id"]), town.moved()
        file = town.folder / "systems" / "gplx.toml"
        file.write_text(f"enabled = false\n{file.read_text(encoding='utf-8')}", encoding="utf-8")
        for words in (("retry", one), ("drop", one, "--reason", BY_LETTER)):
            ended = desk("dead", *words, "--json")
            assert ended.code == 1
            assert ended.document()["done"] == []
            [left] = ended.document()["left"]
            assert left["reason"] == "the system gplx is not switched on"
        assert "is not switched on" in desk("doubt", "ask", one).err
        assert (town.states(code, "gplx"), town.moved()) == (["dead"], before)


def test_what_was_given_up_has_its_tries_anew(tmp_path: Path, typed: At) -> None:
    """Failing for over a day it died; sent again it may fail for a day again, and goes well."""
    with Town(tmp_path, ("gplx",)) as town:
        desk = typed(town)
        ministry = town.ministries["gplx"]
        ministry.faults.always(Fault.TOO_MANY, operation="NopHoSo")
        code = town.key(GPLX)
        town.round()
        town.clock.forward(25 * 3600)
        town.round()
        one = listed(desk)[code]
        assert (one["cause"], one["field"]) == ("failed for too long", None)
        assert "dead retry" in str(one["revived_by"])
        assert desk("dead", "retry", str(one["id"])).code == 0
        town.round()
        assert town.states(code, "gplx") == ["pending"]
        ministry.faults.clear()
        town.clock.forward(4000)
        town.settle(2)
        assert town.states(code, "gplx") == ["confirmed"]
        assert town.notices(code) == []
        town.ends_well()


def drop(desk: Typed, code: str) -> None:
    """Drop the one dead letter of a dossier."""
    one = str(listed(desk, "--code", code)[code]["id"])
    ended = desk("dead", "drop", one, "--reason", BY_LETTER)
    assert (ended.code, "dropped" in ended.out) == (0, True), ended.err


def test_what_was_dropped_is_not_posted_again_until_it_changes(tmp_path: Path, typed: At) -> None:
    """The ministry's own moves come in and the rest is captured: the dropped change stays here."""
    with Town(tmp_path, ("lltp",)) as town:
        desk = typed(town)
        code = town.key(LLTP)
        town.settle(3)
        town.edit(code, applicant_phone="0912000001")
        town.settle(2)
        base = town.link(code, "lltp").base
        drop(desk, code)
        assert decided(town, code) == [("dropped", BY_LETTER)]
        assert town.notices(code) == []
        assert desk("status", "--json").document()["systems"][0]["dropped"] == 1

        town.edit(code, summary="Điều lltp không nhận")
        town.move("lltp", code, "4")
        town.settle(4)
        town.restart()
        town.settle(2)
        assert town.dossier(code)["status"] == 4
        assert town.states(code, "lltp") == ["confirmed", "dropped"]
        assert town.link(code, "lltp").base == {**(base or {}), "status": 4}

        town.edit(code, applicant_phone="0912000002")
        town.settle(2)
        assert town.states(code, "lltp") == ["confirmed", "dropped", "dead"]
        assert len(town.notices(code)) == 1
        town.ends_well()


def test_a_dossier_that_was_never_sent_stays_unsent_when_dropped(tmp_path: Path, typed: At) -> None:
    """Dropped before the ministry had it: captured anew it is not posted; mended it goes whole."""
    with Town(tmp_path, ("dvcqg", "gplx")) as town:
        desk = typed(town)
        [code] = refused(town)
        drop(desk, code)
        town.step(code, 2)
        town.edit(code, applicant_phone=town.dossier(code)["applicant_phone"])
        town.settle(3)
        assert town.states(code, "gplx") == ["dropped"]
        assert town.shown(code) == [2, 2]
        mend(town, code)
        town.settle(3)
        assert town.states(code, "gplx") == ["dropped", "confirmed"]
        assert town.record("gplx", code)["body"]["HangGPLX"] == "A1"
        town.ends_well()


def test_at_the_counter_it_is_said_who_dropped_it_and_it_goes_when_asked_for(
    tmp_path: Path, typed: At
) -> None:
    """`push` lifts nobody's decision by the way: it says it, ends with 1, and what to add.

    With --dropped it goes, with the steps that were dropped with it, and both decisions are kept. A
    dossier of which one change was dropped is there, and that change is said.
    """
    with Town(tmp_path, ("dvcqg", "lltp")) as town:
        desk = typed(town)
        code = town.key(LLTP)
        town.ministries["dvcqg"].refused[code] = "Số điện thoại không hợp lệ"
        town.step(code, 2)
        town.settle(3)
        drop(desk, code)
        town.ministries["dvcqg"].refused.clear()
        ended = desk("push", code, "dvcqg", "--json")
        [told] = ended.document()["systems"]
        assert (ended.code, told["state"]) == (1, "not_sent")
        assert f"dropped it on {town.clock().astimezone(VIETNAM):%d/%m/%Y}" in told["reason"]
        assert f"({BY_LETTER})" in told["reason"]
        assert f"dossier-bridge push {code} --dropped" in told["reason"]
        assert town.ministries["dvcqg"].records() == []
        assert desk("push", code, "--dropped").code == 0
        assert town.record("dvcqg", code)["status"] == 2
        assert town.shown(code) == [2, 2]
        assert [what for what, _ in decided(town, code)] == [
            "dropped",
            "push",
            "push",
            "drop lifted",
        ]

        town.edit(code, applicant_phone="0912000001")
        town.settle(3)
        drop(desk, code)
        ended = desk("push", code, "lltp", "--json")
        [told] = ended.document()["systems"]
        assert (ended.code, told["state"]) == (1, "confirmed")
        assert "dropped a change of applicant.phone on" in told["reason"]
        town.ends_well()


def test_a_dropped_step_lets_those_behind_it_go(tmp_path: Path, typed: At) -> None:
    """The refused step is never shown, the ones after it are, in their order."""
    with Town(tmp_path, ("dvcqg", "gplx")) as town:
        desk = typed(town)
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
        town.settle(2)
        town.step(code, 2, note="tốt")
        town.move("gplx", code, "XL")
        town.settle(3)
        assert town.shown(code) == [2]
        one = listed(desk, "--code", code)[code]
        assert (one["kind"], one["label"]) == ("step", None)
        drop(desk, code)
        town.settle(3)
        assert town.shown(code) == [2, 2, 4]
        assert town.notices(code) == []
        town.ends_well()


def test_a_dossier_the_portal_never_had_is_dropped_with_its_steps(
    tmp_path: Path, typed: At
) -> None:
    """Steps of what is not there would be refused one by one: they go with it, and are named."""
    with Town(tmp_path, ("dvcqg",)) as town:
        desk = typed(town)
        code = town.key(GPLX)
        town.ministries["dvcqg"].refused[code] = "Số điện thoại không hợp lệ"
        town.step(code, 2)
        town.settle(2)
        assert town.states(code, "dvcqg") == ["dead", "pending", "pending"]
        one = str(listed(desk)[code]["id"])
        ended = desk("dead", "drop", one, "--reason", BY_LETTER, "--json").document()
        assert [len(each["behind"]) for each in ended["done"]] == [2]
        del town.ministries["dvcqg"].refused[code]
        town.settle(2)
        assert town.states(code, "dvcqg") == ["dropped"] * 3
        assert town.ministries["dvcqg"].records() == []
        town.edit(code, applicant_phone="0900000001")
        town.settle(2)
        assert town.record("dvcqg", code)["status"] == 2


def test_a_filter_drops_only_with_a_yes(tmp_path: Path, typed: At) -> None:
    """Without one it shows what it would drop; a reason is always needed."""
    with Town(tmp_path, ("gplx",)) as town:
        desk = typed(town)
        [code] = refused(town)
        words = ("dead", "drop", "--error", "DuLieuSai")
        assert "--reason is missing" in desk(*words, "--yes").err
        asked = desk(*words, "--reason", BY_LETTER)
        assert (asked.code, town.states(code, "gplx")) == (1, ["dead"])
        assert desk(*words, "--reason", BY_LETTER, "--yes").code == 0
        assert town.states(code, "gplx") == ["dropped"]


def test_a_letter_of_a_deleted_dossier_is_not_sent_again(tmp_path: Path, typed: At) -> None:
    """Its row is gone: a retry says so and changes nothing; restored it goes by itself."""
    with Town(tmp_path, ("gplx",)) as town:
        desk = typed(town)
        code = town.key(GPLX)
        town.front()
        for row in (
            "dossier_document WHERE dossier_code",
            "dossier_progress WHERE dossier_code",
            "dossier_fee WHERE dossier_code",
            "dossier WHERE code",
        ):
            town.execute(f"DELETE FROM {row} = :code", code=code)
        town.deliver("gplx")
        one = listed(desk)[code]
        assert (one["error"], one["reason"]) == ("DELETED", "deleted in the one-stop")
        assert listed(desk, "--lang", "vi")[code]["reason"] == "đã bị xóa ở một cửa"
        ended = desk("dead", "retry", str(one["id"]))
        assert (ended.code, "restore the row" in ended.out) == (1, True)
        assert town.states(code, "gplx") == ["dead"]
