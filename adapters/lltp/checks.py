"""What ``check`` looks at: the address and its certificate, the login, the clock, the service."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from bridge.sdk.adapter import AdapterContext
from bridge.sdk.errors import AdapterError, AuthFailed, Retryable
from bridge.sdk.http import Reply, clock_difference
from bridge.sdk.records import Check
from bridge.sdk.trust import certificate_end

from .client import NATIONALITIES, LltpClient
from .options import LltpOptions

__all__ = ["findings"]

MOST_APART = timedelta(minutes=5)
WARNED_BEFORE = timedelta(days=14)


def findings(client: LltpClient, options: LltpOptions, context: AdapterContext) -> Iterator[Check]:
    """Yield the findings; what needs an answer is left out when there is none. Never raises.

    The login is the gateway's; the service is the ministry behind it, asked for one of its lists.
    """
    try:
        reply = client.log_in()
    except AdapterError as error:
        yield from _failed(error, options)
        return
    now = context.now()
    yield Check("address", ok=True, detail=options.token_url)
    if options.base_url.startswith("https:"):
        yield _certificate(options, context, now)
    yield Check("login", ok=True, detail="accepted")
    yield _clock(reply, now)
    yield _service(client, options)


def _failed(error: AdapterError, options: LltpOptions) -> Iterator[Check]:
    if isinstance(error, Retryable) and error.unreachable:
        yield Check("address", ok=False, detail=error.reason)
        return
    yield Check("address", ok=True, detail=options.token_url)
    refused = isinstance(error, AuthFailed)
    yield Check("login", ok=False, detail=error.reason if refused else f"not tried: {error.reason}")


def _certificate(options: LltpOptions, context: AdapterContext, now: datetime) -> Check:
    try:
        end = certificate_end(options.base_url, options, context)
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


def _service(client: LltpClient, options: LltpOptions) -> Check:
    try:
        listed = client.catalogue(NATIONALITIES)
    except AdapterError as error:
        return Check("service", ok=False, detail=error.reason)
    return Check("service", bool(listed), f"{options.base_url}: {len(listed)} nationalities")
