"""``python -m tools.tour``: renew what the tour prints, in both languages."""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from tools.tour.reading import ROOT
from tools.tour.terminal import renewed

PAGES = ("tour.md", "tour.vi.md")


def main() -> int:
    """Type both pages; write those that print something else."""
    for name in PAGES:
        path = ROOT / "docs" / name
        page = path.read_text(encoding="utf-8")
        with TemporaryDirectory() as folder:
            now = renewed(page, Path(folder))
        path.write_text(now, encoding="utf-8")
        print(f"{name}: {'as it was' if now == page else 'written'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
