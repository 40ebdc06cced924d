"""Markdown tables, and what the source says beside a name."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table; a bar inside a cell is escaped."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(
        f"| {' | '.join(one.replace('|', chr(92) + '|') for one in row)} |" for row in lines
    )


def first_sentence(thing: object) -> str:
    """Return the first line of a docstring, in markdown."""
    return markdown((inspect.getdoc(thing) or "").partition("\n")[0])


def markdown(text: str) -> str:
    """Return a docstring's text on one line, with single backticks."""
    return " ".join(text.replace("``", "`").split())


def member_docs(one: type) -> Mapping[str, str]:
    """Return what the source says below each member of a class: a text on its own line."""
    [made] = ast.parse(inspect.getsource(one)).body
    docs: dict[str, str] = {}
    name = ""
    for node in made.body if isinstance(made, ast.ClassDef) else ():
        match node:
            case (
                ast.Assign(targets=[ast.Name(id=found)]) | ast.AnnAssign(target=ast.Name(id=found))
            ):
                name = found
            case ast.Expr(value=ast.Constant(value=str(text))) if name:
                docs[name] = markdown(text)
            case _:
                name = ""
    return docs


def named_parts(thing: object) -> Mapping[str, str]:
    """Return the parts of a docstring that begin with a name: "``batch``: the most commands …"."""
    text = re.sub(r"\s+", " ", inspect.getdoc(thing) or "")
    parts = re.split(r"``(\w+)``: ", text)
    return {name: markdown(said) for name, said in zip(parts[1::2], parts[2::2], strict=True)}


def sources(*folders: str) -> Iterable[tuple[str, ast.Module]]:
    """Yield (path from the root, its tree) of every Python file below the folders."""
    for folder in folders:
        place = ROOT / folder
        for path in sorted(place.rglob("*.py") if place.is_dir() else [place]):
            yield path.relative_to(ROOT).as_posix(), ast.parse(path.read_text(encoding="utf-8"))
