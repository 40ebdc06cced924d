"""``results``: where a record shows the files its ministry issues."""

from __future__ import annotations

from typing import Any

import pytest

from bridge.domain.results import Issued
from bridge.mapping import MappingErrors, check, compile_text, document

HEAD = """\
mapping: thu/don
version: 1
key: {ours: code, theirs: Ma}
codes: {status: {LAM: 4, XONG: 9}}
rules:
  - {ours: code, theirs: Ma, way: out, required: true}
  - {ours: status, theirs: TrangThai, via: [{code: status}], way: in, owner: ministry}
contract:
  theirs: [Ma, TrangThai, Goi/Tep/*/Loai, Goi/Tep/*/Bam, Goi/Tep/*/Ten]
"""
RESULTS = """\
results:
  theirs: Goi/Tep
  when: {status: 9}
  unless: Loai
  each: {sha256: Bam, file_name: Ten}
"""


def issued(theirs: dict[str, Any], **ours: Any) -> tuple[Issued, ...]:
    return compile_text(HEAD + RESULTS, "don.yaml").issued(theirs, ours)


def test_a_decided_record_shows_what_was_issued() -> None:
    """Rows with a component are none; hashes lower case, names for people, one alone a list of one."""
    rows = [
        {"Bam": " AB ", "Ten": "C:\\giấy\\kết quả.pdf "},
        {"Bam": "CD", "Ten": "x.pdf", "Loai": "TP1"},
        {"Bam": "EF", "Loai": " "},
        "no row",
    ]
    first, second = issued({"Goi": {"Tep": rows}}, status=9)
    assert first == Issued("ab", "kết quả.pdf", "kết quả.pdf", "application/octet-stream")
    assert (second.sha256, second.file_name) == ("ef", "ket-qua")
    assert issued({"Goi": {"Tep": rows}}, status=4) == ()
    assert len(issued({"Goi": {"Tep": rows[0]}}, status=9)) == 1


@pytest.mark.parametrize("given", [{}, {"Goi": "x"}, {"Goi": {"Tep": None}}, {"Goi": {"Tep": "x"}}])
def test_a_record_of_another_shape_shows_none(given: dict[str, Any]) -> None:
    """What is no list of files stops no record."""
    assert issued(given, status=9) == ()


def test_the_fields_it_reads_are_covered_and_checked() -> None:
    """They count as mapped; one the contract does not have breaks a law; the document tells them."""
    lens = compile_text(HEAD + RESULTS, "don.yaml")
    assert check(lens) == []
    assert "Files issued by the ministry are read from `Goi/Tep`: `sha256` `Bam`" in document(lens)
    wrong = compile_text(HEAD + RESULTS.replace("Bam", "Sai"), "don.yaml")
    told = [one.text for one in check(wrong)]
    assert "Goi/Tep/*/Sai is not a field of the contract" in told
    assert "Goi/Tep/*/Bam is neither mapped, nor ignored, nor set by the adapter" in told


@pytest.mark.parametrize(
    ("right", "wrong", "told"),
    [
        ("when: {status: 9}", "when: {statuss: 9}", '12: results: unknown path "statuss"'),
        ("sha256: Bam, ", "", '14: results: "sha256" is missing'),
        ("file_name: Ten", "file: Ten", '14: results: unknown key "file"'),
        ("  theirs: Goi/Tep\n", "", '11: results: "theirs" is missing'),
    ],
)
def test_what_is_wrong_with_it_is_told_by_line(right: str, wrong: str, told: str) -> None:
    """An unknown path or column, and what is missing."""
    with pytest.raises(MappingErrors) as caught:
        compile_text(HEAD + RESULTS.replace(right, wrong), "don.yaml")
    assert any(str(one).startswith(f"don.yaml:{told}") for one in caught.value.problems)
