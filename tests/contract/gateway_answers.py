"""What a gateway answers before the ministry behind it hears of a call: for the conformance rigs."""

from __future__ import annotations

from typing import Any

import orjson

from bridge.sdk.rehearsal import Response

GATEWAY: dict[str, Response] = {
    "HTTP 401": Response(b"{}", 401),
    "HTTP 429": Response(b"{}", 429, headers={"Retry-After": "5"}),
    "HTTP 503": Response(b"<html>", 503, "text/html"),
}


def says(**answer: Any) -> Response:
    """Return an answer of the ministry's own, as JSON."""
    return Response(orjson.dumps(answer))
