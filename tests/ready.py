"""What tests begin with again and again, made once a process: an upgraded store."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path

from sqlalchemy.engine import make_url

from bridge.store import upgrade


def upgraded(url: str) -> None:
    """Make every table in the empty database at ``url``: on SQLite by a copy of such a file."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        upgrade(url)
        return
    file = Path(parsed.database or "")
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(_upgraded_file())


@cache
def _upgraded_file() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "store.db")
        upgrade(f"sqlite:///{file}")
        return file.read_bytes()
