"""What the ministry's answers mean: ``Status`` in the body, beside what the gateway says of HTTP.

Nothing is ever written, so nothing here can be in doubt:

=====================  ================================================================
``Status "1"``         good
``Status "0"``         Retryable, with HTTP 200; its ``Message`` may hold anything, and is not told
another ``Status``     ContractBroken, as an answer that is no JSON
HTTP 401               a new token, once; then AuthFailed
HTTP 429, 503, 5xx     as ``bridge.sdk.http.status_outcome`` says of every read
=====================  ================================================================
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bridge.sdk import Said
from bridge.sdk.errors import AdapterError, ContractBroken, Retryable

__all__ = ["good", "passing"]

GOOD, BAD = "1", "0"


def good(answer: Any) -> Mapping[str, Any]:
    """Return an answer that says it is good.

    Raises:
        Retryable: its ``Status`` is 0.
        ContractBroken: it has no such ``Status``.
    """
    if not isinstance(answer, Mapping):
        raise ContractBroken(Said("the answer is no JSON object"))
    status = str(answer.get("Status")).strip()
    if status == BAD:
        raise Retryable(Said('the ministry answers with Status "0"'))
    if status != GOOD:
        raise ContractBroken(Said("the answer's Status is neither 0 nor 1"))
    return answer


def passing(error: AdapterError) -> bool:
    """Tell whether only what was asked for can't be read, and the ministry answers otherwise.

    A refused login, a closed or silent ministry and a call for patience concern all that is asked.
    """
    if isinstance(error, Retryable):
        return not error.unreachable and error.after is None
    return isinstance(error, ContractBroken)
