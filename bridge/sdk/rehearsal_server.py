"""The socket under a rehearsal ministry, and the ways an answer is disturbed on it."""

from __future__ import annotations

import socket
import threading
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from bridge.sdk.rehearsal import Armed, Fault, HttpRehearsal, Request, Response

__all__ = ["RehearsalServer", "play", "serve"]

_HTML = "text/html; charset=utf-8"
_TRUNCATED = "x-rehearsal-truncated"

_PAGES: Mapping[Fault, Response] = {
    Fault.ERROR_500: Response(b"<html>500</html>", 500, _HTML),
    Fault.ERROR_502: Response(b"<html>502</html>", 502, _HTML),
    Fault.PAGE_503: Response("<html>Hệ thống đang bảo trì</html>".encode(), 503, _HTML),
    Fault.TOO_MANY: Response(b"{}", 429, headers={"Retry-After": "1"}),
    Fault.HTML_200: Response("<html>Đăng nhập</html>".encode(), 200, _HTML),
}


def play(rehearsal: HttpRehearsal, request: Request, armed: Armed) -> Response | None:
    """Answer a request as a fault has it; ``None`` cuts the connection."""
    fault = armed.fault
    if fault in _PAGES:
        return _PAGES[fault]
    if fault is Fault.APPLIED_LATE:
        rehearsal.later(armed, lambda: rehearsal.answer(request, None))
    if fault in (Fault.CUT_BEFORE, Fault.APPLIED_LATE):
        return None
    response = rehearsal.answer(request, fault)
    if fault is Fault.SLOW:
        armed.wait()
    if fault is Fault.WRONG_SCHEMA:
        return rehearsal.spoiled(response)
    return None if fault is Fault.LOST_ANSWER else _disturbed(response, fault)


def _disturbed(response: Response, fault: Fault) -> Response:
    """Return an answer behind a byte order mark, in decomposed Unicode or cut short, or as it is."""
    match fault:
        case Fault.BOM:
            return replace(response, body=b"\xef\xbb\xbf" + response.body)
        case Fault.NFD:
            text = unicodedata.normalize("NFD", response.body.decode())
            return replace(response, body=text.encode())
        case Fault.TRUNCATED:
            return replace(response, headers={**response.headers, _TRUNCATED: "1"})
        case _:
            return response


class RehearsalServer(ThreadingHTTPServer):
    """Serves on 127.0.0.1; ``end`` closes the port and every connection at once."""

    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 128

    def __init__(self, handle: Callable[[Request], Response | None], port: int) -> None:
        self.handle = handle
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        super().__init__(("127.0.0.1", port), _Handler)
        self._thread = threading.Thread(
            target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        )
        self._thread.start()

    def end(self) -> None:
        """Refuse new connections and cut the open ones."""
        self.shutdown()
        self.server_close()
        self._thread.join()
        with self._lock:
            cut, self._open = self._open, set()
        for connection in cut:
            _shut(connection)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Remember a connection, so that ``end`` can cut it."""
        with self._lock:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """Forget a connection that ended."""
        with self._lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of a client that went away: tests cut connections on purpose."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    server: RehearsalServer

    def do_POST(self) -> None:
        self._serve()

    def do_GET(self) -> None:
        self._serve()

    def _serve(self) -> None:
        length = int(self.headers.get("content-length") or 0)
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Request(self.command, self.path, headers, self.rfile.read(length))
        response = self.server.handle(request)
        if response is None:
            self.close_connection = True
            _shut(self.connection)
            return
        self._answer(response)

    def _answer(self, response: Response) -> None:
        body = response.body
        self.send_response(response.status)
        self.send_header("Content-Type", response.content_type)
        self.send_header("Content-Length", str(len(body)))
        for name, value in response.headers.items():
            if name != _TRUNCATED:
                self.send_header(name, value)
        self.end_headers()
        if _TRUNCATED in response.headers:
            self.wfile.write(body[: len(body) // 2])
            self.wfile.flush()
            self.close_connection = True
            _shut(self.connection)
            return
        self.wfile.write(body)
        self.wfile.flush()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base's name
        """Keep quiet: what was called is counted by the rehearsal."""


def _shut(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        return


def serve(handle: Callable[[Request], Response | None], port: int = 0) -> RehearsalServer:
    """Start a server on 127.0.0.1; port 0 takes a free one."""
    return RehearsalServer(handle, port)
