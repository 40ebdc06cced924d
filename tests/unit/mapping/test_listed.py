"""Code lists in a mapping: by the day, one to one or not at all, and never a personal value told."""

from __future__ import annotations

import unicodedata
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from bridge.mapping import (
    NO_LISTS,
    Lens,
    LiftError,
    Lists,
    ListUnread,
    LowerErrors,
    MappingErrors,
    Span,
    Table,
    check,
    compile_mapping,
    compile_text,
    document,
    explain_lift,
    explain_lower,
    list_file,
    load_file,
    undeclared,
)

MERGED = date(2025, 7, 1)
PROVINCES = Table(
    "province",
    [
        Span("35", "Hà Nam", None, MERGED),
        Span("36", "Nam Định", None, MERGED),
        Span("37", "Ninh Bình", None, MERGED),
        Span("37", "Ninh Bình mới", MERGED),
        Span("46", "Thừa Thiên Hoà", None),
        Span("48", "Đà Nẵng"),
        Span("90", "Trùng", MERGED),
        Span("91", "Trùng", MERGED),
    ],
)
NATIONS = Table("nationality", [Span("1", "VIỆT NAM"), Span("24", "Hàn Quốc"), Span("9", "Xứ Lạ")])
LISTS = Lists({"province": PROVINCES, "nationality": NATIONS}, date(2026, 11, 20))
HEAD = "mapping: thu/mot\nversion: 1\nkey: {ours: code, theirs: Ma}\n"
CODES = "codes: {nation: {Việt Nam: VN, Hàn Quốc: KR, Lào: LA}}\n"
OLD, NEW = "2025-06-30T23:59:59.999+07:00", "2025-07-01T00:00:00.000+07:00"


def lens(*rules: str, more: str = "", way: str = "both") -> Lens:
    """Return a mapping of rules that also carries when a dossier was received."""
    received = '{ours: received_at, theirs: Nhan, via: [{datetime: "%d/%m/%Y"}]}'
    lines = "".join(f"  - {one}\n" for one in (*rules, received))
    return compile_text(f"{HEAD}way: {way}\n{CODES}{more}rules:\n{lines}", "mot.yaml")


AGENCY = "{ours: agency.name, theirs: Tinh, via: [{listed: province}]}"
CODED = "{ours: agency.code, theirs: Tinh, via: [{named: province}]}"
PERSON = "{ours: details.home, theirs: Tinh, via: [{listed: province}]}"
NATION = (
    "{ours: details.nationality, theirs: Quoc, via: [{listed: {list: nationality, names: nation}}]}"
)


def refused(made: Lens, **ours: Any) -> str:
    """Return both sentences about the one field that is refused."""
    fields = {path.replace("__", "."): value for path, value in ours.items()}
    with pytest.raises(LowerErrors) as caught:
        made.lower(fields, LISTS)
    (problem,) = caught.value.problems
    return f"{problem.reason} | {problem.text_vi}"


@pytest.mark.parametrize(
    ("at", "name"), [(OLD, "Ninh Bình"), (NEW, "Ninh Bình mới"), (None, "Ninh Bình mới")]
)
def test_a_code_is_of_its_day(at: str | None, name: str) -> None:
    """Code 37 was one province until 30-6-2025 and is another since, out and back."""
    made = lens(AGENCY)
    body = made.lower({"agency.name": name, "received_at": at}, LISTS).body
    assert body["Tinh"] == "37"
    assert made.lift(body, LISTS)["agency.name"] == name
    coded = lens(CODED)
    assert coded.lower({"agency.code": "37", "received_at": at}, LISTS).body["Tinh"] == name
    assert coded.lift({"Tinh": name} | body | {"Tinh": name}, LISTS)["agency.code"] == "37"


def test_another_path_may_say_the_day() -> None:
    """Where the rule says so, the day is that of another field; it is carried with the dossier."""
    made = lens(AGENCY.replace("province}", "{list: province, on: submitted_at}}"))
    ours = {"agency.name": "Nam Định", "received_at": NEW, "submitted_at": OLD}
    assert made.lower(ours, LISTS).body["Tinh"] == "36"
    assert {"submitted_at", "received_at"} <= made.outgoing
    assert made.project(ours)["submitted_at"] == OLD


def test_what_is_of_another_day_is_not_converted() -> None:
    """Nam Định went into Ninh Bình: it is said until when it was there, and nothing is put for it."""
    said = refused(lens(AGENCY), agency__name="Nam Định", received_at=NEW)
    assert "not in the list province on 2025-07-01, only until 2025-07-01" in said
    assert "không có trong danh mục tỉnh, thành phố ngày 01/07/2025" in said
    with pytest.raises(LiftError, match="not in the list province on 2026-11-20"):
        lens(AGENCY).lift({"Tinh": "36"}, LISTS)


def test_two_codes_of_one_name_are_not_converted() -> None:
    """Neither from the name nor from one of its codes."""
    said = refused(lens(AGENCY), agency__name="Trùng", received_at=NEW)
    assert "more than one code in the list province on 2025-07-01: not converted" in said
    assert "nhiều mã" in said
    with pytest.raises(LiftError, match="more than one code"):
        lens(AGENCY).lift({"Tinh": "90"}, LISTS)


@pytest.mark.parametrize(
    ("given", "near"), [("Đa Năng", "Đà Nẵng"), ("Thua Thien Hòa", "Thừa Thiên Hoà")]
)
def test_the_nearest_names_are_told(given: str, near: str) -> None:
    """Marks, đ and the place of a tone are overlooked to find them, and for nothing else."""
    for form in ("NFC", "NFD"):
        said = refused(lens(AGENCY), agency__name=unicodedata.normalize(form, given))
        assert said.count(near) == 2
        assert "nearest: " in said
        assert "gần nhất: " in said


def test_of_a_person_only_the_list_and_the_day_are_told() -> None:
    """Neither the value nor what is near it, nor in a row of a personal list."""
    said = refused(lens(PERSON), details__home="Đa Năng", received_at=NEW)
    assert said.startswith("not in the list province on 2025-07-01 | ")
    assert "Nẵng" not in said
    assert "nearest" not in said
    rows = "{ours: details.homes, theirs: Noi, each: [{ours: at, theirs: Tinh, via: [{listed: province}]}]}"
    with pytest.raises(LowerErrors) as caught:
        lens(rows).lower({"details.homes": [{"at": "Đa Năng"}], "received_at": NEW}, LISTS)
    assert "row 1: not in the list province on 2025-07-01" in str(caught.value)
    assert "Nẵng" not in str(caught.value)
    (line, _) = explain_lower(lens(PERSON), {"details.home": "Đa Năng"}, LISTS)
    assert "Nẵng" not in str(line.error)
    (line, _) = explain_lower(lens(PERSON), {"details.home": "Đa Năng"}, LISTS, discreet=False)
    assert "nearest: Đà Nẵng" in str(line.error)


def test_a_value_of_ours_goes_by_its_name() -> None:
    """ISO codes stand in a table of names; the list may write them in another case."""
    made = lens(NATION)
    for iso, code in (("VN", "1"), ("KR", "24")):
        body = made.lower({"details.nationality": iso}, LISTS).body
        assert body == {"Quoc": code}
        assert made.lift(body, LISTS)["details.nationality"] == iso
    assert "no word" in refused(made, details__nationality="QQ")
    assert "not in the list nationality" in refused(made, details__nationality="LA")
    with pytest.raises(LiftError, match="not in the code table nation"):
        made.lift({"Quoc": 9}, LISTS)
    assert made.lift({"Quoc": ""}, LISTS)["details.nationality"] is None
    for strange in (True, ["VN"]):
        with pytest.raises(LowerErrors):
            made.lower({"details.nationality": strange}, LISTS)


def test_what_needs_a_list_that_was_not_read_says_so_by_itself() -> None:
    """It is no fault of the dossier; ``on_list`` takes what there is."""
    with pytest.raises(ListUnread, match="province"):
        lens(AGENCY).lower({"agency.name": "Đà Nẵng"})
    with pytest.raises(ListUnread, match="province"):
        lens(AGENCY).lift({"Tinh": "48"})
    assert lens(AGENCY).lift({"Tinh": None}, NO_LISTS)["agency.name"] is None
    on_list = lens("{ours: agency.name, theirs: Tinh, via: [{on_list: province}]}")
    for word in ("Mường Lạ", "48"):
        assert on_list.lower({"agency.name": word}).body["Tinh"] == word
    for word in ("đà nẵng", "48"):
        assert on_list.lower({"agency.name": word}, LISTS).body["Tinh"] == word
    assert "not in the list" in refused(on_list, agency__name="Mường Lạ")
    assert on_list.lift({"Tinh": "Mường Lạ"}, LISTS)["agency.name"] == "Mường Lạ"
    assert on_list.lists == {"province"}
    assert not on_list.needed
    assert lens(AGENCY).needed == {"province"}
    (line, _) = explain_lift(lens(AGENCY), {"Tinh": "48"})
    assert line.error is not None
    assert line.error.text == "the code list province was not read yet"
    assert line.error.text_vi == "chưa đọc được danh mục tỉnh, thành phố"
    (line, _) = explain_lower(lens(AGENCY), {"agency.name": "Đà Nẵng"})
    assert line.error is not None
    assert line.error.text == "the code list province was not read yet"
    assert line.error.text_vi == "chưa đọc được danh mục tỉnh, thành phố"


def test_the_laws_hold_for_a_mapping_with_lists() -> None:
    """Invented dossiers hold what the file's own rows know; an example is looked up there too."""
    rows = 'lists: {nationality: {"1": VIỆT NAM}, province: {"48": Đà Nẵng}}\n'
    tail = (
        "contract: {theirs: [Ma, Nhan, Tinh, Quoc]}\nadapter: [Ma]\nexamples:\n"
        "  - {ours: {agency.name: Đà Nẵng}, lowers_to: {Tinh: '48'}}\n"
        "  - {theirs: {Quoc: '2'}, refuses: [details.nationality]}\n"
    )
    assert check(lens(AGENCY, NATION, more=rows + tail)) == []
    assert "listed nationality as nation" in document(lens(NATION))


@pytest.mark.parametrize(
    ("rule", "more", "told"),
    [
        ("[{listed: [a]}]", "", "expected a list, or a table of list, names, on"),
        ("[{named: {list: a, names: nation}}]", "", "expected a list, or a table of list, on"),
        ("[{listed: {list: a, names: natio}}]", "", 'unknown code table "natio"'),
        ("[{listed: {list: a, on: recieved_at}}]", "", 'unknown path "recieved_at", did you mean'),
        ("[{listed: a}]", "lists: {b: {'1': x}}\n", "list b: no rule looks into it"),
        ("[{listed: a}]", "lists: {a: {1: x}}\n", 'list a: expected "code": name'),
    ],
)
def test_what_is_wrong_with_a_list_is_told_by_line(rule: str, more: str, told: str) -> None:
    """File and line, and what to do."""
    with pytest.raises(MappingErrors, match=r"mot\.yaml:\d+: ") as caught:
        lens(f"{{ours: agency.name, theirs: Tinh, via: {rule}}}", more=more)
    assert told in str(caught.value)


def test_a_list_that_no_adapter_shows_is_told_by_line() -> None:
    """With the list that may be meant."""
    made = lens(AGENCY)
    assert undeclared(made, {"province"}) == []
    (problem,) = undeclared(made, {"provinces"})
    assert str(problem) == (
        'mot.yaml:7: rule 1 (agency.name): no adapter shows the code list "province", '
        'did you mean "provinces"?'
    )


CSV = "code,name,valid_from,valid_until\n36,Nam Đi\u0323nh,,2025-07-01\n37,Ninh Bình,,2025-07-01\n"


def test_a_list_comes_with_its_mapping(tmp_path: Path) -> None:
    """A file beside the systems' folders goes before what is read, days and all."""
    (tmp_path / "lists").mkdir()
    (tmp_path / "thu").mkdir()
    rows = "\ufeff" + CSV + '37,"Ninh Bình, mới",2025-07-01,\n'
    (tmp_path / "lists" / "province.csv").write_text(rows, encoding="utf-8")
    file = tmp_path / "thu" / "mot.v1.yaml"
    file.write_text(
        f"{HEAD}contract: {{theirs: [Ma, Tinh]}}\nadapter: [Ma]\nrules: [{AGENCY}]\n", "utf-8"
    )
    made = compile_mapping(load_file(file))
    assert (made.lists, made.needed) == (frozenset(), frozenset())
    assert made.lower({"agency.name": "Nam Định", "received_at": OLD}).body == {"Tinh": "36"}
    assert made.lower({"agency.name": "Ninh Bình, mới", "received_at": NEW}).body == {"Tinh": "37"}
    assert undeclared(made, ()) == []
    assert check(made) == []


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("code,name\n1,a\n", "1: expected the columns code,name,valid_from,valid_until"),
        (f"{CSV}38,,,\n", "4: a row has a code and a name"),
        (f"{CSV}38,Thanh Hóa\n", "4: expected 4 columns"),
        (f"{CSV}38,Thanh Hóa,1/7/2025,\n", "4: expected a day like 2025-07-01"),
        (f"{CSV}38,Thanh Hóa,2025-07-01,2025-07-01\n", "4: valid_until is not after valid_from"),
        (
            f"{CSV}37,Ninh Bình mới,2025-06-30,\n",
            "4: code 37 is valid on the same days as on line 3",
        ),
        (f'{CSV}38,"Thanh Hóa', "3: not CSV: unexpected end of data"),
        ("code,name,valid_from,valid_until\n", "1: has no row"),
    ],
)
def test_a_faulty_list_file_is_told_by_line(tmp_path: Path, text: str, told: str) -> None:
    """Every wrong line, and what was expected."""
    file = tmp_path / "province.csv"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(MappingErrors) as caught:
        list_file(file)
    assert str(caught.value) == f"{file}:{told}"


def test_a_list_file_that_is_no_text_is_told(tmp_path: Path) -> None:
    """Neither bytes of another encoding nor a folder is a list."""
    file = tmp_path / "province.csv"
    with pytest.raises(MappingErrors, match="can't be read"):
        list_file(file)
    file.write_bytes("Đà Nẵng".encode("utf-16"))
    with pytest.raises(MappingErrors, match="is not UTF-8 text"):
        list_file(file)
