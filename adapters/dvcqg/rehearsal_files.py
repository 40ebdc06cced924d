"""The files the pretend portal fetches: at the addresses it is given, each address once a telling."""

from __future__ import annotations

import hashlib
import threading
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import httpx

__all__ = ["Files", "Held"]

PATIENCE = 30.0
_LISTS = {
    "TaiLieuNop": ("TepDinhKemId", "DuongDanTaiTepTin"),
    "DanhSachGiayToKetQua": ("GiayToId", "DuongDanTepTinKetQua"),
}


@dataclass(frozen=True, slots=True)
class Held:
    """A file it has: what its bytes hash to, how many there are, and as what it came."""

    sha256: str
    size: int
    media_type: str
    disposition: str


class Files:
    """What the portal was told of files, and what it has of them, by the id it was told.

    ``answers`` holds every (id, HTTP status) in order; status 0 is a connection that broke.
    """

    def __init__(self) -> None:
        self.held: dict[str, Held] = {}
        self.answers: list[tuple[str, int]] = []
        self._due: dict[str, set[str]] = defaultdict(set)
        self._lock = threading.Lock()

    def told(self, dossiers: Iterable[Mapping[str, Any]]) -> None:
        """Note the addresses of dossiers; what is deleted is let go of."""
        with self._lock:
            for row, its_id, address in _rows(dossiers):
                if row.get("IsDeleted") == "True":
                    self.held.pop(its_id, None)
                else:
                    self._due[address].add(its_id)

    def addresses(self) -> list[str]:
        """Return the addresses it has not fetched yet."""
        with self._lock:
            return sorted(self._due)

    def fetch(self, most: int | None = None) -> None:
        """Fetch what it was told of (at ``most`` so many addresses).

        What it does not get it asks for again the next time.
        """
        for address in self.addresses()[:most]:
            with self._lock:
                ids = sorted(self._due.get(address, ()))
                known = {self.held[one].sha256 for one in ids if one in self.held}
            status, held = _fetched(address, known.pop() if len(known) == 1 else None)
            with self._lock:
                self.answers += [(one, status) for one in ids[:1]]
                if held is not None:
                    self.held |= dict.fromkeys(ids, held)
                if status in (200, 304):
                    self._due.pop(address, None)


def _rows(
    dossiers: Iterable[Mapping[str, Any]],
) -> Iterator[tuple[Mapping[str, Any], str, str]]:
    for dossier in dossiers:
        for name, (its_id, address) in _LISTS.items():
            for row in dossier.get(name) or ():
                yield row, row.get(its_id, ""), row[address]


def _fetched(address: str, known: str | None) -> tuple[int, Held | None]:
    """Fetch one file, hashed as it comes; nothing of one that breaks off is kept."""
    headers = {} if known is None else {"If-None-Match": f'"{known}"'}
    digest, size = hashlib.sha256(), 0
    try:
        with httpx.stream(
            "GET", address, headers=headers, timeout=PATIENCE, trust_env=False
        ) as answer:
            if answer.status_code != httpx.codes.OK:
                return answer.status_code, None
            for block in answer.iter_raw():
                digest.update(block)
                size += len(block)
            return answer.status_code, Held(
                digest.hexdigest(),
                size,
                answer.headers["content-type"],
                answer.headers["content-disposition"],
            )
    except httpx.HTTPError:
        return 0, None
