"""Payloads are sealed: AES-256-GCM, each under a nonce of its own, bound to the place it is for.

Bound: opened as another delivery's, or as an answer where it was sent, it does not open.
"""

from __future__ import annotations

import hashlib
import zlib
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

NONCE_BYTES = 12
SECRET_LEAST = 32
"""The least characters of a secret a key is made of."""

_FOR = b"dossier-bridge payloads"


class SealBroken(Exception):  # noqa: N818 - a fault of what was kept, not of the program
    """It does not open: another key, another place, or changed."""


@dataclass(frozen=True, slots=True)
class Seal:
    """What seals and opens, made of a secret."""

    key: bytes = field(repr=False)

    @classmethod
    def of(cls, secret: str) -> Seal:
        """Make the seal of a secret of at least ``SECRET_LEAST`` characters."""
        return cls(HKDF(SHA256(), 32, salt=None, info=_FOR).derive(secret.encode()))

    @property
    def name(self) -> str:
        """What tells this key from others, and nothing of it."""
        return hashlib.sha256(b"name of " + self.key).hexdigest()[:16]

    def close(self, content: bytes, place: str, nonce: bytes) -> bytes:
        """Return ``content`` sealed for ``place``; a ``nonce`` is never used twice."""
        packed = zlib.compress(content, 1)
        return nonce + AESGCM(self.key).encrypt(nonce, packed, place.encode())

    def open(self, sealed: bytes, place: str) -> bytes:
        """Return what was sealed for ``place``.

        Raises:
            SealBroken: it does not open.
        """
        nonce, packed = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
        try:
            return zlib.decompress(AESGCM(self.key).decrypt(nonce, packed, place.encode()))
        except (InvalidTag, ValueError, zlib.error) as error:
            raise SealBroken from error
