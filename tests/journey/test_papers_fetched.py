"""The portal fetches papers at the addresses it is given, over real sockets, from the daemon's web."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from http.client import HTTPConnection, IncompleteRead
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import urlsplit

import pytest

from bridge.daemon import Daemon
from bridge.engine import serve
from bridge.engine.serve import Ended
from bridge.sdk.documents import Document
from bridge.store import StoreFault
from bridge.web import Web

from .town import Town

DAY = 86_400
LARGE = 3 * 1024 * 1024 + 17
HUGE = 32 * 1024 * 1024
"""More than sockets hold on their way."""


@pytest.fixture
def port() -> int:
    """A port nobody listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@pytest.fixture
def town(tmp_path: Path, port: int) -> Iterator[Town]:
    """An office whose daemon serves files to the portal."""
    console = f'[console]\npublic_url = "http://127.0.0.1:{port}"'
    with Town(tmp_path, ("dvcqg",), extra={"console": console}) as town:
        web = Web(Daemon(town.house), "127.0.0.1", port)
        assert web.start()
        yield town
        web.stop()


def ask(address: str, method: str = "GET", **headers: str) -> tuple[int, dict[str, str], bytes]:
    """Ask for a file; returns status, headers by lower-case names, and the body."""
    parts = urlsplit(address)
    connection = HTTPConnection(str(parts.hostname), parts.port, timeout=30)
    try:
        connection.request(method, f"{parts.path}?{parts.query}", headers=headers)
        answer = connection.getresponse()
        return answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read()
    finally:
        connection.close()


def outcomes(town: Town, code: str) -> list[tuple[str, str, int]]:
    """Return (document, outcome, bytes) of every fetch in the journal of a dossier."""
    found = [one.detail for one in town.journal("file_fetched", code)]
    assert all(one.keys() == {"document", "outcome", "bytes"} for one in found)
    return [(str(one["document"]), str(one["outcome"]), one["bytes"]) for one in found]  # type: ignore[misc]


def file_of(town: Town, paper: str) -> Path:
    """Return where the file of a paper lies."""
    (row,) = town.rows("SELECT path FROM dossier_document WHERE id = :id", id=paper)
    return town.folder / "documents" / str(row["path"])


def test_the_portal_has_every_paper_once_whole_and_the_journal_tells(town: Town) -> None:
    """Two papers, a copy of one, a result: fetched with equal bytes, each content sent once.

    The journal has no name and no address; what a clerk then changes sends no file again, and a
    paper that is deleted is taken down.
    """
    portal = town.ministries["dvcqg"]
    code = town.key()
    town.execute("DELETE FROM dossier_document WHERE dossier_code = :code", code=code)
    large = Random(7).randbytes(LARGE)
    first = town.paper(code, "Đơn đề nghị.pdf", b"%PDF-1.4 mau\n", kind="component")
    second = town.paper(code, "a\u0309nh.pdf", large, kind="component")
    copy = town.paper(code, "ban sao.pdf", large, kind="component")
    result = town.paper(code, "kq.pdf", b"", kind="result")
    town.round()
    portal.files.fetch()
    held = portal.files.held
    wanted = {first: b"%PDF-1.4 mau\n", second: large, copy: large, result: b""}
    assert {one: (file.sha256, file.size) for one, file in held.items()} == {
        one: (sha256(content).hexdigest(), len(content)) for one, content in wanted.items()
    }
    assert held[first].media_type == "application/pdf"
    assert 'filename="Don_de_nghi.pdf"' in held[first].disposition
    shared = min(second, copy)
    told = {(first, "whole", 13), (shared, "whole", LARGE), (result, "whole", 0)}
    assert set(outcomes(town, code)) == told
    assert len(outcomes(town, code)) == len(told)
    assert town.journal("documents_left_out", code) == []

    town.edit(code, status_note="Đã kiểm tra", summary="Nội dung khác")
    town.round()
    portal.files.fetch()
    again = outcomes(town, code)[len(told) :]
    assert sorted(one for one, *_ in again) == sorted([first, shared, result])
    assert {(outcome, sent) for _, outcome, sent in again} == {("unchanged", 0)}

    town.execute("UPDATE dossier_document SET deleted = 1 WHERE id = :id", id=first)
    (row,) = [one for one in town.record("dvcqg", code)["body"]["TaiLieuNop"]
              if one["TepDinhKemId"] == first]  # fmt: skip
    town.edit(code)
    town.round()
    assert first not in portal.files.held
    assert ask(row["DuongDanTaiTepTin"])[0] == 404
    assert outcomes(town, code)[-1] == (first, "gone", 0)
    town.execute("DELETE FROM dossier_document WHERE id = :id", id=first)
    assert ask(row["DuongDanTaiTepTin"])[0] == 404
    nobodys = town.journal("file_fetched")[-1]
    assert (nobodys.code, nobodys.system) == (None, "dvcqg")
    assert nobodys.detail == {"document": first, "outcome": "gone", "bytes": 0}
    town.ends_well()


def test_a_new_day_sends_nothing_and_an_address_ends_with_its_day(town: Town) -> None:
    """Looking at the dossier for a week sends it no second time; then the address is refused."""
    portal = town.ministries["dvcqg"]
    code = town.key()
    town.settle(2)
    (address, *_) = portal.files.addresses()
    before = town.moved()[0]
    for _ in range(3):
        town.clock.forward(2 * DAY)
        town.edit(code)
        town.round()
    assert town.moved()[0] == before
    assert town.record("dvcqg", code)["updates"] == 0
    assert ask(address, "HEAD")[0] == 200
    town.clock.forward(2 * DAY)
    status, _, body = ask(address)
    assert (status, body) == (403, b"forbidden\n")
    assert ask(address)[0] == 403
    assert [one[1] for one in outcomes(town, code)] == ["expired"], "told once"
    town.edit(code, status_note="Đổi")
    town.round()
    assert address not in (fresh := portal.files.addresses()[-1:])
    assert ask(fresh[0])[0] == 200


def test_what_a_stranger_asks_is_refused_and_leaves_no_trace(town: Town) -> None:
    """A wrong signature, none, another id: 403 without saying which; the journal stays as it is."""
    portal = town.ministries["dvcqg"]
    code = town.key()
    town.settle(2)
    address = portal.files.addresses()[0]
    entries = town.moved()[1]
    path, _, query = address.partition("?")
    wrong = [
        f"{address}0",
        f"{path}?",
        f"{path.rpartition('/')[0]}/none?{query}",
        f"{path}?{query.replace('e=20', 'e=21')}",
        f"{path}?e=&s=%F0%9F%98%80",
    ]
    assert {ask(one)[0] for one in wrong} == {403}
    assert {ask(one)[2] for one in wrong} == {b"forbidden\n"}
    assert ask(address, "POST")[0] == 405
    assert town.moved()[1] == entries
    assert outcomes(town, code) == []


def test_a_wrong_file_is_never_served_and_the_clerk_is_told_until_it_is_mended(town: Town) -> None:
    """Changed or missing: 404, one notice; right again: the notice ends by itself, the file goes."""
    portal = town.ministries["dvcqg"]
    code = town.key()
    town.execute("DELETE FROM dossier_document WHERE dossier_code = :code", code=code)
    paper = town.paper(code, "Đơn.pdf", b"right", kind="component")
    town.round()
    (address,) = portal.files.addresses()
    file = file_of(town, paper)
    file.write_bytes(b"wrong")
    assert ask(address)[::2] == (404, b"not found\n")
    file.unlink()
    assert ask(address, "HEAD")[0] == 404
    town.round()
    (notice,) = town.notices(code)
    assert (notice["severity"], notice["field"]) == ("action", "dossier_document")
    assert "“Đơn.pdf”" in notice["text_vi"]
    assert serve.look_for_mended(town.house) == 0
    file.write_bytes(b"right")
    assert serve.look_for_mended(town.house) == 1
    town.round()
    assert town.notices(code) == []
    portal.files.fetch()
    assert portal.files.held[paper].sha256 == sha256(b"right").hexdigest()
    assert [one[1:] for one in outcomes(town, code)] == [("wrong", 0), ("wrong", 0), ("whole", 5)]


def test_a_disk_that_fails_while_it_is_read_is_told_like_a_missing_file(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It opens and can't be read: 404, the journal has it, and the clerk is told."""
    code = town.key()
    town.execute("DELETE FROM dossier_document WHERE dossier_code = :code", code=code)
    town.paper(code, "Đơn.pdf", b"right", kind="component")
    town.round()
    (address,) = town.ministries["dvcqg"].files.addresses()
    onestop = type(town.house.onestop)
    found = onestop.document

    def failing(self: Any, row: Any) -> Document:
        return replace(found(self, row), path=Path("/proc/self/mem"))  # its first page is no page

    monkeypatch.setattr(onestop, "document", failing)
    assert ask(address)[0] == 404
    assert [one[1:] for one in outcomes(town, code)] == [("wrong", 0)]
    monkeypatch.undo()
    town.round()
    assert len(town.notices(code)) == 1


def test_a_paper_without_its_file_is_not_offered(town: Town) -> None:
    """Nothing is sent that could not be fetched; the clerk is told, and finding the file is enough."""
    portal = town.ministries["dvcqg"]
    code = town.key()
    paper = town.paper(code, "Đơn.pdf", b"right", kind="component")
    file_of(town, paper).unlink()
    town.round()
    assert portal.records() == []
    (notice,) = town.notices(code)
    assert "“Đơn.pdf”" in notice["text_vi"]
    file_of(town, paper).write_bytes(b"right")
    town.clock.forward(61)
    town.settle(2)
    assert town.record("dvcqg", code)["code"] == code
    assert town.notices(code) == []


def test_a_file_that_changes_while_it_is_sent_breaks_off_short(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Proved, then changed before it is streamed: the connection ends, nobody has a whole file."""
    portal = town.ministries["dvcqg"]
    code = town.key()
    town.execute("DELETE FROM dossier_document WHERE dossier_code = :code", code=code)
    paper = town.paper(code, "lon.pdf", b"x" * LARGE, kind="component")
    town.round()
    file = file_of(town, paper)
    from bridge import web_files

    plain = web_files._Passage

    def spoiled(*given: object) -> object:
        with file.open("r+b") as opened:
            opened.seek(LARGE - 1)
            opened.write(b"y")
        return plain(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(web_files, "_Passage", spoiled)
    portal.files.fetch()
    assert portal.files.answers == [(paper, 0)]
    assert portal.files.held == {}
    ((_, outcome, sent),) = outcomes(town, code)
    assert outcome == Ended.WRONG.value
    assert sent < LARGE
    town.round()
    assert len(town.notices(code)) == 1


def test_who_hangs_up_has_not_fetched(town: Town) -> None:
    """The journal has what was sent until then, and that it was not all; asked again, it is whole."""
    portal = town.ministries["dvcqg"]
    code = town.key()
    town.execute("DELETE FROM dossier_document WHERE dossier_code = :code", code=code)
    paper = town.paper(code, "lon.pdf", bytes(HUGE), kind="component")
    town.round()
    (address,) = portal.files.addresses()
    told = threading.Event()
    town.house.store.on_commit = lambda name, phase: (
        told.set() if (name, phase) == ("file fetched", "after") else None
    )
    parts = urlsplit(address)
    with socket.create_connection((str(parts.hostname), parts.port or 80), timeout=30) as one:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # ends hard
        asked = f"GET {parts.path}?{parts.query} HTTP/1.1\r\nHost: bridge\r\n\r\n"
        one.sendall(asked.encode())
        assert one.recv(1024).startswith(b"HTTP/1.1 200 ")
    assert told.wait(30)
    ((_, outcome, sent),) = outcomes(town, code)
    assert outcome == Ended.BROKEN_OFF.value
    assert sent < HUGE
    portal.files.fetch()
    assert outcomes(town, code)[1:] == [(paper, "whole", HUGE)]


@pytest.mark.parametrize("content", [b"", b"right"])
def test_nobody_has_a_file_that_the_journal_does_not_know(
    town: Town, monkeypatch: pytest.MonkeyPatch, content: bytes
) -> None:
    """The store fails: what has any bytes breaks off short of its end, an empty one is asked again."""
    portal = town.ministries["dvcqg"]
    code = town.key()
    town.execute("DELETE FROM dossier_document WHERE dossier_code = :code", code=code)
    town.paper(code, "Đơn.pdf", content, kind="component")
    town.round()
    (address,) = portal.files.addresses()

    def failing(*_: object) -> None:
        raise StoreFault("the disk is full")

    monkeypatch.setattr(serve, "ended", failing)
    if content:
        with pytest.raises(IncompleteRead):
            ask(address)
    else:
        assert ask(address)[0] == 503
    assert outcomes(town, code) == []
    monkeypatch.undo()
    assert ask(address)[::2] == (200, content)
    assert [one[1:] for one in outcomes(town, code)] == [("whole", len(content))]


def test_headers_keep_a_browser_from_opening_what_it_gets(town: Town) -> None:
    """A type that is not on the list is bytes; nothing is shown, sniffed or kept by a proxy."""
    portal = town.ministries["dvcqg"]
    code = town.key()
    town.execute("DELETE FROM dossier_document WHERE dossier_code = :code", code=code)
    paper = town.paper(code, "a.html", b"<script>", kind="component")
    columns = "media_type = 'text/html', file_name = :name"
    sql = f"UPDATE dossier_document SET {columns} WHERE id = :id"
    town.execute(sql, name='../x"\r\nSet-Cookie: a.html', id=paper)
    town.edit(code)
    town.round()
    status, headers, body = ask(portal.files.addresses()[0])
    assert (status, body) == (200, b"<script>")
    assert headers["content-type"] == "application/octet-stream"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["content-disposition"].startswith("attachment; ")
    assert "set-cookie" not in headers
    assert headers["content-length"] == "8"
    assert ask(portal.files.addresses()[0], "HEAD")[1]["content-length"] == "8"
