"""How the pretend ministry writes a file: as it should, or spoiled by a fault."""

from __future__ import annotations

import unicodedata
from pathlib import Path

from bridge.sdk.rehearsal import Fault

from .folder import temporary

__all__ = ["lay", "spoiled"]

BOM = b"\xef\xbb\xbf"
PAGE = b"<html><body><h1>503 Service Unavailable</h1></body></html>"
RENAMED = ((b"TrangThai>", b"TinhTrang>"), (b"KetQua>", b"KetLuan>"))


def lay(folder: Path, name: str, content: bytes) -> None:
    """Write ``name`` whole: under a temporary name first."""
    path = folder / temporary(name)
    path.write_bytes(content)
    path.replace(folder / name)


def spoiled(content: bytes, fault: Fault | None) -> bytes:
    """Return ``content`` as ``fault`` would have it."""
    if fault is Fault.BOM:
        return BOM + content
    if fault is Fault.NFD:
        return unicodedata.normalize("NFD", content.decode()).encode()
    if fault is Fault.HTML_200:
        return PAGE
    if fault is Fault.WRONG_SCHEMA:
        for right, wrong in RENAMED:
            content = content.replace(right, wrong)
    return content
