"""A ministry that only a definition and a mapping describe, from check to what is imported."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from adapters.dkkd.rehearsal import DkkdRehearsal
from bridge.cli.main import main
from tests.journey.declared import described
from tests.journey.town import DKKD

NAME = "dkkd_plain"
DAY = 86_400.0


def test_two_files_bring_a_ministry_in_step(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Check is well and says what is left out; what was keyed there comes in, days missed too."""
    with described(tmp_path, "dkkd-plain", DkkdRehearsal) as town:
        adapters = {one.name: one.adapter for one in town.opened.settings.systems}
        assert adapters[NAME] == "rest"
        config = ["--config", str(tmp_path / "bridge.toml"), "--lang", "en", "--json"]
        assert main(["check", *config]) == 0
        found = {one["name"]: one for one in json.loads(capsys.readouterr().out)["checks"]}
        assert found[f"{NAME}: definition"]["detail"] == "it is only read: nothing is sent there"
        assert found[f"{NAME}: service"]["ok"]
        assert found["mapping dkkd_plain/registration v1"]["ok"]

        code, ministry = town.key(DKKD), town.ministries[NAME]
        (ref,) = ministry.file_own(DOSSIER_NO=code, NAME="Công ty TNHH Mẫu")
        (own,) = ministry.file_own(CONTACT_FULL_NAME="", NAME="Công ty Cổ phần Mẫu")
        ministry.advance()
        assert main(["sync", *config]) == 0
        rows = {one["name"]: one for one in json.loads(capsys.readouterr().out)["systems"]}
        assert (rows[NAME]["received"], rows[NAME]["imported"]) == (1, 1)

        assert town.dossier(code)["ministry_ref"] == ref
        assert town.progress(code) == [(2, "onestop"), (4, NAME)]
        (imported,) = town.rows("SELECT * FROM dossier WHERE ministry_ref = :ref", ref=own)
        assert imported["applicant_name"] == "Công ty Cổ phần Mẫu"

        town.clock.forward(12 * DAY)
        ministry.move(ref, "CAP_GCN", at=town.clock())
        town.clock.forward(3 * DAY)
        town.settle(4)
        assert town.dossier(code)["status"] == 9
        assert town.dossier(code)["details"]["enterprise_code"]
        assert town.states(code, NAME) == []
        moved = town.moved()
        town.settle(3)
        assert town.moved() == moved
        town.ends_well()
