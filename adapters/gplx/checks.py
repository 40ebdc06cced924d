"""What ``check`` looks at: the WSDL, the address and its certificate, the login, the clock."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from bridge.sdk import Said
from bridge.sdk.errors import AdapterError, AuthFailed, Retryable
from bridge.sdk.http import clock_difference
from bridge.sdk.records import Check

from .client import OPERATIONS, GplxClient
from .options import GplxOptions

__all__ = ["findings"]

MOST_APART = timedelta(minutes=5)


def findings(
    client: GplxClient, options: GplxOptions, now: Callable[[], datetime]
) -> Iterator[Check]:
    """Yield the findings; what needs an answer is left out when there is none. Never raises."""
    try:
        missing = sorted(OPERATIONS - client.operations().keys())
    except AdapterError as error:
        yield Check("wsdl", ok=False, detail=error.reason)
        return
    lacks = Said("lacks {names}", names=", ".join(missing))
    whole = Said("{count} operations", count=len(OPERATIONS))
    yield Check("wsdl", not missing, lacks if missing else whole)
    try:
        reply = client.greet()
    except AdapterError as error:
        yield from _failed(error, options)
        return
    yield Check("address", ok=True, detail=options.address)
    if options.address.startswith("https:"):
        detail = Said("trusted") if options.verify else Said("not checked: verify = false")
        yield Check("certificate", options.verify, detail)
    yield Check("login", ok=True, detail=Said("login accepted"))
    yield _clock(clock_difference(reply, now()))


def _failed(error: AdapterError, options: GplxOptions) -> Iterator[Check]:
    if isinstance(error, Retryable) and error.unreachable:
        yield Check("address", ok=False, detail=error.reason)
        return
    yield Check("address", ok=True, detail=options.address)
    untried = Said("not tried: {reason}", reason=error.reason)
    detail = error.reason if isinstance(error, AuthFailed) else untried
    yield Check("login", ok=False, detail=detail)


def _clock(apart: timedelta | None) -> Check:
    if apart is None:
        return Check("clock", ok=True, detail=Said("the answer carries no Date"))
    seconds = f"{round(apart.total_seconds()):+d}"
    return Check("clock", abs(apart) <= MOST_APART, Said("{seconds} s from ours", seconds=seconds))
