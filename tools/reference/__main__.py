"""``python -m tools.reference``: write the pages, or with ``--check`` say what is stale."""

from __future__ import annotations

import argparse
import sys

from tools.reference import pages


def main() -> int:
    """Write every page, or check them."""
    parser = argparse.ArgumentParser(description="The reference pages of docs/, from the code.")
    parser.add_argument("--check", action="store_true", help="change nothing, say what is stale")
    checked = parser.parse_args().check
    stale = list(pages.stale())
    if not checked:
        for page in stale:
            page.path.write_text(page.text(), encoding="utf-8")
    for page in stale:
        print(f"{page.path.name}: {'not as the code tells it' if checked else 'written'}")
    return 1 if checked and stale else 0


if __name__ == "__main__":
    sys.exit(main())
