"""Whom we believe to be the server, and by what we log in: ``known_hosts`` and the private key."""

from __future__ import annotations

from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import paramiko
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from paramiko.hostkeys import HostKeyEntry, HostKeys, InvalidHostKey

from bridge.sdk import Said

from .faults import LoginRefused, NotTrusted
from .options import PORT, ServerAddress
from .sftp_wire import BROKEN

__all__ = ["known_keys", "preferred", "private_key", "trusted"]

REVOKED = "@revoked"
HASHED = "|1|"
RSA = "ssh-rsa"
KINDS: dict[type, Any] = {
    rsa.RSAPrivateKey: paramiko.RSAKey,
    ec.EllipticCurvePrivateKey: paramiko.ECDSAKey,
    ed25519.Ed25519PrivateKey: paramiko.Ed25519Key,
}


def known_keys(path: Path, address: ServerAddress) -> list[Any]:
    """Return the keys that a ``known_hosts`` file has for a server; read anew each time.

    Names may be hashed; patterns and authorities are not understood. A key that is marked as
    revoked is none.

    Raises:
        NotTrusted: the file can't be read, or the server is not in it.
    """
    try:
        lines = [line.strip() for line in path.read_text(encoding="utf-8").splitlines()]
    except (OSError, UnicodeDecodeError) as error:
        detail = getattr(error, "strerror", None) or type(error).__name__
        words = Said("{file} can't be read: {detail}", file=str(path), detail=detail)
        raise NotTrusted(words) from error
    found = [key for line in lines for key in _keys(line, address)]
    revoked = {
        key.asbytes()
        for line in lines
        if line.startswith(REVOKED)
        for key in _keys(line.removeprefix(REVOKED), address)
    }
    known = [key for key in found if key.asbytes() not in revoked]
    if not known:
        words = Said("{place}: its host key is not in {file}", place=address.place, file=str(path))
        raise NotTrusted(words)
    return known


def _keys(line: str, address: ServerAddress) -> Iterator[Any]:
    """Yield the key of a line that names the server."""
    if line.startswith(("#", "@")):
        return
    try:
        entry = HostKeyEntry.from_line(" ".join(line.split()))
    except (InvalidHostKey, *BROKEN):
        return
    if entry is not None and any(_names(one, address) for one in entry.hostnames):
        yield entry.key


def _names(written: str, address: ServerAddress) -> bool:
    names = [f"[{address.host}]:{address.port}"]
    if address.port == PORT:
        names.append(address.host)
    if not written.startswith(HASHED):
        return written.lower() in names
    try:
        return any(HostKeys.hash_host(name, written) == written for name in names)
    except (ValueError, IndexError, AssertionError):  # not a hash of this form
        return False


def preferred(offered: tuple[str, ...], known: list[Any]) -> tuple[str, ...]:
    """Return the kinds of host key to agree on, those we know first: so a server shows one of them."""
    names = {key.get_name() for key in known}
    ours = [kind for kind in offered if (RSA if kind.startswith("rsa-") else kind) in names]
    return (*ours, *(kind for kind in offered if kind not in ours))


def trusted(shown: Any, known: list[Any], address: ServerAddress, path: Path) -> None:
    """Refuse a server whose key is none of the known ones.

    Raises:
        NotTrusted: with the fingerprint it shows, which is no secret.
    """
    if shown.asbytes() not in {key.asbytes() for key in known}:
        words = Said(
            "{place}: its host key is another than in {file}: it shows {fingerprint}",
            place=address.place,
            file=str(path),
            fingerprint=shown.fingerprint,
        )
        raise NotTrusted(words)


def private_key(text: str, passphrase: str | None) -> Any:
    """Return the key of a PEM text in the form of ssh or PKCS#8.

    Raises:
        LoginRefused: it is no such key, or the passphrase is not its.
    """
    data, password = f"{text}\n".encode(), passphrase.encode() if passphrase else None
    load = (
        serialization.load_ssh_private_key
        if "OPENSSH PRIVATE KEY" in text
        else serialization.load_pem_private_key
    )
    try:
        loaded = load(data, password)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        words = Said("the private key can't be read (is it one, and is the passphrase its?)")
        raise LoginRefused(words) from None
    for kind, build in KINDS.items():
        if isinstance(loaded, kind):
            return build.from_private_key(StringIO(_as_ssh(loaded)))
    raise LoginRefused(Said("the private key must be ed25519, ecdsa or rsa"))


def _as_ssh(loaded: Any) -> str:
    """Write a key as paramiko reads it, in memory alone."""
    plain = serialization.NoEncryption()
    form = serialization.PrivateFormat.OpenSSH
    return str(loaded.private_bytes(serialization.Encoding.PEM, form, plain).decode())
