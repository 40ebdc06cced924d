"""What ``check`` looks at: the WSDL, the address, the login, the clock."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime

from bridge.sdk.errors import AdapterError, AuthFailed, Retryable
from bridge.sdk.records import Check

from .client import OPERATIONS, GplxClient

__all__ = ["findings"]

MOST_APART = timedelta(minutes=5)


def findings(client: GplxClient, address: str, now: Callable[[], datetime]) -> Iterator[Check]:
    """Yield the findings, those that can't be had without an answer left out; never raises."""
    try:
        missing = sorted(OPERATIONS - client.operations().keys())
    except AdapterError as error:
        yield Check("wsdl", ok=False, detail=error.reason)
        return
    lacks = f"lacks {', '.join(missing)}"
    yield Check("wsdl", not missing, lacks if missing else f"{len(OPERATIONS)} operations")
    try:
        headers = client.greet()
    except AdapterError as error:
        unreachable = isinstance(error, Retryable) and error.unreachable
        yield Check("address", not unreachable, error.reason if unreachable else address)
        if not unreachable:
            yield Check("login", ok=False, detail=_login(error))
        return
    yield Check("address", ok=True, detail=address)
    yield Check("login", ok=True, detail="accepted")
    yield _clock(headers.get("Date"), now())


def _login(error: AdapterError) -> str:
    return error.reason if isinstance(error, AuthFailed) else f"not tried out: {error.reason}"


def _clock(date: str | None, now: datetime) -> Check:
    try:
        theirs = parsedate_to_datetime(date or "")
    except ValueError:
        return Check("clock", ok=True, detail="the answer carries no Date")
    apart = theirs - now if theirs.tzinfo else timedelta()
    detail = f"{apart.total_seconds():+.0f} s from ours"
    return Check("clock", abs(apart) <= MOST_APART, detail)
