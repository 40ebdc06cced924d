"""Records that show a part of a dossier: lltp tells a status alone, under a mapping of its own."""

from __future__ import annotations

from pathlib import Path
from unittest.mock import patch

from tests.journey.town import GPLX, Town

WHOLE = "declarationWSForm"


def test_a_part_never_takes_the_place_of_the_whole(tmp_path: Path) -> None:
    """What was read whole stays what is known; also of a dossier that went to another system."""
    with Town(tmp_path, ("lltp",)) as town:
        town.ministries["lltp"].file_own()
        town.settle(2)
        (row,) = town.rows("SELECT code FROM dossier")
        known = town.link(row["code"], "lltp").known
        assert known is not None
        assert WHOLE in known

        town.ministries["lltp"].advance()
        town.settle(1)
        link = town.link(row["code"], "lltp")
        assert (link.theirs or {})["status"] == 4
        assert link.known == known

        town.edit(row["code"], procedure_code=GPLX)
        town.ministries["lltp"].advance()
        town.settle(1)
        link = town.link(row["code"], "lltp")
        assert (link.theirs or {})["status"] == 9
        assert town.dossier(row["code"])["status"] == 4
        assert link.known == known
        town.ends_well()


def test_a_part_that_names_anothers_dossier_is_set_aside(tmp_path: Path) -> None:
    """Under the code of a licence: nothing of it is written, and the clerk is told to look."""
    with Town(tmp_path, ("lltp", "gplx")) as town:
        code = town.key(GPLX)
        town.settle(2)
        before = town.dossier(code)
        entry, _ = town.ministries["lltp"]._register.file(code, {"declarationWSForm": {}})
        town.ministries["lltp"].advance()
        town.settle(1)
        ref, reason, _rule = town.quarantined()[0]
        assert (ref, reason) == (entry.ref, "it names a dossier that is not for this system")
        assert town.conflicts(code, "lltp")["procedure.code"].why == "elsewhere"
        (notice,) = town.notices(code)
        assert (notice["system"], notice["severity"]) == ("lltp", "action")
        assert town.dossier(code) == before
        assert town.progress(code) == [(2, "onestop")]
        town.ends_well()


def test_a_part_read_before_its_dossier_gives_way_to_it(tmp_path: Path) -> None:
    """Filed between the two lists of one page: the dossier does not wait behind its own status."""
    with Town(tmp_path, ("lltp",)) as town:
        lltp = town.ministries["lltp"]
        lltp.file_own()
        with patch.object(lltp._register, "filed_there", return_value=[]):
            town.receive("lltp")
        assert town.rows("SELECT code FROM dossier") == []
        town.settle(6)
        (row,) = town.rows("SELECT status FROM dossier")
        assert row["status"] == 2
        assert town.quarantined() == []
        town.ends_well()
