"""Keeps the message catalogues: finds every ``_()``, ``N_()`` and ``Said()``, updates .po files, compiles .mo.

``python tools/catalogue.py`` updates and compiles; ``--check`` only says what is out of date. A
new message is added with an empty translation (English translates itself); one that is no longer
in the code is removed.
"""

from __future__ import annotations

import argparse
import ast
import struct
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCALE = ROOT / "bridge" / "locale"
DOMAIN = "dossier_bridge"
LANGUAGES = ("en", "vi")
MARKS = frozenset({"_", "N_", "Said"})
ROOMS = ("bridge", "adapters")


def messages(*folders: Path) -> dict[str, list[str]]:
    """Return every marked message of the code with the files it stands in."""
    found: dict[str, list[str]] = {}
    for path in sorted(path for folder in folders for path in folder.rglob("*.py")):
        place = path.relative_to(ROOT).as_posix()
        for message in _marked(ast.parse(path.read_text(encoding="utf-8"))):
            places = found.setdefault(message, [])
            if place not in places:
                places.append(place)
    return dict(sorted(found.items()))


def _marked(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args:
            first = node.args[0]
            text = first.value if isinstance(first, ast.Constant) else None
            if node.func.id in MARKS and isinstance(text, str) and text:
                yield text


def read_po(path: Path) -> dict[str, str]:
    """Return the translations of a .po file, none when there is no file."""
    return parse_po(path.read_text(encoding="utf-8")) if path.exists() else {}


def parse_po(text: str) -> dict[str, str]:
    """Return the translations of a .po text, the header under the empty message."""
    entries: dict[str, str] = {}
    parts: dict[str, list[str]] = {}
    current = ""
    for line in [*text.splitlines(), ""]:
        if line.startswith(("msgid ", "msgstr ")):
            current, _space, rest = line.partition(" ")
            parts[current] = [ast.literal_eval(rest)]
        elif line.startswith('"'):
            parts[current].append(ast.literal_eval(line))
        elif not line.strip() and parts:
            entries["".join(parts["msgid"])] = "".join(parts["msgstr"])
            parts = {}
    return entries


def po_text(found: Mapping[str, list[str]], known: Mapping[str, str], language: str) -> str:
    """Return a .po file with every message of the code, translations kept."""
    header = f"Language: {language}\nContent-Type: text/plain; charset=UTF-8\n"
    blocks = [_block("", header, [])]
    for message, places in found.items():
        translation = message if language == "en" else known.get(message, "")
        blocks.append(_block(message, translation, places))
    return "\n".join(blocks)


def _block(message: str, translation: str, places: list[str]) -> str:
    lines = [f"#: {' '.join(places)}"] if places else []
    lines += [f"msgid {_quoted(message)}", f"msgstr {_quoted(translation)}"]
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def mo_bytes(entries: Mapping[str, str]) -> bytes:
    """Return the compiled catalogue (gettext's .mo, little endian, revision 0)."""
    pairs = sorted((m.encode(), t.encode()) for m, t in entries.items() if t)
    start = 7 * 4 + 16 * len(pairs)
    pool = b""
    tables: list[bytes] = []
    for side in (0, 1):
        table = b""
        for pair in pairs:
            table += struct.pack("<II", len(pair[side]), start + len(pool))
            pool += pair[side] + b"\0"
        tables.append(table)
    count = len(pairs)
    header = struct.pack("<7I", 0x950412DE, 0, count, 28, 28 + 8 * count, 0, 28 + 16 * count)
    return header + b"".join(tables) + pool


def catalogue(language: str, suffix: str) -> Path:
    """Return the path of a catalogue."""
    return LOCALE / language / "LC_MESSAGES" / f"{DOMAIN}{suffix}"


def wanted(language: str) -> tuple[str, bytes]:
    """Return what the .po and the .mo of a language should hold now."""
    found = messages(*(ROOT / room for room in ROOMS))
    text = po_text(found, read_po(catalogue(language, ".po")), language)
    return text, mo_bytes(parse_po(text))


def stale(language: str) -> Iterator[str]:
    """Yield what is wrong with the catalogues of a language."""
    text, compiled = wanted(language)
    po, mo = catalogue(language, ".po"), catalogue(language, ".mo")
    if not po.exists() or po.read_text(encoding="utf-8") != text:
        yield f"{po.relative_to(ROOT)}: messages of the code are missing, or gone from it"
    if not mo.exists() or mo.read_bytes() != compiled:
        yield f"{mo.relative_to(ROOT)}: not compiled from its .po"
    for message, translation in read_po(po).items():
        if not translation:
            yield f"{po.relative_to(ROOT)}: not translated: {message!r}"


def main() -> int:
    """Update and compile, or check."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing, say what is stale")
    if not parser.parse_args().check:
        for language in LANGUAGES:
            text, compiled = wanted(language)
            catalogue(language, ".po").parent.mkdir(parents=True, exist_ok=True)
            catalogue(language, ".po").write_text(text, encoding="utf-8")
            catalogue(language, ".mo").write_bytes(compiled)
    problems = [problem for language in LANGUAGES for problem in stale(language)]
    for problem in problems:
        print(problem)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
