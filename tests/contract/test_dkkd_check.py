"""What ``check`` finds of dkkd, each thing apart, and never by raising."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from adapters.dkkd import plugin
from adapters.dkkd.rehearsal import DkkdRehearsal
from bridge.sdk.adapter import AdapterContext
from bridge.sdk.rehearsal import Fault
from tests.contract.dkkd_bench import TODAY
from tests.unit.sdk.tls import Authority, https_server

NOTHING = "http://127.0.0.1:1"
TOKEN = b'{"access_token": "t", "token_type": "Bearer", "expires_in": 3600, "scope": "default"}'


@pytest.fixture
def ministry() -> Iterator[DkkdRehearsal]:
    with DkkdRehearsal() as made:
        yield made


def findings(
    ministry: DkkdRehearsal,
    *,
    apart: timedelta = timedelta(),
    insecure: bool = False,
    **changes: Any,
) -> dict[str, tuple[bool, str]]:
    """Return the findings of a check by name."""
    options = {**ministry.options(), **ministry.secrets(), **changes}
    context = AdapterContext("dkkd", Path(), 5.0, 4, lambda: datetime.now(UTC) + apart, insecure)
    adapter = plugin.build(plugin.options.model_validate(options), context)
    found = {one.name: (one.ok, one.detail) for one in adapter.check()}
    adapter.close()
    return found


def test_all_is_well(ministry: DkkdRehearsal) -> None:
    """Address, login, clock, and the ministry behind the gateway."""
    found = findings(ministry)
    assert list(found) == ["address", "login", "clock", "service"]
    assert all(ok for ok, _ in found.values())
    assert found["service"] == (True, ministry.address)


def test_a_wrong_secret_is_a_refused_login(ministry: DkkdRehearsal) -> None:
    """The address is well, the login is not, and the secret is not told."""
    found = findings(ministry, client_secret="sai-hoan-toan")
    assert [name for name, (ok, _) in found.items() if ok] == ["address"]
    assert "sai-hoan-toan" not in found["login"][1]


@pytest.mark.parametrize("fault", [Fault.ERROR_502, Fault.PAGE_503, Fault.HTML_200])
def test_a_login_that_could_not_be_tried_is_told_apart(
    ministry: DkkdRehearsal, fault: Fault
) -> None:
    """The gateway is there and gives no answer that means anything."""
    ministry.faults.next(fault, operation="token")
    found = findings(ministry)
    assert found["address"][0]
    assert found["login"][1].startswith("not tried: ")


def test_nobody_at_the_address(ministry: DkkdRehearsal) -> None:
    """One finding, with where and why."""
    found = findings(ministry, token_url=f"{NOTHING}/token")
    assert found == {"address": (False, "127.0.0.1:1: connection refused")}


def test_a_service_that_does_not_answer_is_told(ministry: DkkdRehearsal) -> None:
    """The gateway gives tokens, the ministry behind it is at another address, or answers badly."""
    found = findings(ministry, base_url=NOTHING)
    assert found["login"][0]
    assert found["service"] == (False, "127.0.0.1:1: connection refused")
    ministry.fail(TODAY)
    assert not findings(ministry)["service"][0]


@pytest.mark.parametrize(("hours", "ok"), [(0, True), (1, False), (-1, False)])
def test_the_clocks_are_compared(ministry: DkkdRehearsal, hours: int, ok: bool) -> None:
    """More than five minutes apart is a finding, either way."""
    assert findings(ministry, apart=timedelta(hours=hours))["clock"][0] is ok


@pytest.mark.parametrize(("days", "ok"), [(30, True), (10, False)])
def test_a_certificate_about_to_end_is_told_in_time(
    ministry: DkkdRehearsal, tmp_path: Path, days: int, ok: bool
) -> None:
    """Two weeks before it ends the gateway's certificate is not well any more; the day is named."""
    authority = Authority.made(tmp_path)
    with https_server(authority.pair("gateway", days=days), answer=TOKEN) as address:
        found = findings(ministry, token_url=f"{address}/token", ca_file=authority.file)
    end = datetime.now(UTC) + timedelta(days=days)
    assert found["certificate"] == (ok, f"holds until {end:%Y-%m-%d}")
    assert found["login"][0]


def test_a_certificate_nobody_vouches_for_is_found(ministry: DkkdRehearsal, tmp_path: Path) -> None:
    """A gateway whose authority is not trusted: the address says why, and nothing is sent."""
    authority = Authority.made(tmp_path)
    with https_server(authority.pair("gateway"), answer=TOKEN) as address:
        found = findings(ministry, token_url=f"{address}/token")
    assert list(found) == ["address"]
    assert "certificate is not trusted" in found["address"][1]


def test_a_certificate_nobody_checks_is_not_well(ministry: DkkdRehearsal, tmp_path: Path) -> None:
    """With ``verify = false`` the gateway may be spoken to, but check fails."""
    authority = Authority.made(tmp_path)
    with https_server(authority.pair("gateway"), answer=TOKEN) as address:
        found = findings(
            ministry, insecure=True, token_url=f"{address}/token", base_url=address, verify=False
        )
    assert found["certificate"] == (False, "not checked: verify = false")
    assert found["login"][0]
