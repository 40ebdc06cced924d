"""Whom we believe to be the server: the certificates of an address, and how long they hold."""

from __future__ import annotations

import socket
import ssl
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field

from bridge.domain.said import Said
from bridge.sdk.adapter import AdapterContext
from bridge.sdk.errors import Retryable

__all__ = ["HttpOptions", "certificate_end", "certificates", "end_shown", "exposed"]

HTTPS = 443


class HttpOptions(BaseModel):
    """What every system spoken to over HTTP may be given besides its own options."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    ca_file: Path | None = Field(
        default=None, description="Certificates of authorities to trust, beside the machine's."
    )
    client_cert: Path | None = Field(default=None, description="Our certificate, if one is asked.")
    client_key: Path | None = Field(default=None, description="The key of our certificate.")
    verify: bool = Field(
        default=True,
        description="false: the server's certificate is not checked (needs allow_insecure).",
    )


def exposed(address: str, options: HttpOptions, context: AdapterContext) -> str | None:
    """Say why nothing may be sent to an address: others could read it on the way.

    ``None`` when it may: over https, to this machine, or with ``allow_insecure = true``. The
    settings say the same with file and line; here it holds for every way an address comes in.
    """
    try:
        parts = urlsplit(address)
        _ = parts.port  # read late, and refused late
    except ValueError:
        return Said("the address can't be read")
    if context.allow_insecure:
        return None
    if not options.verify:
        return Said("verify = false needs allow_insecure = true beside it")
    if parts.scheme.lower() == "http" and not _is_this_machine(parts.hostname or ""):
        return Said(
            "plain http:// goes only to this machine; use https://, or allow_insecure = true"
        )
    return None


def _is_this_machine(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def certificates(options: HttpOptions, folder: Path) -> ssl.SSLContext:
    """Return whom to trust and what to show; relative paths start at ``folder``.

    Raises:
        Retryable: a certificate file can't be used.
    """
    trust = ssl.create_default_context()
    if not options.verify:
        trust.check_hostname = False
        trust.verify_mode = ssl.CERT_NONE
    try:
        if options.ca_file is not None:
            trust.load_verify_locations(folder / options.ca_file)
        if options.client_cert is not None:
            key = None if options.client_key is None else folder / options.client_key
            # without a password a locked key would be asked for at the terminal
            trust.load_cert_chain(folder / options.client_cert, key, password="")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or type(error).__name__
        message = Said("a certificate file can't be used: {detail}", detail=str(reason))
        raise Retryable(message, unreachable=True) from error
    return trust


def certificate_end(address: str, options: HttpOptions, context: AdapterContext) -> datetime | None:
    """Return when the certificate of an https address ends; ``None`` where none is checked.

    Raises:
        Retryable: the address can't be reached, or its certificate is not trusted.
    """
    parts = urlsplit(address)
    if parts.scheme != "https" or not options.verify:
        return None
    trust = certificates(options, context.folder)
    place = (parts.hostname or "", parts.port or HTTPS)
    try:
        with (
            socket.create_connection(place, context.timeout_seconds) as plain,
            trust.wrap_socket(plain, server_hostname=place[0]) as secret,
        ):
            return end_shown(secret)
    except OSError as error:
        detail = getattr(error, "verify_message", None) or type(error).__name__
        where = f"{place[0]}:{place[1]}"
        words = Said("{place}: {reason}", place=where, reason=str(detail))
        raise Retryable(words, unreachable=True) from error


def end_shown(secret: ssl.SSLSocket) -> datetime:
    """Return when the certificate ends that the other side showed, and that was checked."""
    shown = secret.getpeercert() or {}
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(str(shown["notAfter"])), UTC)
