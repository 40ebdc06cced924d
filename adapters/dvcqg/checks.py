"""What ``check`` looks at: the address and its certificate, the login, the clock."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from bridge.sdk import Said
from bridge.sdk.adapter import AdapterContext
from bridge.sdk.errors import AdapterError, AuthFailed, Retryable
from bridge.sdk.http import Reply, clock_difference
from bridge.sdk.records import Check
from bridge.sdk.trust import certificate_end

from .client import DvcqgClient
from .options import DvcqgOptions

__all__ = ["findings"]

MOST_APART = timedelta(minutes=5)
WARNED_BEFORE = timedelta(days=14)


def findings(
    client: DvcqgClient, options: DvcqgOptions, context: AdapterContext
) -> Iterator[Check]:
    """Yield the findings; what needs an answer is left out when there is none. Never raises."""
    try:
        reply = client.login()
    except AdapterError as error:
        yield from _failed(error, options)
        return
    now = context.now()
    yield Check("address", ok=True, detail=options.base_url)
    if options.base_url.startswith("https:"):
        yield _certificate(options, context, now)
    yield Check("login", ok=True, detail=Said("login accepted"))
    yield _clock(reply, now)


def _failed(error: AdapterError, options: DvcqgOptions) -> Iterator[Check]:
    if isinstance(error, Retryable) and error.unreachable:
        yield Check("address", ok=False, detail=error.reason)
        return
    yield Check("address", ok=True, detail=options.base_url)
    untried = Said("not tried: {reason}", reason=error.reason)
    detail = error.reason if isinstance(error, AuthFailed) else untried
    yield Check("login", ok=False, detail=detail)


def _certificate(options: DvcqgOptions, context: AdapterContext, now: datetime) -> Check:
    try:
        end = certificate_end(options.base_url, options, context)
    except AdapterError as error:
        return Check("certificate", ok=False, detail=error.reason)
    if end is None:
        return Check("certificate", ok=False, detail=Said("not checked: verify = false"))
    holds = Said("holds until {day}", day=f"{end:%Y-%m-%d}")
    return Check("certificate", end - now > WARNED_BEFORE, holds)


def _clock(reply: Reply, now: datetime) -> Check:
    apart = clock_difference(reply, now)
    if apart is None:
        return Check("clock", ok=True, detail=Said("the answer carries no Date"))
    seconds = f"{round(apart.total_seconds()):+d}"
    return Check("clock", abs(apart) <= MOST_APART, Said("{seconds} s from ours", seconds=seconds))
