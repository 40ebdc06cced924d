"""What ``check`` looks at of every system behind HTTP: address, certificate, login and clock."""

from __future__ import annotations

from collections.abc import Callable, Collection, Generator, Iterator
from datetime import datetime, timedelta

from bridge.domain.said import Said
from bridge.sdk.adapter import AdapterContext
from bridge.sdk.errors import AdapterError, AuthFailed, Retryable
from bridge.sdk.gateway import GatewayOptions
from bridge.sdk.http import HttpOptions, Reply, clock_difference
from bridge.sdk.records import Check
from bridge.sdk.trust import certificate_end

__all__ = ["gateway_findings", "holds_until", "server_findings", "wsdl_findings"]

MOST_APART = timedelta(minutes=5)
"""How far two clocks may differ before times in dossiers can't be believed."""

WARNED_BEFORE = timedelta(days=14)
"""How long before its end a certificate is a finding."""


def server_findings(
    login: Callable[[], Reply],
    address: str,
    options: HttpOptions,
    context: AdapterContext,
    *,
    also: Collection[str] = (),
) -> Generator[Check, None, bool]:
    """Yield the findings of a server that ``login`` is made at; return whether it let us in.

    ``also`` are other addresses whose certificates are looked at. What needs an answer is left out
    when there is none. Never raises.
    """
    try:
        reply = login()
    except AdapterError as error:
        yield from _failed(error, address)
        return False
    now = context.now()
    yield Check("address", ok=True, detail=address)
    for each in dict.fromkeys((address, *also)):
        if each.startswith("https:"):
            yield _certificate(each, options, context, now)
    yield Check("login", ok=True, detail=Said("login accepted"))
    yield _clock(reply, now)
    return True


def gateway_findings(
    login: Callable[[], Reply],
    ask: Callable[[], object],
    options: GatewayOptions,
    context: AdapterContext,
) -> Iterator[Check]:
    """Yield the findings of a gateway, and whether the ministry behind it answers ``ask``.

    The gateway may let us in while the ministry is away. Never raises.
    """
    places = (options.token_url, options.base_url)
    let_in = yield from server_findings(login, places[0], options, context, also=places)
    if let_in:
        yield _service(options.base_url, ask)


def wsdl_findings(
    operations: Callable[[], Collection[str]], wanted: Collection[str]
) -> Generator[Check, None, bool]:
    """Yield whether a WSDL has the ``wanted`` operations; return whether it can be used at all."""
    try:
        missing = sorted(set(wanted) - set(operations()))
    except AdapterError as error:
        yield Check("wsdl", ok=False, detail=error.reason)
        return False
    lacks = Said("lacks {names}", names=", ".join(missing))
    whole = Said("{count} operations", count=len(wanted))
    yield Check("wsdl", not missing, lacks if missing else whole)
    return True


def _service(address: str, ask: Callable[[], object]) -> Check:
    try:
        ask()
    except AdapterError as error:
        return Check("service", ok=False, detail=error.reason)
    return Check("service", ok=True, detail=address)


def _failed(error: AdapterError, address: str) -> Generator[Check, None, None]:
    if isinstance(error, Retryable) and error.unreachable:
        yield Check("address", ok=False, detail=error.reason)
        return
    yield Check("address", ok=True, detail=address)
    untried = Said("not tried: {reason}", reason=error.reason)
    detail = error.reason if isinstance(error, AuthFailed) else untried
    yield Check("login", ok=False, detail=detail)


def _certificate(
    address: str, options: HttpOptions, context: AdapterContext, now: datetime
) -> Check:
    try:
        end = certificate_end(address, options, context)
    except AdapterError as error:
        return Check("certificate", ok=False, detail=error.reason)
    if end is None:
        return Check("certificate", ok=False, detail=Said("not checked: verify = false"))
    return holds_until("certificate", end, now)


def holds_until(name: str, end: datetime, now: datetime) -> Check:
    """Return how long a certificate holds: not well once it ends within two weeks."""
    holds = Said("holds until {day}", day=f"{end:%Y-%m-%d}")
    return Check(name, end - now > WARNED_BEFORE, holds)


def _clock(reply: Reply, now: datetime) -> Check:
    apart = clock_difference(reply, now)
    if apart is None:
        return Check("clock", ok=True, detail=Said("the answer carries no Date"))
    seconds = f"{round(apart.total_seconds()):+d}"
    return Check("clock", abs(apart) <= MOST_APART, Said("{seconds} s from ours", seconds=seconds))
