"""Reads one TOML file of the configuration, with the line of each of its keys."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bridge.i18n import _, of_system
from bridge.settings.origin import Origin
from bridge.settings.problems import Problem
from bridge.settings.toml_lines import key_lines

__all__ = ["Document", "read_toml"]


@dataclass(frozen=True, slots=True)
class Document:
    """A file that was read: where it lies, and what stands in it."""

    origin: Origin
    values: dict[str, Any]


def read_toml(
    file: Path, folder: Path, environment: Mapping[str, str], problems: list[Problem]
) -> Document | None:
    """Return what stands in a file; what is wrong with it is added to ``problems``.

    Raises:
        FileNotFoundError: there is no such file.
    """
    bare = Origin(file, folder, environment=environment)
    try:
        text = file.read_bytes().decode("utf-8-sig")
        values = tomllib.loads(text)
    except FileNotFoundError:
        raise
    except OSError as error:
        words = _("can't be read: {detail}", detail=of_system(error))
        problems.append(bare.problem((), words))
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        problems.append(Problem(bare.name, line, "", _("not UTF-8 text; save the file as UTF-8")))
    except tomllib.TOMLDecodeError as error:
        problems.append(_syntax(bare, error, text))
    else:
        lines = key_lines(text)
        return Document(Origin(file, folder, lines, environment=environment), values)
    return None


def _syntax(origin: Origin, error: tomllib.TOMLDecodeError, text: str) -> Problem:
    """Place a syntax error; tomllib's words name keys and letters, never the text of a value."""
    place = re.search(r"\(at line (\d+), column (\d+)\)", str(error))
    line = int(place[1]) if place else text.count("\n") + 1
    words = str(error).partition(" (at ")[0]
    return Problem(origin.name, line, "", _("not valid TOML: {words}", words=words))
