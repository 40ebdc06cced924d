"""``digest``: what each office must mend, and the mails of today sent now."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.journey.test_digest import FIRST, SECOND, mail, refused
from tests.journey.town import Town
from tests.receivers import MailRoom

from .conftest import Call

TO = 'other = "khac@example.vn"'


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Town, MailRoom]]:
    """An office with a dossier that gplx refused, and a mail server."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DOSSIER_BRIDGE__LOCALE", "en")
    with MailRoom() as room, Town(tmp_path, ("gplx",), extra={"alerts": mail(room, TO)}) as town:
        yield town, room


def test_it_shows_and_sends_what_is_to_be_mended(call: Call, office: tuple[Town, MailRoom]) -> None:
    """Shown, nothing is sent; with --send today's mail goes out once; a server away ends with 1."""
    town, room = office
    assert call("digest").err == "nothing is to be mended\n"
    code = refused(town, FIRST)
    town.settle(2)
    shown = call("digest")
    assert shown.code == 0
    assert f"Hồ sơ {code} (" in shown.out
    assert "→ khac@example.vn" in shown.out
    [one] = call("digest", "--json").document()["digests"]
    assert (one["agency"], one["to"]) == (FIRST, "khac@example.vn")
    assert [(item["code"], item["system"]) for item in one["items"]] == [(code, "gplx")]
    assert room.raw == []
    room.refuses = "450 later"
    failed = call("digest", "--send")
    assert failed.code == 1
    assert f"digest:{FIRST} can't be told: the mail server answered 450" in failed.err
    assert "made today: 1" in failed.err
    again = call("digest", "--send")
    assert (again.code, "made today: 0" in again.err) == (1, True), "it is not due, nor was it sent"
    assert f"digest:{FIRST} can't be told" in again.err


def test_an_office_without_an_address_is_named(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The others are sent theirs; it is said who gets none and why, and the command ends with 1."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DOSSIER_BRIDGE__LOCALE", "en")
    to = f'[mail.agencies]\n"{FIRST}" = "mot@example.vn"'
    with MailRoom() as room, Town(tmp_path, ("gplx",), extra={"alerts": mail(room, to)}) as town:
        refused(town, FIRST)
        refused(town, SECOND)
        town.settle(2)
        for made in (1, 0):
            ended = call("digest", "--send")
            assert (ended.code, f"made today: {made}" in ended.err) == (1, True)
            assert f"digest:{SECOND} can't be told: no address: set mail.agencies" in ended.err
            assert f"digest:{FIRST} can't" not in ended.err
        assert [one["To"] for one in room.mails] == ["mot@example.vn"]


def test_without_a_mail_server_nothing_can_be_sent(call: Call, town: Town) -> None:
    """Without [mail] --send ends with 2 and what to set."""
    ended = call("digest", "--send")
    assert ended.code == 2
    assert "set host and sender of [mail] in" in ended.err
