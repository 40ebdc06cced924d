"""A mail is taken, known not to be taken, or in doubt; its text arrives as it was written."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

import pytest

from bridge.sdk.errors import AdapterError, AuthFailed, InDoubt, Rejected, Retryable
from bridge.sdk.mail import Mail, MailServer, Postman
from tests.receivers import MailRoom

from .tls import Authority

MAIL = Mail("motcua@example.vn", "Một cửa: 3 hồ sơ cần xử lý", "Dòng một\n.\nDòng ba\n", "khoa-1")


@pytest.fixture
def room() -> Iterator[MailRoom]:
    with MailRoom() as room:
        yield room


def server(room: MailRoom) -> MailServer:
    return MailServer("127.0.0.1", room.port, "none", "caunoi@example.vn", timeout_seconds=5)


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_a_mail_arrives_as_it_was_written(room: MailRoom, form: Literal["NFC", "NFD"]) -> None:
    """Vietnamese, a line that is a dot alone, and the key that tells a repetition."""
    text = unicodedata.normalize(form, MAIL.text)
    Postman(server(room)).send(replace(MAIL, text=text))
    [mail] = room.mails
    assert (mail["To"], mail["Subject"]) == (MAIL.to, MAIL.subject)
    assert mail.get_content().splitlines() == text.splitlines()
    assert mail["Message-ID"] == "<khoa-1@example.vn>"
    assert mail["Auto-Submitted"] == "auto-generated"


def refuses(words: str) -> Callable[[MailRoom], None]:
    return lambda room: setattr(room, "refuses", words)


@pytest.mark.parametrize(
    ("spoil", "error", "taken"),
    [
        (refuses("550 motcua@example.vn is unknown"), Rejected, 0),
        (refuses("451 try later"), Retryable, 0),
        (lambda room: setattr(room, "loses", 1), InDoubt, 1),
    ],
)
def test_what_became_of_a_mail_is_known(
    room: MailRoom, spoil: Callable[[MailRoom], None], error: type[AdapterError], taken: int
) -> None:
    """Refused, refused for now, or the answer lost; the words name no address."""
    spoil(room)
    with pytest.raises(error) as caught:
        Postman(server(room)).send(MAIL)
    assert len(room.raw) == taken
    assert "motcua@" not in caught.value.reason


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_server_s_certificate_tells_its_end(
    tmp_path: Path, security: Literal["starttls", "tls"]
) -> None:
    """In either way of securing a connection; a mail goes over it, and no login is asked for."""
    authority = Authority.made(tmp_path)
    with MailRoom(security, authority.pair("mail", days=13).shown()) as room:
        known = replace(server(room), security=security, ca_file=authority.file)
        asked = Postman(replace(known, username="u", password="p"))
        end = asked.certificate_end()
        assert end is not None
        assert round((end - datetime.now(UTC)) / timedelta(days=1)) == 13
        Postman(known).send(MAIL)
        assert len(room.mails) == 1
        with pytest.raises(Retryable) as caught:
            Postman(replace(known, ca_file=None)).certificate_end()
    assert "self-signed" in caught.value.reason or "issuer" in caught.value.reason
    with MailRoom() as plain:
        assert Postman(server(plain)).certificate_end() is None


def test_nobody_there(room: MailRoom) -> None:
    """Nobody listens: known not to be taken, and where is said."""
    with pytest.raises(Retryable) as caught:
        Postman(replace(server(room), port=1)).send(MAIL)
    assert caught.value.reason.startswith("127.0.0.1:1: ")


def test_a_server_without_encryption_gets_neither_mail_nor_login(room: MailRoom) -> None:
    """Starttls is asked for, and the server has none: nothing is said in the clear."""
    with pytest.raises(AdapterError) as caught:
        Postman(replace(server(room), security="starttls", username="u", password="p")).send(MAIL)
    assert isinstance(caught.value, Retryable | AuthFailed)
    assert room.raw == []
