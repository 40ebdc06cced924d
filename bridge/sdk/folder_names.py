"""File names of an exchange: what we call ours, and the order and time that theirs tell.

Ours is ``<dossier code>.<n>.xml``, theirs ``<yyyyMMddHHmmssSSS>-<seq>.xml`` in Asia/Ho_Chi_Minh
(contracts/systems.md, yte). A ministry that names its files otherwise needs functions like these.
"""

from __future__ import annotations

import re
from datetime import datetime

from bridge.domain.said import Said
from bridge.sdk.errors import Rejected
from bridge.sdk.times import VIETNAM

__all__ = [
    "arrival",
    "being_written",
    "change_name",
    "change_time",
    "dossier_file",
    "numbered",
    "of_the_exchange",
]

_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,199}")
_CHANGE = re.compile(r"(\d{14})(\d{3})-(\d+)\.xml")
_UNFINISHED = re.compile(r"\.?(.+\.xml)\.tmp")


def dossier_file(code: str, version: int) -> str:
    """Return the name of version ``version`` (from 1) of dossier ``code``.

    Raises:
        Rejected: the code can't be part of a file name on every system (a slash, a blank).
    """
    if not _CODE.fullmatch(code):
        words = Said(
            "the dossier code can't be a file name: only A-Z a-z 0-9 . _ - may stand in it"
        )
        raise Rejected("FILE_NAME", "MaHoSo", words)
    return f"{code}.{version}.xml"


def change_name(at: datetime, number: int) -> str:
    """Return the name of a file of changes written at ``at`` (aware)."""
    local = at.astimezone(VIETNAM)
    return f"{local:%Y%m%d%H%M%S}{local.microsecond // 1000:03d}-{number}.xml"


def change_time(name: str) -> datetime | None:
    """Return when the ministry wrote the file ``name``; None when the name does not say."""
    match = _CHANGE.fullmatch(name)
    if match is None:
        return None
    try:
        whole = datetime.strptime(match[1], "%Y%m%d%H%M%S").replace(tzinfo=VIETNAM)
    except ValueError:
        return None
    return whole.replace(microsecond=int(match[2]) * 1000)


def being_written(name: str) -> str | None:
    """Return the name a temporary file will have (``.x.xml.tmp``), None for any other file."""
    match = _UNFINISHED.fullmatch(name)
    return match[1] if match else None


def of_the_exchange(name: str) -> bool:
    """Tell whether a file is one of changes, whole or being written."""
    return (name.endswith(".xml") and not name.startswith(".")) or being_written(name) is not None


def numbered(name: str, number: int) -> str:
    """Return what a file is called whose name was taken: ``x~2.xml``."""
    return f"{name.removesuffix('.xml')}~{number}.xml"


def arrival(name: str) -> tuple[str, int, str]:
    """Return what files sort by: the stamp, then the number, so that ``-2`` is before ``-10``."""
    final = being_written(name) or name
    match = _CHANGE.fullmatch(final)
    return (match[1] + match[2], int(match[3]), name) if match else (final, 0, name)
