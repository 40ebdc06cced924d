"""A ministry that a WSDL, a definition and a mapping describe: out, in doubt, and back."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from adapters.gplx.rehearsal import GplxRehearsal
from bridge.cli.main import main
from bridge.sdk.rehearsal import Fault
from tests.journey.declared import described
from tests.journey.town import GPLX

NAME = "gplx_plain"


def test_three_files_bring_a_ministry_in_step(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Check is well, a dossier is confirmed, a lost answer sends nothing twice, a result comes back."""
    with described(tmp_path, "gplx-plain", GplxRehearsal) as town:
        adapters = {one.name: one.adapter for one in town.opened.settings.systems}
        assert adapters[NAME] == "soap"
        config = ["--config", str(tmp_path / "bridge.toml"), "--lang", "en", "--json"]
        assert main(["check", *config]) == 0
        found = {one["name"]: one for one in json.loads(capsys.readouterr().out)["checks"]}
        assert found[f"{NAME}: wsdl"]["detail"] == "6 operations"
        assert found["mapping gplx_plain/licence v1"]["ok"]

        code, ministry = town.key(GPLX), town.ministries[NAME]
        ministry.faults.next(Fault.LOST_ANSWER, operation="NopHoSo")
        assert main(["sync", *config]) == 1
        rows = {one["name"]: one for one in json.loads(capsys.readouterr().out)["systems"]}
        assert rows[NAME]["in_doubt"] == 1
        town.settle(4)
        assert town.states(code, NAME)[-1] == "confirmed"
        ref = town.record(NAME, code)["ref"]
        assert town.dossier(code)["ministry_ref"] == ref

        assert town.record(NAME, code)["body"]["TaiLieu"]

        ministry.move(ref, "XL", "Đang thẩm định")
        town.settle(3)
        town.edit(code, applicant_phone="0900000009")
        town.settle(4)
        held = town.record(NAME, code)["body"]
        assert held["NguoiNop"]["DienThoai"] == "0900000009"
        assert held["GhiChu"] == "Đang thẩm định"
        ministry.move(ref, "CP")
        (own,) = ministry.file_own(1)
        town.settle(5)
        assert town.dossier(code)["status"] == 9
        assert town.rows("SELECT code FROM dossier WHERE ministry_ref = :ref", ref=own)
        town.ends_well()
