"""What can be wrong with a mapping, and with a record that goes through it.

::

    MappingError
    ├── MappingErrors    a file does not compile: every problem, with file and line
    ├── LiftError        a ministry's record can't be read as a dossier
    ├── ListUnread       a code list that is needed was not read yet: it waits, and is not refused
    └── LowerErrors      a dossier can't be said in the system's words: every problem of it

No message holds a value: a mapping is read by engineers, a record's values belong to a citizen.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with a mapping file; ``rule`` says which rule, ``text`` what to do."""

    file: str
    line: int
    rule: str
    text: str

    def __str__(self) -> str:
        """Say where, and what is wrong: ``licence.v1.yaml:14: rule 3 (applicant.sex): …``."""
        where = f"{self.file}:{self.line}: "
        return f"{where}{self.rule}: {self.text}" if self.rule else f"{where}{self.text}"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a rule stands: its mapping (``gplx/licence v1``), its number and its line."""

    mapping: str
    rule: str
    line: int

    def __str__(self) -> str:
        """Say the mapping, the line and the rule."""
        return f"{self.mapping}, line {self.line}, {self.rule}"


class MappingError(Exception):
    """Something a mapping can't do."""


class MappingErrors(MappingError):  # noqa: N818 - several
    """A mapping file does not compile; ``problems`` holds all that is wrong, in file order."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda one: one.line))
        super().__init__("\n".join(map(str, self.problems)))


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a value does not fit: what was expected, never the value; for both readers."""

    text: str
    text_vi: str


class Unfit(Exception):  # noqa: N818 - raised by a transform, answered by the rule it is in
    """A value does not fit a transform. Made anew each time: one that is kept grows tracebacks.

    ``wider`` gives a reason that tells something of the value (the names that are near it): only
    for fields that say nothing of a person.
    """

    def __init__(self, reason: Reason, wider: Callable[[], Reason] | None = None) -> None:
        super().__init__(reason.text)
        self.reason = reason
        self.wider = wider

    def told(self, *, personal: bool) -> Reason:
        """Return the reason for a field that says something of a person, or does not."""
        return self.reason if personal or self.wider is None else self.wider()


class ListUnread(MappingError):  # noqa: N818 - nothing is wrong yet
    """A code list that a record needs was not read yet."""

    def __init__(self, name: str) -> None:
        super().__init__(f"the code list {name} was not read yet")
        self.name = name


class LiftError(MappingError):
    """A record of a system can't be read: the rule, our path, theirs, and what was expected.

    ``told`` is what was expected for both readers, ``reason`` the English of it.
    """

    def __init__(self, place: Place, path: str, theirs: str, told: Reason) -> None:
        super().__init__(f"{place} ({path} from {theirs}): {told.text}")
        self.place = place
        self.rule = place.rule
        self.path = path
        self.theirs = theirs
        self.told = told
        self.reason = told.text


@dataclass(frozen=True, slots=True)
class LowerProblem:
    """One field of a dossier the system can't be told: what to mend, for both readers."""

    place: Place
    ours: str
    theirs: str
    reason: str
    text_vi: str

    def __str__(self) -> str:
        """Say the rule, both fields and what was expected."""
        fields = f"{self.ours} to {self.theirs}" if self.theirs else self.ours
        return f"{self.place} ({fields}): {self.reason}"


class LowerErrors(MappingError):  # noqa: N818 - several
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
