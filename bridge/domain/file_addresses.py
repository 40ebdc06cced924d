"""Signed, expiring addresses of files: what a ministry that fetches papers itself is given.

``<public_url>/files/<document id>?e=<day>&s=<signature>``. The signature is an HMAC-SHA256 over the
system the address was made for, the day it ends with, and the id of the document's row: nobody can
make one, change one, or learn from one who the citizen is.

``e`` is a whole day (``yyyyMMdd``, Vietnam time): the address ends when that day begins. So all
addresses made on one day are equal, and a dossier that is sent twice in a day says the same twice.

What a ministry has not fetched by then it is refused (403), and the journal says ``expired``. It is
not sent again for that alone: its content is no news. Whatever next changes in the dossier brings
fresh addresses for all its papers.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from urllib.parse import quote

PATH = "/files/"
KEY_BYTES = 32
VIETNAM = timezone(timedelta(hours=7))

_SLASH = r"(?:\\?/|%2F)"
_ADDRESS = re.compile(
    rf"""(?<![^\s"'<>(])[^\s"'<>(]*?{_SLASH}files{_SLASH}[^\s"'<>]+""", re.IGNORECASE
)
"""An address as others repeat it: whole, without its scheme or host, as JSON or a URL escapes it."""


@dataclass(frozen=True, slots=True)
class Permit:
    """A signature that is ours: the system it was made for, and whether its day has come."""

    system: str
    expired: bool


@dataclass(frozen=True, slots=True)
class FileAddresses:
    """Makes addresses and reads them back. Pure; the key is a secret of this office.

    ``base`` is ``[console] public_url``. An address is good for ``days`` whole days at least.
    """

    base: str
    key: bytes = field(repr=False)
    days: int = 7

    def address(self, system: str, document_id: str, now: datetime) -> str:
        """Return the address at which ``system`` may fetch a document from now on."""
        day = f"{now.astimezone(VIETNAM) + timedelta(days=self.days + 1):%Y%m%d}"
        signature = self._signature(system, day, document_id)
        return f"{self.base}{PATH}{quote(document_id, safe='')}?e={day}&s={signature}"

    def permit(
        self, systems: Iterable[str], document_id: str, day: str, signature: str, now: datetime
    ) -> Permit | None:
        """Tell for which of these systems an address was made; ``None``: it is none of ours.

        The signature is compared in constant time, and before anything else is looked at.
        """
        given = signature.encode("utf-8", "surrogatepass")
        for system in systems:
            if hmac.compare_digest(self._signature(system, day, document_id).encode(), given):
                return Permit(system, f"{now.astimezone(VIETNAM):%Y%m%d}" >= day)
        return None

    def _signature(self, system: str, day: str, document_id: str) -> str:
        words = f"dossier-bridge file\n{system}\n{day}\n{document_id}"
        message = words.encode("utf-8", "surrogatepass")
        return hmac.new(self.key, message, hashlib.sha256).hexdigest()


def without_addresses(text: str, mask: str) -> str:
    """Return ``text`` with ``mask`` for every address of a file: whoever has one has the paper."""
    return _ADDRESS.sub(mask, text)
