from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from bridge.daemon import Daemon
from bridge.domain.said import Said
from bridge.engine import brake
from bridge.engine.watch import alarm
from bridge.engine.watch.station import Watch
from bridge.sdk.onestop import OneStopFault
from bridge.sdk.rehearsal import Fault
from tests.journey.town import GPLX, Town
from tests.receivers import Hook, MailRoom

HOUR, DAY = 3600, 86400
MORNING = "22:00-06:00"


def told(hook: Hook, room: MailRoom, *, quiet: str = "") -> str:
    lines = ["[alerts]", f'quiet = "{quiet}"' if quiet else ""]
    lines += ["[alerts.receivers.chat]", f'webhook = "{hook.address}"']
    lines += ["language = 'en'", 'token = { file = "chat.token" }']
    lines += ["[alerts.receivers.duty]", 'mail = "truc@example.vn"']
    lines += ["[mail]", 'host = "127.0.0.1"', f"port = {room.port}", 'security = "none"']
    lines += ['sender = "caunoi@example.vn"']
    return "\n".join(lines)


@contextmanager
def watched(folder: Path, *, quiet: str = "") -> Iterator[tuple[Town, Hook, MailRoom]]:
    (folder / "chat.token").write_text("bi-mat\n", encoding="utf-8")
    with Hook() as hook, MailRoom() as room:
        extra = {"alerts": told(hook, room, quiet=quiet)}
        with Town(folder, ("gplx",), extra=extra) as town:
            yield town, hook, room


def look(town: Town) -> None:
    """Let the watch have its turn, the disk of this machine left out."""
    watch: Watch = replace(town.opened.watch, folders={})
    alarm.count(town.house)
    alarm.look(town.house, watch)
    alarm.tell(town.house, watch)


def refused(town: Town) -> str:
    """Let a dossier be refused: gplx has no such class of licences."""
    code = town.key(GPLX)
    licence(town, code, "XE MÁY")
    town.settle(2)
    assert town.states(code, "gplx") == ["dead"]
    return code


def licence(town: Town, code: str, name: str) -> None:
    """Let the clerk key the class of a licence."""
    town.edit(code, details={**town.dossier(code)["details"], "licence_class": name})


def wait(town: Town, seconds: float, turn: Callable[[], None] | None = None) -> None:
    """Let time pass, the watch looking on and the office at work."""
    town.clock.forward(seconds)
    town.round()
    (turn or (lambda: None))()
    look(town)


def test_an_alert_is_told_when_it_opens_and_when_it_is_over(tmp_path: Path) -> None:
    """A refusal nobody mends for a day is told to both, each in its language, and so is its end.

    In between nothing is said, however often it is looked at, and a restart changes nothing.
    """
    with watched(tmp_path) as (town, hook, room):
        look(town)
        code = refused(town)
        wait(town, 20 * HOUR)
        assert (hook.taken, room.raw) == ([], [])
        wait(town, 5 * HOUR)
        assert hook.told == [("opening", "dead", "gplx")]
        [opening] = hook.taken
        assert opening["count"] == 1
        assert opening["severity"] == "warning"
        assert "dead letters wait for a person (1), the oldest for 1 d 1 h" in opening["text"]
        assert hook.tokens == ["Bearer bi-mat"]
        [mail] = room.mails
        assert mail["To"] == "truc@example.vn"
        assert "chờ người xử lý" in room.texts[0]
        town.restart()
        for _ in range(3):
            wait(town, HOUR)
        assert (len(hook.taken), len(room.raw)) == (1, 1)
        licence(town, code, "A1")
        wait(town, 60)
        assert hook.told[1:] == [("closing", "dead", "gplx")]
        assert len(room.raw) == 2
        assert "Đã hết" in room.texts[1]
        every = [*map(str, hook.taken), *room.texts]
        assert not any("XE MÁY" in one or code in one for one in every)


def test_a_warning_of_the_night_waits_and_is_not_told_if_it_is_over(tmp_path: Path) -> None:
    """In the quiet time nothing is told of a warning; mended by the morning, nothing ever is."""
    with watched(tmp_path, quiet="00:00-23:59") as (town, hook, room):
        look(town)
        code = refused(town)
        wait(town, 25 * HOUR)
        with town.house.store.read() as unit:
            assert len(unit.alerts.open()) == 1
        assert (hook.taken, room.raw) == ([], [])
        licence(town, code, "A1")
        wait(town, 60)
        with town.house.store.read() as unit:
            assert unit.alerts.open() == []
        wait(town, DAY)
        assert (hook.taken, room.raw) == ([], [])


def test_what_is_critical_is_told_at_night(tmp_path: Path) -> None:
    """A system whose login is refused for an hour: told at once, quiet time or not."""
    with watched(tmp_path, quiet="00:00-23:59") as (town, hook, _):
        look(town)
        town.ministries["gplx"].faults.always(Fault.EXPIRED_SESSION)
        town.round()
        wait(town, 2 * HOUR)
        assert hook.told == [("opening", "closed", "gplx")]
        town.ministries["gplx"].faults.clear()
        wait(town, HOUR)
        wait(town, 60)
        assert ("closing", "closed", "gplx") in hook.told


def test_a_receiver_that_is_away_is_told_later_and_keeps_nobody(tmp_path: Path) -> None:
    """It is tried again, later each time, and is said; the other is told at once."""
    with watched(tmp_path) as (town, hook, room):
        daemon = Daemon(town.house, watch=replace(town.opened.watch, folders={}))
        look(town)
        refused(town)
        hook.status = 503
        town.clock.forward(25 * HOUR)
        town.round()
        daemon.watch()
        with capture_logs() as lines:
            daemon.tell()
            daemon.tell()
        [line] = [one for one in lines if one["event"] == "does not work"]
        assert line["job"] == "tell chat"
        with town.house.store.read() as unit:
            [state] = unit.alerts.receivers()
        assert (state.name, state.waiting, state.attempts) == ("chat", 1, 1)
        assert "503" in (state.trouble or "")
        assert (len(hook.taken), len(room.raw)) == (0, 1)
        hook.status = 204
        town.clock.forward(60)
        with capture_logs() as lines:
            daemon.tell()
        assert [one["event"] for one in lines] == ["works again"]
        assert (len(hook.taken), len(room.raw)) == (1, 1)


def test_a_lost_answer_repeats_once_with_the_same_key(tmp_path: Path) -> None:
    """Taken, and the answer lost: sent once more, and whoever reads the key knows it."""
    with watched(tmp_path) as (town, hook, room):
        look(town)
        refused(town)
        hook.loses = room.loses = 1
        for seconds in (25 * HOUR, 60, HOUR):
            wait(town, seconds)
        first, second = hook.taken
        assert first == second
        assert len(room.mails) == 2
        assert len({one["Message-ID"] for one in room.mails}) == 1


def test_two_processes_tell_once(tmp_path: Path) -> None:
    """Two that look at the same store open one alert and send one message."""
    with watched(tmp_path) as (town, hook, _):
        look(town)
        refused(town)
        wait(town, 25 * HOUR)
        first = town.opened
        town.opened = town._open()
        look(town)
        assert len(hook.taken) == 1
        first.close()


def test_the_one_stop_database_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not reached for five minutes: critical; reached again: over."""

    def away(_: object) -> list[str]:
        raise OneStopFault(Said("away"), transient=True)

    with watched(tmp_path) as (town, hook, _):
        look(town)
        with monkeypatch.context() as patched:
            patched.setattr(town.house.onestop, "present", away)
            for _ in range(6):
                town.clock.forward(60)
                look(town)
        assert hook.told == [("opening", "onestop", "onestop")]
        look(town)
        assert hook.told[1:] == [("closing", "onestop", "onestop")]


def test_a_feed_that_can_t_be_read(tmp_path: Path) -> None:
    """A page for people instead of changes, for hours: critical, though deliveries are taken."""
    with watched(tmp_path) as (town, hook, _):
        town.round()
        look(town)
        town.ministries["gplx"].faults.always(Fault.HTML_200, operation="DanhSachThayDoi")
        for _ in range(3):
            town.key(GPLX, n=3)
            wait(town, HOUR)
        assert hook.told == [("opening", "feed", "gplx")]
        town.ministries["gplx"].faults.clear()
        wait(town, 60)
        assert hook.told[1:] == [("closing", "feed", "gplx")]


def test_what_is_lost_is_found(tmp_path: Path) -> None:
    """Everything posted is in some state; one that vanishes from the outbox is critical at once."""
    with watched(tmp_path) as (town, hook, _):
        town.key(GPLX, n=2)
        town.settle(2)
        look(town)
        assert hook.taken == []
        with town.house.store.write("vandal") as unit:
            unit.connection.exec_driver_sql("DELETE FROM delivery WHERE id = 1")
        look(town)
        assert hook.told == [("opening", "unaccounted", "gplx")]
        assert hook.taken[0]["severity"] == "critical"


def test_a_system_a_person_paused_is_not_forgotten(tmp_path: Path) -> None:
    """Paused for a day: told once; what waits meanwhile is no alert of its own."""
    with watched(tmp_path) as (town, hook, _):
        look(town)
        with town.house.store.write("pause") as unit:
            unit.systems.set("gplx", state="paused", reason="họp", since=unit.now)
        town.key(GPLX)
        assert not brake.look(town.house, town.house.ministries["gplx"]).open
        for _ in range(5):
            wait(town, 6 * HOUR)
        assert hook.told == [("opening", "paused", "gplx")]
