"""``check`` says of the ministry what an administrator must know, and never raises."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson
import pytest
from pydantic import ValidationError

from adapters.lltp import plugin
from adapters.lltp.adapter import LltpAdapter
from adapters.lltp.options import LltpOptions
from bridge.sdk.adapter import Adapter, AdapterContext
from bridge.sdk.records import Check
from bridge.sdk.rehearsal import Fault
from tests.contract.lltp_bench import Bench, Ministry, built, error, rows
from tests.unit.sdk.tls import Authority, https_server

LISTS = "traDanhMuc"
BOTH = orjson.dumps({"access_token": "x", "expires_in": 60, **rows({"ID": "1", "NAME": "x"})})


@pytest.fixture
def bench() -> Iterator[Bench]:
    with Ministry() as ministry:
        made = Bench(ministry)
        yield made
        made.close()


def found(adapter: LltpAdapter) -> dict[str, Check]:
    """Return the findings by name, and close the adapter."""
    findings = {one.name: one for one in adapter.check()}
    adapter.close()
    return findings


def at(now: datetime, options: dict[str, object]) -> LltpAdapter:
    """Return an adapter whose clock stands at ``now``."""
    return built(options, lambda: now)


def test_a_good_ministry_is_told_as_good(bench: Bench) -> None:
    """Address, login, clock and service are well; over plain http there is no certificate."""
    findings = found(at(datetime.now(UTC), bench.options))
    assert list(findings) == ["address", "login", "clock", "service"]
    assert all(one.ok for one in findings.values())
    assert findings["address"].detail == f"{bench.ministry.address}/token"
    assert findings["service"].detail == bench.ministry.address


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


def test_a_refused_login_is_told_apart_from_one_that_was_not_tried(bench: Bench) -> None:
    """The address is well in both; only a no of the gateway is a refusal."""
    findings = found(built({**bench.options, "client_secret": "sai"}, bench.clock))
    assert [(one.name, one.ok) for one in findings.values()] == [
        ("address", True), ("login", False),
    ]  # fmt: skip
    assert "gives no token" in findings["login"].detail
    bench.ministry.faults.next(Fault.ERROR_502, operation="token")
    assert found(bench.adapter)["login"].detail == "not tried: HTTP 502"


@pytest.mark.parametrize(
    ("answer", "detail"),
    [
        (error("101"), "the ministry does not let our address in (101)"),
        (error("500"), "the ministry answers 500"),
        (b"<html>", "expected JSON"),
    ],
)
def test_a_ministry_behind_a_good_gateway_may_be_sick(
    bench: Bench, answer: dict[str, object] | bytes, detail: str
) -> None:
    """The login is well, the service is not, and why."""
    bench.ministry.says(LISTS, answer)
    findings = found(bench.adapter)
    assert findings["login"].ok
    assert not findings["service"].ok
    assert findings["service"].detail.startswith(detail)


@pytest.mark.parametrize(("days", "ok"), [(30, True), (10, False)])
def test_a_certificate_about_to_end_is_told_in_time(tmp_path: Path, days: int, ok: bool) -> None:
    """Two weeks before it ends the certificate is not well any more; the day is named."""
    authority = Authority.made(tmp_path)
    with https_server(authority.pair("gateway", days=days), answer=BOTH) as address:
        findings = found(at(datetime.now(UTC), {**served(address), "ca_file": authority.file}))
    end = datetime.now(UTC) + timedelta(days=days)
    assert findings["certificate"].ok is ok
    assert findings["certificate"].detail == f"holds until {end:%Y-%m-%d}"


def test_a_certificate_nobody_checks_is_not_well(tmp_path: Path) -> None:
    """With ``verify = false`` the gateway may be spoken to, but check fails."""
    authority = Authority.made(tmp_path)
    context = AdapterContext("lltp", tmp_path, 5.0, 4, lambda: datetime.now(UTC), True)
    with https_server(authority.pair("gateway"), answer=BOTH) as address:
        options = LltpOptions.model_validate({**served(address), "verify": False})
        findings = found(LltpAdapter(options, context))
    assert findings["login"].ok
    assert findings["certificate"] == Check("certificate", False, "not checked: verify = false")


def served(address: str) -> dict[str, object]:
    return {
        "base_url": address,
        "token_url": f"{address}/token",
        "client_id": "c",
        "client_secret": "s",
        "agency": "a",
    }


# -- the plug-in


def test_what_it_can_do_is_declared(bench: Bench) -> None:
    """The declaration holds together: a list that is acknowledged, and no corrections."""
    plugin.capabilities.verify(plugin.name)
    can = bench.adapter.capabilities
    assert (can.feed, can.submit, can.confirms) == ("acknowledge", "duplicate_refused", "in_reply")
    assert (can.updates, can.supplements, can.steps, can.lists) == (False, False, False, False)
    assert can.probes
    assert isinstance(bench.adapter, Adapter)


@pytest.mark.parametrize(
    "change", [{"agency": ""}, {"base_url": ""}, {"client_id": ""}, {"agenci": "x"}]
)
def test_options_that_make_no_sense_are_refused(bench: Bench, change: dict[str, object]) -> None:
    """An empty word or an unknown key ends at the configuration."""
    with pytest.raises(ValidationError):
        LltpOptions.model_validate({**bench.options, **change})
