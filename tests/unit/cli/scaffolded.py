"""Packages that ``adapter new`` wrote, installed for one test beside what is installed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

__all__ = ["forget", "install"]


def install(package: Path, site: Path) -> Path:
    """Install a package into a folder of its own, as pip does, with nothing fetched."""
    subprocess.run(
        [
            sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index",
            "--no-build-isolation", "--disable-pip-version-check", "--target", site, package,
        ],
        check=True,
    )  # fmt: skip
    return site


def forget(name: str) -> None:
    """Let the package be imported anew by the next test."""
    package = f"dossier_bridge_{name}"
    for module in [one for one in sys.modules if one.partition(".")[0] == package]:
        del sys.modules[module]
