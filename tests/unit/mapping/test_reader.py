"""What is wrong with a mapping file is told with file, line, rule and the nearest right word."""

from __future__ import annotations

from pathlib import Path

import pytest

from bridge.mapping import MappingErrors, Problem, compile_mapping, compile_text, load_file

from .faults import GOLDEN, RULE_14
from .samples import SOURCE, TEXT, changed, lens


def _told(text: str) -> list[str]:
    with pytest.raises(MappingErrors) as caught:
        compile_text(text, SOURCE)
    return [str(problem) for problem in caught.value.problems]


def _problems(text: str) -> tuple[Problem, ...]:
    try:
        compile_text(text, SOURCE)
    except MappingErrors as errors:
        return errors.problems
    return ()


@pytest.mark.parametrize(("old", "new", "told"), GOLDEN)
def test_each_fault_is_told_with_its_line(old: str, new: str, told: list[str]) -> None:
    """Every fault of a file names file, line, rule, what is wrong and the nearest right word."""
    assert sorted(_told(changed((old, new)))) == [f"{SOURCE}:{one}" for one in sorted(told)]


def test_the_golden_file_itself_is_sound() -> None:
    """Each golden fault is the fault of its one change: the file without it compiles."""
    assert lens().name == "thu/don"


def test_all_faults_are_told_at_once_in_the_order_of_the_file() -> None:
    """One run tells everything: nobody mends a file a fault at a time."""
    told = _told(
        changed(
            ("version: 1", "version: x"), ("owner: by_status", "owner: x"), (RULE_14, "via: [x]")
        )
    )
    assert [one.split(":")[1] for one in told] == ["2", "14", "16"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "1: expected keys such as mapping: and rules:"),
        ("- a\n- b\n", "1: expected keys such as mapping: and rules:"),
        ("mapping: [a\nversion: 1\n", "2: not YAML: "),
        ("mapping: a/b\nmapping: a/c\n", '2: not YAML: found duplicate key "mapping"'),
        ("mapping: a\x01\n", "1: not YAML: a character that is not allowed"),
        ("mapping: &a [*a]\n", ""),
    ],
)
def test_what_is_no_mapping_is_told_too(text: str, told: str) -> None:
    """A file that is not YAML, or holds something else, is an error with a line, not a crash."""
    assert _told(text)[0].startswith(f"{SOURCE}:{told}")


@pytest.mark.parametrize(
    "value", ["null", "7", "x", "[x]", "[[x]]", "{x: 1}", "[{x: {y: [1]}}]", "''"]
)
@pytest.mark.parametrize("key", ["ours", "theirs", "from", "via", "way", "owner", "required", "personal",
                                 "default", "when", "each", "record", "where", "known", "unless"])  # fmt: skip
def test_no_value_of_a_rule_crashes_the_reader(key: str, value: str) -> None:
    """Whatever stands at a key of a rule, the file compiles or its faults are told."""
    given = {"ours": "summary", "theirs": "A", key: value}
    rule = f"{{{', '.join(f'{name}: {one}' for name, one in given.items())}}}"
    text = f"mapping: a/b\nversion: 1\nkey: {{ours: code, theirs: A}}\nrules:\n  - {rule}\n"
    assert {problem.line for problem in _problems(text)} <= {5}


@pytest.mark.parametrize("value", ["null", "7", "x", "[x]", "{x: 1}", "[{x: 1}]", "[[]]"])
@pytest.mark.parametrize(
    "key",
    [
        "title",
        "takes",
        "codes",
        "triggers",
        "ignore",
        "adapter",
        "contract",
        "examples",
        "rules",
        "results",
    ],
)
def test_no_value_of_the_file_crashes_the_reader(key: str, value: str) -> None:
    """Whatever stands at a key of the file, it compiles or its faults are told."""
    lines = ["mapping: a/b", "version: 1", "key: {ours: code, theirs: A}"]
    rules = [] if key == "rules" else ["rules: []"]
    text = "\n".join([*lines, *rules, f"{key}: {value}", ""])
    assert all(problem.text for problem in _problems(text))


def test_a_file_is_read_with_or_without_a_byte_order_mark(tmp_path: Path) -> None:
    """An editor's byte order mark is no fault, and changes no fingerprint."""
    plain, marked = tmp_path / "a.yaml", tmp_path / "b.yaml"
    plain.write_text(TEXT, encoding="utf-8")
    marked.write_text(TEXT, encoding="utf-8-sig")
    first, second = (compile_mapping(load_file(path)) for path in (plain, marked))
    assert first.fingerprint == second.fingerprint


def test_the_fingerprint_is_of_what_is_said_not_of_how_it_is_written() -> None:
    """Comments and the order of keys change nothing; a changed rule does."""
    commented = changed(
        ("rules:", "# the rules\nrules:"), ("version: 1\n", ""), ("codes:", "version: 1\ncodes:")
    )
    assert lens().fingerprint == compile_text(commented, SOURCE).fingerprint
    assert lens().fingerprint != lens(("{cut: 10}", "{cut: 11}")).fingerprint
    assert len(lens().fingerprint) == 64


@pytest.mark.parametrize(
    ("content", "told"), [(None, "No such file"), (b"\xff\xfe\x00", "is not UTF-8 text")]
)
def test_a_file_that_cannot_be_read_is_named(
    tmp_path: Path, content: bytes | None, told: str
) -> None:
    """A missing or undecodable file is a mapping error that names it."""
    path = tmp_path / "x.yaml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(MappingErrors, match=told) as caught:
        load_file(path)
    assert str(path) in str(caught.value)
