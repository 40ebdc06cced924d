"""An invented paper for a rehearsal ministry to issue: a small PDF that opens, with a line of text."""

from __future__ import annotations

import hashlib
import unicodedata
from base64 import b64encode
from dataclasses import dataclass

__all__ = ["InventedPaper", "invented_paper"]

PDF = "application/pdf"
_PAGE = "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>"


@dataclass(frozen=True, slots=True)
class InventedPaper:
    """A file as a ministry issues it; ``base64`` and ``sha256`` are what its contract asks for."""

    file_name: str
    content: bytes
    media_type: str = PDF

    @property
    def sha256(self) -> str:
        """The hash, lower-case hex."""
        return hashlib.sha256(self.content).hexdigest()

    @property
    def base64(self) -> str:
        """The content as the wire has it."""
        return b64encode(self.content).decode()


def invented_paper(file_name: str, *lines: str) -> InventedPaper:
    """Return a PDF that says these lines (without their marks: its font has none)."""
    text = "".join(f"({_escaped(line)}) Tj T* " for line in lines)
    drawn = f"BT /F 14 Tf 20 TL 72 770 Td {text}ET"
    parts = [
        "<</Type/Catalog/Pages 2 0 R>>",
        "<</Type/Pages/Kids[3 0 R]/Count 1>>",
        _PAGE,
        f"<</Length {len(drawn)}>>stream\n{drawn}\nendstream",
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    whole, places = "%PDF-1.4\n", []
    for number, part in enumerate(parts, start=1):
        places.append(len(whole))
        whole += f"{number} 0 obj{part}endobj\n"
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    size = len(parts) + 1
    trailer = f"trailer<</Size {size}/Root 1 0 R>>\nstartxref\n{len(whole)}\n%%EOF\n"
    whole += f"xref\n0 {size}\n0000000000 65535 f \n{table}{trailer}"
    return InventedPaper(file_name, whole.encode("ascii"))


def _escaped(line: str) -> str:
    plain = unicodedata.normalize("NFD", line.replace("đ", "d").replace("Đ", "D"))
    letters = plain.encode("ascii", "ignore").decode()
    return letters.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
