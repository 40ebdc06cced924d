from __future__ import annotations

from pathlib import Path

from tests.journey.town import GPLX, Town

SYSTEMS = ("dvcqg", "gplx")
SHOUTS = {"gplx": {"uppercase_names": True}}
READS = 3


def test_a_ministry_that_writes_names_its_own_way_is_a_conflict_after_three_reads(
    tmp_path: Path,
) -> None:
    """It takes the name and shows it in capitals for ever: asked thrice, then a person decides."""
    with Town(tmp_path, SYSTEMS, rehearsals=SHOUTS) as town:
        ministry = town.ministries["gplx"]
        code = town.key(GPLX)
        name = town.dossier(code)["applicant_name"]
        town.settle(12)
        assert town.record("gplx", code)["body"]["NguoiNop"]["HoTen"] == name.upper()
        assert town.conflicts(code, "gplx")["applicant.name"].why == "never_equal"
        assert ministry.calls["CapNhatHoSo"] == READS - 1
        assert town.dossier(code)["applicant_name"] == name
        (notice,) = town.notices(code)
        assert (notice["field"], notice["severity"]) == ("applicant_name", "action")

        before = town.moved(), ministry.calls["CapNhatHoSo"]
        town.settle(10)
        assert (town.moved(), ministry.calls["CapNhatHoSo"]) == before
        assert ministry.calls["NopHoSo"] == 1
        town.ends_well()


def test_the_rest_of_the_dossier_goes_on(tmp_path: Path) -> None:
    """Beside the stubborn name, other fields go out and the ministry's moves come in."""
    with Town(tmp_path, SYSTEMS, rehearsals=SHOUTS) as town:
        code = town.key(GPLX)
        town.settle(12)
        calls = town.ministries["gplx"].calls["CapNhatHoSo"]
        town.edit(code, applicant_phone="0900000001")
        town.move("gplx", code, "XL")
        town.settle(8)
        assert town.record("gplx", code)["body"]["NguoiNop"]["DienThoai"] == "0900000001"
        assert town.ministries["gplx"].calls["CapNhatHoSo"] == calls + 1
        assert town.dossier(code)["status"] == 4
        assert town.conflicts(code, "gplx").keys() == {"applicant.name"}
        assert town.shown(code) == [2, 4]
        town.ends_well()


def test_giving_way_ends_the_conflict(tmp_path: Path) -> None:
    """The clerk writes the name as the ministry does: both agree, the notice is resolved."""
    with Town(tmp_path, SYSTEMS, rehearsals=SHOUTS) as town:
        code = town.key(GPLX)
        town.settle(12)
        town.edit(code, applicant_name=town.dossier(code)["applicant_name"].upper())
        town.settle(4)
        assert town.conflicts(code, "gplx") == {}
        assert town.notices(code) == []
        before = town.moved()
        town.settle(4)
        assert town.moved() == before
        town.ends_well()
