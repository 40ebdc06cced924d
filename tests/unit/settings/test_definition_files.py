"""A definition is a file of the configuration: what is wrong in it is said by file, line and key."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from bridge.sdk.registry import Registry
from bridge.settings import ConfigurationFault, load
from bridge.settings.verify import verify

Write = Callable[..., Path]

SYSTEM = """\
name = "so"
adapter = "rest"
[options]
definition = "so.toml"
base_url = "https://so.example.vn"
client_secret = { env = "SO" }
"""
LOGIN = 'token_url = "https://so.example.vn/token"\nclient_id = "h40"\n'
SOUND = """\
title = "Sổ"
[mappings]
dossier = "gplx/licence"
[record]
ref = "So"
[feed]
kind = "version"
[operations.changes]
method = "GET"
path = "/thayDoi"
parameters = { sau = "{after}" }
rows = "HoSo"
version = "PhienBan"
"""


def told(folder: Path) -> list[str]:
    """Return what is wrong with the configuration, a line each."""
    try:
        settings = load(folder, {"SO": "invented"})
        return [str(one) for one in verify(settings, Registry.load()) if "onestop" not in one.key]
    except ConfigurationFault as fault:
        return [str(one) for one in fault.problems]


def described(write: Write, definition: str | None, system: str = SYSTEM + LOGIN) -> list[str]:
    folder = write(so=system)
    if definition is not None:
        (folder / "so.toml").write_text(definition, encoding="utf-8")
    return told(folder)


def test_a_sound_definition_is_taken(write: Write) -> None:
    """A byte order mark is forgiven; nothing is wrong."""
    assert described(write, SOUND) == []
    assert described(write, "\ufeff" + SOUND) == []


@pytest.mark.parametrize(
    ("wrong", "right", "said"),
    [
        ("rows = ", "rowz = ", ['so.toml:12: operations.changes.rowz: unknown key; did you mean "rows"?']),
        ('kind = "version"', 'kind = "versions"', ["so.toml:7: feed.kind: expected one of"]),
        ("title = ", "title : ", ["so.toml:1: not valid TOML"]),
        ('version = "PhienBan"\n', "", ["so.toml:7: feed.kind: it needs operations.changes.version"]),
        ("{after}", "{sau}", ["so.toml:11: operations.changes.parameters: there is no {sau}"]),
        ("dossier = ", "ho_so = ", ["so.toml:2: mappings: it lacks", "so.toml:8: operations.changes.kind: mapp"]),
        ('[feed]\nkind = "version"\n', "", ["so.toml:6: operations: nothing is", "so.toml:6: operations.changes: it needs"]),
        ('path = "/thayDoi"', 'path = "thayDoi"', ["so.toml:10: operations.changes.path: expected the form"]),
        ('rows = "HoSo"', 'rows = "Ho..So"', ["so.toml:12: operations.changes.rows: expected names"]),
        ('ref = "So"', 'ref = "So"\n[[faults]]\ncode = "5"\nstatus = 400\nbecomes = "rejected"', ["so.toml:6: faults[0]: a fault is"]),
        ('ref = "So"', 'ref = "So"\nform = "%d/%m/%d"', ["so.toml:6: record.form: expected a form such as %d"]),
        ('ref = "So"', 'ref = "So"\n[forms]\nday = "%d/%n"\nminute = "%H"', ["so.toml:7: forms.day: exp", "so.toml:8: forms.minute: exp"]),
        ("gplx/licence", "gplx/licences", ['so.toml: mapping.dossier: there is no mapping gplx/licences; did you mean "gplx/licence"?']),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_place(
    write: Write, wrong: str, right: str, said: list[str]
) -> None:
    """Unknown keys, wrong words, wrong TOML, and tables that do not hold together."""
    assert wrong in SOUND
    found = described(write, SOUND.replace(wrong, right))
    assert len(found) == len(said)
    for one, begins in zip(found, said, strict=True):
        assert one.removeprefix("systems/").startswith(begins), found


def test_no_record_stands_in_an_address(write: Write) -> None:
    """A record as text is personal: it goes into a request, never into a path or a query."""
    create = """submit = "idempotent"
[operations.create]
method = "POST"
path = "/nop/{body_json}"
parameters = { hoSo = "{body_json}" }
"""
    first, second = described(
        write, create.splitlines()[0] + "\n" + SOUND + create.partition("\n")[2]
    )
    assert "operations.create.path: {body_json} stands in request, and in no address" in first
    assert "operations.create.parameters: {body_json} stands in request" in second


def test_what_the_definition_needs_of_the_options_is_told(write: Write) -> None:
    """An address for its tokens, and the values that its templates name."""
    definition = SOUND.replace("/thayDoi", "/{values.don_vi}/thayDoi")
    assert described(write, definition, SYSTEM) == [
        "systems/so.toml:3: options.client_id: the login oauth2 of the definition needs it",
        "systems/so.toml:3: options.token_url: the login oauth2 of the definition needs it",
        "systems/so.toml:3: options.values: the definition needs don_vi",
    ]


def test_a_file_that_is_not_there_is_told(write: Write) -> None:
    """The option is named, and nothing else is said of it."""
    assert described(write, None) == [
        "systems/so.toml:4: options.definition: there is no such file"
    ]
