"""The ministry's six functions, each a ``POST`` of JSON with a token of the gateway."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bridge.sdk import Said
from bridge.sdk.adapter import AdapterContext
from bridge.sdk.code_lists import CodeList, code_list
from bridge.sdk.errors import ContractBroken
from bridge.sdk.gateway import Gateway
from bridge.sdk.http import Reply, nfc

from .faults import GOOD, KNOWN, MISSING, code_of, error_of, token_refused
from .options import LltpOptions

__all__ = ["CODE_LISTS", "FILED_THERE", "THROUGH_US", "Filed", "LltpClient"]

FILED_THERE, THROUGH_US = "1", "2"
"""``infoType`` of an acknowledgement: dossiers filed there, statuses. All else is asked with 2."""

CODE_LISTS: Mapping[str, str] = {
    "administrative_unit": "1",
    "nationality": "2",
    "ethnic_group": "3",
    "agency": "4",
    "unit": "5",
}
"""``infoType`` of each list of codes (contracts/systems.md, "lltp")."""


@dataclass(frozen=True, slots=True)
class Filed:
    """What became of a dossier that was sent: its number there, and whether it was there before."""

    ref: str
    before: bool


class LltpClient:
    """Speaks to the ministry. Made without any input or output; safe between threads."""

    def __init__(self, options: LltpOptions, context: AdapterContext) -> None:
        self._agency = options.agency
        self._gateway = Gateway(options, context, refuses=token_refused)

    def submit(self, body: Mapping[str, Any]) -> Filed:
        """File a dossier; a known ``idReceivedDec`` gives the number of the record that is there.

        Raises:
            AdapterError: it was refused, or it is not known what became of it.
        """
        request = {"idMinistryJustice": self._agency, **body}
        code, answer = self._ask("/nhanHoSoDangKy", request, write=True)
        if code not in (GOOD, KNOWN):
            raise error_of(code, answer, write=True)
        return Filed(_number(answer.get("ID")), code == KNOWN)

    def status(self, dossier: str) -> Mapping[str, Any] | None:
        """Return the status of a dossier of ours, ``None`` when the ministry does not have it.

        Raises:
            AdapterError: there is no proper answer; that is never "absent".
        """
        request = {"idReceivedDec": dossier, "infoType": THROUGH_US}
        code, answer = self._ask("/traTrangThaiHs", request)
        if code == MISSING:
            return None
        return _good(code, answer)

    def statuses(self) -> Sequence[Any]:
        """Return up to 200 status changes that are not acknowledged, as they are listed."""
        return self._list("/traDsTrangThaiHs", THROUGH_US)

    def filed_there(self) -> Sequence[Any]:
        """Return up to 100 dossiers filed at the department that are not acknowledged."""
        return self._list("/traHoSo", THROUGH_US)

    def code_list(self, name: str) -> CodeList:
        """Return one of ``CODE_LISTS``: rows with ``ID`` and ``NAME``."""
        rows = self._list("/traDanhMuc", CODE_LISTS[name])
        return code_list((row.get("ID"), row.get("NAME")) for row in map(_row, rows))

    def acknowledge(self, refs: Sequence[str], kind: str) -> None:
        """Say that what was listed of these is safely stored; harmless when said twice.

        One that the ministry does not have any more is listed no more: the others are said singly.
        """
        request = {"declarationId": ";".join(refs), "infoType": kind}
        code, answer = self._ask("/danhDauHsThanhCong", request)
        if code != MISSING:
            _good(code, answer)
        elif len(refs) > 1:
            for ref in refs:
                self.acknowledge([ref], kind)

    def log_in(self) -> Reply:
        """Get a new token and return the raw answer; raises ``AdapterError``."""
        return self._gateway.log_in()

    def close(self) -> None:
        """Close the connections; harmless when called twice."""
        self._gateway.close()

    def _list(self, path: str, kind: str) -> Sequence[Any]:
        answer = _good(*self._ask(path, {"infoType": kind}))
        listed = answer.get("LISTCONTENT", False)
        if not isinstance(listed, list) and listed not in (None, ""):
            raise ContractBroken(Said("LISTCONTENT is no list"))
        return listed or []

    def _ask(
        self, path: str, request: Mapping[str, Any], *, write: bool = False
    ) -> tuple[str, Mapping[str, Any]]:
        reply = self._gateway.call("POST", path, write=write, json=request)
        answer = nfc(reply.json())
        return code_of(answer), answer


def _row(given: Any) -> Mapping[str, Any]:
    return given if isinstance(given, Mapping) else {}


def _good(code: str, answer: Mapping[str, Any]) -> Mapping[str, Any]:
    if code != GOOD:
        raise error_of(code, answer, write=False)
    return answer


def _number(ref: Any) -> str:
    text = str(ref).strip() if isinstance(ref, (str, int)) and not isinstance(ref, bool) else ""
    if not text:
        raise ContractBroken(Said("the answer has no ID"))
    return text
