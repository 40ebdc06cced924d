"""Sends a mail over SMTP, and says whether it was taken: at once, not at all, or nobody knows."""

from __future__ import annotations

import smtplib
import ssl
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, localtime
from pathlib import Path
from typing import Literal

from bridge.domain.said import Said
from bridge.sdk.errors import AdapterError, AuthFailed, InDoubt, Rejected, Retryable
from bridge.sdk.trust import end_shown

__all__ = ["Mail", "MailServer", "Postman"]

Security = Literal["starttls", "tls", "none"]

_TRY_LATER = range(400, 500)
_GO_ON, _DONE = 354, 250


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mails are handed in. ``timeout_seconds`` is the longest wait for one answer."""

    host: str
    port: int
    security: Security
    sender: str
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    ca_file: Path | None = None
    timeout_seconds: float = 10.0


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail to one receiver; ``key`` stays the same when it is sent again."""

    to: str
    subject: str
    text: str
    key: str


class Postman:
    """Hands mails in at one server. Made without any input or output; one connection a mail."""

    def __init__(self, server: MailServer) -> None:
        self.server = server

    def send(self, mail: Mail) -> None:
        """Hand a mail in.

        Raises:
            Retryable: the server can't be reached, or does not want it now; it was not taken.
            AuthFailed: the login was refused; it was not taken.
            Rejected: the server refuses the sender, the receiver or the mail; it was not taken.
            InDoubt: the connection broke after it was sent: it may have been taken.
        """
        content = self._written(mail)
        try:
            with self._connected() as server:
                self._addressed(server, mail.to)
                self._handed_in(server, content)
        except AdapterError:
            raise
        except smtplib.SMTPAuthenticationError as error:
            raise AuthFailed(Said("the mail server refuses our login")) from error
        except smtplib.SMTPResponseException as error:
            raise self._refused(error.smtp_code) from error
        except (smtplib.SMTPException, OSError) as error:
            raise self._unreachable(error) from error

    def certificate_end(self) -> datetime | None:
        """Return when the server's certificate ends; ``None`` where none is asked for.

        Raises:
            Retryable: the server can't be reached, or its certificate is not trusted.
        """
        try:
            smtp = self._secured()
            try:
                secret = smtp.sock
                return end_shown(secret) if isinstance(secret, ssl.SSLSocket) else None
            finally:
                smtp.close()
        except (smtplib.SMTPException, OSError) as error:
            raise self._unreachable(error) from error

    def _connected(self) -> smtplib.SMTP:
        """Connect, secure the connection and log in."""
        server, smtp = self.server, self._secured()
        try:
            smtp.ehlo_or_helo_if_needed()
            if server.username is not None:
                smtp.login(server.username, server.password or "")
        except BaseException:
            smtp.close()
            raise
        return smtp

    def _secured(self) -> smtplib.SMTP:
        """Connect, and secure the connection as it is to be."""
        server = self.server
        if server.security == "tls":
            trust = self._trusted()
            smtp: smtplib.SMTP = smtplib.SMTP_SSL(
                server.host, server.port, timeout=server.timeout_seconds, context=trust
            )
        else:
            smtp = smtplib.SMTP(server.host, server.port, timeout=server.timeout_seconds)
        try:
            if server.security == "starttls":
                smtp.starttls(context=self._trusted())
        except BaseException:
            smtp.close()
            raise
        return smtp

    def _trusted(self) -> ssl.SSLContext:
        trust = ssl.create_default_context()
        if self.server.ca_file is not None:
            trust.load_verify_locations(self.server.ca_file)
        return trust

    def _addressed(self, server: smtplib.SMTP, to: str) -> None:
        for code, _words in (server.mail(self.server.sender), server.rcpt(to)):
            if code not in {_DONE, 251}:
                raise self._refused(code)

    def _handed_in(self, server: smtplib.SMTP, content: bytes) -> None:
        """Send the content; from its last line on, what breaks leaves it in doubt."""
        try:
            code, _words = server.data(content)
        except smtplib.SMTPDataError:  # it does not want to hear it
            raise
        except (smtplib.SMTPException, OSError) as error:
            where = Said("{place}: {reason}", place=self.place, reason=type(error).__name__)
            raise InDoubt(where) from error
        if code != _DONE:
            raise self._refused(code)

    def _written(self, mail: Mail) -> bytes:
        message = EmailMessage(policy=SMTP)
        message["From"] = self.server.sender
        message["To"] = mail.to
        message["Subject"] = mail.subject
        message["Date"] = format_datetime(localtime())
        domain = self.server.sender.rpartition("@")[2]
        message["Message-ID"] = f"<{mail.key}@{domain}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(mail.text, cte="base64")
        return message.as_bytes()

    @property
    def place(self) -> str:
        """Where it is: host and port."""
        return f"{self.server.host}:{self.server.port}"

    def _refused(self, code: int) -> AdapterError:
        """Return what an answer means; its words may repeat an address, and are left out."""
        words = Said("the mail server answered {code}", code=code)
        return Retryable(words) if code in _TRY_LATER else Rejected(str(code), None, words)

    def _unreachable(self, error: Exception) -> AdapterError:
        detail = getattr(error, "verify_message", None) or type(error).__name__
        words = Said("{place}: {reason}", place=self.place, reason=str(detail))
        return Retryable(words, unreachable=True)
