from __future__ import annotations

from datetime import UTC, datetime, time
from pathlib import Path

import pytest

from bridge.domain import digest as words
from bridge.domain.digest import LISTED_MOST, Digest, Item
from bridge.engine.watch import alarm, digest
from bridge.sdk.times import VIETNAM
from tests.journey.test_alerts import DAY, licence
from tests.journey.town import GPLX, Town
from tests.receivers import MailRoom

FIRST, SECOND = "H40.01", "H40.31"


def mail(room: MailRoom, more: str = "") -> str:
    lines = ["[mail]", 'host = "127.0.0.1"', f"port = {room.port}", 'security = "none"']
    lines += ['sender = "caunoi@example.vn"', 'digest_at = "00:00"', more]
    return "\n".join(lines)


def refused(town: Town, office: str) -> str:
    """Let a dossier that an office received be refused."""
    code = town.key(GPLX, reception_agency_code=office)
    licence(town, code, "XE MÁY")
    return code


def rounds(town: Town) -> None:
    digest.make(town.house, town.opened.watch)
    alarm.tell(town.house, town.opened.watch)


def test_each_office_is_sent_once_a_day_what_its_clerks_must_mend(tmp_path: Path) -> None:
    """One mail an office, in Vietnamese: code, system, field by its label, what to do, since when.

    Mended, it is in no mail of the next day; what an office did not mend is.
    """
    more = f'[mail.agencies]\n"{FIRST}" = "mot@example.vn"\n"{SECOND}" = "hai@example.vn"'
    with MailRoom() as room, Town(tmp_path, ("gplx",), extra={"alerts": mail(room, more)}) as town:
        mine, others = refused(town, FIRST), refused(town, SECOND)
        town.settle(2)
        rounds(town)
        rounds(town)
        town.restart()
        rounds(town)
        assert [one["To"] for one in room.mails] == ["mot@example.vn", "hai@example.vn"]
        one, other = room.texts
        assert one.startswith("Một cửa: 1 hồ sơ cần xử lý, ngày ")
        assert f"Hồ sơ {mine} (" in one
        assert "Mục cần xem: " in one
        assert "(licence_class)" in one
        assert "hệ thống sẽ tự gửi" in one
        assert others not in one
        assert others in other
        licence(town, mine, "A1")
        town.clock.forward(DAY)
        town.settle(2)
        rounds(town)
        assert [one["To"] for one in room.mails[2:]] == ["hai@example.vn"]


def test_an_office_nobody_named(tmp_path: Path) -> None:
    """Without an address it gets none; with a place for others, they do."""
    with MailRoom() as room, Town(tmp_path, ("gplx",), extra={"alerts": mail(room)}) as town:
        refused(town, FIRST)
        town.settle(2)
        rounds(town)
        assert room.raw == []
        with town.house.store.write("anew") as unit:
            unit.inbox.move_cursor(digest.CURSOR, None)
        toml = (tmp_path / "bridge.toml").read_text(encoding="utf-8")
        (tmp_path / "bridge.toml").write_text(toml + 'other = "x@example.vn"\n', encoding="utf-8")
        town.restart()
        rounds(town)
        assert [one["To"] for one in room.mails] == ["x@example.vn"]


def test_a_mail_that_can_t_be_sent_is_of_no_use_the_next_day(tmp_path: Path) -> None:
    """The server is away for a day: the mail of yesterday is let go, that of today is sent."""
    extra = 'other = "x@example.vn"'
    with MailRoom() as room, Town(tmp_path, ("gplx",), extra={"alerts": mail(room, extra)}) as town:
        refused(town, FIRST)
        town.settle(2)
        room.refuses = "450 later"
        rounds(town)
        room.refuses = ""
        town.clock.forward(DAY + 60)
        rounds(town)
        rounds(town)
        assert len(room.raw) == 1


def test_a_long_list_is_cut_and_says_so() -> None:
    """A mail lists two hundred at most; more are counted."""
    now = datetime(2026, 11, 26, 1, tzinfo=UTC).astimezone(VIETNAM)
    items = tuple(
        Item(f"H40.05-261120-{n:04}", "gplx", "GPLX", None, None, "x", now) for n in range(250)
    )
    text = words.text(Digest("H40.05", "Sở", items), now)
    assert text.count("Nội dung:") == LISTED_MOST
    assert "Còn 50 thông báo khác" in text
    assert now.time() == time(8)


@pytest.mark.parametrize("agency", [None, "H40.05"])
def test_a_dossier_nobody_knows_the_office_of(agency: str | None) -> None:
    """It goes to those who are there for the others, and says that it is not known."""
    now = datetime(2026, 11, 26, tzinfo=UTC)
    item = Item("H40.05-261120-0001", "onestop", "một cửa", "x", None, "Không đọc được", now)
    [one] = words.of_items([(agency, None, item)])
    assert ("chưa rõ nơi tiếp nhận" in words.text(one, now)) is (agency is None)
