"""A mapping, compiled once to plain functions: the lens between a dossier and a system's record."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from bridge.domain.authority import Owner
from bridge.domain.decide import NEVER_PUSHED
from bridge.domain.dossier import Fields, Json
from bridge.domain.results import Issued
from bridge.domain.status import NAMES
from bridge.mapping.errors import Cut, LiftError, ListUnread, LowerErrors, Unfit
from bridge.mapping.gathers import GATHERING
from bridge.mapping.inward import getter, lifting
from bridge.mapping.lists import NO_LISTS, Lists, Span, Table, View
from bridge.mapping.normal import normals, of_rule
from bridge.mapping.outward import Notes, lowering, taking
from bridge.mapping.reader import Loaded, read
from bridge.mapping.results import files_of
from bridge.mapping.spec import INWARD, OUTWARD, READ_BACK, Rule, Spec
from bridge.mapping.texts import clean, clean_text
from bridge.mapping.transforms import ADDRESS, CONTENT

STATUS = "status"


@dataclass(frozen=True, slots=True)
class Lowered:
    """A dossier in the system's words, and the texts a declared cut shortened."""

    body: dict[str, Any]
    cuts: tuple[Cut, ...]


def compile_mapping(loaded: Loaded, *, addresses: bool = True) -> Lens:
    """Compile what ``load_file`` gave; raises ``MappingErrors``.

    ``addresses``: files have addresses to be fetched from (``[console] public_url``).
    """
    spec = read(loaded.text, loaded.source)
    spec = spec if addresses else replace(spec, rules=tuple(_unaddressed(spec.rules)))
    return Lens(spec, loaded.shipped)


def compile_text(text: str, source: str) -> Lens:
    """Compile a mapping's text; ``source`` is what errors call it. Raises ``MappingErrors``."""
    return Lens(read(text, source))


class Lens:
    """Both ways of one mapping. Pure, and safe to share between threads.

    ``outgoing`` are the paths whose change makes a new version go out, ``incoming`` those the
    system tells us something of, ``status_out`` its words for the statuses it can be told.
    ``sends_papers`` tells whether papers go out themselves, ``names_files`` whether a record may
    name files of the one-stop (``content``, ``address``). ``lists`` are the code lists it looks into,
    ``needed`` those without which nothing can be said; ``shipped`` come with the mapping, and
    ``rows`` are what the laws know of each: the names of the codes valid now. ``results`` says where
    a record shows issued files.
    """

    def __init__(self, spec: Spec, shipped: Mapping[str, Table] | None = None) -> None:
        self.spec = spec
        self.name = spec.name
        self.title = spec.title
        self.system, _, self.kind = spec.name.partition("/")
        self.version = spec.version
        self.valid_from: date | None = spec.valid_from
        self.fingerprint = spec.fingerprint
        self.rules = spec.rules
        self.results = spec.results
        outward = [rule for rule in spec.rules if rule.way in OUTWARD]
        carried = {path for rule in outward for path in rule.reads}
        listings = [one for rule in spec.rules for one in rule.listings]
        days = {one.on for one in listings}
        self.shipped = {
            one.list: shipped[one.list] for one in listings if shipped and one.list in shipped
        }
        self.lists = frozenset(one.list for one in listings) - self.shipped.keys()
        self.needed = frozenset(one.list for one in listings if one.needed) & self.lists
        self.rows = {one.list: self._rows_of(one.list) for one in listings}
        self.outgoing = frozenset(carried | days | set(spec.triggers))
        self.sends_papers = any(rule.ours == "documents" and rule.each for rule in outward)
        self.incoming = frozenset(rule.ours for rule in spec.rules if rule.way in INWARD)
        self.names_files = any(map(_names_files, outward))
        self.status_out: Mapping[int, str] = dict(_status_words(spec, outward))
        self._owners = {rule.ours: rule.owner for rule in spec.rules if rule.way in INWARD}
        self._key = getter(spec.key)
        self._lower = (*map(taking, spec.takes), *(lowering(rule) for rule in outward))
        readers = [rule for rule in spec.rules if rule.way in READ_BACK]
        readers.sort(key=lambda rule: bool(rule.listings))  # the days they are looked up by first
        self._lift = tuple(map(lifting, readers))
        self._back = tuple((rule.ours, of_rule(rule)) for rule in readers if not rule.unless)
        forms = normals(spec.rules, (*spec.triggers, *sorted(days - set(spec.triggers))))
        self._as_is = tuple(path for path, form in forms if form is clean)
        self._cut = tuple((path, form) for path, form in forms if form is not clean)

    def _rows_of(self, name: str) -> Mapping[str, str]:
        shipped = self.shipped.get(name)
        if name in self.spec.lists or shipped is None:
            return self.spec.lists.get(name, {"1": "Một", "2": "Hai"})
        return {one.code: one.name for one in shipped.spans if one.valid_until is None}

    @property
    def samples(self) -> Lists:
        """The code lists of the laws: what ``rows`` hold, valid on every day."""
        return Lists(
            {
                name: Table(name, [Span(code, told) for code, told in rows.items()])
                for name, rows in self.rows.items()
            }
        )

    def owner(self, path: str) -> Owner:
        """Return who owns the field at ``path``; what is only carried is the one-stop's."""
        return self._owners.get(path, Owner.ONESTOP)

    def key(self, theirs: Mapping[str, Any]) -> str | None:
        """Return our dossier code inside a record of theirs, if it carries one."""
        try:
            code = clean(self._key(theirs))
        except Unfit:
            return None
        return code if isinstance(code, str) else None

    def lift(self, theirs: Mapping[str, Any], lists: Lists = NO_LISTS) -> dict[str, Json]:
        """Translate a record inward: the canonical fields it speaks of, nothing as ``None``.

        Raises:
            LiftError: a value can't be read; names the rule and both paths.
            ListUnread: it needs a code list that is none of ``lists``.
        """
        ours: dict[str, Json] = {}
        view = View(lists, self.shipped, ours)
        for step in self._lift:
            step(theirs, ours, view)
        return ours

    def glimpse(self, theirs: Mapping[str, Any], lists: Lists = NO_LISTS) -> dict[str, Json]:
        """Return what can be read of a record that ``lift`` can't read: each field by itself."""
        ours: dict[str, Json] = {}
        view = View(lists, self.shipped, ours)
        for step in self._lift:
            with suppress(LiftError, ListUnread):
                step(theirs, ours, view)
        return ours

    def files(self, theirs: Mapping[str, Any]) -> tuple[Issued, ...]:
        """Return the files a record shows that may be results."""
        return () if self.results is None else files_of(self.results, theirs)

    def decided(self, ours: Fields) -> bool:
        """Tell whether a record that lifts to ``ours`` may show what its ministry issued."""
        return self.results is not None and self.results.decided(ours)

    def issued(self, theirs: Mapping[str, Any], ours: Fields) -> tuple[Issued, ...]:
        """Return the files a record shows once its ministry has decided; ``ours`` is it lifted."""
        return self.files(theirs) if self.decided(ours) else ()

    def lower(self, ours: Fields, lists: Lists = NO_LISTS) -> Lowered:
        """Translate a dossier outward.

        Raises:
            LowerErrors: every field that is missing or has no word over there.
            ListUnread: it needs a code list that is none of ``lists``.
        """
        body: dict[str, Any] = {}
        notes = Notes(View(lists, self.shipped, ours))
        for step in self._lower:
            step(ours, body, notes)
        if notes.problems:
            raise LowerErrors(notes.problems)
        return Lowered(body, tuple(notes.cuts))

    def shown(self, ours: Fields) -> dict[str, Json]:
        """Return what a record of this dossier lifts to, where it is as the dossier is.

        Unlike ``project`` it holds only what is read back, and of a list only what one rule reads.
        """
        return {path: normal(ours.get(path)) for path, normal in self._back}

    def project(self, ours: Fields) -> dict[str, Json]:
        """Return what this system can know of a dossier, in the form the wire would keep it."""
        shown: dict[str, Json] = {}
        for path in self._as_is:
            if path in ours:
                value = ours[path]
                shown[path] = clean_text(value) if value.__class__ is str else value
        for path, normal in self._cut:
            if path in ours:
                shown[path] = normal(ours[path])
        return shown


def _names_files(rule: Rule) -> bool:
    return _names(rule, CONTENT) or _names(rule, ADDRESS)


def _names(rule: Rule, transform: str) -> bool:
    if any(step.name == transform for step in rule.via):
        return True
    return any(_names(one, transform) for one in (*rule.each, *rule.record))


def _unaddressed(rules: Iterable[Rule]) -> Iterator[Rule]:
    """Yield the rules that need no address; of the others what stands there by default is left."""
    for rule in rules:
        if not _names(rule, ADDRESS):
            yield rule
        elif rule.default is not None:
            const = GATHERING["const"].make(rule.default, {})
            bare = replace(rule, ours="", sources=(), via=(const,), default=None, way="out")
            yield replace(bare, each=(), record=(), where={}, known=(), when={})


def _status_words(spec: Spec, outward: Iterable[Rule]) -> Iterator[tuple[int, str]]:
    """Yield the statuses the system can be told, with its word for each."""
    rule = next((one for one in outward if one.ours == STATUS and not one.gathers), None)
    if rule is None:
        return
    table = next((step.table for step in rule.via if step.table), None)
    words = {one: str(one) for one in NAMES} if table is None else spec.codes[table].outward
    for status, word in words.items():
        if status not in NEVER_PUSHED:
            yield int(status), str(word)
