"""``check`` says of the service what an administrator must know, and never raises; the plug-in."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from pydantic import ValidationError

from adapters.hotich import plugin
from adapters.hotich.adapter import HotichAdapter
from adapters.hotich.options import HotichOptions
from bridge.sdk.adapter import Adapter, AdapterContext
from bridge.sdk.records import Check
from bridge.sdk.rehearsal import Fault
from tests.contract.hotich_bench import Bench, built
from tests.unit.sdk.tls import Authority, https_server

ANSWER = orjson.dumps({"access_token": "x", "expires_in": 3600, "status": 1, "value": "[]"})


@pytest.fixture
def bench() -> Iterator[Bench]:
    made = Bench()
    yield made
    made.close()


def found(adapter: HotichAdapter) -> dict[str, Check]:
    """Return the findings by name, and close the adapter."""
    findings = {one.name: one for one in adapter.check()}
    adapter.close()
    return findings


def at(now: datetime, options: dict[str, Any], folder: Path = Path()) -> HotichAdapter:
    """Return an adapter whose clock stands at ``now``."""
    insecure = options.get("verify") is False
    context = AdapterContext("hotich", folder, 5.0, 4, lambda: now, allow_insecure=insecure)
    return HotichAdapter(HotichOptions.model_validate(options), context)


def over_tls(address: str, **other: Any) -> dict[str, Any]:
    """Return options for a server that gives tokens and answers under one address."""
    return {
        "base_url": address,
        "token_url": f"{address}/token",
        "client_id": "a",
        "client_secret": "b",
        "agency": 36,
        **other,
    }


def test_a_good_service_is_told_as_good(bench: Bench) -> None:
    """Address, login, clock and service; over plain http there is no certificate to look at."""
    findings = found(at(datetime.now(UTC), bench.options))
    assert list(findings) == ["address", "login", "clock", "service"]
    assert all(one.ok for one in findings.values())
    assert findings["address"].detail == f"{bench.ministry.address}/token"
    assert findings["service"].detail == f"{bench.ministry.address}/apiHoTichTuPhap"
    assert bench.ministry.asked("danhMuc") == [{"loaiDanhMuc": 5}]


@pytest.mark.parametrize(("minutes", "ok"), [(4, True), (-4, True), (6, False), (-6, False)])
def test_a_clock_more_than_five_minutes_off_is_not_well(
    bench: Bench, minutes: int, ok: bool
) -> None:
    """The Date of the answer is held against the engine's clock, both ways."""
    clock = found(at(datetime.now(UTC) - timedelta(minutes=minutes), bench.options))["clock"]
    assert clock.ok is ok
    assert abs(int(clock.detail.split()[0]) - minutes * 60) <= 30


def test_a_gateway_that_is_gone_is_an_address_that_is_not_well(bench: Bench) -> None:
    """Where nobody answers the login is not blamed."""
    bench.ministry.down()
    findings = found(bench.adapter)
    assert list(findings) == ["address"]
    assert not findings["address"].ok
    assert "connection refused" in findings["address"].detail


def test_a_refused_login_is_told_apart_from_one_that_was_not_tried(bench: Bench) -> None:
    """The address is well in both; only a no of the gateway is a refusal."""
    findings = found(built({**bench.options, "client_secret": "sai"}))
    assert [(one.name, one.ok) for one in findings.values()] == [
        ("address", True), ("login", False),
    ]  # fmt: skip
    assert "no token" in findings["login"].detail
    bench.ministry.faults.next(Fault.ERROR_502, operation="token")
    assert found(bench.adapter)["login"].detail == "not tried: HTTP 502"


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ({"status": 0, "errorCode": "101"}, "does not allow our address (101)"),
        ({"status": 0, "errorCode": "302"}, "the question was refused (302)"),
        ({"khong": "phai"}, "no status"),
    ],
)
def test_a_service_that_keeps_us_out_is_told(bench: Bench, answer: Any, told: str) -> None:
    """The gateway lets us in and the ministry behind it does not: login well, service not."""
    bench.ministry.says("danhMuc", answer)
    findings = found(at(datetime.now(UTC), bench.options))
    assert findings["login"].ok
    assert not findings["service"].ok
    assert told in findings["service"].detail


@pytest.mark.parametrize(("days", "ok"), [(30, True), (10, False)])
def test_a_certificate_about_to_end_is_told_in_time(tmp_path: Path, days: int, ok: bool) -> None:
    """Two weeks before it ends the certificate is not well any more; the day is named."""
    authority = Authority.made(tmp_path)
    with https_server(authority.pair("lgsp", days=days), answer=ANSWER) as address:
        findings = found(at(datetime.now(UTC), over_tls(address, ca_file=authority.file)))
    end = datetime.now(UTC) + timedelta(days=days)
    assert findings["certificate"].ok is ok
    assert findings["certificate"].detail == f"holds until {end:%Y-%m-%d}"
    assert findings["service"].ok


def test_a_certificate_nobody_checks_is_not_well(tmp_path: Path) -> None:
    """With ``verify = false`` the service may be spoken to, but check fails."""
    authority = Authority.made(tmp_path)
    with https_server(authority.pair("lgsp"), answer=ANSWER) as address:
        findings = found(at(datetime.now(UTC), over_tls(address, verify=False), tmp_path))
    assert findings["login"].ok
    assert findings["certificate"] == Check("certificate", False, "not checked: verify = false")


# -- the plug-in


def test_what_it_can_do_is_declared(bench: Bench) -> None:
    """The declaration holds together, and the adapter is one."""
    plugin.capabilities.verify(plugin.name)
    can = plugin.capabilities
    assert (can.feed, can.submit, can.confirms, can.batch) == ("since", "idempotent", "in_reply", 1)
    assert (can.probes, can.lists, can.supplements, can.steps) == (True, True, True, False)
    assert isinstance(bench.adapter, Adapter)
    assert bench.adapter.confirm([]) == []


@pytest.mark.parametrize(
    "change",
    [
        {"agency": 0},
        {"agency": "H40"},
        {"client_id": ""},
        {"base_url": ""},
        {"token_url": ""},
        {"first_day": "1999-12-31"},
        {"first_day": "hôm qua"},
        {"agenci": 36},
    ],
)
def test_options_that_make_no_sense_are_refused(bench: Bench, change: dict[str, object]) -> None:
    """A unit that is no number, an empty word or an unknown key ends at the configuration."""
    with pytest.raises(ValidationError):
        HotichOptions.model_validate({**bench.options, **change})


def test_the_unit_may_be_written_as_text(bench: Bench) -> None:
    """From the environment it comes as text; on the wire it is a number all the same."""
    options = HotichOptions.model_validate({**bench.options, "agency": "3613669"})
    assert options.agency == 3613669
