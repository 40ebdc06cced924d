"""What ``check`` looks at: every name a finding may have, who has it, and how it ends when it fails."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

from bridge.cli.check import UNREACHABLE
from bridge.cli.exits import ExitCode
from bridge.cli.mappings import Looked
from bridge.domain.said import Said
from bridge.i18n import spoken, use
from tools.reference.tables import sources, table

_SHARED = ("bridge/sdk/findings.py", "bridge/sdk/folder_findings.py")
_COMMAND = "bridge/cli/check.py"
_ENDS: Mapping[str, ExitCode] = {
    "configuration": ExitCode.WRONG,
    "store": ExitCode.UNREACHABLE,
} | dict.fromkeys(UNREACHABLE, ExitCode.UNREACHABLE)


def listed() -> str:
    """Return the table of findings."""
    looks: dict[str, set[str]] = defaultdict(set)
    for who, name in _all():
        looks[name].add(who)
    heads = ["finding", "in Vietnamese", "looked at by", "when it fails"]
    return table(heads, (_row(name, looks[name]) for name in sorted(looks)))


def _row(name: str, who: set[str]) -> list[str]:
    use("vi")
    vietnamese = spoken(Said(name))
    use("en")
    code = _ENDS.get(name, ExitCode.ATTENTION)
    return [f"`{name}`", vietnamese, ", ".join(sorted(who)), f"ends with {code.value}"]


def _all() -> Iterator[tuple[str, str]]:
    """Yield (who looks, the finding's name as it is written in the code)."""
    shared = [tree for name, tree in sources("bridge/sdk") if name in _SHARED]
    functions = {
        one.name: one for tree in shared for one in tree.body if isinstance(one, ast.FunctionDef)
    }
    words = {name: word for tree in shared for name, word in _assigned(tree)}
    for path, tree in sources("adapters"):
        _, system, *inside = path.split("/")
        if system == "_template" or not inside or inside[0].startswith("rehearsal"):
            continue
        yield from ((system, name) for name in _named(tree))
        for one in _imported(tree) & set(functions):
            yield from ((system, name) for name in _reached(functions, one, words))
    for _, tree in sources(_COMMAND):
        yield from (("`check` itself", name) for name in _named(tree))
    yield "`check` itself", Looked(Path(), None, ()).name.pattern


def _imported(tree: ast.Module) -> set[str]:
    modules = {name.removesuffix(".py").replace("/", ".") for name in _SHARED}
    return {
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module in modules
        for alias in node.names
    }


def _reached(
    functions: Mapping[str, ast.FunctionDef], name: str, words: Mapping[str, str]
) -> Iterator[str]:
    """Yield the findings of a function and of the functions of its module it calls.

    ``words`` are those that stand outside the functions, by their names.
    """
    yield from _named(functions[name], words)
    for node in ast.walk(functions[name]):
        match node:
            case ast.Call(func=ast.Name(id=called)) if called in functions and called != name:
                yield from _reached(functions, called, words)


def _named(tree: ast.AST, words: Mapping[str, str] | None = None) -> Iterator[str]:
    """Yield the names of the findings that are made in a piece of code, function by function."""
    outside = {**(words or {}), **dict(_assigned(tree))}
    functions = [one for one in ast.walk(tree) if isinstance(one, ast.FunctionDef)]
    for function in functions:
        known = outside | dict(_assigned(function))
        for node in ast.walk(function):
            match node:
                case ast.Call(func=ast.Name(id="Check" | "Finding"), args=[first, *_]):
                    name = known.get(first.id) if isinstance(first, ast.Name) else _word(first)
                    if name is not None:
                        yield name


def _assigned(tree: ast.AST) -> Iterator[tuple[str, str]]:
    for node in ast.walk(tree):
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                yield from ((name, word) for word in [_word(value)] if word is not None)
            case ast.Assign(targets=[ast.Tuple(elts=names)], value=ast.Tuple(elts=values)):
                pairs = [(one, _word(value)) for one, value in zip(names, values, strict=True)]
                for one, word in pairs:
                    if isinstance(one, ast.Name) and word is not None:
                        yield one.id, word


def _word(node: ast.AST) -> str | None:
    """Return a text as written, or the pattern of what is said; a part's own name inside one."""
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.Call(func=ast.Name(id="Said"), args=[ast.Constant(value=str(pattern))]):
            given = {one.arg: one.value for one in node.keywords}
            part = given.get("part")
            return _word(part) if part is not None else pattern
    return None
