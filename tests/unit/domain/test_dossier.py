"""The canonical dossier: its codes, its paths, and whose they are."""

from __future__ import annotations

import pytest

from bridge.domain.authority import Owner, status_owner
from bridge.domain.dossier import (
    LIST_KEYS,
    PATHS,
    Snapshot,
    flatten,
    is_open,
    is_personal,
    known_path,
    valid_code,
)
from bridge.domain.status import NAMES


@pytest.mark.parametrize(
    "code",
    [
        "000.00.07.H40-261120-0001",
        "000.00.07.H40-261120-000001",
        "H40.07-261120-0000001",
        "H40.07-261120-M000042",
        "H40.07-240229-0001",
    ],
)
def test_codes_of_the_field_are_valid(code: str) -> None:
    """Four, six or seven digits, or M and six: each is a dossier code."""
    assert valid_code(code)


@pytest.mark.parametrize(
    "code",
    [
        "",
        "H40.07-261120-001",
        "H40.07-261120-00001",
        "H40.07-261120-M00042",
        "H40.07-261120-m000042",
        "H40.07-261320-0001",
        "H40.07-250229-0001",
        "H40.07-20261120-0001",
        "H40 07-261120-0001",
        "H40.07-261120-0001\n",
        f"{'H' * 41}-261120-0001",
    ],
)
def test_other_texts_are_not_codes(code: str) -> None:
    """A wrong number of digits, a day that never was, a blank or a line end: not a code."""
    assert not valid_code(code)


def test_flatten_gives_dotted_paths_and_leaves_lists_whole() -> None:
    """Nested mappings become dotted paths; a list stays the value of one path."""
    nested = {"status": 2, "details": {"degrees": [{"year": 2008}], "proxy": {"name": None}}}
    assert dict(flatten(nested)) == {
        "status": 2,
        "details.degrees": [{"year": 2008}],
        "details.proxy.name": None,
    }


def test_known_paths_are_the_fixed_ones_and_every_detail() -> None:
    """Any key under ``details.`` is a path; a bare ``details`` or a foreign word is not."""
    assert all(known_path(path) for path in PATHS)
    assert known_path("details.licence_class")
    assert not known_path("details")
    assert not known_path("details.")
    assert not known_path("applicant.shoe_size")


def test_what_speaks_of_a_person_is_personal() -> None:
    """Everything of the applicant, the details and the summary must stay out of logs."""
    personal = {path for path in PATHS if is_personal(path)}
    assert personal == {path for path in PATHS if path.startswith("applicant.")} | {"summary"}
    assert is_personal("details.father")


def test_only_what_is_known_to_name_nobody_is_open() -> None:
    """Codes, offices, procedures, dates and figures are; free texts, lists and the unknown are not."""
    closed = {path for path in PATHS if not is_open(path)}
    personal = {path for path in PATHS if is_personal(path)}
    assert closed == personal | {"status_note"} | {
        path for path, kind in PATHS.items() if kind == "list"
    }
    assert not any(map(is_open, ("details.licence_class", "details.", "progress.note", "", "name")))
    assert is_open("status", 4, None)
    assert is_open("due_at", "2026-11-20T09:15:00.000+07:00", "20/11/2026"[:0])
    assert not is_open("received_at", "2026-11-20T09:15:00.000+07:00", "Nguyễn Thị Hoà")
    assert not is_open("channel", [1])


def test_lists_hold_rows_that_have_an_id() -> None:
    """Every row of a list-valued path can be told from the others."""
    assert all("id" in keys and PATHS[path] == "list" for path, keys in LIST_KEYS.items())


def test_a_snapshot_knows_nothing_it_was_not_given() -> None:
    """A path that is absent reads as ``None``."""
    assert Snapshot("H40.07-261120-0001", {"status": 2}).get("summary") is None


def test_the_ministry_works_and_the_counter_does_the_rest() -> None:
    """4, 5, 6, 8 and 9 are the ministry's to say, the others the one-stop's."""
    owners = {status: status_owner(status) for status in NAMES}
    ministry = {status for status, owner in owners.items() if owner is Owner.MINISTRY}
    assert ministry == {4, 5, 6, 8, 9}
    assert {owners[status] for status in NAMES.keys() - ministry} == {Owner.ONESTOP}
