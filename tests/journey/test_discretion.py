from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import structlog
from sqlalchemy import create_engine

from bridge.daemon import Daemon
from bridge.domain.reconcile import NotSeen
from bridge.engine import reconcile
from bridge.engine.watch import alarm, digest
from bridge.logs import configure_daemon, journalled
from bridge.metrics import Metrics
from bridge.sdk.errors import Rejected
from bridge.sdk.rehearsal import Fault
from tests.discretion import leaks_of_run, people_of, words_of
from tests.journey.test_alerts import DAY, told
from tests.journey.test_reconcile import lose
from tests.journey.town import GPLX, HOTICH, LLTP, PROCEDURES, YTE, Town
from tests.receivers import Hook, MailRoom

SYSTEMS = tuple(PROCEDURES)
SPOILT = (Fault.LOST_ANSWER, Fault.ERROR_500, Fault.HTML_200, Fault.TRUNCATED, Fault.WRONG_SCHEMA)


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def records(town: Town) -> Iterator[dict[str, Any]]:
    for ministry in town.ministries.values():
        yield from map(dict, ministry.records())


def quoting(town: Town) -> None:
    """Let gplx refuse what it is sent from now on, and quote the citizen in its words."""
    adapter: Any = town.house.ministries["gplx"].adapter

    def picky(commands: Any) -> Any:
        people = [one.body["NguoiNop"] for one in commands]
        return [
            Rejected("HS01", "NguoiNop/HoTen", f"Ông {who['HoTen']} ({who['SoGiayTo']}) bị trùng")
            for who in people
        ]

    adapter.submit = picky


def a_bad_day(town: Town) -> None:
    """Let every ministry have its faults, and clerks key what is refused, unreadable, in question."""
    codes = [town.key(one) for one in (GPLX, YTE, LLTP, HOTICH)]
    for fault in SPOILT:
        for name in SYSTEMS:
            town.ministries[name].faults.next(fault)
        town.key(GPLX)
        town.settle(1)
        town.clock.forward(600)
    name = town.dossier(codes[0])["applicant_name"]
    wrong = {**town.dossier(codes[0])["details"], "licence_class": f"hạng của {name}"}
    town.edit(codes[0], details=wrong)
    town.edit(codes[1], applicant_birth_date=f"sinh của {name}")
    town.edit(codes[2], applicant_email=f"{name} không có")
    town.key(GPLX, procedure_code=HOTICH, applicant_sex=f"{name}")
    town.ministries["gplx"].file_own(2)
    town.ministries["hotich"].file_own(2)
    town.settle(3)
    town.ministries["lltp"].down()
    quoting(town)
    town.key(GPLX, n=2)
    town.clock.forward(DAY)
    town.settle(2)


def test_nothing_of_a_citizen_leaves_a_run(tmp_path: Path) -> None:
    """Logs, journal, metrics, alerts, mails, notices, errors of a whole bad day: nobody is named.

    Looked for is every name, number, phone and mail address there is on either side, in NFC, NFD,
    without accents and escaped.
    """
    log = io.StringIO()
    configure_daemon(log)
    (tmp_path / "chat.token").write_text("bi-mat\n", encoding="utf-8")
    with Hook() as hook, MailRoom() as room:
        alerts = told(hook, room) + '\nother = "motcua@example.vn"'
        with Town(tmp_path, SYSTEMS, extra={"alerts": alerts}) as town:
            town.restart(on_journal=journalled)
            daemon = Daemon(town.house)  # not started: its guard says what fails
            watch = replace(town.opened.watch, folders={})
            alarm.look(town.house, watch)
            daemon.guarded("a bad day", lambda: a_bad_day(town))
            town.clock.forward(2 * DAY)
            daemon.guarded("watch", lambda: alarm.look(town.house, watch))
            digest.make(town.house, watch, at_once=True)
            alarm.tell(town.house, watch)
            measured = Metrics(town.house).exposition().decode()
            held = list(records(town))
            onestop = create_engine(town.onestop_url)
            people = people_of(onestop, held)
            onestop.dispose()
        store = create_engine(town.store_url)
        kept = list(words_of(store))
        store.dispose()
    lines = log.getvalue().splitlines()
    said = [json.dumps(one, ensure_ascii=False) for one in hook.taken]
    assert "a bad day" not in log.getvalue()
    assert len(people) > 20
    assert any('"event": "dead"' in one for one in lines)
    assert said
    assert sum("Ông ••• (•••) bị trùng" in one for one in kept) >= 2
    assert any("hồ sơ cần xử lý" in one for one in room.texts)
    told_of = [*lines, *said, *room.texts, measured]
    assert leaks_of_run(town.onestop_url, town.store_url, told_of, held) == []


def test_what_a_ministry_answers_a_comparison_names_nobody(tmp_path: Path) -> None:
    """Asked for a dossier it no longer lists, it quotes the citizen: the finding does not."""
    with Town(tmp_path, ("gplx",)) as town:
        code = town.key(GPLX)
        town.settle(3)
        town.clock.forward(3600)
        name = town.dossier(code)["applicant_name"]
        lose(town, code)
        adapter: Any = town.house.ministries["gplx"].adapter

        def picky(_ref: str) -> Any:
            raise Rejected("HS01", None, f"Hồ sơ của {name} đã bị khóa")

        adapter.fetch = picky
        today = reconcile.today(town.house)
        terms = reconcile.Terms(today - timedelta(days=9), today)
        (only,) = reconcile.sweep(town.house, town.house.ministries["gplx"], terms)
        assert isinstance(only.finding, NotSeen)
        assert "đã bị khóa" in only.finding.reason
        assert name not in only.finding.reason
