"""The national portal: mirrors what the one-stop has, in batches, and shows every step once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from bridge.sdk import Json
from bridge.sdk.adapter import AdapterContext
from bridge.sdk.capabilities import Capabilities
from bridge.sdk.errors import AdapterError, ContractBroken
from bridge.sdk.http import HttpClient, clock_difference, nfc
from bridge.sdk.records import (
    Absent,
    Action,
    Answer,
    Applied,
    Check,
    Command,
    Confirmation,
    Page,
    Probe,
    Record,
)

from .batches import send_dossiers, send_steps
from .client import DvcqgClient, rows
from .faults import error_of, folded
from .options import DvcqgOptions

__all__ = ["CAPABILITIES", "DvcqgAdapter"]

STEPS_MOST = 10
CLOCK_MOST = timedelta(minutes=5)

CAPABILITIES = Capabilities(
    reads=False,
    feed="none",
    submit="duplicate_refused",
    confirms="in_reply",
    batch=50,
    probes=True,
    steps=True,
    step_batch=STEPS_MOST,
)


class DvcqgAdapter:
    """Speaks to the portal. Safe to use from several threads."""

    def __init__(self, options: DvcqgOptions, context: AdapterContext) -> None:
        self.capabilities = replace(CAPABILITIES, batch=options.batch_size)
        self._context = context
        http = HttpClient(options.base_url, context=context, options=options)
        self._client = DvcqgClient(http, options)

    def check(self) -> Iterable[Check]:
        """Look at the address, the login and the clock."""
        try:
            reply = self._client.login()
        except AdapterError as error:
            yield Check("login", ok=False, detail=error.reason)
            return
        yield Check("login", ok=True, detail="the portal answers and knows us")
        ahead = clock_difference(reply, self._context.now())
        if ahead is not None:
            seconds = int(ahead.total_seconds())
            ok = abs(ahead) <= CLOCK_MOST
            yield Check("clock", ok=ok, detail=f"the portal's clock differs by {seconds} s")

    def changes(self, cursor: Json) -> Page:
        """Return an empty page: the portal gives no feed."""
        return Page((), cursor)

    def acknowledge(self, token: object) -> None:
        """Do nothing: there is no feed to acknowledge."""

    def submit(self, commands: Sequence[Command]) -> Sequence[Answer]:
        """Send dossiers (all or nothing, taken apart when refused), or steps in their order."""
        if commands[0].action is Action.STEP:
            return send_steps(commands, self._call)
        return send_dossiers(commands, self._call)

    def confirm(self, commands: Sequence[Command]) -> Sequence[Confirmation]:
        """Return nothing: an answer of 0 proves it at once."""
        return [None] * len(commands)

    def probe(self, command: Command) -> Probe:
        """Look the dossier up: is it there, as sent; is the step in its ``DanhSachTienDo``?"""
        found = self._look_up(command.code)
        if found is None:
            return Absent()
        if command.action is Action.STEP:
            same = [one for one in _steps(found) if _step_key(one) == _step_key(command.body)]
            return Applied(ref=command.code, count=1) if same else Absent()
        if command.action is Action.UPDATE and not _holds(found, command.body):
            return Absent()
        return Applied(ref=command.code, body=found)

    def fetch(self, ref: str) -> Record | None:
        """Return the dossier as the portal has it."""
        found = self._look_up(ref)
        return None if found is None else Record(ref, found)

    def list(self, since: date, until: date, cursor: Json) -> Page:
        """Return an empty page: the portal does not list."""
        del since, until
        return Page((), cursor)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _call(self, commands: Sequence[Command], action: Action) -> AdapterError | None:
        """Send one call; the error that concerns all of it."""
        steps = action is Action.STEP
        arguments: dict[str, Any] = {"data": [one.body for one in commands]}
        if not steps:
            arguments["isUpdating"] = "True" if action is Action.UPDATE else "False"
        service = "CapNhatTienDoHoSoMC" if steps else "DongBoHoSoMC"
        try:
            answer = self._client.call(service, write=True, **arguments)
            return error_of(answer, steps=steps)
        except AdapterError as error:
            return error

    def _look_up(self, code: str) -> dict[str, Any] | None:
        answer = self._client.call("TraCuuHoSo", write=False, mahoso=code)
        error = error_of(answer)
        if error is not None:
            raise ContractBroken(f"the look-up was refused: {error.reason}")
        found = [nfc(dict(one)) for one in rows(answer)]
        return found[0] if found else None


def _steps(dossier: dict[str, Any]) -> list[dict[str, Any]]:
    steps = dossier.get("DanhSachTienDo")
    return [one for one in steps if isinstance(one, dict)] if isinstance(steps, list) else []


def _step_key(step: Any) -> tuple[str, str, str]:
    """Steps have no id there: time, status and text tell them apart."""
    return (
        str(step.get("ThoiDiemXuLy") or ""),
        str(step.get("TrangThai") or ""),
        folded(step.get("NoiDungXuLy")),
    )


def _holds(found: Any, sent: Any) -> bool:
    """Tell whether the portal holds everything that was sent, texts compared in NFC."""
    if isinstance(sent, dict):
        return isinstance(found, dict) and all(
            _holds(found.get(key), value) for key, value in sent.items()
        )
    if isinstance(sent, list):
        same = isinstance(found, list) and len(found) == len(sent)
        return same and all(map(_holds, found, sent))
    return bool(nfc(sent) == found or str(nfc(sent)) == str("" if found is None else found))
