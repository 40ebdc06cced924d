"""The ways a command line begins and ends: options, languages, help, failures, speed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import typer

from bridge.cli import db
from bridge.cli.main import COMMANDS
from bridge.cli.shape import Root, dress
from bridge.mapping import MappingErrors, Problem
from bridge.sdk.errors import AuthFailed
from bridge.sdk.onestop import OneStopFault
from bridge.sdk.registry import UnknownPlugin
from bridge.store import StoreFault
from tests.unit.cli.conftest import Call

Configure = Callable[..., Path]
NAME = "Nguyễn Văn Mẫu"


def _paths() -> list[tuple[str, ...]]:
    """Return every command there is, families and what is below them."""
    root = typer.main.get_command(typer.Typer(cls=Root, callback=lambda: None))
    assert isinstance(root, Root)
    root.late = COMMANDS
    found: list[tuple[str, ...]] = []
    for name in COMMANDS:
        command = root.get_command(None, name)
        found += [(name,), *((name, below) for below in getattr(command, "commands", {}))]
    return found


def test_help_imports_nothing_that_takes_time() -> None:
    """``--help`` answers in a blink because no library beyond typer is loaded for it."""
    heavy = "pydantic sqlalchemy sqlmodel lxml zeep httpx rich structlog yaml alembic keyring"
    code = (
        "import sys\nfrom bridge.cli.main import main\n"
        "code = main(['--help'])\n"
        f"print(code, sorted(set('{heavy}'.split()) & set(sys.modules)), file=sys.stderr)"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    assert ended.stderr == "0 []\n"


@pytest.mark.parametrize("path", _paths(), ids=" ".join)
@pytest.mark.parametrize("language", ["en", "vi"])
def test_every_command_has_help_with_an_example(
    call: Call, path: tuple[str, ...], language: str
) -> None:
    """Help is there in both languages and ends with a command line that can be copied."""
    ended = call(*path, "--help", "--lang", language)
    heading = {"en": "Example:\n  dossier-bridge ", "vi": "Ví dụ:\n  dossier-bridge "}[language]
    assert (ended.code, ended.err) == (0, "")
    assert heading + path[0] in ended.out
    assert "--config" in ended.out
    assert "--lang" in ended.out


def test_no_arguments_show_the_help(call: Call) -> None:
    """Whoever types the bare command, or a bare family, learns what there is."""
    assert "mapping" in call().out
    assert call("db").code == 0
    assert "upgrade" in call("db").out


@pytest.mark.parametrize("before", [True, False])
def test_common_options_stand_on_either_side(
    call: Call, configure: Configure, before: bool
) -> None:
    """--config, --lang and --json mean the same before and after the command."""
    config = configure('locale = "en"\n').rename("other.toml")
    options = ("--config", str(config), "--lang", "vi", "--json")
    command = ("db", "status")
    ended = call(*options, *command) if before else call(*command, *options)
    assert ended.code == 1
    assert ended.document()["current"] is None
    assert "thiếu" in ended.err


@pytest.mark.parametrize(
    ("arguments", "locale", "environment", "vietnamese"),
    [
        ((), "vi", {"LANG": "en_US.UTF-8"}, True),
        ((), "en", {"LANG": "vi_VN.UTF-8"}, False),
        (("--lang", "vi"), "en", {}, True),
        (("--lang=en",), "vi", {}, False),
        ((), None, {"LANG": "vi_VN.UTF-8"}, True),
        ((), None, {"LANG": "C.UTF-8"}, False),
        ((), None, {"LC_ALL": "en_GB", "LANG": "vi_VN"}, False),
        ((), "en", {"DOSSIER_BRIDGE__LOCALE": "vi"}, True),
    ],
)
def test_the_language_is_asked_for_then_configured_then_the_machine_s(
    call: Call,
    configure: Configure,
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...],
    locale: str | None,
    environment: Mapping[str, str],
    vietnamese: bool,
) -> None:
    """``--lang`` beats the configuration, which beats LANG."""
    config = configure(f'locale = "{locale}"\n')
    if locale is None:
        config.unlink()
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert ("Cách dùng" in call("--help", *arguments).out) is vietnamese


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("chek",), 'there is no command dossier-bridge chek; did you mean "check"?'),
        (("mapping", "chekc"), 'dossier-bridge mapping chekc; did you mean "check"?'),
        (("check", "--ofline"), "there is no option --ofline"),
        (("mapping", "try", "gplx/licence"), "--record is missing"),
        (("mapping", "try"), "FILE is missing"),
        (("init",), "DIR is missing"),
        (("check", "--lang", "fr"), "--lang: not a value it takes (expected one of vi|en)"),
        (("check", "--config"), "--config"),
        (("mapping", "docs", "gplx/licence", "--json"), "no option --json"),
        (("--json", "mapping", "docs", "gplx/licence"), "docs has no --json"),
        (("db", "status", "extra"), "extra"),
    ],
)
def test_a_wrong_command_line_is_told_and_ends_with_2(
    call: Call, arguments: tuple[str, ...], told: str
) -> None:
    """What is wrong is said on stderr, nothing is printed, and the code is 2."""
    ended = call(*arguments)
    assert (ended.code, ended.out) == (2, "")
    assert told in ended.err
    assert "Traceback" not in ended.err


@pytest.mark.parametrize(
    ("error", "code", "told"),
    [
        (StoreFault("sqlite:///x: locked"), 3, "sqlite:///x: locked"),
        (OneStopFault("table ho_so is not there", transient=False), 3, "table ho_so is not there"),
        (AuthFailed("login refused"), 3, "login refused"),
        (MappingErrors([Problem("a.yaml", 3, "rule 1", "no")]), 2, "a.yaml:3: rule 1: no"),
        (UnknownPlugin("there is no adapter x"), 2, "there is no adapter x"),
        (KeyboardInterrupt(), 130, ""),
        (EOFError(), 130, ""),
        (typer.Abort(), 130, ""),
        (typer.Exit(1), 1, ""),
    ],
)
def test_every_failure_has_its_exit_code_and_no_traceback(
    call: Call,
    configure: Configure,
    monkeypatch: pytest.MonkeyPatch,
    error: BaseException,
    code: int,
    told: str,
) -> None:
    """A database or system that is away is 3, an interruption 130, told in one line at most."""

    def fail(url: str) -> None:
        raise error

    configure()
    monkeypatch.setattr(db, "revision_status", fail)
    ended = call("db", "status")
    assert (ended.code, ended.out) == (code, "")
    assert told in ended.err
    assert "Traceback" not in ended.err


def test_an_unexpected_error_is_one_line_with_an_id(
    call: Call, configure: Configure, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Our own mistake is told by an id and a file that holds places and no values."""

    def fail(url: str) -> None:
        raise LookupError(NAME)

    configure()
    monkeypatch.setattr(db, "revision_status", fail)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    ended = call("db", "status")
    [report] = tmp_path.glob("dossier-bridge-*.txt")
    error_id = report.stem.rpartition("-")[2]
    assert ended.code == 1
    assert f"unexpected error {error_id}: LookupError at test_main.py:" in ended.err
    assert len(ended.err.splitlines()) == 1
    assert "LookupError\n" in report.read_text(encoding="utf-8")
    assert NAME not in ended.err + report.read_text(encoding="utf-8")
    assert report.stat().st_mode & 0o077 == 0


def test_a_traceback_is_shown_to_who_asks_for_it(
    call: Call, configure: Configure, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With DOSSIER_BRIDGE_DEBUG=1 the whole traceback follows on stderr."""

    def fail(url: str) -> None:
        raise LookupError("why")

    configure()
    monkeypatch.setattr(db, "revision_status", fail)
    monkeypatch.setenv("DOSSIER_BRIDGE_DEBUG", "1")
    assert "LookupError: why" in call("db", "status").err


def test_a_reader_who_leaves_is_no_error() -> None:
    """``dossier-bridge … | head -1`` ends without a word on stderr."""
    read, write = os.pipe()
    os.close(read)
    process = subprocess.run(
        [sys.executable, "-m", "bridge.cli", "mapping", "docs", "gplx/licence"],
        stdout=write,
        stderr=subprocess.PIPE,
        check=False,
    )
    os.close(write)
    assert process.stderr == b""
    assert process.returncode in {1, -signal.SIGPIPE}


@pytest.mark.parametrize("stderr", ["2>&{gone}", "2>&-"])
def test_nobody_reads_what_a_command_says(tmp_path: Path, stderr: str) -> None:
    """With a stderr that nobody reads, or none at all, a command ends with the code it would."""
    read, write = os.pipe()
    os.close(read)
    process = subprocess.run(
        [
            "sh",
            "-c",
            'exec "$0" -m bridge.cli status --config "$1" ' + stderr.format(gone=write),
            sys.executable,
            tmp_path,
        ],
        stdout=subprocess.PIPE,
        pass_fds=(write,),
        check=False,
    )
    os.close(write)
    assert (process.returncode, process.stdout) == (2, b"")


def test_the_version_is_the_distribution_s(call: Call) -> None:
    """``--version`` tells what is installed."""
    assert call("--version").out.startswith("dossier-bridge ")


def test_options_are_given_to_every_command_once() -> None:
    """Dressing a family gives each command below it the common options, none of them twice."""
    command: Any = typer.main.get_command(db.app)
    dress(command)
    for one in [command, *command.commands.values()]:
        names = [name for option in one.params for name in option.opts]
        assert len(names) == len(set(names))
        assert {"--config", "--lang", "--json"} <= set(names)
