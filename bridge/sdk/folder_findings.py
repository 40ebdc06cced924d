"""What ``check`` looks at: the folders, the right to write and rename in them, the space left."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from bridge.domain.said import Said
from bridge.sdk.folder_faults import retryable
from bridge.sdk.folders import Layout, LocalFolders
from bridge.sdk.records import Check

__all__ = ["folder_findings"]

PROBE = "dossier-bridge-check"
LEAST_FREE = 256 * 1024 * 1024
"""Bytes that must be free: a few hundred dossiers with their papers."""


def folder_findings(root: Path, layout: Layout) -> Iterator[Check]:
    """Yield the findings for the folders under ``root``; never raises."""
    folders = LocalFolders(root)
    for folder in (layout.outgoing, layout.incoming, layout.receipts):
        there = folders.present(folder)
        place = str(root / folder)
        lost = Said("{place}: {reason}", place=place, reason=Said("the folder is not there"))
        yield Check(Said("folder {folder}", folder=folder), there, place if there else lost)
        if there:
            yield _readable(folders, folder)
    for folder in (layout.outgoing, layout.incoming):
        if folders.present(folder):
            yield _writable(folders, folder)
    for folder in (layout.done, layout.broken):
        if folders.present(folder):
            yield _writable(folders, folder)
            yield _one_file_system(root, folder, layout.incoming)
    if root.is_dir():
        yield _space(root)


def _readable(folders: LocalFolders, folder: str) -> Check:
    name = Said("read {folder}", folder=folder)
    try:
        with os.scandir(folders.root / folder) as entries:
            next(entries, None)
    except OSError as error:
        return Check(name, ok=False, detail=retryable(error, folder).reason)
    return Check(name, ok=True, detail=Said("can be listed"))


def _writable(folders: LocalFolders, folder: str) -> Check:
    name, trial = Said("write {folder}", folder=folder), f".{PROBE}-{os.getpid()}"
    try:
        folders.write(folder, trial, [b"check"])
        folders.reveal(folder, trial)
        folders.sync(folder)
        (folders.root / folder / trial).unlink()
    except OSError as error:
        return Check(name, ok=False, detail=retryable(error, folder).reason)
    return Check(name, ok=True, detail=Said("a file can be made, renamed and removed"))


def _one_file_system(root: Path, folder: str, source: str) -> Check:
    same = (root / folder).stat().st_dev == (root / source).stat().st_dev
    here = Said("on the file system of {folder}", folder=source)
    away = Said("on another file system than {folder}: no rename", folder=source)
    detail = here if same else away
    return Check(Said("rename into {folder}", folder=folder), same, detail)


def _space(root: Path) -> Check:
    free = shutil.disk_usage(root).free
    left = Said("{size} MiB free at {place}", size=free // 2**20, place=str(root))
    return Check("space", free >= LEAST_FREE, left)
