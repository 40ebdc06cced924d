"""A value as a person keys it becomes the canonical value of its field, or is refused by its form."""

from __future__ import annotations

import unicodedata

import pytest

from bridge.domain.dossier import Json
from bridge.engine.people.keyed import read_form, read_value
from bridge.engine.people.refusal import Refusal

READ: list[tuple[str, str, Json]] = [
    ("applicant.name", "  Trần Thị Mẫu ", "Trần Thị Mẫu"),
    ("applicant.name", unicodedata.normalize("NFD", "Trần Thị Mẫu"), "Trần Thị Mẫu"),
    ("applicant.phone", "", None),
    ("applicant.birth_date", "20/11/1988", "1988-11-20"),
    ("applicant.birth_date", "1/3/1988", "1988-03-01"),
    ("applicant.birth_date", "1988-11-20", "1988-11-20"),
    ("applicant.birth_date", "11/1988", "1988-11"),
    ("applicant.birth_date", "1988-11", "1988-11"),
    ("applicant.birth_date", "1988", "1988"),
    ("applicant.id_issued_on", "29/02/2024", "2024-02-29"),
    ("due_at", "20/11/2026 9:15", "2026-11-20T09:15:00.000+07:00"),
    ("due_at", "2026-11-20", "2026-11-20T00:00:00.000+07:00"),
    ("due_at", "2026-11-20T02:15:00Z", "2026-11-20T09:15:00.000+07:00"),
    ("channel", "3", 3),
    ("applicant.vneid", "có", True),
    ("applicant.vneid", "FALSE", False),
    ("status", "10", 10),
]
REFUSED = [
    ("applicant.birth_date", "hôm qua", "a day, or as much as is known"),
    ("applicant.birth_date", "31/02/1988", "a day, or as much as is known"),
    ("applicant.id_issued_on", "1988", "a day: 2026-11-20"),
    ("due_at", "30/02/2026 09:15", "a day and time"),
    ("due_at", "2026", "a day and time"),
    ("channel", "hai", "a whole number"),
    ("channel", "1_0", "a whole number"),
    ("applicant.vneid", "maybe", "true or false"),
    ("status", "11", "a status by its number, 1 to 10"),
    ("status", "", "a status by its number, 1 to 10"),
    ("documents", "x", "is a list"),
]


@pytest.mark.parametrize(("path", "text", "value"), READ)
def test_a_value_is_read_by_the_form_of_its_field(path: str, text: str, value: Json) -> None:
    """As officials write it, or as systems do: the canonical form comes out."""
    assert read_value(path, text) == value


@pytest.mark.parametrize(("path", "text", "expected"), REFUSED)
def test_what_has_another_form_is_refused_without_the_value(
    path: str, text: str, expected: str
) -> None:
    """The field and the form that was expected are all that is said."""
    with pytest.raises(Refusal) as refusal:
        read_value(path, text)
    assert expected in refusal.value.said
    assert path in refusal.value.said


def test_where_no_form_is_fixed_the_values_it_had_tell_it() -> None:
    """A key of details is a number, a flag or a list as it was before; else it is text."""
    assert read_value("details.quantity", "7", None, 2) == 7
    assert read_value("details.ban_from_office", "không", True) is False
    assert read_value("details.reason", "7", "cũ") == "7"
    with pytest.raises(Refusal, match="is a list"):
        read_value("details.residences", "x", [{"place": "Nam Định"}])


def test_the_form_may_be_named() -> None:
    """An option of a command is read by the same forms, and named in the refusal."""
    assert read_form("instant", "--since", "01/01/2026") == "2026-01-01T00:00:00.000+07:00"
    with pytest.raises(Refusal, match="--since takes a day and time"):
        read_form("instant", "--since", "hôm qua")
