"""What ``check`` looks at: the WSDL, the address and its certificate, the login, the clock."""

from __future__ import annotations

from collections.abc import Iterator

from bridge.sdk.adapter import AdapterContext
from bridge.sdk.findings import server_findings, wsdl_findings
from bridge.sdk.records import Check

from .client import OPERATIONS, GplxClient
from .options import GplxOptions

__all__ = ["findings"]


def findings(client: GplxClient, options: GplxOptions, context: AdapterContext) -> Iterator[Check]:
    """Yield the findings; without a WSDL that can be used nothing can be asked. Never raises."""
    usable = yield from wsdl_findings(client.operations, OPERATIONS)
    if usable:
        yield from server_findings(client.greet, options.address, options, context)
