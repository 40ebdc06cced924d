"""What is wrong with a configuration: every problem at once, each with its place."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

from bridge.i18n import _

__all__ = ["ConfigurationFault", "Problem", "suggest"]


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to mend.

    ``file`` is the path as the user knows it, ``environment`` for a variable, ``line`` counts
    from 1 (``None`` where there is none), ``key`` is the dotted key (``options.password``, empty
    when the whole file is meant), ``text`` says what is wrong, what is expected and how it looks.
    """

    file: str
    line: int | None
    key: str
    text: str

    def __str__(self) -> str:
        """Render as ``file:line: key: text``."""
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        return f"{place}: {self.key}: {self.text}" if self.key else f"{place}: {self.text}"


class ConfigurationFault(Exception):  # noqa: N818 - a fault of the configuration
    """The configuration can't be used; ``problems`` says why, in order of file and line."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        """Keep the problems in the order a person mends them."""
        self.problems = tuple(
            sorted(set(problems), key=lambda one: (one.file, one.line or 0, one.key, one.text))
        )
        super().__init__("\n".join(str(problem) for problem in self.problems))


def suggest(name: str, known: Iterable[str]) -> str:
    """Return ``; did you mean "…"?``, or the known names when none is near."""
    names = sorted(known)
    near = get_close_matches(name, names, n=1, cutoff=0.6)
    if near:
        return _('; did you mean "{name}"?', name=near[0])
    return _("; known: {names}", names=", ".join(names)) if names else ""
