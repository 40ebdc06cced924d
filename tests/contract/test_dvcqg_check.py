"""``check`` says of the portal what an administrator must know, and never raises."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson
import pytest
from pydantic import ValidationError

from adapters.dvcqg import plugin
from adapters.dvcqg.adapter import DvcqgAdapter
from adapters.dvcqg.options import DvcqgOptions
from bridge.sdk.adapter import Adapter, AdapterContext
from bridge.sdk.records import Check
from bridge.sdk.rehearsal import Fault
from tests.contract.dvcqg_bench import Bench, Portal, built
from tests.unit.sdk.tls import Authority, https_server

LOGGED_IN = orjson.dumps({"session": "x", "error_code": 0})


@pytest.fixture
def bench() -> Iterator[Bench]:
    with Portal() as portal:
        made = Bench(portal)
        yield made
        made.close()


def found(adapter: DvcqgAdapter) -> dict[str, Check]:
    """Return the findings by name, and close the adapter."""
    findings = {one.name: one for one in adapter.check()}
    adapter.close()
    return findings


def at(now: datetime, options: dict[str, object]) -> DvcqgAdapter:
    """Return an adapter whose clock stands at ``now``."""
    context = AdapterContext("dvcqg", Path(), 5.0, 4, lambda: now)
    return DvcqgAdapter(DvcqgOptions.model_validate(options), context)


def test_a_good_portal_is_told_as_good(bench: Bench) -> None:
    """Address, login and clock are well; over plain http there is no certificate to look at."""
    findings = found(at(datetime.now(UTC), bench.options))
    assert list(findings) == ["address", "login", "clock"]
    assert all(one.ok for one in findings.values())
    assert findings["address"].detail == bench.portal.address


@pytest.mark.parametrize(("minutes", "ok"), [(4, True), (-4, True), (6, False), (-6, False)])
def test_a_clock_more_than_five_minutes_off_is_not_well(
    bench: Bench, minutes: int, ok: bool
) -> None:
    """The Date of the answer is held against the engine's clock, both ways."""
    clock = found(at(datetime.now(UTC) - timedelta(minutes=minutes), bench.options))["clock"]
    assert clock.ok is ok
    assert abs(int(clock.detail.split()[0]) - minutes * 60) <= 30


def test_a_portal_that_is_gone_is_an_address_that_is_not_well(bench: Bench) -> None:
    """Where nobody answers the login is not blamed."""
    bench.portal.down()
    findings = found(bench.adapter)
    assert list(findings) == ["address"]
    assert not findings["address"].ok
    assert "connection refused" in findings["address"].detail


def test_a_refused_login_is_told_apart_from_one_that_was_not_tried(bench: Bench) -> None:
    """The address is well in both; only a no of the portal is a refusal."""
    findings = found(built({**bench.options, "password": "sai"}))
    assert [(one.name, one.ok) for one in findings.values()] == [
        ("address", True), ("login", False),
    ]  # fmt: skip
    assert "refuses" in findings["login"].detail
    bench.portal.faults.next(Fault.ERROR_502, operation="login")
    assert found(bench.adapter)["login"].detail == "not tried: HTTP 502"


def test_a_login_page_is_a_login_that_was_not_tried(bench: Bench) -> None:
    """A page where JSON is agreed is told, not raised."""
    bench.portal.faults.next(Fault.HTML_200, operation="login")
    assert found(bench.adapter)["login"].detail.startswith(
        "not tried: expected JSON, got text/html"
    )


@pytest.mark.parametrize(("days", "ok"), [(30, True), (10, False)])
def test_a_certificate_about_to_end_is_told_in_time(tmp_path: Path, days: int, ok: bool) -> None:
    """Two weeks before it ends the certificate is not well any more; the day is named."""
    authority = Authority.made(tmp_path)
    with https_server(authority.pair("portal", days=days), answer=LOGGED_IN) as address:
        options = {
            "base_url": address,
            "username": "u",
            "password": "p",
            "agency": "a",
            "ca_file": authority.file,
        }
        findings = found(at(datetime.now(UTC), options))
    end = datetime.now(UTC) + timedelta(days=days)
    assert findings["certificate"].ok is ok
    assert findings["certificate"].detail == f"holds until {end:%Y-%m-%d}"


def test_a_certificate_nobody_checks_is_not_well(tmp_path: Path) -> None:
    """With ``verify = false`` the portal may be spoken to, but check fails."""
    authority = Authority.made(tmp_path)
    context = AdapterContext(
        "dvcqg", tmp_path, 5.0, 4, lambda: datetime.now(UTC), allow_insecure=True
    )
    with https_server(authority.pair("portal"), answer=LOGGED_IN) as address:
        options = DvcqgOptions.model_validate(
            {"base_url": address, "username": "u", "password": "p", "agency": "a", "verify": False}
        )
        findings = found(DvcqgAdapter(options, context))
    assert findings["login"].ok
    assert findings["certificate"] == Check("certificate", False, "not checked: verify = false")


# -- the plug-in


def test_what_it_can_do_is_declared(bench: Bench) -> None:
    """The declaration holds together, and the batch is the option's."""
    plugin.capabilities.verify(plugin.name)
    can = built({**bench.options, "batch_size": 7}).capabilities
    assert (can.batch, can.step_batch, can.feed, can.reads) == (7, 10, "none", False)
    assert (can.submit, can.confirms) == ("duplicate_refused", "in_reply")
    assert can.probes
    assert can.steps
    assert isinstance(bench.adapter, Adapter)


@pytest.mark.parametrize(
    "change",
    [
        {"batch_size": 0},
        {"batch_size": 51},
        {"username": ""},
        {"base_url": ""},
        {"agency": ""},
        {"dstcode_in": "body"},
        {"pasword": "x"},
    ],
)
def test_options_that_make_no_sense_are_refused(bench: Bench, change: dict[str, object]) -> None:
    """A batch beyond the portal's, an empty word or an unknown key ends at the configuration."""
    with pytest.raises(ValidationError):
        DvcqgOptions.model_validate({**bench.options, **change})
