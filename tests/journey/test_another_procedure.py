"""The procedure of a dossier is keyed wrongly, at the counter or at the ministry."""

from __future__ import annotations

from pathlib import Path

from tests.journey.town import GPLX, YTE, Town

BOTH = ("gplx", "yte")


def keyed_wrongly(town: Town) -> str:
    """Key a dossier of yte under a procedure of gplx."""
    code = town.key(YTE)
    details = {**town.dossier(code)["details"], "licence_class": "A1"}
    town.edit(code, procedure_code=GPLX, details=details)
    return code


def test_a_dossier_whose_procedure_is_mended_in_time_goes_only_where_it_belongs(
    tmp_path: Path,
) -> None:
    """It stood in line for the wrong system: taken back, and sent to the right one."""
    with Town(tmp_path, BOTH) as town:
        code = keyed_wrongly(town)
        town.front()
        town.edit(code, procedure_code=YTE)
        town.settle(4)
        assert town.ministries["gplx"].records() == []
        assert town.states(code, "gplx") == ["superseded"]
        assert town.states(code, "yte") == ["confirmed"]
        assert town.notices(code) == []
        town.ends_well()


def test_a_record_left_at_the_wrong_system_is_shown_to_a_person(tmp_path: Path) -> None:
    """Nothing of it is written any more; put right again, what it told meanwhile comes in."""
    with Town(tmp_path, BOTH) as town:
        code = keyed_wrongly(town)
        town.settle(3)
        town.edit(code, procedure_code=YTE)
        town.settle(4)
        town.move("gplx", code, "XL")
        town.settle(3)
        number = town.record("yte", code)["ref"]
        row = town.dossier(code)
        assert (row["ministry_ref"], row["status"]) == (number, 2)
        assert town.conflicts(code, "gplx")["procedure.code"].why == "elsewhere"
        (notice,) = town.notices(code)
        assert (notice["system"], notice["field"]) == ("gplx", "procedure_code")
        assert "mã thủ tục" in notice["text_vi"]
        assert town.record("gplx", code)["updates"] == 0

        town.edit(code, procedure_code=GPLX)
        town.settle(4)
        assert town.dossier(code)["status"] == 4
        assert town.conflicts(code, "gplx") == {}
        assert {one["system"] for one in town.notices(code)} == {"yte"}
        town.ends_well()


def test_a_record_that_names_a_dossier_of_another_system_writes_nothing_there(
    tmp_path: Path,
) -> None:
    """An officer typed the wrong code: the record is set aside, and a person is told."""
    with Town(tmp_path, BOTH) as town:
        mine, other = town.key(GPLX), town.key(YTE)
        town.settle(3)
        before, register = town.dossier(other), town.ministries["gplx"]._register
        entry = register.entry(town.record("gplx", mine)["ref"])
        assert entry is not None
        wrong = {key: value for key, value in entry.body.items() if key != "SoTiepNhan"}
        register.file({**wrong, "MaHoSoMotCua": other})
        town.settle(4)
        assert town.dossier(other) == before
        assert [reason for _, reason, _ in town.quarantined()] == [
            "it names a dossier that is not for this system"
        ]
        assert town.conflicts(other, "gplx")["procedure.code"].why == "elsewhere"
        assert len(town.rows("SELECT code FROM dossier")) == 2
