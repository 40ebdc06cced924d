"""Two terminals of a reader of docs/tour.md: a shell that remembers, and a ministry that obeys."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Self

from tools.tour.reading import BLOCK, blocks, reader, typed

HOME = "/home/ops"
MINISTRY = "127.0.0.1:41851"
CONSOLE = "127.0.0.1:8470"
PREFIX = "H40.05-261029-"
"""What differs from reader to reader, as the pages have it."""

_END = "--- end of"
_VARIES = [
    (re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?"), "<time>"),
    (re.compile(r"\d\d:\d\d ngày \d\d/\d\d/\d{4}|\d{4}-\d\d-\d\d \d\d:\d\d"), "<time>"),
    (re.compile(r"Ngày \d\d/\d\d/\d{4}|^ *\d{4}-\d\d-\d\d$", re.MULTILINE), "<day>"),
    (re.compile(r" \((overdue, days:|days left:|còn|quá hạn) \d+( ngày)?\)"), " (<days>)"),
    (re.compile(r"\b\d+:\d\d:\d\d\b"), "<age>"),
    (re.compile(r"GPLX-\d\d-\d{7}"), "<number>"),
    (re.compile(r"(?<=: )0\d{3}(, 0\d{3})*"), "<revisions>"),
    (re.compile(r"sqlite \d+\.\d+\.\d+"), "sqlite <version>"),
    (re.compile(r"(?<= )[+-]\d+ (?=(s|giây) )"), "<seconds> "),
    (re.compile(r"(lag_seconds\{.*?\}) \S+"), r"\1 <seconds>"),
    (re.compile(r" +"), " "),
]


def comparable(text: str) -> str:
    """Return what is printed without what differs from one time to the next."""
    for pattern, word in _VARIES:
        text = pattern.sub(word, text)
    return "\n".join(line.rstrip() for line in text.strip().splitlines())


class Spoken:
    """A program that is spoken to by lines, and answers by lines."""

    def __init__(self, command: list[str], folder: Path, environment: Mapping[str, str]) -> None:
        self._process = subprocess.Popen(
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
        )

    def say(self, line: str) -> None:
        """Type a line."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{line}\n")
        self._process.stdin.flush()

    def hear(self) -> str:
        """Return the next line it prints."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, "it has ended"
        return line

    def end(self) -> None:
        """End its input, and wait for it."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(20)
        self._process.stdout.close()


class Reader:
    """Types what a page says, in an empty folder; knows what stands there for what is here."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._here: dict[str, str] = {HOME: str(folder), CONSOLE: f"127.0.0.1:{_free_port()}"}
        given = {"DOSSIER_BRIDGE__CONSOLE__LISTEN": self._here[CONSOLE], "PYTHONUNBUFFERED": "1"}
        given["PYTHONDONTWRITEBYTECODE"] = ""  # whatever the tests run with: twenty commands
        self._environment: Mapping[str, str] = {**reader(), **given}
        self._shell = self._start("bash")
        self._ministry: Spoken | None = None

    def __enter__(self) -> Self:
        """Sit down."""
        return self

    def __exit__(self, *_: object) -> None:
        """Leave nothing running."""
        running = self.folder / "office" / "run.pid"
        if running.exists():
            try:
                os.kill(int(running.read_text()), signal.SIGKILL)
            except ProcessLookupError:
                running.unlink()
        for one in (self._shell, self._ministry):
            if one is not None:
                one.end()

    def types(self, command: str) -> str:
        """Type a command; what it prints, in the page's words."""
        command = self._as_here(command)
        if "bridge.sdk.rehearsal" in command:
            self._ministry = self._start(*command.split())
            line = self._ministry.hear()
            [self._here[MINISTRY]] = re.findall(r"127\.0\.0\.1:\d+", line)
            return self._as_there(line)
        said = self._shell_says(command)
        if (code := re.match(r"H40\.05-\d{6}-", said)) is not None:
            self._here[PREFIX] = code[0]
        return self._as_there(said)

    def orders(self, order: str) -> str:
        """Tell the ministry what to do; its answer."""
        assert self._ministry is not None
        self._ministry.say(order)
        return self._ministry.hear()

    def saves(self, text: str) -> None:
        """Save a block of Python under the name its first line gives, in the office."""
        name = text.partition("\n")[0].removeprefix("# ")
        (self.folder / "office" / name).write_text(text, encoding="utf-8")

    def _shell_says(self, command: str) -> str:
        self._shell.say(f"{command}\n__code=$?; echo; echo '{_END}'; (exit $__code)")
        said = ""
        while not (line := self._shell.hear()).startswith(_END):
            said += line
        return said.removesuffix("\n")

    def _start(self, *command: str) -> Spoken:
        return Spoken(list(command), self.folder, self._environment)

    def _as_here(self, text: str) -> str:
        for there, here in self._here.items():
            text = text.replace(there, here)
        return text

    def _as_there(self, text: str) -> str:
        for there, here in self._here.items():
            text = text.replace(here, there)
        return text


def read(page: str, folder: Path) -> Iterator[tuple[str, str, str]]:
    """Do all a page says; yield (what was typed, what is told, what was printed)."""
    with Reader(folder) as one:
        for language, block in blocks(page):
            yield from _done(one, language, block)


def _done(one: Reader, language: str, block: str) -> Iterator[tuple[str, str, str]]:
    match language:
        case "console":
            for line in typed(block):
                yield line.command, line.told, one.types(line.command)
        case "json":
            order, told = block.splitlines()
            yield order, told, one.orders(order)
        case "python":
            one.saves(block)


def renewed(page: str, folder: Path) -> str:
    """Return a page with what it prints now, where that is not what it tells."""
    with Reader(folder) as one:

        def renew(found: re.Match[str]) -> str:
            language, block = found[1], found[2]
            if language == "python":
                one.saves(block)
                return found[0]
            prompt = "$ " if language == "console" else ""
            lines = [f"```{language}"]
            for command, told, printed in _done(one, language, block):
                same = comparable(told) == comparable(printed)
                said = [line.rstrip() for line in (told if same else printed).splitlines()]
                lines += [f"{prompt}{command}", *said]
            return "\n".join([*lines, "```"])

        return BLOCK.sub(renew, page)


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
