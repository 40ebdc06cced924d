"""The page of a comparison in a real browser: on a screen, on paper, and with scripts put into it."""

from __future__ import annotations

import io
import json
import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from lxml import html

from bridge.domain.reconcile import Different
from bridge.reports import Look, write_html
from tests.unit.reports.invented import EN, VI_OPEN, compared, differs, earlier, rows

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "chrome"))), None)
PAPER = 688
"""Width of A4 less the margins of the page (2 × 14 mm), in CSS pixels: 182 mm at 96 a inch."""

pytestmark = pytest.mark.skipif(BROWSER is None, reason="no Chromium on this machine")

LOOKS_AT_TABLES = """
const room = document.documentElement.clientWidth;
const wide = [...document.querySelectorAll("table, th, td, svg, summary")]
  .filter(one => one.checkVisibility())
  .filter(one => one.getBoundingClientRect().right > room + 1 || one.scrollWidth > one.clientWidth + 2)
  .map(one => one.tagName + " " + one.textContent.trim().slice(0, 40));
const torn = [...document.querySelectorAll("thead th")].filter(one => one.checkVisibility())
  .filter(one => one.scrollWidth > one.clientWidth + 2).map(one => one.textContent);
document.title = JSON.stringify({room, wide, torn, tables: document.querySelectorAll("table").length});
"""

LOOKS_AT_VALUES = """
const cells = [...document.querySelectorAll(".differences td.value")].filter(one => one.checkVisibility());
const widths = cells.map(one => one.getBoundingClientRect().width);
const heads = cells.map(one => getComputedStyle(one, "::before").content);
document.title = JSON.stringify({
  narrowest: Math.min(...widths), heads: [...new Set(heads)], beyond: document.body.scrollWidth - innerWidth,
});
"""


def browse(folder: Path, page: str, *arguments: str) -> str:
    """Open a page without a window; returns what the browser puts out."""
    assert BROWSER is not None
    path = folder / "page.html"
    path.write_text(page, encoding="utf-8")
    flags = ("--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={folder / 'profile'}")
    command = [BROWSER, *flags, *arguments, path.as_uri()]
    ended = subprocess.run(command, capture_output=True, text=True, check=True, timeout=100)
    return ended.stdout


def page(look: Look) -> str:
    """Return the page of a comparison with words that are longer than any place for them."""
    found = rows()
    endless = differs("status_note", "x" * 300, "y" * 300)
    for at, row in enumerate(found):
        if isinstance(row.finding, Different) and row.finding.fields:
            finding = replace(row.finding, fields=(endless, *row.finding.fields))
            found[at] = replace(row, finding=finding)
    titles = {**look.titles, "000.99.22.H40": "Z" * 120}
    out = io.StringIO()
    write_html(out, compared(found), found, replace(look, titles=titles), earlier())
    return out.getvalue()


@pytest.mark.parametrize("look", [VI_OPEN, EN], ids=["vi", "en"])
def test_on_paper_no_table_is_cut_off(tmp_path: Path, look: Look) -> None:
    """At the width of a page of A4, printed styles on, every table and cell has its room."""
    bare = re.sub(r"<meta http-equiv[^>]*>", "", page(look)).replace("@media print", "@media all")
    bare = bare.replace("<details", "<details open").replace("open open", "open")
    bare = bare.replace("</body>", f"<script>{LOOKS_AT_TABLES}</script></body>")
    dom = browse(tmp_path, bare, f"--window-size={PAPER},1000", "--dump-dom", "--hide-scrollbars")
    seen = json.loads(html.document_fromstring(dom).findtext(".//title") or "{}")
    assert seen["tables"] > 8
    assert seen["room"] == PAPER
    assert (seen["wide"], seen["torn"]) == ([], [])


def test_on_a_telephone_a_value_has_the_width_of_the_screen(tmp_path: Path) -> None:
    """Where there is no room for columns, each value stands below the head of its column."""
    bare = re.sub(r"<meta http-equiv[^>]*>", "", page(VI_OPEN)).replace("<details", "<details open")
    bare = bare.replace("open open", "open")
    bare = bare.replace("</body>", f"<script>{LOOKS_AT_VALUES}</script></body>")
    dom = browse(tmp_path, bare, "--window-size=500,1000", "--dump-dom", "--hide-scrollbars")
    seen = json.loads(html.document_fromstring(dom).findtext(".//title") or "{}")
    assert seen["narrowest"] > 300
    assert seen["heads"] == ['"Ở một cửa"', '"Ở bộ, ngành"']
    assert seen["beyond"] <= 0


def test_it_prints_and_runs_nothing_that_got_into_it(tmp_path: Path) -> None:
    """The policy in the page stops a script; the print is a document of some pages."""
    paper = tmp_path / "paper.pdf"
    script = "<script>document.body.textContent = ''</script></body>"
    browse(tmp_path, page(EN).replace("</body>", script), f"--print-to-pdf={paper}")
    printed = paper.read_bytes()
    assert printed.startswith(b"%PDF")
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) > 3
