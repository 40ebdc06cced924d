"""``check`` and ``[console] public_url``: not set, not safe, not leading here; and the key of addresses."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from bridge.daemon import Daemon
from bridge.web import Web
from tests.journey.town import Town

from .conftest import Call

NAME, KEY = "console: public_url", "key of the office"


@pytest.fixture
def office(call: Call, tmp_path: Path) -> Path:
    """A folder as ``init`` makes it."""
    assert call("init", str(tmp_path / "b")).code == 0
    return tmp_path / "b"


def findings(call: Call, office: Path, *arguments: str, name: str = NAME) -> list[tuple[bool, str]]:
    """Return what check says of the address, or of something else: (well, detail) of each finding."""
    ended = call("check", "--json", "--lang", "en", "--config", str(office), *arguments)
    checks: list[dict[str, Any]] = ended.document()["checks"]
    return [(one["ok"], one["detail"]) for one in checks if one["name"] == name]


def set_url(monkeypatch: pytest.MonkeyPatch, url: str, **more: str) -> None:
    """Set the address (and other keys of the console) through the environment."""
    for key, value in {"public_url": url, **more}.items():
        monkeypatch.setenv(f"DOSSIER_BRIDGE__CONSOLE__{key.upper()}", value)


def free_port() -> int:
    """Return a port nobody listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@pytest.fixture
def elses_server() -> Iterator[str]:
    """The address of somebody else's server."""

    class Hello(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Hello)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_what_is_set_is_judged_without_asking_anybody(
    call: Call, office: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Unset is well and said; plain http is a fault unless it is this machine."""
    assert findings(call, office, "--offline") == [
        (True, "not set: no document links are sent, and the journal says which are left out")
    ]
    set_url(monkeypatch, "https://bridge.example.vn")
    assert findings(call, office, "--offline") == [(True, "https://bridge.example.vn")]
    set_url(monkeypatch, "http://bridge.example.vn", allow_insecure="true")
    ((well, detail),) = findings(call, office, "--offline")
    assert not well
    assert "use https://" in detail
    set_url(monkeypatch, "http://127.0.0.1:1")
    ((well, detail),) = findings(call, office, "--offline")
    assert well
    assert "only this machine" in detail


def test_a_key_that_is_not_the_stores_stops_every_command_until_a_person_says_so(
    call: Call, office: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Read by others, another, or lost: told with the file and what to do, and no key is shown."""
    where = ("--config", str(office), "--lang", "en")
    key = office / "var" / "file-addresses.key"
    key.write_text("no key")
    assert "chmod 600" in findings(call, office, "--offline", name=KEY)[0][1]
    key.unlink()
    assert call("status", *where).code == 0
    own = key.read_text(encoding="ascii")

    key.chmod(0o644)
    assert_refused(call, office, "chmod 600", own)
    key.chmod(0o600)
    assert findings(call, office, "--offline", name=KEY) == []

    key.write_text("ab" * 32)
    assert_refused(call, office, "this is another key than this store was used with", own)
    key.unlink()
    assert_refused(call, office, "the key is not there that this store was used with", own)
    assert not key.exists()

    set_url(monkeypatch, "https://bridge.example.vn")
    accept = ("db", "accept-key", "--reason", "the disk is lost", *where)
    asked = call(*accept)
    assert (asked.code, key.exists()) == (1, False)
    assert call(*accept, "--yes", "--json").document() == {"marked": 0, "again": 0}
    assert key.stat().st_mode & 0o777 == 0o600
    assert call("status", *where).code == 0
    key.write_text(own)
    assert_refused(call, office, "this is another key than this store was used with", own)


def assert_refused(call: Call, office: Path, words: str, own: str) -> None:
    """Prove that a command ends with 2, and check with 1, and that both say what to do."""
    ended = call("status", "--config", str(office), "--lang", "en")
    [(well, detail)] = findings(call, office, "--offline", name=KEY)
    assert (ended.code, well) == (2, False)
    for told in (ended.err, detail):
        assert "file-addresses.key: " in told
        assert words in told
        assert "dossier-bridge db accept-key --reason TEXT" in told
        assert own.strip() not in told


def test_it_is_asked_whether_the_address_leads_here(
    call: Call, tmp_path: Path, elses_server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not told while the daemon is down; then: it does, somebody else answers, nobody does."""
    port = free_port()
    console = f'[console]\nlisten = "127.0.0.1:{port}"\npublic_url = "http://127.0.0.1:{port}"'
    with Town(tmp_path, ("yte",), extra={"console": console}) as town:
        (_, silent) = findings(call, town.folder)
        assert silent == (
            True, "whether it leads here can't be told: the daemon does not run now",
        )  # fmt: skip
        web = Web(Daemon(town.house), "127.0.0.1", port)
        assert web.start()
        (_, led) = findings(call, town.folder)
        set_url(monkeypatch, elses_server)
        (_, elsewhere) = findings(call, town.folder)
        set_url(monkeypatch, f"http://127.0.0.1:{free_port()}")
        (_, nobody) = findings(call, town.folder)
        code = call("check", "--config", str(town.folder)).code
        web.stop()
    assert led == (True, "it leads to this daemon, seen from here")
    assert not elsewhere[0]
    assert (
        f"something else answers there (HTTP 200): /files/ must lead to 127.0.0.1:{port}"
        == (elsewhere[1])
    )
    assert not nobody[0]
    assert "connection refused" in nobody[1]
    assert code == 3
