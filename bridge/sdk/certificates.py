"""Every certificate a system depends on, and when it ends: what its servers show, what lies here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from cryptography import x509
from pydantic import BaseModel

from bridge.domain.said import Said
from bridge.sdk.adapter import AdapterContext
from bridge.sdk.errors import AdapterError
from bridge.sdk.trust import HttpOptions, certificate_end

__all__ = ["CertificateFound", "certificate_files", "certificates_of", "file_end"]

_HTTPS = "https://"


@dataclass(frozen=True, slots=True)
class CertificateFound:
    """A certificate at ``place`` (host and port, or the name of an option): when it ends.

    ``ends_at`` is ``None`` where it can't be read; then ``trouble`` says why.
    """

    place: str
    ends_at: datetime | None
    trouble: str | None = None


def certificates_of(options: BaseModel, context: AdapterContext) -> Iterator[CertificateFound]:
    """Yield the certificates behind a system's options: of its https addresses and its files.

    An address is any text option that begins with ``https://``. Each server is spoken to once,
    with the system's own trust; one whose certificate is not checked is left out. Never raises.
    """
    if not isinstance(options, HttpOptions):
        return
    for server in dict.fromkeys(_servers(options)):
        try:
            end = certificate_end(f"{_HTTPS}{server}", options, context)
        except AdapterError as error:
            yield CertificateFound(server, None, error.reason)
            continue
        if end is not None:
            yield CertificateFound(server, end)
    yield from certificate_files(options, context)


def certificate_files(options: BaseModel, context: AdapterContext) -> Iterator[CertificateFound]:
    """Yield the certificates that lie in files a system's options name. Never raises."""
    if not isinstance(options, HttpOptions):
        return
    for name in ("ca_file", "client_cert"):
        file = getattr(options, name)
        if file is not None:
            yield _of_file(name, context.folder / file)


def _servers(options: HttpOptions) -> Iterator[str]:
    for name in type(options).model_fields:
        value = getattr(options, name)
        if isinstance(value, str) and value.lower().startswith(_HTTPS):
            yield urlsplit(value).netloc.rpartition("@")[2]


def _of_file(name: str, file: Path) -> CertificateFound:
    try:
        return CertificateFound(name, file_end(file))
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or type(error).__name__
        words = Said("a certificate file can't be used: {detail}", detail=str(reason))
        return CertificateFound(name, None, words)


def file_end(file: Path) -> datetime:
    """Return when the first of the certificates in a PEM file ends.

    Raises:
        OSError: it can't be read.
        ValueError: there is no certificate in it.
    """
    found = x509.load_pem_x509_certificates(file.read_bytes())
    return min(one.not_valid_after_utc for one in found)
