"""``check`` and ``[console] public_url``: not set, not safe, not leading here."""

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

NAME = "console: public_url"


@pytest.fixture
def office(call: Call, tmp_path: Path) -> Path:
    """A folder as ``init`` makes it."""
    assert call("init", str(tmp_path / "b")).code == 0
    return tmp_path / "b"


def findings(call: Call, office: Path, *arguments: str) -> list[tuple[bool, str]]:
    """Return what check says of the address: (well, detail) of each finding."""
    ended = call("check", "--json", "--lang", "en", "--config", str(office), *arguments)
    checks: list[dict[str, Any]] = ended.document()["checks"]
    return [(one["ok"], one["detail"]) for one in checks if one["name"] == NAME]


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
    """Unset is well and said; plain http is a fault unless it is this machine; a bad key is one."""
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
    key = office / "var" / "file-addresses.key"
    key.write_text("no key")
    (opened, (well, detail)) = findings(call, office, "--offline")
    assert not opened[0]
    assert "chmod 600" in opened[1]
    assert well
    assert "only this machine" in detail


def test_a_key_others_may_read_stops_the_commands_that_use_it(
    call: Call, office: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The configuration is refused at the key it belongs to, and no key is shown."""
    set_url(monkeypatch, "https://bridge.example.vn")
    assert call("status", "--config", str(office)).code == 0
    key = office / "var" / "file-addresses.key"
    key.chmod(0o644)
    ended = call("status", "--config", str(office), "--lang", "en")
    assert ended.code == 2
    assert "file-addresses.key" in ended.err
    assert "chmod 600" in ended.err
    assert key.read_text(encoding="ascii").strip() not in ended.err


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
