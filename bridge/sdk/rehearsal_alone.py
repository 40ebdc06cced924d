"""One rehearsal ministry in a process of its own, told what to do over stdin and stdout.

It prints ``{"options": …, "secrets": …}`` when it serves, then answers one JSON line with one:
``{"call": "duplicates"}`` with ``{"result": []}``, ``{"call": "faults.next", "args":
["lost_answer"], "kwargs": {"operation": "login"}}`` with ``{"result": null}``. It ends with stdin.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from operator import attrgetter
from typing import Any, cast

import orjson

from bridge.sdk.registry import Registry, UnknownPlugin
from bridge.sdk.rehearsal import Armed, Fault, Rehearsal

__all__ = ["Alone", "alone", "main", "serve"]

END_SECONDS = 120.0
"""How long a ministry may take to end: one that exchanges files removes a day's folders, 100,000 files."""


class Alone:
    """A ministry in a process of its own. ``options`` and ``secrets`` say how it is reached."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        if process.stdin is None or process.stdout is None:
            raise ValueError("the process has no pipes")
        self._orders, self._answers = process.stdin, process.stdout
        reached = self._answer()
        self.options: dict[str, Any] = reached["options"]
        self.secrets: dict[str, str] = reached["secrets"]

    def tell(self, call: str, *args: object, **kwargs: object) -> Any:
        """Let the ministry do ``call`` and return what came of it.

        Raises:
            RuntimeError: it can't be done; the text says why.
        """
        self._orders.write(orjson.dumps({"call": call, "args": args, "kwargs": kwargs}) + b"\n")
        self._orders.flush()
        answer = self._answer()
        if "error" in answer:
            raise RuntimeError(answer["error"])
        return answer["result"]

    def _answer(self) -> dict[str, Any]:
        line = self._answers.readline()
        if not line:
            raise RuntimeError("the ministry's process has ended")
        answer: dict[str, Any] = orjson.loads(line)
        return answer


@contextmanager
def alone(name: str) -> Iterator[Alone]:
    """Start the rehearsal of adapter ``name`` in a process of its own; it ends with the block.

    For benchmarks, and for adapter authors whose tests should not share a processor with it.
    """
    command = [sys.executable, "-m", "bridge.sdk.rehearsal", name]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:  # noqa: S603 - our own module
        try:
            yield Alone(process)
        finally:
            if process.stdin is not None:
                process.stdin.close()
            process.wait(END_SECONDS)


def main() -> None:
    """Run the ministry of the adapter that is named on the command line until stdin ends."""
    if len(sys.argv) != 2:  # noqa: PLR2004 - the program and the name
        sys.exit("usage: python -m bridge.sdk.rehearsal NAME")
    try:
        plugin = Registry.load().ministry(sys.argv[1])
    except UnknownPlugin as unknown:
        sys.exit(str(unknown))
    if plugin.rehearsal is None:
        sys.exit(f"{plugin.name} has no rehearsal")
    serve(cast("Rehearsal", plugin.rehearsal()), sys.stdin, _say)


def serve(
    ministry: Rehearsal, orders: Iterable[str], say: Callable[[Mapping[str, Any]], None]
) -> None:
    """Start a ministry, say how it is reached, do as ordered line by line, and stop it."""
    ministry.start()
    try:
        say({"options": dict(ministry.options()), "secrets": dict(ministry.secrets())})
        for line in orders:
            if line.strip():
                say(_done(ministry, line))
    finally:
        ministry.stop()


def _done(ministry: Rehearsal, line: str) -> Mapping[str, Any]:
    """Do one order; what can't be done is said, and the next order is waited for."""
    try:
        order = orjson.loads(line)
        target = attrgetter(order["call"])(ministry)
        if callable(target):
            args = [_word(one) for one in order.get("args", ())]
            kwargs = {key: _word(one) for key, one in order.get("kwargs", {}).items()}
            target = target(*args, **kwargs)
    except (LookupError, AttributeError, TypeError, ValueError) as error:
        return {"error": f"{type(error).__name__}: {error}"}
    return {"result": None if isinstance(target, Armed) else target}


def _word(given: Any) -> Any:
    """Return a fault where the word is a fault's."""
    return Fault(given) if isinstance(given, str) and given in set(Fault) else given


def _say(answer: Mapping[str, Any]) -> None:
    sys.stdout.buffer.write(orjson.dumps(answer, default=str) + b"\n")
    sys.stdout.buffer.flush()
