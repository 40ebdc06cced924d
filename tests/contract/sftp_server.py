"""A real SFTP server on 127.0.0.1 over a folder, which misbehaves when it is told to.

Faults are armed by operation, as in every rehearsal (``server.faults.next(Fault.…, operation=…)``):
``CUT_BEFORE`` cuts the connection before a request is done, ``LOST_ANSWER`` after it, ``SLOW`` does
it and says nothing, nor anything after it until released. Operations are the words of the protocol (``open``, ``write``,
``rename``, ``lstat`` …); ``write more`` is every write but a file's first.
"""

from __future__ import annotations

import os
import socket
import threading
from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from struct import pack
from typing import Any

import paramiko
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519
from paramiko import sftp
from paramiko.message import Message

from bridge.sdk.rehearsal import Fault, FaultPlan

USER = "motcua"
ALL = ("posix-rename@openssh.com", "fsync@openssh.com", "statvfs@openssh.com")
WORDS = {"posix-rename@openssh.com": "rename"}
ROOMY = 2**40


def new_key(passphrase: str | None = None) -> str:
    """Return a new ed25519 private key as ssh-keygen writes it."""
    made = ed25519.Ed25519PrivateKey.generate()
    form = serialization.PrivateFormat.OpenSSH
    lock: serialization.KeySerializationEncryption = serialization.NoEncryption()
    if passphrase:
        lock = form.encryption_builder().kdf_rounds(1).build(passphrase.encode())
    return made.private_bytes(serialization.Encoding.PEM, form, lock).decode()


class SftpServer:
    """Serves ``root`` as ``/yte`` to whoever shows ``key``; ``offers`` are its extensions.

    ``statuses`` answers an operation with an SFTP status instead of doing it. ``free`` is the bytes
    that statvfs tells. ``letting_in`` is whether the key is let in.
    """

    def __init__(self, root: Path, key: paramiko.PKey, offers: tuple[str, ...] = ALL) -> None:
        self.root = root
        self.key = key
        self.offers = offers
        self.host_key: paramiko.PKey = paramiko.ECDSAKey.generate()
        self.faults = FaultPlan()
        self.statuses: dict[str, int] = {}
        self.calls: Counter[str] = Counter()
        self.free = ROOMY
        self.letting_in = True
        self.logins = 0
        self.also: list[bytes] = []
        self.port = 0
        self._listening: socket.socket | None = None
        self._transports: list[paramiko.Transport] = []
        self._lock = threading.Lock()

    @property
    def address(self) -> str:
        return f"sftp://{USER}@127.0.0.1:{self.port}/yte"

    def known_hosts(self, key: paramiko.PKey | None = None) -> str:
        """Return the line of known_hosts for this server."""
        shown = key or self.host_key
        return f"[127.0.0.1]:{self.port} {shown.get_name()} {shown.get_base64()}\n"

    def up(self) -> None:
        """Serve, at the port it had before if it had one."""
        if self._listening is None:
            self._listening = socket.create_server(("127.0.0.1", self.port))
            self.port = self._listening.getsockname()[1]
            threading.Thread(target=self._accept, args=[self._listening], daemon=True).start()

    def down(self) -> None:
        """Refuse connections, and cut those there are."""
        listening, self._listening = self._listening, None
        if listening is not None:
            listening.shutdown(socket.SHUT_RDWR)
            listening.close()
        self.faults.release()
        self.cut()

    def cut(self) -> None:
        """Cut every connection there is."""
        with self._lock:
            cut, self._transports = self._transports, []
        for transport in cut:
            transport.close()
            transport.sock.close()

    @property
    def connections(self) -> int:
        """How many connections stand."""
        with self._lock:
            return sum(transport.is_active() for transport in self._transports)

    def _accept(self, listening: socket.socket) -> None:
        while True:
            try:
                client, _ = listening.accept()
            except OSError:
                return
            transport = paramiko.Transport(client)
            transport.add_server_key(self.host_key)
            transport.set_subsystem_handler("sftp", _Session, _Files, self)
            with self._lock:
                self._transports.append(transport)
            transport.start_server(threading.Event(), _Door(self))


class _Door(paramiko.ServerInterface):  # type: ignore[misc]  # paramiko ships no types
    def __init__(self, server: SftpServer) -> None:
        self._server = server

    def get_allowed_auths(self, username: str) -> str:
        return "publickey"

    def check_auth_publickey(self, username: str, key: paramiko.PKey) -> int:
        self._server.logins += 1
        known = username == USER and key == self._server.key and self._server.letting_in
        return int(paramiko.AUTH_SUCCESSFUL if known else paramiko.AUTH_FAILED)

    def check_channel_request(self, kind: str, chanid: int) -> int:
        return int(paramiko.OPEN_SUCCEEDED)


class _Session(paramiko.SFTPServer):  # type: ignore[misc]  # paramiko ships no types
    def __init__(self, channel: Any, name: str, door: _Door, files: type, told: SftpServer) -> None:
        super().__init__(channel, name, door, files, told)
        self._told = told
        self._silent = False

    def _send_packet(self, kind: int, packet: Message) -> None:
        if not self._silent:
            super()._send_packet(kind, packet)

    def _send_server_version(self) -> None:
        self._read_packet()
        hello = pack(">I", 3)
        for name in self._told.offers:
            hello += b"".join(pack(">I", len(part)) + part for part in (name.encode(), b"1"))
        self._send_packet(sftp.CMD_VERSION, Message(hello))

    def _process(self, kind: int, number: int, message: Message) -> None:
        operation, body = _operation(kind, message)
        self._told.calls[operation] += 1
        armed = self._told.faults.take(operation)
        if armed and armed.fault is Fault.CUT_BEFORE:
            self._cut()
            return
        if operation in self._told.statuses:
            self._send_status(number, self._told.statuses[operation])
            return
        if armed is None:
            self._do(kind, number, body)
            return
        self._silent = True
        self._do(kind, number, body)
        self._silent = False
        if armed.fault is Fault.LOST_ANSWER:
            self._cut()
        else:
            armed.wait()

    def finish_subsystem(self) -> None:
        """Close what a broken connection left open, whatever else fails with it."""
        with ExitStack() as stack:
            for handle in self.file_table.values():
                stack.callback(handle.close)
        super().finish_subsystem()

    def _cut(self) -> None:
        self.sock.get_transport().sock.shutdown(socket.SHUT_RDWR)

    def _do(self, kind: int, number: int, message: Message) -> None:
        tag = message.get_text() if kind == sftp.CMD_EXTENDED else ""
        if tag == "fsync@openssh.com" and tag in self._told.offers:
            handle = self.file_table[message.get_binary()]
            os.fsync(handle.writefile.fileno())
            self._send_status(number, sftp.SFTP_OK)
        elif tag == "statvfs@openssh.com" and tag in self._told.offers:
            told = (1, 1, self._told.free, self._told.free, self._told.free, 1, 1, 1, 0, 0, 255)
            body = pack(">I11Q", number, *told)
            self._send_packet(sftp.CMD_EXTENDED_REPLY, Message(body))
        elif tag and tag not in self._told.offers:
            self._send_status(number, sftp.SFTP_OP_UNSUPPORTED)
        else:
            message.rewind()
            message.get_int()
            super()._process(kind, number, message)

    def _read_folder(self, number: int, folder: Any) -> None:
        also, self._told.also = self._told.also, []
        if not also:
            super()._read_folder(number, folder)
            return
        answer = Message()
        answer.add_int(number)
        answer.add_int(len(also))
        for name in also:
            answer.add_string(name)
            answer.add_string(b"-rw-r--r--")
            answer.add_int(0)
        self._send_packet(sftp.CMD_NAME, answer)


def _operation(kind: int, message: Message) -> tuple[str, Message]:
    """Return the word for a request, and the request to be read from its parts on."""
    body = Message(message.asbytes())
    body.get_int()
    name = sftp.CMD_NAMES[kind]
    if kind == sftp.CMD_EXTENDED:
        tag = message.get_text()
        name = WORDS.get(tag, tag.partition("@")[0])
    if kind == sftp.CMD_WRITE:
        message.get_binary()
        name = "write more" if message.get_int64() else "write"
    return name, body


class _Files(paramiko.SFTPServerInterface):  # type: ignore[misc]  # paramiko ships no types
    def __init__(self, door: _Door, told: SftpServer) -> None:
        super().__init__(door)
        self._told = told

    def _path(self, path: str) -> Path:
        assert path.partition("/yte")[0] == "", path
        return self._told.root / path.removeprefix("/yte").lstrip("/")

    def open(self, path: str, flags: int, attr: Any) -> Any:
        try:
            number = os.open(self._path(path), flags, 0o666)
        except OSError as error:
            return paramiko.SFTPServer.convert_errno(error.errno)
        return _Open(number, flags)

    def list_folder(self, path: str) -> Any:
        try:
            with os.scandir(self._path(path)) as entries:
                return [
                    paramiko.SFTPAttributes.from_stat(
                        one.stat(follow_symlinks=False), os.fsencode(one.name)
                    )
                    for one in entries
                ]
        except OSError as error:
            return paramiko.SFTPServer.convert_errno(error.errno)

    def stat(self, path: str) -> Any:
        return _attributes(self._path(path), follow=True)

    def lstat(self, path: str) -> Any:
        return _attributes(self._path(path), follow=False)

    def remove(self, path: str) -> int:
        return _done(self._path(path).unlink)

    def rename(self, oldpath: str, newpath: str) -> int:
        if self._path(newpath).exists():
            return int(sftp.SFTP_FAILURE)
        return _done(self._path(oldpath).rename, self._path(newpath))

    def posix_rename(self, oldpath: str, newpath: str) -> int:
        return _done(self._path(oldpath).replace, self._path(newpath))

    def mkdir(self, path: str, attr: Any) -> int:
        return _done(self._path(path).mkdir)


class _Open(paramiko.SFTPHandle):  # type: ignore[misc]  # paramiko ships no types
    def __init__(self, number: int, flags: int) -> None:
        super().__init__(flags)
        if flags & os.O_WRONLY:
            self.writefile: Any = os.fdopen(number, "wb")
        else:
            self.readfile: Any = os.fdopen(number, "rb")

    def stat(self) -> Any:
        held = getattr(self, "writefile", None) or self.readfile
        return paramiko.SFTPAttributes.from_stat(os.fstat(held.fileno()))


def _attributes(path: Path, *, follow: bool) -> Any:
    try:
        return paramiko.SFTPAttributes.from_stat(path.stat(follow_symlinks=follow))
    except OSError as error:
        return paramiko.SFTPServer.convert_errno(error.errno)


def _done(act: Any, *given: object) -> int:
    try:
        act(*given)
    except OSError as error:
        return int(paramiko.SFTPServer.convert_errno(error.errno))
    return int(sftp.SFTP_OK)
