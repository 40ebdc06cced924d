"""The ministry's receipts: one file a dossier version, looked up by its exact name.

The folder keeps every receipt ever written, so it is never listed.
"""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from bridge.sdk import Said
from bridge.sdk.errors import AdapterError, ContractBroken, Rejected
from bridge.sdk.records import Command, Confirmation, Receipt
from bridge.sdk.xml import Shape, parse, to_plain

from .faults import NotReached, failed
from .folder import XACNHAN, Folders
from .incoming import word
from .naming import dossier_file
from .outgoing import SCHEMA

__all__ = ["confirmation"]

_CLOSED = re.compile(rb"</(?:[\w.-]+:)?XacNhan\s*>")


def confirmation(folders: Folders, command: Command) -> Confirmation:
    """Return what the receipt of ``command`` says; None while it is absent or half written.

    Raises:
        NotReached: nobody can be asked.
    """
    try:
        name = dossier_file(command.code, command.version)
        with folders.open(XACNHAN, name) as file:
            content = file.read()
        return _read(content, name, command) if _CLOSED.search(content) else None
    except FileNotFoundError:
        return None
    except NotReached:
        raise
    except OSError as error:
        return failed(error, XACNHAN)
    except AdapterError as error:
        return error


def _read(content: bytes, name: str, command: Command) -> Receipt | Rejected:
    try:
        root = parse(content)
        SCHEMA.require(root)
    except ContractBroken as error:
        raise ContractBroken(f"{XACNHAN}/{name}: {error.evidence}") from None
    told = {key: word(value) for key, value in to_plain(root).items()}
    if told["Tep"] and _stem(told["Tep"]) != _stem(name):
        raise ContractBroken(f"{XACNHAN}/{name}: Tep names another file")
    if told["KetQua"] == "1":
        ref = told.get("SoTiepNhan") or command.ref
        other = command.ref is not None and ref != command.ref
        return Receipt(ref, note="the receipt names another SoTiepNhan" if other else None)
    code, reason = told.get("MaLoi") or "0", told.get("LyDo") or ""
    field = _field(code, reason)
    return Rejected(code, field, reason or Said("refused without a reason"))


def _stem(name: str) -> str:
    return PurePosixPath(name.replace("\\", "/")).name.removesuffix(".xml")


def _field(code: str, reason: str) -> str | None:
    """Return the element that the ministry's words name, None when they name none."""
    words = {word.casefold() for word in re.findall(r"[^\W_]+", f"{code} {reason}")}
    named = [name for name in _leaves(SCHEMA.shape("DanhSachHoSo")) if name.casefold() in words]
    return max(named, key=len, default=None)


def _leaves(shape: Shape) -> list[str]:
    if not shape.children:
        return [shape.name]
    return [name for child in shape.children for name in _leaves(child)]
