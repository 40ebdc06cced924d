from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bridge.engine.watch import alarm, certificates
from bridge.metrics import Metrics
from bridge.sdk.certificates import CertificateFound
from bridge.sdk.rehearsal import Fault
from tests.journey.test_alerts import DAY, watched
from tests.journey.town import GPLX, Town
from tests.receivers import MailRoom
from tests.unit.sdk.tls import Authority, https_server


def measured(town: Town) -> dict[str, float]:
    """Return what a monitor reads now, each sample by its name and labels."""
    lines = Metrics(town.house).exposition().decode().splitlines()
    pairs = (line.rsplit(" ", 1) for line in lines if not line.startswith("#"))
    return {name.removeprefix("dossier_bridge_"): float(value) for name, value in pairs}


def test_what_a_monitor_reads(tmp_path: Path) -> None:
    """Sums, ages by state, the brake in words, what happened as counters; nothing is lost."""
    with watched(tmp_path) as (town, _, _):
        town.key(GPLX, n=2)
        town.settle(2)
        town.ministries["gplx"].faults.next(Fault.PAGE_503, operation="NopHoSo")
        town.key(GPLX)
        town.front()
        town.clock.forward(100)
        town.deliver("gplx")
        seen = measured(town)
        assert seen['unaccounted{system="gplx"}'] == 0
        assert seen['posted{system="gplx"}'] == 3
        assert seen['deliveries{state="confirmed",system="gplx"}'] == 2
        assert seen['deliveries{state="held",system="gplx"}'] == 1
        assert 100 <= seen['oldest_seconds{state="held",system="gplx"}'] < 200
        assert seen['system_state{state="maintenance",system="gplx"}'] == 1
        assert seen['system_state{state="running",system="gplx"}'] == 0
        assert seen['system_up{system="gplx"}'] == 0
        assert seen['events_total{event="confirmed",system="gplx"}'] == 2
        alarm.count(town.house)
        assert measured(town)['events_total{event="confirmed",system="gplx"}'] == 2
        with town.house.store.write("vandal") as unit:
            unit.connection.exec_driver_sql("DELETE FROM delivery WHERE id = 1")
        assert measured(town)['unaccounted{system="gplx"}'] == 1


def test_an_answer_serves_for_a_few_seconds(tmp_path: Path) -> None:
    """Whoever asks again at once is told the same; a little later it is counted anew."""
    with watched(tmp_path) as (town, _, _):
        metrics = Metrics(town.house)
        before = metrics.exposition()
        town.key(GPLX)
        town.front()
        assert metrics.exposition() == before
        town.clock.forward(6)
        assert metrics.exposition() != before


def test_certificates_of_servers_that_are_no_ministry_s_are_watched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The mail server's, a webhook's, that of the address ministries fetch from: told like others.

    Which is said by the setting that names it; of a webhook's address, host and port. One whose
    setting is gone is let go.
    """
    authority = Authority.made(tmp_path)
    pair = authority.pair("ours", days=5)
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    with MailRoom("starttls", pair.shown()) as room, https_server(pair) as address:
        place = address.removeprefix("https://")
        alerts = ["[alerts.receivers.chat]", f'webhook = "{address}/hooks/a-secret-path"']
        alerts += ["[mail]", 'host = "127.0.0.1"', f"port = {room.port}"]
        alerts += ['sender = "caunoi@example.vn"', f'ca_file = "{authority.file.name}"']
        extra = {
            "alerts": "\n".join(alerts),
            "console": f'[console]\npublic_url = "{address}"',
        }
        with Town(tmp_path, ("gplx",), extra=extra) as town:
            assert certificates.look(town.house, town.opened.watch) == 4
            alarm.look(town.house, replace(town.opened.watch, folders={}))
            with town.house.store.read() as unit:
                opened = {one.subject: one.stage for one in unit.alerts.open()}
            assert opened == {
                f"alerts.receivers.chat {place}": 2,
                f"mail.host 127.0.0.1:{room.port}": 2,
                f"console.public_url {place}": 2,
            }
            rest = {"mail.host": town.opened.watch.certificates["mail.host"]}
            alarm.tidy(town.house, replace(town.opened.watch, certificates=rest))
            with town.house.store.read() as unit:
                assert {one.system for one in unit.watched.certificates()} == {"mail.host"}


def test_certificates_are_looked_at_once_a_day(tmp_path: Path) -> None:
    """Found, measured, told 30 days ahead; one that can't be read keeps its end, and is asked anew.

    A renewed one is found within a day, and the alert is over.
    """
    with watched(tmp_path) as (town, hook, _):
        ends = [town.clock() + timedelta(days=20)]
        asked: list[int] = []

        def look() -> list[CertificateFound]:
            asked.append(1)
            end = ends[-1]
            return [CertificateFound("gplx.example.vn", end, None if end else "refused")]

        watch = replace(town.opened.watch, folders={}, certificates={"gplx": look})

        def turn(seconds: float) -> None:
            town.clock.forward(seconds)
            town.round()
            certificates.look(town.house, watch)
            alarm.look(town.house, watch)
            alarm.tell(town.house, watch)

        turn(0)
        turn(600)
        assert len(asked) == 1
        label = 'certificate_days_left{place="gplx.example.vn",system="gplx"}'
        assert 19 < measured(town)[label] < 20
        assert hook.told == [("opening", "certificate", "gplx gplx.example.vn")]
        assert measured(town)['alerts_open{matter="certificate",severity="warning"}'] == 1
        ends.append(None)  # type: ignore[arg-type]
        turn(DAY)
        turn(3601)
        assert len(asked) == 3
        assert len(hook.told) == 1
        ends.append(town.clock() + timedelta(days=365))
        turn(3601)
        assert hook.told[1:] == [("closing", "certificate", "gplx gplx.example.vn")]
