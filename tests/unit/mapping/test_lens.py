"""A lens translates both ways, says what it carries, and refuses by name."""

from __future__ import annotations

import unicodedata
from typing import Any

import pytest

from bridge.domain.authority import Owner
from bridge.mapping import Cut, LiftError, LowerErrors

from .samples import DOSSIER, lens, one_rule


def _refused(ours: dict[str, Any], *changes: tuple[str, str]) -> LowerErrors:
    with pytest.raises(LowerErrors) as caught:
        lens(*changes).lower(ours)
    return caught.value


def test_a_dossier_is_lowered_whole() -> None:
    """Every outward rule says its part; what is missing and not required is left out."""
    lowered = lens().lower(DOSSIER)
    assert lowered.body == {
        "Ma": "H40.05-261120-0001",
        "Nguoi": {"Ten": "Nguyễn Văn Mẫu", "Sinh": "02/1990", "Gioi": "Nam"},
        "Nhan": "20261120091500",
        "TomTat": "Một hai ba",
        "Phi": "1000",
        "Tep": [{"Ten": "Đơn", "#text": {"document": "d1"}}],
        "Bang": [{"Ten": "Bằng một", "Nam": "2004"}],
    }
    assert lowered.cuts == (Cut("summary", 10, 14),)


def test_a_status_without_a_word_is_not_said() -> None:
    """Of the status only what the ``out`` section names goes out; the rest is left to them."""
    assert "TrangThai" not in lens().lower(DOSSIER).body
    assert lens().lower({**DOSSIER, "status": 7}).body["TrangThai"] == "HUY"
    assert lens().status_out == {7: "HUY"}


def test_a_record_is_lifted_to_the_fields_it_speaks_of() -> None:
    """What comes in is canonical; what is missing, empty or blank is nothing, not absent."""
    record = {
        "Ma": "H40.05-261120-0001",
        "Nguoi": {"Ten": unicodedata.normalize("NFD", " \ufeffTrần Thị Mẫu "), "Sinh": "1988"},
        "Nhan": "",
        "TrangThai": "MOI",
        "GhiChu": "  ",
        "Bang": {"Ten": "Bằng", "Nam": 2004},
    }
    assert lens().lift(record) == {
        "applicant.name": "Trần Thị Mẫu",
        "applicant.birth_date": "1988",
        "applicant.sex": None,
        "received_at": None,
        "status": 2,
        "status_note": None,
        "summary": None,
        "details.degrees": [{"name": "Bằng", "year": 2004}],
    }


def test_every_missing_field_is_named_for_both_readers_the_first_first() -> None:
    """All problems come at once, in the order of the rules, with a sentence for the clerk."""
    error = _refused({"applicant.sex": "other", "received_at": "yesterday"})
    assert [str(one) for one in error.problems] == [
        "thu/don v1, line 11, rule 1 (code to Ma): missing",
        "thu/don v1, line 12, rule 2 (applicant.name to Nguoi/Ten): missing",
        (
            "thu/don v1, line 14, rule 4 (applicant.sex to Nguoi/Gioi): "
            "the system has no word for this value (code table sex)"
        ),
        "thu/don v1, line 15, rule 5 (received_at to Nhan): not a time of the form yyyyMMddHHmmss",
    ]
    assert [one.text_vi for one in error.problems] == [
        "thiếu mã hồ sơ (code)",
        "thiếu họ tên người nộp (applicant_name)",
        "giới tính của người nộp (applicant_sex) có giá trị mà hệ thống của bộ không nhận",
        "ngày tiếp nhận (received_at) không đúng dạng yyyyMMddHHmmss",
    ]


def test_a_text_too_long_is_refused_by_name() -> None:
    """``max_length`` never cuts: it names the field and the limit."""
    [problem] = _refused({**DOSSIER, "applicant.name": "Một cái tên rất dài quá hạn"}).problems
    assert (problem.ours, problem.reason) == ("applicant.name", "longer than 20 characters")


def test_a_row_is_named_by_its_number_and_its_table() -> None:
    """A problem in a list names the path, the row among all rows, and the one-stop's table."""
    rows = [
        {"id": "d0", "kind": "result", "deleted": False},
        {"id": "d1", "kind": "component", "deleted": False, "name": " "},
    ]
    [problem] = _refused({**DOSSIER, "documents": rows}).problems
    assert (problem.ours, problem.reason) == ("documents.name", "row 2: missing")
    assert problem.text_vi == "giấy tờ kèm theo, dòng 2: thiếu tên giấy tờ (dossier_document.name)"


@pytest.mark.parametrize(
    ("record", "path", "theirs", "reason"),
    [
        (
            {"Nguoi": {"Sinh": "31/02/2026"}},
            "applicant.birth_date",
            "Nguoi/Sinh",
            "not a date of the form dd/MM/yyyy, MM/yyyy or yyyy",
        ),
        ({"Nguoi": {"Gioi": "nam"}}, "applicant.sex", "Nguoi/Gioi", "not in the code table sex"),
        ({"Nguoi": "x"}, "applicant.name", "Nguoi/Ten", "expected a group of fields"),
        (
            {"Nguoi": {"Ten": ["a", "b"]}},
            "applicant.name",
            "Nguoi/Ten",
            "expected one value, found a group or a list",
        ),
        (
            {"GhiChu": {"a": "b"}},
            "status_note",
            "GhiChu",
            "expected one value, found a group or a list",
        ),
        ({"GhiChu": True}, "status_note", "GhiChu", "expected text, found true or false"),
        ({"Bang": "x"}, "details.degrees", "Bang", "expected a list"),
        ({"Bang": ["x"]}, "details.degrees", "Bang", "expected a list"),
        (
            {"Bang": [{"Ten": "A", "Nam": "1"}, {"Ten": "B", "Nam": "x"}]},
            "details.degrees.year",
            "Bang/*/Nam",
            "row 2: not a whole number",
        ),
    ],
)
def test_what_cannot_be_read_is_named(
    record: dict[str, Any], path: str, theirs: str, reason: str
) -> None:
    """A value of another form names the rule, both fields and what was expected."""
    with pytest.raises(LiftError) as caught:
        lens().lift(record)
    error = caught.value
    assert (error.path, error.theirs, error.reason) == (path, theirs, reason)
    assert error.rule.startswith("rule ")
    assert str(error) == f"{error.place} ({path} from {theirs}): {reason}"


def test_an_element_with_attributes_is_read_by_its_text() -> None:
    """A nil element, or one with attributes, is its text."""
    nil = {"GhiChu": {"@nil": "true", "#text": ""}}
    assert lens().lift(nil)["status_note"] is None
    assert lens().lift({"GhiChu": {"@lang": "vi", "#text": " Một "}})["status_note"] == "Một"


def test_a_number_where_text_is_due_is_read_as_text() -> None:
    """JSON systems send codes as numbers; codes are text."""
    assert lens().lift({"GhiChu": 12})["status_note"] == "12"


@pytest.mark.parametrize(
    ("record", "code"),
    [
        ({"Ma": " H40-1 "}, "H40-1"),
        ({"Ma": ""}, None),
        ({"Ma": None}, None),
        ({"Ma": 7}, None),
        ({}, None),
    ],
)
def test_the_key_is_our_code_in_their_record(record: dict[str, Any], code: str | None) -> None:
    """A record carries our code, or none."""
    assert lens().key(record) == code


def test_a_key_inside_a_broken_group_is_none() -> None:
    """A record whose group is no group has no key; the lift says what is wrong with it."""
    made = lens(("theirs: Ma}\ncodes", "theirs: Nguoi/Ma}\ncodes"))
    assert made.key({"Nguoi": "x"}) is None


def test_it_knows_what_it_carries_each_way() -> None:
    """``outgoing`` has inputs of derived rules and triggers; a mirror is never incoming."""
    made = lens()
    assert {"fees", "documents", "supplements_brought", "summary", "status"} <= made.outgoing
    assert "status_note" not in made.outgoing
    assert "summary" not in made.incoming
    assert {"status_note", "status", "details.degrees"} <= made.incoming
    assert "fees" not in made.incoming


def test_owners_are_as_written_and_the_one_stop_elsewhere() -> None:
    """What no rule gives to another side is the one-stop's."""
    made = lens()
    assert made.owner("status") is Owner.BY_STATUS
    assert made.owner("status_note") is Owner.MINISTRY
    assert made.owner("applicant.name") is Owner.ONESTOP
    assert made.owner("fees") is Owner.ONESTOP


def test_its_head_is_as_written() -> None:
    """Name, system, kind and version are those of the file."""
    made = lens()
    assert (made.name, made.system, made.kind, made.version) == ("thu/don", "thu", "don", 1)
    assert made.valid_from is not None
    assert made.valid_from.isoformat() == "2025-07-01"
    assert {rule.line for rule in made.rules} == {*range(11, 21), 27}


def test_a_record_list_is_made_where_its_guard_holds() -> None:
    """``when`` and ``known`` guard a list of one row; without them stands the declared default."""
    made = one_rule(
        "{theirs: A, when: {applicant.id_type: [cccd]}, known: [applicant.id_number], default: [],"
        " record: [{ours: applicant.id_number, theirs: B}]}"
    )
    person = {"applicant.id_type": "cccd", "applicant.id_number": " 1 "}
    assert made.lower(person).body == {"A": [{"B": "1"}]}
    assert made.lower({**person, "applicant.id_type": "passport"}).body == {"A": []}
    assert made.lower({**person, "applicant.id_number": ""}).body == {"A": []}
    assert made.outgoing == {"applicant.id_type", "applicant.id_number"}


def test_no_two_records_share_a_list() -> None:
    """Defaults and constants are made anew: an adapter may change a body it was given."""
    made = one_rule(
        "{theirs: A, via: [{const: []}]}\n  - {ours: fees, theirs: B, way: out, default: [], each: []}"
    )
    first = made.lower({}).body
    first["A"].append(1)
    first["B"].append(1)
    assert made.lower({}).body == {"A": [], "B": []}


def test_a_file_of_progress_names_paths_of_a_step() -> None:
    """``of: progress`` maps a row of progress: its paths, and the dossier's code."""
    made = one_rule("{ours: officer_name, theirs: A}", "of: progress\n")
    assert made.lower({"officer_name": "A"}).body == {"A": "A"}


def test_an_empty_list_is_no_list() -> None:
    """A list without rows that count is left out; where it is required, it is missing."""
    rows = [{"id": "d2", "kind": "result", "name": "Kết quả", "deleted": False}]
    assert "Tep" not in lens().lower({**DOSSIER, "documents": rows}).body
    [problem] = _refused(
        {**DOSSIER, "documents": rows}, ("    way: out\n", "    way: out\n    required: true\n")
    ).problems
    assert (problem.ours, problem.reason) == ("documents", "missing")


def test_transforms_are_undone_backwards() -> None:
    """Inward the last transform is undone first."""
    made = one_rule(
        "{ours: channel, theirs: A, via: [{code: x}, {partial_date: '%d/%m/%Y'}]}",
        "codes: {x: {'2026-02-01': 1, '2026-03-01': 2}}\n",
    )
    assert made.lower({"channel": 2}).body == {"A": "01/03/2026"}
    assert made.lift({"A": "01/02/2026"}) == {"channel": 1}


def test_the_first_of_two_words_for_a_value_goes_out() -> None:
    """Where a table is read many to one, it is written with the word that stands first."""
    made = one_rule(
        "{ours: channel, theirs: A, way: out, via: [{code: x}]}", "codes: {x: {B: 1, C: 1}}\n"
    )
    assert made.lower({"channel": 1}).body == {"A": "B"}


def test_what_only_goes_out_has_no_owner_over_there() -> None:
    """Who owns a field matters where it comes in; elsewhere the one-stop's word stands."""
    made = one_rule("{ours: channel, theirs: A, way: out, owner: ministry}")
    assert made.owner("channel") is Owner.ONESTOP


STANDS_IN = (
    "rules:",
    """rules:
  - {ours: applicant.name, theirs: GhiChu, way: in, unless: Nguoi/Ten}
  - {ours: applicant.phone, theirs: TomTat, way: in, unless: Nguoi/Ten}""",
)


@pytest.mark.parametrize("name", [None, "", " \ufeff "])
def test_who_stands_in_is_read_where_nobody_is_named(name: str | None) -> None:
    """``unless``: the other field is read only where the first says nothing."""
    lifted = lens(STANDS_IN).lift({"Nguoi": {"Ten": name}, "GhiChu": "Lê Thử", "TomTat": "09"})
    assert (lifted["applicant.name"], lifted["applicant.phone"]) == (None, "09")


def test_who_stands_in_keeps_quiet_where_somebody_is_named() -> None:
    """Of a path only the other field speaks of, the record then does not speak at all."""
    lifted = lens(STANDS_IN).lift({"Nguoi": {"Ten": "Lê Thử"}, "GhiChu": "Trần Mẫu", "TomTat": "9"})
    assert lifted["applicant.name"] == "Lê Thử"
    assert "applicant.phone" not in lifted
    with pytest.raises(LiftError, match=r"applicant\.name from Nguoi/Ten"):
        lens(STANDS_IN).lift({"Nguoi": ["Lê Thử"]})


def test_a_dossier_the_mapping_is_not_for_is_refused_whole() -> None:
    """``takes``: one problem and no other, for no rule of the mapping is about such a dossier."""
    narrow = ("codes:", "takes: {details.register: [birth]}\ncodes:")
    errors = _refused({"details.register": "marriage"}, narrow)
    [problem] = errors.problems
    assert problem.ours == "details.register"
    assert "chưa có quy định gửi" in problem.text_vi
    assert str(problem) == (
        "thu/don v1, line 5, takes (details.register): no dossier of this kind is taken yet"
    )
    assert "marriage" not in problem.text_vi
    assert lens(narrow).lower({**DOSSIER, "details.register": "birth"}).body["Ma"]
    assert "applicant.name" in [one.ours for one in _refused({}, narrow).problems]
