"""``check`` looks at the certificates that lie in files as well."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.journey.town import Town
from tests.unit.sdk.tls import Authority

from .conftest import Call


@pytest.mark.parametrize(("days", "ok"), [(90, True), (13, False)])
def test_a_file_about_to_end_is_told_in_time(call: Call, town: Town, days: int, ok: bool) -> None:
    """The option is named, with the day; within two weeks of its end it is not well."""
    pair = Authority.made(town.folder).pair("theirs", days=days)
    file = town.folder / "systems" / "gplx.toml"
    text = file.read_text(encoding="utf-8") + f'ca_file = "{pair.certificate.name}"\n'
    file.write_text(text, encoding="utf-8")
    [found] = [
        one
        for one in call("check", "--json").document()["checks"]
        if one["name"] == "gplx: ca_file"
    ]
    assert found["ok"] is ok
    assert f"{datetime.now(UTC) + timedelta(days=days):%Y-%m-%d}" in found["detail"]


def test_a_file_that_is_not_there(call: Call, town: Town) -> None:
    """It is named, and why it can't be used; the rest is looked at all the same."""
    file = town.folder / "systems" / "gplx.toml"
    text = file.read_text(encoding="utf-8") + 'ca_file = "gone.pem"\n'
    file.write_text(text, encoding="utf-8")
    checks = {one["name"]: one for one in call("check", "--json").document()["checks"]}
    assert checks["gplx: ca_file"]["ok"] is False
    assert "No such file" in checks["gplx: ca_file"]["detail"]
