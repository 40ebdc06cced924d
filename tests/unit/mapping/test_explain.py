"""``mapping try``: each rule says what it was given and what it made of it."""

from __future__ import annotations

from bridge.mapping import explain_lift, explain_lower

from .samples import DOSSIER, lens


def test_each_inward_rule_has_a_line() -> None:
    """A rule that refuses does not stop its neighbours; a mirror is read too."""
    record = {"Nguoi": {"Ten": " Lê Thử", "Sinh": "31/02/2026"}, "TomTat": "a"}
    lines = {line.ours: line for line in explain_lift(lens(), record)}
    assert (lines["applicant.name"].given, lines["applicant.name"].made) == (" Lê Thử", "Lê Thử")
    assert lines["applicant.birth_date"].error is not None
    assert lines["applicant.birth_date"].made is None
    assert lines["summary"].made == "a"
    assert (lines["status_note"].given, lines["status_note"].error) == (None, None)
    assert "fees" not in lines
    assert all(not line.error for path, line in lines.items() if path != "applicant.birth_date")


def test_a_broken_group_is_told_for_each_of_its_fields() -> None:
    """What can't be reached has no value, and an error."""
    lines = [one for one in explain_lift(lens(), {"Nguoi": "x"}) if one.theirs.startswith("Nguoi")]
    assert {(one.given, one.error and one.error.text) for one in lines} == {
        (None, "expected a group of fields")
    }


def test_each_outward_rule_has_a_line() -> None:
    """A derived rule shows all it was given; a refusal is told beside the others."""
    ours = {**DOSSIER, "applicant.sex": "other"}
    lines = {line.theirs: line for line in explain_lower(lens(), ours)}
    assert (lines["Nhan"].given, lines["Nhan"].made) == (DOSSIER["received_at"], "20261120091500")
    assert lines["Nguoi/Gioi"].error is not None
    assert lines["Nguoi/Ten"].made == "Nguyễn Văn Mẫu"
    assert lines["Phi"].given == DOSSIER["fees"]
    assert "GhiChu" not in lines
    assert [lines["Ma"].rule, lines["Ma"].line] == ["rule 1", 11]


def test_why_a_dossier_is_not_taken_comes_first() -> None:
    """What the mapping is not for is told before its rules, with the line that says so."""
    narrowed = lens(("codes:", "takes: {applicant.sex: [male]}\ncodes:"))
    first, second, *_ = explain_lower(narrowed, {**DOSSIER, "applicant.sex": "female"})
    assert (first.rule, first.line, first.ours) == ("takes", 5, "applicant.sex")
    assert first.error is not None
    assert first.error.text == "no dossier of this kind is taken yet"
    assert second.rule == "rule 1"
    assert next(iter(explain_lower(narrowed, DOSSIER))).rule == "rule 1"


def test_a_person_is_marked_for_masking() -> None:
    """What may say something about a person is marked, also where the file does not say so."""
    lines = {line.theirs: line for line in explain_lower(lens(), DOSSIER)}
    assert lines["Nguoi/Ten"].personal
    assert lines["TomTat"].personal
    assert lines["Bang"].personal
    assert not lines["Ma"].personal
