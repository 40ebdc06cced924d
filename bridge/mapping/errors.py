"""What can be wrong with a mapping, and with a record that goes through it.

::

    MappingErrors    a file does not compile: every problem, with file and line
    LiftError        a ministry's record can't be read as a dossier
    LowerErrors      a dossier can't be said in the system's words: every problem of it

No message holds a value: a mapping is read by engineers, a record's values belong to a citizen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with a mapping file; ``rule`` says which rule, ``text`` what to do."""

    file: str
    line: int
    rule: str
    text: str

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}: "
        return f"{where}{self.rule}: {self.text}" if self.rule else f"{where}{self.text}"


class MappingErrors(Exception):  # noqa: N818 - several
    """A mapping file does not compile; ``problems`` holds all that is wrong, in file order."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda one: one.line))
        super().__init__("\n".join(map(str, self.problems)))


class Unfit(Exception):  # noqa: N818 - raised by a transform, answered by the rule it is in
    """A value does not fit a transform; the message says what was expected, never the value."""

    def __init__(self, reason: str, reason_vi: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.reason_vi = reason_vi


class LiftError(Exception):
    """A record of a system can't be read: the rule, our path, theirs, and what was expected."""

    def __init__(self, rule: str, path: str, theirs: str, reason: str) -> None:
        super().__init__(f"{rule} ({path} from {theirs}): {reason}")
        self.rule = rule
        self.path = path
        self.theirs = theirs
        self.reason = reason


@dataclass(frozen=True, slots=True)
class LowerProblem:
    """One field of a dossier the system can't be told: what to mend, for both readers."""

    rule: str
    ours: str
    theirs: str
    reason: str
    text_vi: str

    def __str__(self) -> str:
        return f"{self.rule} ({self.ours} to {self.theirs}): {self.reason}"


class LowerErrors(Exception):  # noqa: N818 - several
    """A dossier can't be said in the system's words; ``problems`` holds every field at fault."""

    def __init__(self, problems: Sequence[LowerProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(map(str, self.problems)))


@dataclass(frozen=True, slots=True)
class Cut:
    """A text that a declared ``cut`` shortened: where, to how many characters, from how many."""

    path: str
    limit: int
    length: int
