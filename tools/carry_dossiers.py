"""Carries one dossier through each of some installed adapters: an office of its own, ``check``, ``sync``.

``python tools/carry_dossiers.py FOLDER NAME …`` runs in whatever environment its Python is of; the
adapters speak to the pretend ministries they bring along.
"""

from __future__ import annotations

import json
import sys
from contextlib import ExitStack, redirect_stdout
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine

from adapters.onestop_sql.invented import Invention
from bridge.cli.main import main as dossier_bridge
from bridge.sdk.registry import Registry
from bridge.sdk.rehearsal_folders import FolderRehearsal

PROCEDURES = ("1.002835", "1.003709", "2.000488")
"""Each goes to one of the systems, in the order they are named."""


def main(folder: Path, names: list[str]) -> int:
    """Carry the dossiers; returns the exit code."""
    spoken("init", str(folder))
    for example in (folder / "systems").iterdir():
        example.unlink()
    registry, config = Registry.load(), ("--config", str(folder / "bridge.toml"))
    with ExitStack() as stack:
        ministries = {}
        for name, procedure in zip(names, PROCEDURES, strict=True):
            plugin = registry.ministry(name)
            build: Any = plugin.rehearsal
            ministry = build(interval=None) if plugin.protocol == "xml" else build()
            ministries[name] = stack.enter_context(ministry)
            write_system(folder, name, procedure, ministry)
        key_dossiers(folder)
        spoken("check", *config)
        for _ in range(2):  # a receipt that is a file is read in the next round
            spoken("sync", *config)
            for ministry in ministries.values():
                if isinstance(ministry, FolderRehearsal):
                    ministry.work()
        standing = json.loads(spoken("status", "--json", *config))["systems"]
        held = {name: len(ministry.records()) for name, ministry in ministries.items()}
    confirmed = {row["name"]: row["confirmed"] for row in standing}
    if not confirmed == held == dict.fromkeys(names, 1):
        print(f"confirmed {confirmed}, at the ministries {held}: expected one each")
        return 1
    return 0


def spoken(*arguments: str) -> str:
    """Run a command that must end with 0, and return what it shows."""
    shown = StringIO()
    with redirect_stdout(shown):
        code = dossier_bridge(arguments)
    if code != 0:
        raise SystemExit(f"dossier-bridge {' '.join(arguments)}: exit {code}\n{shown.getvalue()}")
    return shown.getvalue()


def write_system(folder: Path, name: str, procedure: str, ministry: Any) -> None:
    """Write the file of a system that reaches its pretend ministry."""
    lines = [
        f'name = "{name}"',
        f'adapter = "{name}"',
        f'procedures = ["{procedure}"]',
        "[options]",
    ]
    lines += [f"{key} = {json.dumps(value)}" for key, value in ministry.options().items()]
    for key, secret in ministry.secrets().items():
        file = folder / f"{name}.{key}"
        file.write_text(secret, encoding="utf-8")
        file.chmod(0o600)
        lines.append(f'{key} = {{ file = "{file.name}" }}')
    text = "\n".join(lines) + "\n"
    (folder / "systems" / f"{name}.toml").write_text(text, encoding="utf-8")


def key_dossiers(folder: Path) -> None:
    """Key a dossier of an invented person for each of the procedures."""
    invention = Invention(20261120, folder / "var" / "documents")
    engine = create_engine(f"sqlite:///{folder}/var/onestop.db")
    with engine.begin() as connection:
        invention.seed_catalogue(connection)
        for procedure in PROCEDURES:
            invention.dossiers(connection, 1, [procedure], start=date(2026, 11, 20))
    engine.dispose()


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2:]))
