"""The national portal: mirrors what the one-stop has, in batches, and shows every step once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from bridge.sdk import Json, Said
from bridge.sdk.adapter import AdapterContext
from bridge.sdk.capabilities import Capabilities
from bridge.sdk.catalogue import ProcedurePage
from bridge.sdk.errors import AdapterError, ContractBroken, Rejected
from bridge.sdk.findings import server_findings
from bridge.sdk.http import HttpClient, nfc
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
    Undecided,
)

from .batches import send_dossiers, send_steps
from .client import DvcqgClient, rows
from .faults import error_of, folded
from .options import DvcqgOptions
from .procedures import asked, page_of

__all__ = ["CAPABILITIES", "DvcqgAdapter"]

STEPS_MOST = 10

ADDRESSES = frozenset({"DuongDanTaiTepTin", "DuongDanTepTinKetQua"})
"""Where a file is fetched from: made anew each day, and perhaps their own copy's by now."""

CAPABILITIES = Capabilities(
    reads=False,
    feed="none",
    submit="duplicate_refused",
    confirms="in_reply",
    batch=50,
    probes=True,
    steps=True,
    step_batch=STEPS_MOST,
    catalogue=True,
)


class DvcqgAdapter:
    """Speaks to the portal. Safe to use from several threads."""

    def __init__(self, options: DvcqgOptions, context: AdapterContext) -> None:
        self.capabilities = replace(CAPABILITIES, batch=options.batch_size)
        self._context = context
        self._options = options
        http = HttpClient(options.base_url, context=context, options=options)
        self._client = DvcqgClient(http, options)

    def check(self) -> Iterable[Check]:
        """Look at the address and its certificate, the login and the clock."""
        options = self._options
        return server_findings(self._client.login, options.base_url, options, self._context)

    def changes(self, cursor: Json) -> Page:
        """Return an empty page: the portal gives no feed."""
        return Page((), cursor)

    def acknowledge(self, token: object) -> None:
        """Do nothing: there is no feed to acknowledge."""

    def submit(self, commands: Sequence[Command]) -> Sequence[Answer]:
        """Send dossiers (all or nothing, taken apart when refused), or steps in their order."""
        answers: dict[int, Answer] = {}
        for action in dict.fromkeys(one.action for one in commands):
            places = [n for n, one in enumerate(commands) if one.action is action]
            send = send_steps if action is Action.STEP else send_dossiers
            sent = send([commands[n] for n in places], self._call)
            answers.update(zip(places, sent, strict=True))
        return [answers[n] for n in range(len(commands))]

    def confirm(self, commands: Sequence[Command]) -> Sequence[Confirmation]:
        """Return nothing: an answer of 0 proves it at once."""
        return [None] * len(commands)

    def probe(self, command: Command) -> Probe:
        """Look the dossier up: is it there as sent, is the step in its ``DanhSachTienDo``?

        A creation that is found with other content is absent: what is there came from elsewhere.
        Sent again it is refused as ``đã tồn tại`` and becomes an update, so nothing is lost.
        """
        found = self._look_up(command.code)
        if found is None:
            return Absent()
        if not command.body:
            return Undecided("what was sent is not known any more")
        if command.action is Action.STEP:
            count = _times_shown(found, command.body)
            return Applied(ref=command.code, count=count) if count else Absent()
        return Applied(ref=command.code, body=found) if _holds(found, command.body) else Absent()

    def fetch(self, ref: str) -> Record | None:
        """Return the dossier as the portal has it."""
        found = self._look_up(ref)
        return None if found is None else Record(ref, found)

    def list(self, since: date, until: date, cursor: Json) -> Page:
        """Return an empty page: the portal does not list."""
        del since, until
        return Page((), cursor)

    def procedures(self, since: datetime | None, page: int) -> ProcedurePage:
        """Return a page of the procedures the portal publishes."""
        answer = self._client.call("LayDanhSachTTHC", write=False, **asked(since, page))
        error = error_of(answer)
        if isinstance(error, Rejected):
            raise ContractBroken(
                Said("the list of procedures was refused ({code})", code=error.code)
            )
        if error is not None:
            raise error
        return page_of(rows(answer), page)

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
        """Return the dossier as the portal has it, ``None`` when it has none.

        Raises:
            AdapterError: there is no proper answer; that is never "absent".
        """
        answer = self._client.call("TraCuuHoSo", write=False, mahoso=code)
        error = error_of(answer)
        if isinstance(error, Rejected):
            raise ContractBroken(f"the look-up was refused ({error.code})")
        if error is not None:
            raise error
        found = [nfc(one) for one in rows(answer)]
        if not found:
            return None
        for one in found:
            if isinstance(one, dict) and one.get("MaHoSo") == code:
                return one
        raise ContractBroken("the look-up shows another dossier")


def _times_shown(dossier: Mapping[str, Any], sent: Mapping[str, Any]) -> int:
    """Return how often a step is shown; raises ``ContractBroken`` when no list of steps is."""
    shown = dossier.get("DanhSachTienDo")
    if not isinstance(shown, list) or not all(isinstance(one, dict) for one in shown):
        raise ContractBroken("DanhSachTienDo is no list of objects")
    return [_step_key(one) for one in shown].count(_step_key(sent))


def _step_key(step: Mapping[str, Any]) -> tuple[str, str, str]:
    """Steps have no id there: time, status and text tell them apart."""
    return (
        folded(step.get("ThoiDiemXuLy")),
        folded(step.get("TrangThai")),
        folded(step.get("NoiDungXuLy")),
    )


def _holds(found: Any, sent: Any) -> bool:
    """Tell whether the portal holds all that was sent: texts in NFC, nothing like ``""``.

    The address of a file is not looked at: the file is known by its id.
    """
    if isinstance(sent, Mapping):
        return isinstance(found, Mapping) and all(
            _holds(found.get(key), value) for key, value in sent.items() if key not in ADDRESSES
        )
    if isinstance(sent, list):
        theirs = found or []
        same = isinstance(theirs, list) and len(theirs) == len(sent)
        return same and all(map(_holds, theirs, sent))
    return _text(found) == _text(sent)


def _text(value: Any) -> str:
    return "" if value is None else str(nfc(value))
