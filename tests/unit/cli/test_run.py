"""``run``: the daemon as a process, from the outside: its addresses, its signals, its refusals."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from pathlib import Path

import pytest

from .conftest import Call

PATIENCE = 30.0
STOP_SECONDS = 10.0


@pytest.fixture
def office(call: Call, tmp_path: Path) -> Path:
    """A folder as ``init`` makes it."""
    assert call("init", str(tmp_path / "b")).code == 0
    return tmp_path / "b"


@pytest.fixture
def port() -> int:
    """A port nobody listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _command(office: Path, *arguments: str) -> list[str]:
    config = ("--config", str(office / "bridge.toml"), "--lang", "en")
    return [sys.executable, "-m", "bridge.cli", "run", *config, *arguments]


def _environment(port: int = 0) -> dict[str, str]:
    return dict(os.environ, DOSSIER_BRIDGE__CONSOLE__LISTEN=f"127.0.0.1:{port}")


@contextmanager
def _running(office: Path, port: int) -> Iterator[subprocess.Popen[str]]:
    """Start the daemon and wait until it answers; it never outlives the test."""
    with subprocess.Popen(
        _command(office),
        env=_environment(port),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    ) as process:
        try:
            _await(process, port)
            yield process
        finally:
            process.kill()


def _await(process: subprocess.Popen[str], port: int) -> None:
    deadline = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < deadline:
        try:
            assert _get(port, "/healthz") == (200, "alive\n")
        except OSError:
            time.sleep(0.02)
        else:
            return
    process.kill()
    pytest.fail(f"the daemon does not answer: {process.communicate()}")


def _get(port: int, path: str) -> tuple[int, str]:
    connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        return response.status, response.read().decode()
    finally:
        connection.close()


def _refused(office: Path, *arguments: str, port: int = 0) -> subprocess.CompletedProcess[str]:
    ended = subprocess.run(
        _command(office, *arguments),
        env=_environment(port),
        capture_output=True,
        encoding="utf-8",
        timeout=PATIENCE,
        check=False,
    )
    assert ended.stdout == ""
    assert "Traceback" not in ended.stderr
    return ended


def test_it_serves_and_stops_at_sigterm(office: Path, port: int) -> None:
    """Alive, ready, measured; SIGTERM ends it with 0 within ten seconds, nothing on stdout.

    The log says where it listens.
    """
    with _running(office, port) as process:
        assert _get(port, "/readyz") == (200, "ready\n")
        status, metrics = _get(port, "/metrics")
        assert status == 200
        assert "# TYPE dossier_bridge_deliveries gauge" in metrics
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=STOP_SECONDS)
        assert (process.returncode, out) == (0, "")
        assert '"event": "stopped"' in err
        assert re.search(r'"anchor": "\d+:[0-9a-f]{64}".*"event": "journal"', err)
        [said] = [json.loads(line) for line in err.splitlines() if '"listening"' in line]
        assert (said["host"], said["port"]) == ("127.0.0.1", port)
        assert "Traceback" not in err


def test_it_stops_while_a_ministry_keeps_a_call_hanging(office: Path, port: int) -> None:
    """The call is given up within ten seconds; the next start asks what became of it.

    So it is where nobody reads the log any more: lines that can't be written change nothing.
    """
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.settimeout(PATIENCE)
        place = office / "systems" / "gplx.toml"
        text = place.read_text(encoding="utf-8").replace("enabled = false", "enabled = true")
        address = f"http://127.0.0.1:{silent.getsockname()[1]}/soap"
        text = text.replace("https://gplx.example.vn/soap", address)
        (office / ".gplx").write_text("mat-khau", encoding="utf-8")
        (office / ".gplx").chmod(0o600)
        text = text.replace('{ env = "GPLX_PASSWORD" }', '{ file = ".gplx" }')
        place.write_text(text, encoding="utf-8")
        with _running(office, port) as process:
            calling, _ = silent.accept()
            assert process.stderr is not None
            process.stderr.close()
            with calling:
                process.send_signal(signal.SIGTERM)
                assert process.wait(timeout=STOP_SECONDS) == 0


def test_an_interruption_stops_it_as_well(office: Path, port: int) -> None:
    """Ctrl-C stops the daemon as cleanly, and the code tells that it was interrupted."""
    with _running(office, port) as process:
        process.send_signal(signal.SIGINT)
        _out, err = process.communicate(timeout=STOP_SECONDS)
        assert process.returncode == 130
        assert '"event": "stopped"' in err


def test_an_address_that_is_taken(office: Path) -> None:
    """Another program listens there: 3, the address, and the setting to change."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = other.getsockname()[1]
        ended = _refused(office, port=taken)
    assert ended.returncode == 3
    assert f"can't listen on 127.0.0.1:{taken}: it is taken" in ended.stderr
    assert f"change console.listen in {office / 'bridge.toml'}" in ended.stderr


@pytest.mark.parametrize(
    ("text", "code", "told"),
    [
        ("[store\n", 2, "bridge.toml:1: not valid TOML"),
        ('[workers]\nengine = "procrastinate"\n', 2, "bridge.toml: workers.engine: "),
        (
            (
                '[store]\nurl = "postgresql+psycopg://x@127.0.0.1:1/x"\n'
                "[workers]\nstart_patience_seconds = 0\n"
            ),
            3,
            "127.0.0.1:1/x: ",
        ),
    ],
)
def test_a_ground_it_can_t_stand_on(office: Path, text: str, code: int, told: str) -> None:
    """A broken configuration is 2, a store that is away 3, told before anything is served."""
    (office / "bridge.toml").write_text(text, encoding="utf-8")
    ended = _refused(office)
    assert ended.returncode == code
    assert told in ended.stderr


def test_a_database_that_starts_later_is_waited_for(office: Path, port: int) -> None:
    """Where the store is away it says so once, and goes on as soon as it is there."""
    in_its_place = office / "var" / "bridge.db"
    in_its_place.mkdir(parents=True)
    with subprocess.Popen(
        _command(office),
        env=_environment(port),
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    ) as process:
        try:
            assert process.stderr is not None
            assert "waits for a database" in process.stderr.readline()
            in_its_place.rmdir()
            _await(process, port)
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=STOP_SECONDS)
            assert process.returncode == 0
        finally:
            process.kill()


def test_sigterm_ends_it_while_a_server_does_not_answer(office: Path) -> None:
    """Asked to end while it waits for a database that takes the call and is silent, it ends with 0."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.settimeout(PATIENCE)
        address = f"127.0.0.1:{silent.getsockname()[1]}"
        url = f'[store]\nurl = "postgresql+psycopg://x@{address}/x"\n'
        (office / "bridge.toml").write_text(url, encoding="utf-8")
        with subprocess.Popen(_command(office), env=_environment(), stderr=subprocess.PIPE) as one:
            try:
                calling, _ = silent.accept()
                with calling:
                    one.send_signal(signal.SIGTERM)
                    assert one.wait(timeout=STOP_SECONDS - 2) == 0
            finally:
                one.kill()


def test_what_no_waiting_mends_is_not_waited_for(office: Path) -> None:
    """A store of a later release, or a file that is none, ends it with 3, and it never waited."""
    file = office / "var" / "bridge.db"
    file.parent.mkdir(exist_ok=True)
    with closing(sqlite3.connect(file)) as store:
        store.executescript(
            "CREATE TABLE alembic_version (version_num TEXT);"
            "INSERT INTO alembic_version VALUES ('9999')"
        )
    later = _refused(office)
    file.write_bytes(b"no database at all, whoever put it here" * 100)
    none = _refused(office)
    assert (later.returncode, none.returncode) == (3, 3)
    assert "revision 9999 is of a later release" in later.stderr
    assert "file is not a database" in none.stderr
    assert "waits for a database" not in later.stderr + none.stderr


def test_no_configuration(tmp_path: Path) -> None:
    """Without a bridge.toml it ends with 2 and the command that makes one."""
    ended = _refused(tmp_path)
    assert ended.returncode == 2
    assert "make one with: dossier-bridge init DIR" in ended.stderr


def test_it_prints_no_data(call: Call) -> None:
    """``run --json`` is a mistake, told before anything starts."""
    ended = call("run", "--json", "--lang", "en")
    assert (ended.code, ended.out) == (2, "")
    assert "no option --json" in ended.err
