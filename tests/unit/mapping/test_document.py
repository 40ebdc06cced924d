"""Mappings and the language itself are documented from the code, and the documents are true."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bridge.mapping import MappingErrors, check, compile_text, document, transform_reference
from bridge.mapping.reader import EXAMPLE_KEYS, FILE_KEYS
from bridge.mapping.rulebook import RULE_KEYS, WAYS
from bridge.mapping.yaml_lines import read_yaml

from .samples import lens

REFERENCE = Path(__file__).parents[3] / "docs" / "mapping.md"

TABLE = """\
# thu/don: thu/don v1

| one-stop | system | way | owner | transforms | required |
|---|---|---|---|---|---|
| `code` | `Ma` | out |  |  | ✓ |
| `applicant.name` | `Nguoi/Ten` | both | one-stop | `max_length 20` | ✓ |
| `applicant.birth_date` | `Nguoi/Sinh` | both | one-stop | `partial_date %d/%m/%Y` |  |
| `applicant.sex` | `Nguoi/Gioi` | both | one-stop | `code sex` |  |
| `received_at` | `Nhan` | both | one-stop | `datetime %Y%m%d%H%M%S`; else `""` |  |
| `status` | `TrangThai` | both | by status | `code status` |  |
| `status_note` | `GhiChu` | in | ministry |  |  |
| `summary` | `TomTat` | out, compared |  | `cut 10` |  |
| `fees` | `Phi` | out |  | `total amount`; only `code` |  |
| `documents` | `Tep` | out |  | only `kind`: component, supplement; only `deleted`: false |  |
| `documents.name` | `Tep/*/Ten` | out |  |  | ✓ |
| `documents.id` | `Tep/*/#text` | out |  | `content` |  |
| `details.degrees` | `Bang` | both | one-stop |  |  |
| `details.degrees.name` | `Bang/*/Ten` | both | one-stop |  | ✓ |
| `details.degrees.year` | `Bang/*/Nam` | both | one-stop | `number` |  |

Code table `sex`

| system | one-stop | out |
|---|---|---|
| Nam | male | ✓ |
| Nữ | female | ✓ |

Code table `status`

| system | one-stop | out |
|---|---|---|
| MOI | 2 |  |
| LAM | 4 |  |
| HUY | 7 | ✓ |

Sent again on a change of: `supplements_brought`

Set by the adapter: `@so`

Ignored: `Khac`
"""


def test_a_mapping_reads_as_tables() -> None:
    """Every rule, code table and list of a mapping is in its document."""
    assert document(lens()) == TABLE


def test_a_mapping_reads_in_vietnamese_too() -> None:
    """A clerk's name for each field stands beside its path."""
    text = document(lens(), "vi")
    assert "| họ tên người nộp (`applicant.name`) | `Nguoi/Ten` | hai chiều | một cửa |" in text
    assert len(text.splitlines()) == len(TABLE.splitlines())


def test_what_is_not_taken_and_who_stands_in_is_in_the_tables() -> None:
    """Values that are refused whole are told below the tables, a guard inward in its row."""
    stands_in = "{ours: applicant.name, theirs: GhiChu, way: in, unless: Nguoi/Ten}"
    text = document(
        lens(
            ("codes:", "takes: {applicant.sex: [female]}\ncodes:"),
            ("rules:", f"rules:\n  - {stands_in}"),
        )
    )
    assert (
        "| `applicant.name` | `GhiChu` | in | one-stop | unless there is `Nguoi/Ten` |  |" in text
    )
    assert "\nSent only with `applicant.sex`: female\n" in text


def test_the_reference_has_every_transform_as_the_code_tells_it() -> None:
    """The table of transforms in docs/mapping.md is the one the code makes."""
    assert transform_reference() in REFERENCE.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "words", [RULE_KEYS, FILE_KEYS, EXAMPLE_KEYS, WAYS], ids=["rule", "file", "example", "way"]
)
def test_the_reference_has_every_word(words: object) -> None:
    """No key and no way is missing from docs/mapping.md."""
    text = REFERENCE.read_text(encoding="utf-8")
    assert [word for word in list(words) if f"`{word}`" not in text] == []  # type: ignore[call-overload]


def _blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", REFERENCE.read_text(encoding="utf-8"), re.DOTALL)


def test_the_whole_example_of_the_reference_breaks_no_law() -> None:
    """Who copies the first mapping of the reference has a sound one."""
    assert check(compile_text(_blocks("yaml")[0], "example.yaml")) == []


@pytest.mark.parametrize("n", range(1, 10))
def test_each_piece_of_the_reference_compiles(n: int) -> None:
    """Every rule the reference shows is one the reader takes."""
    pieces = _blocks("yaml")[1:]
    assert len(pieces) == 9
    rules = "".join(f"  {line}\n" for line in pieces[n - 1].splitlines())
    head = "mapping: a/b\nversion: 1\nkey: {ours: code, theirs: A}\ncodes: {paper: {'1': cccd}, nation: {Lào: LA}}\n"
    assert compile_text(f"{head}rules:\n{rules}", "piece.yaml").rules


def test_the_faults_the_reference_shows_are_told_so() -> None:
    """The error shown is the one the code tells."""
    [shown] = [block for block in _blocks("text") if "did you mean" in block]
    whole = _blocks("yaml")[0]
    for line in shown.strip().splitlines():
        number = int(line.split(":")[1])
        lines = whole.splitlines()
        word, meant = re.findall(r'"(.*?)"', line)
        assert meant in lines[number - 1]
        lines[number - 1] = lines[number - 1].replace(meant, word, 1)
        with pytest.raises(MappingErrors) as caught:
            compile_text("\n".join(lines), "licence.v1.yaml")
        assert str(caught.value.problems[0]) == line


def test_the_examples_of_the_reference_are_yaml() -> None:
    """Each block parses by itself."""
    for block in _blocks("yaml"):
        assert read_yaml(block)
