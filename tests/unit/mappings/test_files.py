"""Every mapping that is shipped keeps the laws, for any dossier and any record."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import mappings
from bridge.domain.dossier import LIST_KEYS, PATHS
from bridge.mapping import Lens, LiftError, LowerErrors, check, compile_mapping, load_file
from bridge.mapping.invented import dossier, noisy
from bridge.mapping.spec import OUTWARD, READ_BACK
from bridge.sdk.registry import Registry

FILES = {f"{file.parent.name}/{file.name}": file for file in mappings.files()}
LENSES = {name: compile_mapping(load_file(file)) for name, file in FILES.items()}
SECRET = "Nguyễn Bí Mật"

each_lens = pytest.mark.parametrize("lens", LENSES.values(), ids=list(LENSES))


def test_the_folder_holds_what_the_systems_need() -> None:
    """The files are found, by system and kind."""
    assert list(FILES) == [
        "dkkd/registration.v1.yaml",
        "dkkd/today.v1.yaml",
        "dvcqg/dossier.v1.yaml",
        "dvcqg/step.v1.yaml",
        "gplx/licence.v1.yaml",
        "hotich/birth.v1.yaml",
        "lltp/declaration.v1.yaml",
        "lltp/status.v1.yaml",
        "yte/practice.v1.yaml",
    ]


@pytest.mark.parametrize("file", FILES.values(), ids=list(FILES))
def test_a_file_is_named_after_its_mapping(file: Path) -> None:
    """Name and version are said twice, in the file and by it, and agree; the registry finds it."""
    lens = compile_mapping(load_file(file))
    assert f"{lens.name}.v{lens.version}.yaml" == f"{file.parent.name}/{file.name}"
    assert Registry.load().mapping_file(lens.name) == file


@each_lens
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_it_breaks_no_law(lens: Lens, seed: int) -> None:
    """Coverage, one to one, examples, round trips and projection hold."""
    assert [str(one) for one in check(lens, seed)] == []


@each_lens
def test_it_has_examples_of_what_it_does_and_of_what_it_refuses(lens: Lens) -> None:
    """Each mapping shows a dossier that goes out, a record that is read, and a refusal."""
    shown = {key for example in lens.spec.examples for key in example}
    assert {"says", "lowers_to", "lifts_to", "refuses"} <= shown


@each_lens
def test_no_two_have_one_fingerprint(lens: Lens) -> None:
    """A fingerprint tells one mapping from another."""
    same = [one.name for one in LENSES.values() if one.fingerprint == lens.fingerprint]
    assert same == [lens.name]


@each_lens
@given(seed=st.integers(0, 2**32))
def test_what_goes_out_comes_back(lens: Lens, seed: int) -> None:
    """Any dossier comes back as the wire keeps it, however carelessly it is sent."""
    ours = dossier(lens, random.Random(seed))
    body = lens.lower(ours, lens.samples).body
    back = lens.lift(body, lens.samples)
    kept, shown = lens.project(ours), lens.project(back)
    for rule in lens.rules:
        told = rule.ours != "status" or ours.get("status") in lens.status_out
        if rule.way in OUTWARD & READ_BACK and told and not rule.known:
            assert shown.get(rule.ours) == kept.get(rule.ours), rule.ours
    assert lens.lift(noisy(body), lens.samples) == back


@each_lens
@given(seed=st.integers(0, 2**32))
def test_the_base_moves_only_when_the_record_does(lens: Lens, seed: int) -> None:
    """Two dossiers that are compared as equal are sent as the same record, but for triggers."""
    ours = dossier(lens, random.Random(seed))
    assert (
        lens.lower({**ours, **lens.project(ours)}, lens.samples).body
        == lens.lower(ours, lens.samples).body
    )


texts = st.text(max_size=30).map(lambda text: f"{text}{SECRET}")
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=4,
)
ROWS = sorted({key for keys in LIST_KEYS.values() for key in keys})
rows = st.lists(st.dictionaries(st.sampled_from(ROWS), values, max_size=6), max_size=3)


@st.composite
def _dossiers(draw: st.DrawFn) -> dict[str, Any]:
    scalars = draw(st.dictionaries(st.sampled_from(sorted(PATHS)), st.none() | texts, max_size=15))
    lists = draw(st.dictionaries(st.sampled_from(sorted(LIST_KEYS)), rows, max_size=3))
    return {**scalars, **lists}


@each_lens
@given(ours=_dossiers())
def test_a_refusal_never_shows_a_value(lens: Lens, ours: dict[str, Any]) -> None:
    """Whatever stands in a dossier, it is lowered, or refused by field names alone."""
    try:
        lens.lower(ours, lens.samples)
    except LowerErrors as errors:
        told = " ".join([str(errors), *(one.text_vi for one in errors.problems)])
        assert SECRET not in told
    lens.project(ours)


@st.composite
def _records(draw: st.DrawFn, lens: Lens) -> dict[str, Any]:
    leaves = draw(st.lists(st.sampled_from(lens.spec.contract), max_size=8))
    record: dict[str, Any] = {}
    for leaf in leaves:
        place = record
        *groups, last = [part for part in leaf.split("/") if part != "*"]
        for group in groups:
            inner = place.setdefault(group, {})
            place = inner if isinstance(inner, dict) else {}
        place[last] = draw(values)
    return record


@each_lens
@given(data=st.data())
def test_a_broken_record_is_quarantined_never_a_crash(lens: Lens, data: st.DataObject) -> None:
    """Whatever a ministry sends, it is read, or refused by field names alone."""
    record = data.draw(_records(lens))
    assert SECRET not in _refusal(lens, record)
    lens.key(record)


def _refusal(lens: Lens, record: dict[str, Any]) -> str:
    try:
        lens.lift(record, lens.samples)
    except LiftError as error:
        return f"{error} {error.reason} {error.__cause__!r}"
    return ""


def test_without_addresses_the_portal_is_told_of_no_files_and_compares_none() -> None:
    """The lists are [], papers are not sent, and a new file name is no news."""
    loaded = load_file(FILES["dvcqg/dossier.v1.yaml"])
    bare, whole = compile_mapping(loaded, addresses=False), compile_mapping(loaded)
    paper = {
        "id": "d1", "kind": "component", "file_name": "a.pdf", "sha256": "ab", "digitised": True,
        "reused": False, "from_store": False, "deleted": False,
    }  # fmt: skip
    ours = {**dict(bare.spec.examples[0]["ours"]), "documents": [paper]}
    lowered = bare.lower(ours).body
    assert (lowered["TaiLieuNop"], lowered["DanhSachGiayToKetQua"]) == ([], [])
    assert (bare.sends_papers, bare.names_files) == (False, False)
    assert (whole.sends_papers, whole.names_files) == (True, True)
    renamed = {**ours, "documents": [{**paper, "file_name": "b.pdf"}]}
    changed = {**ours, "documents": [{**paper, "sha256": "cd"}]}
    moved = {**ours, "documents": [{**paper, "path": "elsewhere.pdf"}]}
    assert bare.project(ours) == bare.project(renamed) == bare.project(changed)
    assert whole.project(ours) == whole.project(moved)
    assert whole.project(ours) != whole.project(renamed)
    assert whole.project(ours) != whole.project(changed)
