"""Packages that ``adapter new`` wrote, installed for one test beside what is installed."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

__all__ = ["forget", "install"]


def install(packages: Iterable[Path], site: Path) -> Path:
    """Install packages into a folder of their own, as pip does, with nothing fetched."""
    subprocess.run(
        [
            sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index",
            "--no-build-isolation", "--disable-pip-version-check", "--target", site, *packages,
        ],
        check=True,
    )  # fmt: skip
    return site


def forget(*names: str) -> None:
    """Let the packages be imported anew by the next test."""
    packages = {f"dossier_bridge_{name}" for name in names}
    for module in [one for one in sys.modules if one.partition(".")[0] in packages]:
        del sys.modules[module]
