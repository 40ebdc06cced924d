"""Puts files that ministries issue into the documents folder: whole and lasting, or not at all.

A file is written under a temporary name beside its own, proved, synced and renamed, and its folder
is synced. Its own name depends on nothing but system, dossier and content: what a crash left
behind is found again, and not asked for twice.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

from bridge.sdk import Said
from bridge.sdk.documents import CHUNK, MB
from bridge.sdk.onestop import OneStopFault
from bridge.sdk.results import ResultFault


def place(root: Path, target: Path, sha256: str, most: int, blocks: Iterable[bytes]) -> int:
    """Put a file below the documents folder ``root``; see ``OneStop.place``.

    Raises:
        OneStopFault: the folder can't be written; nothing is left behind.
    """
    try:
        there = _size_if(target, sha256)
        if there is not None:
            _sync(target.parent)  # whoever put it there may have died before that
            return there
        if not root.is_dir():  # perhaps a share that is away: it is not made
            raise NotADirectoryError(20, "the documents folder is not there")
        _make(target.parent, root)
        return _write(target, sha256, most, blocks)
    except OSError as error:
        detail = error.strerror or type(error).__name__
        words = Said("the documents folder can't be written: {detail}", detail=detail)
        raise OneStopFault(words, transient=True) from error


def _size_if(target: Path, sha256: str) -> int | None:
    """Return the size of the file if it is there with this hash."""
    digest, size = hashlib.sha256(), 0
    try:
        with target.open("rb") as file:
            while block := file.read(CHUNK):
                digest.update(block)
                size += len(block)
    except FileNotFoundError:
        return None
    return size if digest.hexdigest() == sha256 else None


def _write(target: Path, sha256: str, most: int, blocks: Iterable[bytes]) -> int:
    for left in target.parent.glob(f".{target.name}.*.tmp"):
        left.unlink(missing_ok=True)
    temporary = target.with_name(f".{target.name}.{uuid4().hex}.tmp")
    try:
        size = _fill(temporary, sha256, most, blocks)
        temporary.replace(target)
    except BaseException:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise
    _sync(target.parent)
    return size


def _fill(temporary: Path, sha256: str, most: int, blocks: Iterable[bytes]) -> int:
    digest, size = hashlib.sha256(), 0
    with temporary.open("xb") as file:
        for block in blocks:
            size += len(block)
            if size > most:
                limit = f"{most / MB:.4g}"
                raise ResultFault("large", Said("it is larger than {limit} MB", limit=limit))
            digest.update(block)
            file.write(block)
        if digest.hexdigest() != sha256:
            raise ResultFault("wrong", Said("its content is not the one its sha256 stands for"))
        file.flush()
        os.fsync(file.fileno())
    if temporary.stat().st_size != size:
        raise OSError(5, "the file is not as long as what was written")
    return size


def _make(folder: Path, root: Path) -> None:
    """Make the folders below the root that are not there, each to last."""
    if folder == root or folder.is_dir():
        return
    _make(folder.parent, root)
    folder.mkdir(exist_ok=True)
    _sync(folder.parent)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
