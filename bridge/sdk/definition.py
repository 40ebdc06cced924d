"""What an interface is like, said in a TOML file of its own: the base of models of such files.

An option of a type derived from ``Definition`` is given in the system's file as the path of that
file. The settings read it (``bridge.settings.options``), and say what is wrong in it by file, line
and key, as of their own files. So an adapter is handed the definition read and proved.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

from pydantic import BaseModel, ConfigDict

from bridge.domain.said import Said

__all__ = ["Definition", "Misfit", "Misfits", "Place"]

Place: TypeAlias = tuple[str | int, ...]
"""The way to a value in the file: names of tables and keys, positions in arrays."""

Misfit: TypeAlias = tuple[Place, Said]
"""Something that does not fit the rest: where it stands, and what is wrong with it."""


class Misfits(ValueError):  # noqa: N818 - faults of a definition
    """Raised by a model's validator for what only shows when tables are held against each other."""

    def __init__(self, found: Iterable[Misfit]) -> None:
        self.found = tuple(found)
        super().__init__("; ".join(str(words) for _place, words in self.found))


class Definition(BaseModel):
    """One file. A key that it does not know is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)
