"""Writes ``config/``: the example ``dossier-bridge init`` gives, so that it can be read online."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bridge.cli.starters import example_files  # noqa: E402 - the path comes first
from bridge.sdk.registry import Registry  # noqa: E402


def main() -> None:
    """Write every file of the example."""
    for name, text in example_files(Registry.load()).items():
        path = ROOT / "config" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        print(path.relative_to(ROOT))


if __name__ == "__main__":
    main()
