"""A person pairs a dossier with a ministry's record, or parts the two: never a second record there."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from bridge.domain.reconcile import OnItsWay, Waits
from bridge.engine import receive, reconcile, survey
from bridge.engine.people import brakes, pairs, parting, push
from bridge.engine.people.decision import Decision
from bridge.engine.people.refusal import Refusal
from bridge.sdk.rehearsal import Fault
from bridge.store import Link
from tests.journey.test_keyed_only_at_the_ministry import file_for, the_codes
from tests.journey.town import GPLX, LLTP, YTE, PowerCutError, Town

WHY = Decision("truc", "cùng một người, đã đối chiếu bản giấy")
SYSTEMS = [("gplx", GPLX), ("yte", YTE), ("lltp", LLTP)]


def pair(town: Town, code: str, ref: str, name: str = "gplx") -> Link:
    ministry = town.house.ministries[name]
    return pairs.pair(town.house, pairs.propose(town.house, ministry, code, ref), WHY)


def part(town: Town, code: str, name: str = "gplx") -> parting.Pair:
    return parting.part(town.house, town.house.ministries[name], code, WHY)


def refused(town: Town, code: str, ref: str, name: str = "gplx") -> str:
    with pytest.raises(Refusal) as fault:
        pair(town, code, ref, name)
    return str(fault.value.said)


def keyed_there_too(town: Town, name: str, procedure: str) -> tuple[str, str]:
    """Key a dossier here, and file the same over there before ours is sent; returns code and ref."""
    code = town.key(procedure, received_at=None)
    (ref,) = file_for(town, name, town.dossier(code)["applicant_id_number"])
    town.settle(3)
    return code, ref


@pytest.mark.parametrize(("name", "procedure"), SYSTEMS)
def test_one_that_looked_alike_is_paired_and_not_filed_again(
    tmp_path: Path, name: str, procedure: str
) -> None:
    """The record that waited is taken in as this dossier's; received, it is not sent as a new one."""
    with Town(tmp_path, ("dvcqg", name)) as town:
        code, ref = keyed_there_too(town, name, procedure)
        assert list(town.conflicts(code, name)) == [f"link:{ref}"]
        link = pair(town, code, ref, name)
        assert (link.state, link.ref) == ("open", ref)
        assert link.base is not None
        assert town.quarantined() == []
        assert town.conflicts(code, name) == {}
        town.edit(code, received_at=town.clock().isoformat(timespec="milliseconds"), status=2)
        town.settle(3)
        assert the_codes(town) == [code]
        assert town.notices(code) == [] or name == "lltp"
        assert town.dossier(code)["ministry_ref"] == ref
        assert [one["ref"] for one in town.ministries[name].records()] == [ref]
        assert town.record("dvcqg", code)["status"] == 2
        [decided] = town.journal("decided", code)
        assert (decided.detail["what"], decided.detail["ref"]) == ("link", ref)
        assert "linked" in town.events(code, name)
        town.ends_well()


def waiting_here(town: Town) -> tuple[str, str]:
    """Have a first delivery wait that gplx did not take, and a record there of the same person."""
    town.ministries["gplx"].faults.next(Fault.TOO_MANY, operation="NopHoSo")
    code = town.key(GPLX)
    town.front()
    town.deliver("gplx")
    assert town.states(code, "gplx") == ["pending"]
    town.clock.forward(2)  # it had asked for a second's patience
    (ref,) = file_for(town, "gplx", town.dossier(code)["applicant_id_number"])
    return code, ref


def test_a_first_delivery_that_waits_becomes_a_correction(tmp_path: Path) -> None:
    """What differs goes to the record that is there; what the ministry said comes in."""
    with Town(tmp_path, ("gplx",)) as town:
        code, ref = waiting_here(town)
        name = town.dossier(code)["applicant_name"]
        pair(town, code, ref)
        assert town.states(code, "gplx")[0] == "superseded"
        town.settle(4)
        assert town.states(code, "gplx") == ["superseded", "confirmed"]
        [record] = town.ministries["gplx"].records()
        assert (record["ref"], record["code"]) == (ref, code)
        assert record["body"]["NguoiNop"]["HoTen"] == name
        assert town.ministries["gplx"].calls["NopHoSo"] == 1
        assert town.dossier(code)["ministry_ref"] == ref
        town.move("gplx", code, "XL")
        town.settle(2)
        assert town.dossier(code)["status"] == 4
        town.ends_well()


def dies_at(name: str, phase: str) -> Any:
    def on_commit(commit: str, moment: str) -> None:
        if (commit, moment) == (name, phase):
            raise PowerCutError

    return on_commit


@pytest.mark.parametrize(
    "death", [("pair by hand", "after"), ("received", "before"), ("received", "after")]
)
def test_a_process_that_dies_while_it_pairs_leaves_a_pair(
    tmp_path: Path, death: tuple[str, str]
) -> None:
    """Dead once it is decided: nothing goes out before the two are compared, and then all is well."""
    with Town(tmp_path, ("gplx",)) as town:
        code, ref = waiting_here(town)
        town.restart(on_commit=dies_at(*death))
        with pytest.raises(PowerCutError):
            pair(town, code, ref)
        town.restart()
        phone = "0912000111"
        town.edit(code, applicant_phone=phone)
        town.front()
        town.deliver("gplx")
        town.settle(4)
        [record] = town.ministries["gplx"].records()
        assert (record["ref"], record["code"]) == (ref, code)
        assert record["body"]["NguoiNop"]["DienThoai"] == phone
        assert town.link(code, "gplx").state == "open"
        town.ends_well()


def test_what_the_clerk_keys_while_it_is_paired_goes_out(tmp_path: Path) -> None:
    """Posted between the decision and the comparison, to nobody: it is posted again."""
    with Town(tmp_path, ("gplx",)) as town:
        code, ref = waiting_here(town)
        fetch, looks = town.house.onestop.fetch, []

        def meanwhile(codes: object) -> object:
            row = fetch(codes)  # type: ignore[arg-type]
            looks.append(codes)
            if len(looks) == 4:  # proposed, again, who else waits, and now compared
                town.clock.forward(1)
                town.edit(code, applicant_phone="0912000222")
                town.front()
            return row

        town.house.onestop.fetch = meanwhile  # type: ignore[method-assign,assignment]
        pair(town, code, ref)
        town.house.onestop.fetch = fetch  # type: ignore[method-assign]
        town.settle(4)
        [record] = town.ministries["gplx"].records()
        assert record["body"]["NguoiNop"]["DienThoai"] == "0912000222"
        town.ends_well()


def test_what_can_t_be_paired_is_refused_with_what_to_do(tmp_path: Path) -> None:
    """No such record or dossier, either paired elsewhere, another procedure, in doubt, paused."""
    with Town(tmp_path, ("dvcqg", "gplx", "yte")) as town:
        first, second, other = town.key(GPLX), town.key(GPLX), town.key(YTE)
        town.settle(3)
        mine, theirs = (town.record("gplx", code)["ref"] for code in (first, second))
        (free,) = town.ministries["gplx"].file_own(MaThuTuc="1.999999")
        assert f"paired with {second}" in refused(town, first, theirs)
        assert f"record {mine}" in refused(town, first, free)
        assert "procedure is 1.003709" in refused(town, other, free)
        assert "no dossier" in refused(town, "H40.05-261120-9999", free)
        assert pairs.propose(town.house, town.house.ministries["gplx"], first, mine).there
        assert pair(town, first, mine) == town.link(first, "gplx")

        town.ministries["gplx"].faults.next(Fault.ERROR_500, operation="NopHoSo")
        doubtful = town.key(GPLX)
        town.round()
        assert "doubt settle" in refused(town, doubtful, free)
        with pytest.raises(Refusal, match="doubt settle"):
            part(town, doubtful)
        fresh = town.key(GPLX, received_at=None)
        assert "under our codes" in refused(town, fresh, fresh, "dvcqg")
        assert "no record" in refused(town, fresh, "GPLX-khong-co")
        assert "procedure is 1.999999" in refused(town, fresh, free)
        with town.house.store.write("pause") as unit:
            unit.systems.set("gplx", state="paused", reason="họp")
        assert "paused" in refused(town, fresh, free)
        town.nothing_twice()


def test_a_parted_pair_is_left_alone_on_both_sides(tmp_path: Path) -> None:
    """Nothing goes out, nothing comes in, and nothing is imported anew; the story tells it."""
    with Town(tmp_path, ("dvcqg", "gplx")) as town:
        code = town.key(GPLX)
        town.settle(3)
        ref = town.record("gplx", code)["ref"]
        town.edit(code, applicant_phone="0912000333")
        town.front()
        assert [one.state for one in part(town, code).waiting] == ["pending"]
        assert part(town, code).parted
        calls = town.ministries["gplx"].calls["CapNhatHoSo"]
        town.edit(code, applicant_phone="0912000444")
        town.move("gplx", code, "XL")
        town.settle(3)
        town.move("gplx", code, "CP")
        town.settle(3)
        assert town.ministries["gplx"].calls["CapNhatHoSo"] == calls
        assert town.states(code, "gplx") == ["confirmed", "dropped"]
        assert the_codes(town) == [code]
        assert town.dossier(code)["status"] == 2
        assert town.record("dvcqg", code)["body"]["SoDienThoai"] == "0912000444"
        assert town.quarantined() == []
        assert [row.detail["ref"] for row in town.journal("passed_over", code)] == [ref, ref]
        assert [one.posted for one in survey.standings(town.house, ["gplx"])] == [2]
        terms = reconcile.Terms(date(2000, 1, 1), date(2100, 1, 1), age=timedelta())
        town.clock.forward(60)
        found = [
            one.finding for one in reconcile.sweep(town.house, town.house.ministries["gplx"], terms)
        ]
        assert found == [OnItsWay(code, ref, Waits.PARTED)]

        pair(town, code, ref)
        town.settle(4)
        assert town.dossier(code)["status"] == 9
        assert town.record("gplx", code)["body"]["NguoiNop"]["DienThoai"] == "0912000444"
        town.ends_well()


def test_a_pair_parted_by_mistake_is_paired_again_though_no_record_is_shown(tmp_path: Path) -> None:
    """Where none is shown by its number and none has come, both go on from what they agreed on."""
    with Town(tmp_path, ("lltp",)) as town:
        code = town.key(LLTP)
        town.settle(3)
        ref = town.link(code, "lltp").ref
        assert ref is not None
        part(town, code, "lltp")
        assert "shows no record" in refused(town, code, "khac", "lltp")
        assert pair(town, code, ref, "lltp").state == "open"
        town.settle(3)
        town.move("lltp", code, "4")
        town.settle(3)
        assert town.dossier(code)["status"] == 4
        town.nothing_twice()
        town.ends_well()


def test_a_record_paired_with_the_wrong_dossier_goes_to_the_right_one(tmp_path: Path) -> None:
    """Parted from one and paired with the other: its life goes on there, and the first is filed anew."""
    with Town(tmp_path, ("gplx",)) as town:
        wrong, right = town.key(GPLX, received_at=None), town.key(GPLX, received_at=None)
        town.settle(2)
        (ref,) = town.ministries["gplx"].file_own()
        ministry = town.house.ministries["gplx"]
        receive_first = pairs.propose(town.house, ministry, wrong, ref)
        pairs.pair(town.house, receive_first, WHY)
        part(town, wrong)
        assert pair(town, right, ref).code == right
        town.ministries["gplx"].move(ref, "XL", "đang xem")
        town.settle(3)
        assert (town.link(wrong, "gplx").ref, town.link(right, "gplx").ref) == (None, ref)
        assert [town.dossier(code)["ministry_ref"] for code in (right,)] == [ref]
        assert len(the_codes(town)) == 2
        town.ends_well()


def test_parting_ends_an_orphan(tmp_path: Path) -> None:
    """Deleted in the one-stop, decided by a person: status needs nobody any more, at either system."""
    with Town(tmp_path, ("dvcqg", "gplx")) as town:
        code = town.key(GPLX)
        town.settle(3)
        town.edit(code, applicant_phone="0912000555")
        town.front()
        town.execute("DELETE FROM dossier_progress WHERE dossier_code = :code", code=code)
        town.execute("DELETE FROM dossier_document WHERE dossier_code = :code", code=code)
        for table in ("dossier_fee", "dossier_supplement", "dossier_notice"):
            town.execute(f"DELETE FROM {table} WHERE dossier_code = :code", code=code)
        town.execute("DELETE FROM dossier WHERE code = :code", code=code)
        town.round()
        assert [one.orphans for one in survey.standings(town.house)] == [1, 1]
        for name in ("dvcqg", "gplx"):
            part(town, code, name)
        town.settle(2)
        rows = survey.standings(town.house)
        assert [(one.orphans, one.dead, one.dropped) for one in rows] == [(0, 0, 1)] * 2
        with town.house.store.read() as unit:
            assert unit.links.of_codes([code])[code, "gplx"].state == "parted"
        town.ends_well()


def test_the_portal_takes_a_parted_dossier_back(tmp_path: Path) -> None:
    """Its steps that waited were dropped unsent: paired again, the portal shows each of them once."""
    with Town(tmp_path, ("dvcqg", "gplx")) as town:
        code = town.key(GPLX)
        town.settle(3)
        town.ministries["dvcqg"].down()
        town.move("gplx", code, "XL")
        town.settle(2)
        part(town, code, "dvcqg")
        town.ministries["dvcqg"].up()
        town.clock.forward(60)
        town.settle(2)
        assert town.shown(code) == [2]
        assert pair(town, code, code, "dvcqg").state == "open"
        town.settle(3)
        assert town.shown(code) == [2, 4]
        town.ends_well()


def test_records_under_work_are_waited_for_and_then_said(tmp_path: Path) -> None:
    """While another process works gplx's records nothing is paired; it is said after a while."""
    with Town(tmp_path, ("gplx",)) as town:
        code, ref = waiting_here(town)
        with town.house.leases.records(town.house, "gplx") as hold:
            assert hold is not None
            assert "try again" in refused(town, code, ref)
            assert receive.work(town.house, town.house.ministries["gplx"]) == 0
        assert pair(town, code, ref).state == "open"
        town.ends_well()


def test_pairs_and_pauses_on_postgresql(
    tmp_path: Path, postgres_database: str, second_database: str
) -> None:
    """Both databases on a server, where rows are locked one by one: paired, parted, paired again."""
    store, onestop = postgres_database, second_database
    with Town(tmp_path, ("gplx",), store_url=store, onestop_url=onestop) as town:
        code, ref = waiting_here(town)
        assert pair(town, code, ref).state == "open"
        town.settle(3)
        part(town, code)
        town.move("gplx", code, "XL")
        town.settle(2)
        assert town.dossier(code)["status"] == 2
        assert pair(town, code, ref).state == "open"
        town.settle(2)
        assert town.dossier(code)["status"] == 4
        brakes.pause(town.house, town.house.ministries["gplx"], WHY)
        calls = sum(town.ministries["gplx"].calls.values())
        town.edit(code, applicant_phone="0912000666")
        town.settle(2)
        assert sum(town.ministries["gplx"].calls.values()) == calls
        brakes.resume(town.house, town.house.ministries["gplx"], WHY)
        found = push.push(town.house, town.opened.paces, code, None, WHY)
        assert found.done
        assert town.record("gplx", code)["body"]["NguoiNop"]["DienThoai"] == "0912000666"
        town.ends_well()
