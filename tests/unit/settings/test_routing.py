"""Which systems may share a procedure: a sector system with those that mirror, no other."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from bridge.bootstrap import open_house
from bridge.sdk.registry import Registry
from bridge.settings import ConfigurationFault, load
from bridge.settings.verify import routing

Write = Callable[..., Path]


def _system(name: str, procedures: str) -> str:
    return f'name = "{name}"\nadapter = "{name}"\nprocedures = {procedures}\n'


def _found(folder: Path) -> list[str]:
    return [str(one) for one in routing(load(folder / "bridge.toml", {}), Registry.load())]


def test_two_sector_systems_on_one_procedure_name_both_files_and_lines(write: Write) -> None:
    """A procedure belongs to one sector system; both places are named."""
    folder = write(
        "",
        gplx=_system("gplx", '[\n  "1.002809",\n  "1.003709"]'),
        yte=_system("yte", '["1.003709"]'),
    )
    [problem] = _found(folder)
    assert problem.startswith("systems/yte.toml:3: procedures[0]: 1.003709 goes to gplx already")
    assert "(systems/gplx.toml:5)" in problem


@pytest.mark.parametrize(
    ("gplx", "yte"),
    [('["*"]', '["1.003709"]'), ('["1.002835"]', '["*"]'), ('["*"]', '["*"]')],
)
def test_a_sector_system_that_takes_all_leaves_none_to_another(
    write: Write, gplx: str, yte: str
) -> None:
    """``*`` is every procedure: beside it no second sector system has one of its own."""
    folder = write("", gplx=_system("gplx", gplx), yte=_system("yte", yte))
    [problem] = _found(folder)
    assert problem.startswith("systems/yte.toml:3: procedures[0]: ")
    assert "(systems/gplx.toml:3)" in problem


@pytest.mark.parametrize("mirrored", ['["*"]', '["1.002835"]', "[]"])
def test_the_portal_shares_procedures_with_a_sector_system(write: Write, mirrored: str) -> None:
    """It mirrors, all dossiers or those of some procedures, and takes none from anybody."""
    folder = write("", dvcqg=_system("dvcqg", mirrored), gplx=_system("gplx", '["1.002835"]'))
    assert _found(folder) == []


def test_a_system_that_is_switched_off_shares_a_procedure_with_nobody(write: Write) -> None:
    """Only enabled systems are routed to, so only they can clash."""
    off = _system("yte", '["1.002835"]') + "enabled = false\n"
    assert _found(write("", gplx=_system("gplx", '["1.002835"]'), yte=off)) == []


def test_no_command_opens_a_house_whose_routing_is_wrong(write: Write) -> None:
    """The clash is told before anything is opened: no database is made."""
    folder = write("", gplx=_system("gplx", '["*"]'), yte=_system("yte", '["*"]'))
    with pytest.raises(ConfigurationFault, match="goes to gplx already"):
        open_house(load(folder / "bridge.toml", {}))
    assert not (folder / "var").exists()
