"""A session at an SFTP server: connected, the server believed, logged in by key, the channel open.

Nothing of this machine is read but the file of ``known_hosts``: no agent, no ``~/.ssh``, no
password. Every wait has an end.
"""

from __future__ import annotations

import logging
import socket
import threading
from contextlib import suppress
from pathlib import Path
from time import monotonic
from typing import Any, Self

import paramiko

from bridge.sdk import Said

from .faults import LoginRefused, NotReached
from .options import ServerAddress
from .sftp_trust import known_keys, preferred, private_key, trusted
from .sftp_wire import BROKEN, Wire

__all__ = ["Server", "Session", "broke"]

ALIVE_SECONDS = 30
"""How often an idle connection is used, so that no firewall on the way forgets it."""

_library = logging.getLogger("paramiko")
if _library.level == logging.NOTSET:  # its lines hold names of files; whoever wants them asks
    _library.setLevel(logging.CRITICAL)


class Server:
    """How a session is made; made without input or output, and safe to share between threads.

    ``seconds`` is the longest wait for one answer; ``key`` and ``passphrase`` are the private key's
    text, and what opens it.
    """

    def __init__(
        self,
        address: ServerAddress,
        known_hosts: Path,
        key: str,
        passphrase: str | None,
        seconds: float,
    ) -> None:
        self.address = address
        self._known_hosts = known_hosts
        self._secret = (key, passphrase)
        self._seconds = seconds
        self._key: Any = None

    def session(self) -> Session:
        """Return a new session.

        Raises:
            NotReached: nobody answers, or not in time.
            NotTrusted: the server is not the one we know; nothing was sent to it.
            LoginRefused: it does not let us in, or our key can't be read.
        """
        place = self.address.place
        known = known_keys(self._known_hosts, self.address)
        session = Session(self._connected(), self._seconds)
        try:
            shown = session.agreed(known)
            trusted(shown, known, self.address, self._known_hosts)
            self._log_in(session.transport)
            return session.opened()
        except NotReached:
            session.close()
            raise
        except BROKEN as error:
            session.close()
            raise NotReached(broke(place, error)) from error

    def _connected(self) -> socket.socket:
        address = self.address
        try:
            made = socket.create_connection((address.host, address.port), self._seconds)
        except OSError as error:
            raise NotReached(broke(address.place, error)) from error
        made.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if hasattr(socket, "TCP_USER_TIMEOUT"):  # a peer that takes nothing any more is gone
            longest = int(self._seconds * 1000)
            made.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, longest)
        return made

    def _log_in(self, transport: Any) -> None:
        if self._key is None:
            self._key = private_key(*self._secret)
        place, began = self.address.place, monotonic()
        try:
            wanted = transport.auth_publickey(self.address.user, self._key)
        except paramiko.BadAuthenticationType as error:
            words = Said("{place}: no login by key is allowed", place=place)
            raise LoginRefused(words) from error
        except paramiko.AuthenticationException as error:
            if monotonic() - began >= self._seconds:
                raise TimeoutError from error
            if not transport.is_active():
                raise
            words = Said("{place}: the system refuses our key", place=place)
            raise LoginRefused(words) from error
        if wanted:
            words = Said("{place}: more than a key is asked for", place=place)
            raise LoginRefused(words)


class Session:
    """One connection, one borrower at a time."""

    wire: Wire

    def __init__(self, connected: socket.socket, seconds: float) -> None:
        self._socket = connected
        self._seconds = seconds
        self.transport: Any = paramiko.Transport(connected)
        self.transport.banner_timeout = self.transport.handshake_timeout = seconds
        self.transport.auth_timeout = self.transport.channel_timeout = seconds
        self.transport.clear_to_send_timeout = seconds

    def agreed(self, known: list[Any]) -> Any:
        """Agree on keys for this connection and return the key the server shows."""
        options = self.transport.get_security_options()
        options.key_types = preferred(options.key_types, known)
        self.transport.start_client(timeout=self._seconds)
        if not self.transport.initial_kex_done:
            raise TimeoutError
        return self.transport.get_remote_server_key()

    def opened(self) -> Self:
        """Open the channel; the session is ready."""
        channel = self.transport.open_session(timeout=self._seconds)
        channel.settimeout(self._seconds)
        end = threading.Timer(self._seconds, self.transport.close)  # paramiko waits for ever here
        end.daemon = True
        end.start()
        try:
            channel.invoke_subsystem("sftp")
        finally:
            end.cancel()
        self.wire = Wire(channel)
        self.transport.set_keepalive(ALIVE_SECONDS)
        return self

    @property
    def sound(self) -> bool:
        """Whether it can be used."""
        return bool(self.transport.is_active()) and not self.wire.get_channel().closed

    def close(self) -> None:
        """Let go of the connection at once; harmless when called twice."""
        with suppress(OSError, EOFError):
            self.transport.close()
        self._socket.close()


def broke(place: str, error: BaseException) -> Said:
    """Say why nothing can be had over a connection; never what the other side said."""
    match error:
        case ConnectionRefusedError():
            reason = Said("connection refused")
        case socket.gaierror():
            reason = Said("its name is not known")
        case TimeoutError():
            reason = Said("no answer in time ({kind})", kind=type(error).__name__)
        case _:
            reason = Said("the connection broke ({kind})", kind=type(error).__name__)
    return Said("{place}: {reason}", place=place, reason=reason)
