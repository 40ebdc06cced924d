"""What ``check`` looks at: the WSDL, the address and its certificate, the login, the clock."""

from __future__ import annotations

from collections.abc import Iterator

from bridge.sdk import Said
from bridge.sdk.adapter import AdapterContext
from bridge.sdk.errors import AdapterError
from bridge.sdk.findings import server_findings
from bridge.sdk.records import Check

from .client import OPERATIONS, GplxClient
from .options import GplxOptions

__all__ = ["findings"]


def findings(client: GplxClient, options: GplxOptions, context: AdapterContext) -> Iterator[Check]:
    """Yield the findings; what needs an answer is left out when there is none. Never raises."""
    try:
        missing = sorted(OPERATIONS - client.operations().keys())
    except AdapterError as error:
        yield Check("wsdl", ok=False, detail=error.reason)
        return
    lacks = Said("lacks {names}", names=", ".join(missing))
    whole = Said("{count} operations", count=len(OPERATIONS))
    yield Check("wsdl", not missing, lacks if missing else whole)
    yield from server_findings(client.greet, options.address, options, context)
