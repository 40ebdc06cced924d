"""``demo``: the whole journey on this machine, and every dossier accounted for."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from queue import SimpleQueue
from types import SimpleNamespace
from typing import cast

import pytest

from bridge.cli import demo
from bridge.demo import Town

from .conftest import Call

KEYS = ["dossiers", "confirmed", "imported", "conflicts", "in_doubt", "dead", "seconds"]
STATES = ("confirmed", "imported", "conflicts", "dead")


@pytest.fixture
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder in which demos are made."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return tmp_path


@pytest.fixture
def play(monkeypatch: pytest.MonkeyPatch, logs_as_before: None) -> Callable[[bool], None]:
    """Return a function that decides how the play ends; the town is built, nothing moves in it."""
    arrived: SimpleQueue[int] = SimpleQueue()
    arrived.put(signal.SIGTERM)
    monkeypatch.setattr(demo, "signals", lambda: arrived)
    return lambda in_step: monkeypatch.setattr(demo, "_play", lambda _town, _say: in_step)


def test_the_whole_journey_ends_in_step(tmp_path: Path) -> None:
    """Twenty dossiers through outage, lost answer and refusal: one refused, all accounted for."""
    started = time.monotonic()
    ended = subprocess.run(
        [sys.executable, "-m", "bridge.cli", "demo", "--exit", "--dossiers", "20", "--json"],
        env=dict(os.environ, TMPDIR=str(tmp_path), LC_ALL="vi_VN.UTF-8"),
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=90,
        check=False,
    )
    result = json.loads(ended.stdout)
    assert ended.returncode == 0, ended.stderr
    assert list(result) == KEYS
    assert (result["dead"], result["in_doubt"]) == (1, 0)
    assert sum(result[state] for state in STATES) == result["dossiers"]
    assert result["dossiers"] == 20 + result["imported"]
    assert 0 < result["seconds"] <= time.monotonic() - started
    assert "yte ngừng hoạt động" in ended.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (
            "en",
            ["not in step after ", "0 dossiers: 0 confirmed", "held twice by a ministry: nothing"],
        ),
        (
            "vi",
            [
                "vẫn chưa khớp",
                "0 hồ sơ: 0 đã xác nhận",
                "có hai bản ghi ở cùng một hệ thống: không có",
            ],
        ),
    ],
)
def test_a_demo_that_gets_nowhere_ends_with_1(
    call: Call, folders: Path, play: Callable[[bool], None], language: str, words: list[str]
) -> None:
    """The summary says how far it came, in the language asked for, and the folder is gone."""
    play(False)
    ended = call("demo", "--exit", "--dossiers", "20", "--lang", language)
    assert ended.code == 1
    for word in words:
        assert word in ended.out
    assert list(folders.iterdir()) == []


def test_a_play_nobody_waits_for_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    """Out of patience: told as not in step, and the script is stopped with it."""

    class Endless:
        over = False

        def __init__(self, _town: object, _say: object) -> None:
            played.append("made")

        def start(self) -> None:
            played.append("started")

        def stop(self) -> None:
            played.append("stopped")

    played: list[str] = []
    town = SimpleNamespace(start=lambda: None, in_step=lambda: False)
    monkeypatch.setattr(demo, "Script", Endless)
    monkeypatch.setattr(demo, "PATIENCE_SECONDS", 0)
    assert demo._play(cast("Town", town), print) is False
    assert played == ["made", "started", "stopped"]


def test_it_goes_on_without_exit_and_says_what_to_try(
    call: Call, folders: Path, play: Callable[[bool], None]
) -> None:
    """The JSON stands alone on stdout; what to try is said, and the configuration is there."""
    play(True)
    ended = call("demo", "--json", "--lang", "en")
    [folder] = folders.iterdir()
    assert list(ended.document()) == KEYS
    assert f"status --config {folder / 'bridge.toml'}" in ended.err
    assert "Ctrl-C ends it" in ended.err
    assert call("status", "--config", str(folder)).code == 0


@pytest.mark.usefixtures("logs_as_before")
def test_an_interruption_ends_with_130_and_leaves_nothing(
    call: Call, folders: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C in the middle of --exit stops everything and takes the folder away."""

    def interrupted(_town: Town, _say: object) -> bool:
        raise KeyboardInterrupt

    monkeypatch.setattr(demo, "_play", interrupted)
    ended = call("demo", "--exit", "--json", "--lang", "en")
    assert (ended.code, ended.out) == (130, "")
    assert list(folders.iterdir()) == []


@pytest.mark.parametrize(
    ("count", "language", "told"),
    [
        ("19", "en", "--dossiers: not a value it takes (expected at least 20)"),
        ("100001", "vi", "--dossiers: giá trị không hợp lệ (cần nhiều nhất 100000)"),
        ("many", "en", "--dossiers: not a value it takes (expected a whole number)"),
        ("nhiều", "vi", "--dossiers: giá trị không hợp lệ (cần một số nguyên)"),
    ],
)
def test_a_count_that_can_t_be_is_told(
    call: Call, folders: Path, count: str, language: str, told: str
) -> None:
    """Too few for the story, too many, or no number: 2, what it takes, and nothing is built."""
    ended = call("demo", "--exit", "--dossiers", count, "--lang", language)
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith(told)
    assert list(folders.iterdir()) == []
