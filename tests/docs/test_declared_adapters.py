"""docs/declared-adapters.md: its tables are the code's, its pieces of TOML make sound definitions."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection
from pathlib import Path

import pytest
from pydantic import BaseModel

from adapters.rest.definition import Answers, Login, RestDefinition, RestOperation
from adapters.rest.options import RestOptions
from adapters.soap.definition import SoapDefinition, SoapOperation
from adapters.soap.options import SoapOptions
from bridge.mapping import check, compile_mapping, load_file
from bridge.sdk.declared.document import key_table
from bridge.sdk.declared.interface import Interface
from bridge.sdk.declared.tables import (
    NAMES,
    Fault,
    Feed,
    Forms,
    Listed,
    Operation,
    Operations,
    Paging,
    Recorded,
)

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples" / "declared"
PAGE = (ROOT / "docs" / "declared-adapters.md").read_text(encoding="utf-8")

WHOLE: list[type[BaseModel]] = [
    Interface, Login, Answers, Forms, Recorded, Fault, Feed, Paging, Listed, Operations[Operation], Operation,
    RestOptions, SoapOptions,
]  # fmt: skip
BESIDE: list[tuple[type[BaseModel], type[BaseModel]]] = [
    (RestDefinition, Interface),
    (SoapDefinition, Interface),
    (RestOperation, Operation),
    (SoapOperation, Operation),
]


def tables() -> dict[str, str]:
    """Return every table of the page by the name of its model."""
    found = {model.__name__.partition("[")[0]: key_table(model) for model in WHOLE}
    more = {one.__name__: key_table(one, without=base.model_fields) for one, base in BESIDE}
    return found | more


def names(verbs: Collection[str]) -> str:
    return ", ".join(f"`{{{name}}}`" for name in sorted(verbs))


@pytest.mark.parametrize("name", tables())
def test_every_key_stands_in_the_document(name: str) -> None:
    """The table of each model is the one the code makes, and every key has its words."""
    assert f"\n{tables()[name]}\n" in f"{PAGE}\n"
    assert not re.search(r"\|  \|$", tables()[name], re.MULTILINE)


@pytest.mark.parametrize("verb", NAMES)
def test_the_names_of_templates_stand_in_the_document(verb: str) -> None:
    """Each operation has its row, with the names the code knows."""
    assert f"| `{verb}` | {names(NAMES[verb])} |" in PAGE  # type: ignore[index]


def test_the_pieces_of_the_walk_make_a_definition() -> None:
    """Put together, what is shown step by step is sound, REST and SOAP."""
    pieces = re.findall(r"^( *)```toml\n(.*?)```", PAGE, re.DOTALL | re.MULTILINE)
    told = [re.sub(rf"^{indent}", "", text, flags=re.MULTILINE) for indent, text in pieces]
    *rest, system, soap = told
    RestDefinition.model_validate(tomllib.loads("\n".join(rest)))
    SoapDefinition.model_validate(tomllib.loads(soap))
    assert tomllib.loads(system)["options"]["definition"] == "dkkd-plain.toml"


@pytest.mark.parametrize("file", sorted(EXAMPLES.glob("*/*.yaml")), ids=lambda one: one.name)
def test_the_mappings_of_the_examples_keep_the_laws(file: Path) -> None:
    """As those that come with the bridge do."""
    assert list(check(compile_mapping(load_file(file)))) == []
