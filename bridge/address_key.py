"""The key of this office: signs the addresses of files; kept in a file beside the store, made at first use.

The marks under which records without a dossier wait are made with it too (``engine.marks``). So a store
that was used with one knows it by its fingerprint, and goes with no other until a person says so.

Whoever can read it can make addresses, so it is its owner's alone (mode 600). Processes that start
at once make one key: each writes its own under another name, and the first to link it wins.
Several machines over one PostgreSQL need the same file, each under its own ``bridge.toml``.
"""

from __future__ import annotations

import os
import secrets
import stat
from pathlib import Path

from sqlalchemy.engine import make_url

from bridge.domain.file_addresses import KEY_BYTES
from bridge.domain.said import Said
from bridge.engine.marks import Marks

NAME = "file-addresses.key"
MODE = 0o600

ANOTHER_KEY = Said(
    "stop every bridge on this store, remove this file if it is there, and run: dossier-bridge db "
    "accept-key --reason TEXT. That makes another key and marks anew what waits for its dossier; all "
    "addresses of papers that were given end"
)
"""What to do where the key is lost, or is none of this office's alone any more."""


class KeyFault(Exception):  # noqa: N818 - a fault of the file, not of the program
    """The key can't be had, or is not to be trusted; the reason is ``Said``, without the key."""

    def __init__(self, reason: Said) -> None:
        super().__init__(reason)
        self.reason = reason


def key_file(folder: Path, store_url: str) -> Path:
    """Return where the key lies: beside an SQLite store, else in ``var`` of ``bridge.toml``."""
    url = make_url(store_url)
    if url.get_backend_name() == "sqlite" and url.database not in (None, "", ":memory:"):
        return Path(str(url.database)).parent / NAME
    return folder / "var" / NAME


def key_at(path: Path) -> bytes:
    """Return the key, made if there is none yet.

    Raises:
        KeyFault: it can't be read or written, others may read it, or it is no key.
    """
    try:
        if not path.exists():
            _make(path)
    except OSError as error:
        raise _fault_of(path, error) from error
    return read_key(path)


def known_key(path: Path, fingerprint: str) -> bytes:
    """Return the key that a store knows by this fingerprint.

    Raises:
        KeyFault: it is not there, or is another one; else as ``read_key``.
    """
    try:
        if not path.exists():
            raise _lost(path, Said("the key is not there that this store was used with"))
    except OSError as error:
        raise _fault_of(path, error) from error
    key = read_key(path)
    if Marks.under(key).name != fingerprint:
        raise _lost(path, Said("this is another key than this store was used with"))
    return key


def read_key(path: Path) -> bytes:
    """Return the key that is there.

    Raises:
        KeyFault: it can't be read, others may read it, or it is no key.
    """
    try:
        with path.open("rb") as file:
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            text = file.read(KEY_BYTES * 2 + 2)
    except OSError as error:
        raise _fault_of(path, error) from error
    if mode & 0o077:
        words = Said(
            "{file}: others may read this key (mode {mode}); it must be its owner's alone: chmod 600. "
            "If a stranger may have read it, {instead}",
            file=str(path),
            mode=f"{mode:o}",
            instead=ANOTHER_KEY,
        )
        raise KeyFault(words)
    try:
        key = bytes.fromhex(text.decode("ascii").strip())
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        raise _lost(path, Said("this is no key"))
    return key


def _lost(path: Path, what: Said) -> KeyFault:
    words = Said(
        "{file}: {what}; put back the file that was here, or a copy from the machine that has it. If it "
        "is lost, {instead}",
        file=str(path),
        what=what,
        instead=ANOTHER_KEY,
    )
    return KeyFault(words)


def _fault_of(path: Path, error: OSError) -> KeyFault:
    detail = error.strerror or type(error).__name__
    return KeyFault(Said("{file}: {detail}", file=str(path), detail=detail))


def _make(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, MODE)
    try:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(KEY_BYTES) + "\n")
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)
        except FileExistsError:
            return  # another process was first; its key is the key
        _sync(path.parent)
    finally:
        draft.unlink()


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
