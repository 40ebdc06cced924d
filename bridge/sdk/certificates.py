"""Every certificate a system depends on, and when it ends: what its servers show, what lies here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from cryptography import x509
from pydantic import BaseModel

from bridge.domain.said import Said
from bridge.sdk.adapter import AdapterContext
from bridge.sdk.errors import AdapterError
from bridge.sdk.mail import Postman
from bridge.sdk.trust import HttpOptions, certificate_end

__all__ = [
    "CertificateFound",
    "certificate_files",
    "certificates_at",
    "certificates_of",
    "certificates_of_mail",
    "file_end",
]

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
    if isinstance(options, HttpOptions):
        yield from certificates_at(_addresses(options), options, context)


def certificates_at(
    addresses: Iterable[str], options: HttpOptions, context: AdapterContext
) -> Iterator[CertificateFound]:
    """Yield the certificates of the https addresses among these, and of the options' files.

    Of an address no more than host and port is told. Never raises.
    """
    for server in dict.fromkeys(_servers(addresses)):
        try:
            end = certificate_end(f"{_HTTPS}{server}", options, context)
        except AdapterError as error:
            yield CertificateFound(server, None, error.reason)
            continue
        if end is not None:
            yield CertificateFound(server, end)
    yield from certificate_files(options, context)


def certificates_of_mail(postman: Postman) -> Iterator[CertificateFound]:
    """Yield the certificate a mail server shows, and the one it is trusted by. Never raises."""
    try:
        end = postman.certificate_end()
    except AdapterError as error:
        yield CertificateFound(postman.place, None, error.reason)
    else:
        if end is not None:
            yield CertificateFound(postman.place, end)
    if postman.server.ca_file is not None:
        yield _of_file("ca_file", postman.server.ca_file)


def certificate_files(options: BaseModel, context: AdapterContext) -> Iterator[CertificateFound]:
    """Yield the certificates that lie in files a system's options name. Never raises."""
    if not isinstance(options, HttpOptions):
        return
    for name in ("ca_file", "client_cert"):
        file = getattr(options, name)
        if file is not None:
            yield _of_file(name, context.folder / file)


def _addresses(options: HttpOptions) -> Iterator[str]:
    values = (getattr(options, name) for name in type(options).model_fields)
    return (value for value in values if isinstance(value, str))


def _servers(addresses: Iterable[str]) -> Iterator[str]:
    for address in addresses:
        if address.lower().startswith(_HTTPS):
            yield urlsplit(address).netloc.rpartition("@")[2]


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
