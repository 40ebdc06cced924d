"""The files a ministry issues (kết quả): which of those its record shows are news, and their place.

Source: contracts/onestop.sql, ``dossier_document``: a path is relative to the documents folder. It
is made of our own id alone, never of the ministry's file name but for a known extension.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

FOLDER = "ket_qua"
"""Where results lie in the documents folder."""

LONGEST_NAME = 200
"""The most characters of a file name that are kept."""

EXTENSIONS = frozenset(
    {"pdf", "xml", "json", "txt", "rtf", "doc", "docx", "odt", "xls", "xlsx", "ods"}
    | {"jpg", "jpeg", "png", "tif", "tiff", "p7s", "p7m", "zip"}
)
"""The extensions a file keeps; another one becomes ``bin``."""

_HASH = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Issued:
    """A file that a record shows: ``sha256`` as the ministry claims it, lower case."""

    sha256: str
    file_name: str
    name: str
    media_type: str
    result_code: str | None = None

    @property
    def hashed(self) -> bool:
        """Whether what it claims is a sha256 at all."""
        return _HASH.fullmatch(self.sha256) is not None

    @property
    def mark(self) -> str:
        """What names it in the journal and the inbox: a part of its hash."""
        return self.sha256[:16] if self.hashed else "none"


def news(shown: Iterable[Issued], documents: Iterable[Mapping[str, Any]]) -> tuple[Issued, ...]:
    """Return the files of a record that the one-stop lacks, each once.

    ``documents`` are the rows of the dossier, deleted ones too: what is ours, or was brought in
    before, is no news.
    """
    known = {str(row.get("sha256") or "").lower() for row in documents}
    fresh = {one.sha256: one for one in shown if one.sha256 not in known}
    return tuple(fresh.values())


def path_of(result_id: str, file_name: str) -> str:
    """Return where a result lies: a folder of at most 256, its own id, a known extension."""
    extension = file_name.rpartition(".")[2].lower()
    kept = extension if "." in file_name and extension in EXTENSIONS else "bin"
    return f"{FOLDER}/{result_id[:2]}/{result_id}.{kept}"


def plain_name(file_name: str) -> str:
    """Return a file name for people: NFC, no folder, no control character, not too long."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", file_name))[-1]
    shown = "".join(letter for letter in last if letter.isprintable()).strip()
    stem, dot, extension = shown.rpartition(".")
    if not dot or len(extension) >= LONGEST_NAME:
        return shown[:LONGEST_NAME]
    return f"{stem[: LONGEST_NAME - len(extension) - 1]}.{extension}"


def gone(aside: Collection[str], still: Sequence[Issued]) -> list[str]:
    """Return the marks of files set aside earlier that stand in the way no more."""
    marks = {one.mark for one in still}
    return sorted(mark for mark in aside if mark not in marks)
