"""Two processes that read the one-stop database at the same time."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bridge.engine import capture
from tests.journey.test_leases import another
from tests.journey.town import GPLX, Town


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_a_page_read_before_another_process_read_on_is_read_again(
    tmp_path: Path, database: str, request: pytest.FixtureRequest
) -> None:
    """What the slower one read is old by the time it would enter: nothing of it is believed."""
    url = request.getfixturevalue("postgres_database") if database == "postgresql" else None
    with Town(tmp_path, ("gplx",), store_url=url) as town:
        code = town.key(GPLX, details={"licence_class": "B"})
        elsewhere = another(town)
        onestop: Any = town.house.onestop
        changes = onestop.changes

        def slow(*given: Any) -> Any:
            page = changes(*given)
            onestop.changes = changes
            town.edit(code, summary="Đổi ý")
            assert sum(capture.capture(elsewhere.house)) == 1
            return page

        onestop.changes = slow
        assert sum(capture.capture(town.house)) == 0, (
            "it came second, and found nothing left to read"
        )
        town.settle(3)
        town.edit(code, summary="Cấp đổi")
        town.settle(3)
        assert town.states(code, "gplx") == ["confirmed"]
        elsewhere.close()
        town.ends_well()
