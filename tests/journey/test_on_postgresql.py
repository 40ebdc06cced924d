from __future__ import annotations

from pathlib import Path

import pytest

from tests.journey.town import GPLX, YTE, Town

WAYS = [
    pytest.param("gplx", GPLX, "new_licence_number", id="gplx"),
    pytest.param("yte", YTE, "certificate_number", id="yte"),
]


@pytest.mark.parametrize(("name", "procedure", "key"), WAYS)
def test_there_and_back_with_both_databases_on_postgresql(
    tmp_path: Path,
    postgres_database: str,
    second_database: str,
    name: str,
    procedure: str,
    key: str,
) -> None:
    """The same story as on SQLite: there, back, imported, mended; each step once, in order."""
    with Town(
        tmp_path, ("dvcqg", name), onestop_url=postgres_database, store_url=second_database
    ) as town:
        code, bad = town.key(procedure), town.key(procedure, applicant_birth_date=None)
        (ref,) = town.ministries[name].file_own()
        town.settle(4)
        assert town.states(code, name) == ["confirmed"]
        assert town.states(bad, name) == ["dead"]
        assert [notice["field"] for notice in town.notices(bad)] == ["applicant_birth_date"]
        town.edit(bad, applicant_birth_date="1988")
        while town.ministries[name].advance():
            town.settle(3)
        town.settle(2)
        query = "SELECT code FROM dossier WHERE ministry_ref = :ref"
        (imported,) = [row["code"] for row in town.rows(query, ref=ref)]
        for one, first in ((code, "onestop"), (bad, "onestop"), (imported, name)):
            here = town.dossier(one)
            (there,) = [
                record
                for record in town.ministries[name].records()
                if record["ref"] == here["ministry_ref"]
            ]
            assert (here["status"], there["status"]) == (9, 9)
            assert there["code"] in (one, None)
            assert here["details"][key] != ""
            assert here["finished_at"] is not None
            assert town.progress(one) == [(2, first), (4, name), (9, name)]
            assert town.shown(one) == [2, 4, 9]
            assert town.notices(one) == []
            (issued,) = town.rows(
                "SELECT path FROM dossier_document WHERE dossier_code = :code AND kind = 'result'",
                code=one,
            )
            assert (tmp_path / "documents" / issued["path"]).read_bytes().startswith(b"%PDF")
        town.ends_well()
