"""What ``check`` looks at: addresses and certificates, the login, the clock, and the service."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from bridge.sdk.adapter import AdapterContext
from bridge.sdk.errors import AdapterError, AuthFailed, Retryable
from bridge.sdk.http import Reply, clock_difference
from bridge.sdk.records import Check
from bridge.sdk.trust import certificate_end

from .client import DkkdClient
from .options import DkkdOptions
from .rows import HANOI

__all__ = ["findings"]

MOST_APART = timedelta(minutes=5)
WARNED_BEFORE = timedelta(days=14)


def findings(client: DkkdClient, options: DkkdOptions, context: AdapterContext) -> Iterator[Check]:
    """Yield the findings; what needs an answer is left out when there is none. Never raises."""
    try:
        reply = client.log_in()
    except AdapterError as error:
        yield from _failed(error, options)
        return
    now = context.now()
    yield Check("address", ok=True, detail=options.token_url)
    for address in dict.fromkeys((options.token_url, options.base_url)):
        if address.startswith("https:"):
            yield _certificate(address, options, context, now)
    yield Check("login", ok=True, detail="accepted")
    yield _clock(reply, now)
    yield _service(client, options, now)


def _failed(error: AdapterError, options: DkkdOptions) -> Iterator[Check]:
    if isinstance(error, Retryable) and error.unreachable:
        yield Check("address", ok=False, detail=error.reason)
        return
    yield Check("address", ok=True, detail=options.token_url)
    refused = isinstance(error, AuthFailed)
    yield Check("login", ok=False, detail=error.reason if refused else f"not tried: {error.reason}")


def _certificate(
    address: str, options: DkkdOptions, context: AdapterContext, now: datetime
) -> Check:
    try:
        end = certificate_end(address, options, context)
    except AdapterError as error:
        return Check("certificate", ok=False, detail=error.reason)
    if end is None:
        return Check("certificate", ok=False, detail="not checked: verify = false")
    return Check("certificate", end - now > WARNED_BEFORE, f"holds until {end:%Y-%m-%d}")


def _clock(reply: Reply, now: datetime) -> Check:
    apart = clock_difference(reply, now)
    if apart is None:
        return Check("clock", ok=True, detail="the answer carries no Date")
    seconds = round(apart.total_seconds())
    return Check("clock", abs(apart) <= MOST_APART, f"{seconds:+d} s from ours")


def _service(client: DkkdClient, options: DkkdOptions, now: datetime) -> Check:
    """Say whether the ministry behind the gateway answers: what changed in this minute."""
    try:
        client.today(now.astimezone(HANOI), 0)
    except AdapterError as error:
        return Check("service", ok=False, detail=error.reason)
    return Check("service", ok=True, detail=options.base_url)
