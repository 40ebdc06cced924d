"""Who is told in a story: a mail server and an address for JSON, on real sockets of this machine."""

from __future__ import annotations

import json
import socketserver
import ssl
import threading
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal, Self


class _Session(socketserver.StreamRequestHandler):
    """One connection of a mail client, as much of RFC 5321 as a client needs."""

    server: _MailServer

    def setup(self) -> None:
        self._secret = False
        if self.server.room.security == "tls":
            self._secure()
        else:
            super().setup()

    def finish(self) -> None:
        super().finish()
        self.request.close()  # what was secured is closed by nobody else

    def _secure(self) -> None:
        shown = self.server.room.shown
        assert shown is not None
        self.request = shown.wrap_socket(self.request, server_side=True)
        self._secret = True
        super().setup()

    def handle(self) -> None:
        room = self.server.room
        self._say("220 rehearsal")
        while line := self.rfile.readline():
            word = line.decode().split(None, 1)[0].upper()
            if word == "EHLO":
                self._say("250-rehearsal")
                if room.security == "starttls" and not self._secret:
                    self._say("250-STARTTLS")
                self._say("250 8BITMIME")
            elif word == "STARTTLS" and room.security == "starttls":
                self._say("220 go on")
                self.rfile.close()
                self._secure()
            elif word == "RCPT" and room.refuses:
                self._say(room.refuses)
            elif word == "DATA":
                if not self._content(room):
                    return
            elif word == "QUIT":
                self._say("221 bye")
                return
            else:
                self._say("250 ok")

    def _content(self, room: MailRoom) -> bool:
        self._say("354 go on")
        lines: list[bytes] = []
        while (line := self.rfile.readline()) not in {b".\r\n", b""}:
            lines.append(line.removeprefix(b"."))
        room.raw.append(b"".join(lines))
        if room.loses > 0:
            room.loses -= 1
            return False
        self._say("250 taken")
        return True

    def _say(self, words: str) -> None:
        self.wfile.write(f"{words}\r\n".encode())


class _MailServer(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True
    room: MailRoom

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Keep quiet: a certificate is refused on purpose."""


class MailRoom:
    """A mail server that keeps what it was handed; ``refuses`` receivers, ``loses`` answers.

    Secured by ``starttls`` or ``tls`` it shows a certificate: ``shown``.
    """

    def __init__(
        self,
        security: Literal["starttls", "tls", "none"] = "none",
        shown: ssl.SSLContext | None = None,
    ) -> None:
        self.security = security
        self.shown = shown
        self.raw: list[bytes] = []
        self.refuses = ""
        self.loses = 0
        self._server = _MailServer(("127.0.0.1", 0), _Session)
        self._server.room = self
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.02,), daemon=True
        )

    @property
    def port(self) -> int:
        """Where it listens on 127.0.0.1."""
        return int(self._server.server_address[1])

    @property
    def mails(self) -> list[EmailMessage]:
        """What it was handed, in order."""
        return [message_from_bytes(raw, policy=policy.default) for raw in self.raw]

    @property
    def texts(self) -> list[str]:
        """Subject and text of each."""
        return [f"{one['Subject']}\n{one.get_content()}" for one in self.mails]

    def __enter__(self) -> Self:
        """Open it."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Post(BaseHTTPRequestHandler):
    hook: Hook
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        size = int(self.headers.get("content-length") or 0)
        body = self.rfile.read(size)
        if self.hook.status < 300:
            self.hook.taken.append(json.loads(body))
        self.hook.tokens.append(self.headers.get("authorization"))
        if self.hook.loses > 0:
            self.hook.loses -= 1
            self.close_connection = True
            self.connection.close()
            return
        self.send_response(self.hook.status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base's name
        """Keep quiet."""


class _HookServer(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Keep quiet: answers are lost on purpose."""


class Hook:
    """An address that takes JSON; answers with ``status``, and ``loses`` so many answers."""

    def __init__(self) -> None:
        self.taken: list[dict[str, Any]] = []
        self.tokens: list[str | None] = []
        self.status = 204
        self.loses = 0
        self._server = _HookServer(("127.0.0.1", 0), type("Post", (_Post,), {"hook": self}))
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.02,), daemon=True
        )

    @property
    def address(self) -> str:
        """Where it is; the path is as good as a password."""
        return f"http://127.0.0.1:{self._server.server_address[1]}/hooks/a-secret-path"

    @property
    def told(self) -> list[tuple[str, str, str]]:
        """What it was told: opening or closing, of what, of whom."""
        return [(one["what"], one["matter"], one["subject"]) for one in self.taken]

    def __enter__(self) -> Self:
        """Open it."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
