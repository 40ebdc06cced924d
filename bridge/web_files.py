"""The files ministries fetch themselves: ``/files/<document id>?e=…&s=…`` (engine/serve.py).

A file is read twice. The first pass proves its hash, so that a wrong or missing file is an honest
404 before a byte of it has gone out. The second streams it from the same open file, block by block,
and proves it again: somebody may have changed it in between. Its last block goes out only then, and
when the journal has the fetch; if it is another file by now, the connection breaks short of the
declared ``Content-Length``, which no client takes for a whole file. So a file costs two readings of a
disk and a few blocks of memory, and nobody has one that the journal knows nothing of: not even an
empty one, all of which is there with the headers.

Who already has the content (its sha256 is the ``ETag``) is not sent it a second time.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from typing import BinaryIO
from urllib.parse import quote

import structlog
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from bridge.domain.file_addresses import PATH
from bridge.engine import serve
from bridge.engine.house import House
from bridge.engine.serve import Ended, Fetch, Refusal
from bridge.sdk.documents import Document, DocumentFault
from bridge.sdk.onestop import OneStopFault
from bridge.store import StoreFault

ANYTHING = "application/octet-stream"
MEDIA_TYPES = frozenset(
    {
        "application/msword",
        "application/pdf",
        "application/vnd.ms-excel",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "image/gif",
        "image/jpeg",
        "image/png",
        "image/tiff",
    }
)
"""What is named as it is; all else, whatever the one-stop calls it, is bytes to be kept."""

RETRY_SECONDS = 30
LONGEST_NAME = 120

_ODD = re.compile(r"[^A-Za-z0-9._-]+")

log = structlog.get_logger("dossier_bridge")


def files(house: House) -> Route:
    """Return the route of the files."""

    def fetch(request: Request) -> Response:
        try:
            return _answer(house, request)
        except (OneStopFault, StoreFault):
            wait = {"Retry-After": str(RETRY_SECONDS)}
            return PlainTextResponse("try again later\n", 503, headers=wait)

    return Route(f"{PATH}{{document_id:path}}", fetch, methods=["GET"])  # and so HEAD


def _answer(house: House, request: Request) -> Response:
    asked = request.query_params
    admitted = serve.admit(
        house, request.path_params["document_id"], asked.get("e", ""), asked.get("s", "")
    )
    match admitted:
        case Refusal.FORBIDDEN:
            return PlainTextResponse("forbidden\n", 403)
        case Refusal.UNKNOWN:
            return PlainTextResponse("not found\n", 404)
        case Fetch():
            return _file(house, admitted, request)


def _file(house: House, fetch: Fetch, request: Request) -> Response:
    document = fetch.document
    headers = _headers(document)
    if headers["ETag"] in _known(request.headers.get("if-none-match", "")):
        serve.ended(house, fetch, Ended.UNCHANGED)
        return Response(status_code=304, headers={"ETag": headers["ETag"]})
    with ExitStack() as stack:
        try:
            file = stack.enter_context(document.opened())
            for _ in document.proved(file):
                pass
            file.seek(0)
        except DocumentFault:
            serve.ended(house, fetch, Ended.WRONG)
            return PlainTextResponse("not found\n", 404)
        if request.method == "HEAD":
            return Response(headers=headers)
        if not document.size:  # whoever has its headers has all of it
            serve.ended(house, fetch, Ended.WHOLE)
            return Response(headers=headers)
        return _Passage(house, fetch, file, stack.pop_all(), headers)


class _Passage(StreamingResponse):
    """A proved file on its way out; journalled however it ends."""

    def __init__(
        self,
        house: House,
        fetch: Fetch,
        file: BinaryIO,
        closing: ExitStack,
        headers: Mapping[str, str],
    ) -> None:
        self._house = house
        self._fetch = fetch
        self._closing = closing
        self._sent = 0
        self._outcome = Ended.BROKEN_OFF
        super().__init__(self._blocks(file), headers=dict(headers))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Stream, then account for it."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            await run_in_threadpool(self._end)

    def _blocks(self, file: BinaryIO) -> Iterator[bytes]:
        """Yield the file; its last block when it was proved anew and the journal knows."""
        held = b""
        try:
            for block in self._fetch.document.proved(file):
                if held:
                    yield held
                    self._sent += len(held)
                held = block
        except DocumentFault:
            self._outcome = Ended.WRONG
            raise
        serve.ended(self._house, self._fetch, Ended.WHOLE, self._sent + len(held))
        self._outcome = Ended.WHOLE  # who has the last byte may hang up before we hear of it
        yield held

    def _end(self) -> None:
        self._closing.close()
        if self._outcome is Ended.WHOLE:
            return
        try:
            serve.ended(self._house, self._fetch, self._outcome, self._sent)
        except StoreFault as fault:
            log.warning("fetch not journalled", code=self._fetch.code, reason=str(fault))


def _headers(document: Document) -> dict[str, str]:
    kind = document.media_type.strip().lower()
    return {
        "Content-Type": kind if kind in MEDIA_TYPES else ANYTHING,
        "Content-Length": str(document.size),
        "Content-Disposition": disposition(document.file_name),
        "ETag": f'"{document.sha256.lower()}"',
        "Accept-Ranges": "none",
        "Cache-Control": "private, no-store",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "X-Content-Type-Options": "nosniff",
    }


def disposition(file_name: str) -> str:
    """Return a ``Content-Disposition``: the name in ASCII, and as it is (RFC 6266).

    It is always to be kept, never shown; no folder and no mark can stand in the name.
    """
    name = unicodedata.normalize("NFC", file_name).replace("\\", "/").rpartition("/")[2]
    name = "".join(one for one in name if one.isprintable())[-LONGEST_NAME:].strip(". ")
    name = name or "document"
    bare = name.replace("đ", "d").replace("Đ", "D")
    bare = unicodedata.normalize("NFD", bare).encode("ascii", "ignore").decode()
    plain = _ODD.sub("_", bare).strip("_.") or "document"
    full = quote(name, safe="", errors="replace")
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{full}"


def _known(header: str) -> set[str]:
    """Return the tags of an ``If-None-Match``; a weak one names the same content here."""
    return {tag.strip().removeprefix("W/") for tag in header.split(",")}
