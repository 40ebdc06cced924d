"""What is decided from what was read a moment ago, and is not so any more."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from unittest.mock import patch

from bridge.domain.dossier import Json
from bridge.engine import deliver, doubt, gone_over, unpaired
from bridge.engine.marks import Marks
from bridge.sdk.rehearsal import Fault
from tests.journey.test_applied_after_asked import released
from tests.journey.test_leases import another, works_all
from tests.journey.town import GPLX, YTE, Town


def test_an_answer_to_an_older_doubt_says_nothing_of_a_newer_one(tmp_path: Path) -> None:
    """While we ask, another process asks, sends again and loses the answer: not sent a third time."""
    with Town(tmp_path, ("gplx",)) as town:
        elsewhere, gplx = another(town), town.ministries["gplx"]
        code = town.key(GPLX)
        gplx.faults.next(Fault.CUT_BEFORE, operation="NopHoSo")
        town.front()
        town.deliver("gplx")
        town.clock.forward(5)
        town.ask("gplx")
        town.clock.forward(3)
        adapter: Any = town.house.ministries["gplx"].adapter
        probe = adapter.probe

        def slow(command: Any) -> Any:
            answer = probe(command)
            adapter.probe = probe
            gplx.faults.next(Fault.LOST_ANSWER, operation="NopHoSo")
            works_all(elsewhere.house)
            return answer

        adapter.probe = slow
        town.ask("gplx")
        assert town.states(code, "gplx") == ["in_doubt"]
        town.settle(5)
        assert town.states(code, "gplx") == ["confirmed"]
        assert gplx.calls["NopHoSo"] == 2
        assert len(gplx.records()) == 1
        elsewhere.close()
        town.ends_well()


def test_a_version_from_between_two_words_of_ours_is_no_loss(tmp_path: Path) -> None:
    """A feed of versions, asked after both: the first one's is followed by the second one's."""
    with Town(tmp_path, ("gplx",)) as town:
        code, gplx = town.key(GPLX), town.ministries["gplx"]
        town.settle(3)
        for phone in ("0911111111", "0922222222"):
            town.edit(code, applicant_phone=phone)
            town.front()
            town.deliver("gplx")
            town.clock.forward(5)
        town.settle(5)
        assert gplx.calls["CapNhatHoSo"] == 2
        assert "loss" not in town.events(code)
        town.ends_well()


def test_what_was_confirmed_while_its_receipt_was_looked_for_stays_confirmed(
    tmp_path: Path,
) -> None:
    """The feed proves it at the moment the receipt is not found: it does not wait for ever."""
    with Town(tmp_path, ("yte",)) as town:
        code, ministry = town.key(YTE), town.house.ministries["yte"]
        town.front()
        for shard in range(ministry.max_in_flight):
            deliver.drain(town.house, ministry, shard, town.opened.paces["yte"])
        town.ministries["yte"].work()
        for receipt in (tmp_path / "yte" / "xacnhan").glob("*.xml"):
            receipt.unlink()
        town.ministries["yte"].advance()
        look = ministry.adapter.confirm

        def meanwhile(commands: Any) -> Any:
            answers = look(commands)
            town.receive("yte")
            return answers

        with patch.object(ministry.adapter, "confirm", meanwhile):
            doubt.confirm(town.house, ministry)
        assert town.states(code, "yte") == ["confirmed"]
        town.edit(code, applicant_phone="0911111111")
        town.settle(3)
        assert town.record("yte", code)["body"]["NguoiHanhNghe"]["DienThoai"] == "0911111111"
        town.ends_well()


def test_a_record_that_turns_up_just_before_it_is_filed_is_not_filed_again(tmp_path: Path) -> None:
    """Applied long after the grace; the feed brings it while its repetition is made ready."""
    with Town(tmp_path, ("gplx",)) as town:
        gplx, code = town.ministries["gplx"], town.key(GPLX)
        gplx.faults.next(Fault.APPLIED_LATE, operation="NopHoSo")
        town.front()
        town.deliver("gplx")
        for _ in range(3):
            town.clock.forward(5)
            town.ask("gplx")
        assert town.states(code, "gplx") == ["pending"]
        released(town, "gplx")
        prepare = deliver._prepare

        def meanwhile(*given: Any) -> Any:
            prepared = prepare(*given)
            town.receive("gplx")
            return prepared

        with patch.object(deliver, "_prepare", meanwhile):
            town.deliver("gplx")
        town.settle(4)
        assert gplx.calls["NopHoSo"] == 1
        assert len(gplx.records()) == 1
        assert town.states(code, "gplx") == ["confirmed"]
        town.ends_well()


def test_a_page_asked_for_before_our_correction_arrived_is_no_news(tmp_path: Path) -> None:
    """It is stored after the correction was confirmed, and shows what stood there before."""
    with Town(tmp_path, ("gplx",)) as town:
        code = town.key(GPLX)
        town.settle(4)
        town.move("gplx", code, "XL")
        town.edit(code, applicant_phone="0911111111")
        town.front()
        adapter: Any = town.house.ministries["gplx"].adapter
        read = adapter.changes

        def slow(cursor: Any) -> Any:
            page = read(cursor)
            adapter.changes = read
            town.deliver("gplx")
            return page

        adapter.changes = slow
        town.receive("gplx")
        town.settle(4)
        assert town.ministries["gplx"].calls["CapNhatHoSo"] == 1
        assert town.record("gplx", code)["body"]["NguoiNop"]["DienThoai"] == "0911111111"
        assert town.dossier(code)["status"] == 4
        assert "loss" not in town.events(code)
        town.ends_well()


def test_two_corrections_in_quick_succession_lose_nothing(tmp_path: Path) -> None:
    """A page that shows our first is worked when our second is settled: nobody lost anything.

    What tells it is a mark that nobody reads without the key, of this dossier alone, and for a month.
    """
    with Town(tmp_path, ("gplx",)) as town:
        code = town.key(GPLX)
        town.settle(4)
        town.edit(code, applicant_phone="0911111111")
        town.front()
        town.deliver("gplx")
        adapter: Any = town.house.ministries["gplx"].adapter
        read = adapter.changes

        def slow(cursor: Any) -> Any:
            page = read(cursor)
            adapter.changes = read
            town.edit(code, applicant_phone="0922222222")
            town.front()
            town.deliver("gplx")
            return page

        adapter.changes = slow
        town.receive("gplx")
        town.settle(4)
        assert town.ministries["gplx"].calls["CapNhatHoSo"] == 2
        assert town.record("gplx", code)["body"]["NguoiNop"]["DienThoai"] == "0922222222"
        assert "loss" not in town.events(code)
        town.ends_well()

        phone, number = "applicant.phone", "0911111111"
        marks = {one[phone] for one in gone_over_of(town, code) if phone in one}
        assert gone_over.mark(town.house.marks, code, phone, number) in marks
        assert gone_over.mark(town.house.marks, "another", phone, number) not in marks
        assert gone_over.mark(Marks.under(bytes(32)), code, phone, number) not in marks
        town.clock.forward(gone_over.KEPT.total_seconds() + 1)
        unpaired.tidy(town.house)
        assert not any(gone_over_of(town, code))


def gone_over_of(town: Town, code: str) -> list[Mapping[str, Json]]:
    """Return what is kept of what the words of a dossier went over."""
    with town.house.store.read() as unit:
        (kept,) = unit.outbox.gone_over([town.link(code, "gplx").id]).values()
    return [marks for _, marks in kept]
