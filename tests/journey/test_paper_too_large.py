"""A file larger than a system takes: refused before it is read, told to the clerk, sent once mended."""

from __future__ import annotations

import os
from pathlib import Path

from bridge.engine import survey

from .town import GPLX, Town

LIMIT = "max_document_mb = 0.01"
MOST = 10_485
MINUTE = 61


def place(town: Town, paper: str) -> Path:
    """Return where the file of a paper lies."""
    (row,) = town.rows("SELECT path FROM dossier_document WHERE id = :id", id=paper)
    return town.folder / "documents" / str(row["path"])


def held(town: Town) -> list[str]:
    """Return the codes of the dossiers gplx has."""
    return [one["code"] for one in town.ministries["gplx"].records()]


def refusal(town: Town, code: str) -> str:
    """Return the text of the one standing notice; nothing of the dossier was sent."""
    assert code not in held(town)
    (notice,) = town.notices(code)
    assert (notice["field"], notice["severity"]) == ("dossier_document", "action")
    return str(notice["text_vi"])


def test_it_is_told_with_its_name_and_the_limit_and_goes_once_it_is_smaller(
    tmp_path: Path,
) -> None:
    """By the row or by the disk; mended in the one-stop, in the folder, or by the limit itself."""
    with Town(tmp_path, ("gplx",), extra={"gplx": LIMIT}) as town:
        fits, scanned, swollen, other = (town.key(GPLX) for _ in range(4))
        town.paper(fits, "Ảnh.pdf", b"x" * MOST, kind="component")
        large = town.paper(scanned, "Đơn.pdf", b"x" * (MOST + 1), kind="component")
        grown = town.paper(swollen, "Giấy khám.pdf", b"small", kind="component")
        os.truncate(place(town, grown), 64 * 1024**3)  # sparse: to read it would outlast any test
        town.paper(other, "Bằng.pdf", b"x" * 2 * MOST, kind="component")
        town.round()
        assert held(town) == [fits]
        said = refusal(town, scanned)
        assert "“Đơn.pdf”" in said
        assert "0,01 MB" in said
        assert "“Giấy khám.pdf”" in refusal(town, swollen)
        reasons = {one["code"]: str(one["reason"]) for one in survey.refusals(town.house)}
        assert f"{MOST + 1} bytes" in reasons[scanned]
        assert "0.01 MB" in reasons[scanned]

        town.clock.forward(MINUTE)
        town.round()
        assert held(town) == [fits]

        small = town.paper(scanned, "Đơn nhỏ.pdf", b"smaller", kind="component")
        town.execute("DELETE FROM dossier_document WHERE id = :id", id=large)
        town.edit(scanned)
        place(town, grown).write_bytes(b"small")
        town.clock.forward(MINUTE)
        town.settle(2)
        assert small
        assert set(held(town)) == {fits, scanned, swollen}
        assert town.notices(scanned) == town.notices(swollen) == []

        file = town.folder / "systems" / "gplx.toml"
        file.write_text(file.read_text(encoding="utf-8").replace(LIMIT, ""), encoding="utf-8")
        town.restart()
        town.clock.forward(MINUTE)
        town.settle(2)
        assert set(held(town)) == {fits, scanned, swollen, other}
        assert town.notices(other) == []
        town.ends_well()


def test_a_limit_holds_for_its_own_system_alone(tmp_path: Path) -> None:
    """What is too large for gplx goes to the portal, which is only told of it, all the same."""
    with Town(tmp_path, ("dvcqg", "gplx"), extra={"gplx": LIMIT}) as town:
        code = town.key(GPLX)
        town.paper(code, "Đơn.pdf", b"x" * 2 * MOST, kind="component")
        town.round()
        assert town.record("dvcqg", code)["code"] == code
        refusal(town, code)
