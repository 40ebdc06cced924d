from __future__ import annotations

import unicodedata

import pytest

from bridge.domain.dossier import Json
from bridge.domain.unlike import Unlike, unlike

NFD = unicodedata.normalize("NFD", "Trần Văn Mẫu")


@pytest.mark.parametrize(
    ("ours", "theirs", "how"),
    [
        (None, "x", Unlike.ABSENT_HERE),
        ("", "x", Unlike.ABSENT_HERE),
        ("x", None, Unlike.ABSENT_THERE),
        ([1], [], Unlike.ABSENT_THERE),
        (1, "1", Unlike.FORM),
        (True, "true", Unlike.FORM),
        ("Trần Văn Mẫu", NFD, Unlike.FORM),
        ("Trần  Văn Mẫu", "Trần Văn Mẫu ", Unlike.SPACING),
        ("TRẦN VĂN MẪU", "Trần Văn Mẫu", Unlike.CASE),
        ("Nguyễn Thị Hoà", "Nguyễn Thị Hòa", Unlike.TONE_PLACE),
        ("THUÝ", "Thúy", Unlike.TONE_PLACE),
        ("Đỗ Văn Mẫu", "Do Van Mau", Unlike.DIACRITICS),
        ("Mẫu Văn Trần", "Trần Văn Mẫu", Unlike.ORDER),
        ([{"id": 1}, {"id": 2}], [{"id": 2}, {"id": 1}], Unlike.ORDER),
        ([{"id": 1}], [{"id": 2}], Unlike.ROWS),
        ("Trần Văn Mẫu", "Trần Văn Mậu", Unlike.DIACRITICS),
        ("0900000001", "0900000002", Unlike.VALUE),
    ],
)
def test_the_way_in_which_values_differ_is_the_finest_that_is_true(
    ours: Json, theirs: Json, how: Unlike
) -> None:
    """What a person reads first: not that they differ, but in what."""
    assert unlike(ours, theirs) is how
