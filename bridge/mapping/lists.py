"""Code lists with their days: what a name's code was on a day, and what a code's name was.

Source of the folding: rules.md 5.2. Names are compared in NFC; without their marks they are
compared only to say which are near, never to convert. Nothing is converted that is not one to
one on the day, and nothing from one day's list to another's.
"""

from __future__ import annotations

import difflib
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from bridge.domain.dossier import Fields
from bridge.mapping.errors import ListUnread, Reason, Unfit

NEAREST = 3
"""How many near names an error names at most."""

LIST_LABELS: Mapping[str, str] = {
    "nationality": "quốc tịch",
    "country": "quốc gia",
    "ethnic_group": "dân tộc",
    "administrative_unit": "đơn vị hành chính",
    "province": "tỉnh, thành phố",
    "agency": "cơ quan",
    "unit": "đơn vị",
    "identity_paper": "giấy tờ tùy thân",
}
"""What a clerk calls a list; one that is not here is called by its name."""

_D = str.maketrans("đĐÐƉ", "dddd")


@dataclass(frozen=True, slots=True)
class Span:
    """What a code stood for: from ``valid_from`` (``None``: ever) until before ``valid_until``."""

    code: str
    name: str
    valid_from: date | None = None
    valid_until: date | None = None

    def holds(self, day: date) -> bool:
        """Tell whether it stood in the list on a day."""
        begun = self.valid_from is None or self.valid_from <= day
        return begun and (self.valid_until is None or day < self.valid_until)


class Table:
    """One list, all its days. Immutable, and safe to share between threads."""

    def __init__(self, name: str, spans: Iterable[Span]) -> None:
        self.name = name
        self.spans = tuple(spans)
        self._by_code: dict[str, list[Span]] = defaultdict(list)
        self._by_name: dict[str, list[Span]] = defaultdict(list)
        for one in self.spans:
            self._by_code[one.code].append(one)
            self._by_name[folded(one.name)].append(one)

    def code_of(self, name: str, day: date, *, spelt: bool) -> str:
        """Return the code of a name on a day; ``spelt``: as the list spells it, case too.

        Raises:
            Unfit: the name is not in the list then, or has several codes.
        """
        found = self._by_name.get(folded(name), ())
        found = [one for one in found if not spelt or one.name == name]
        held = {one.code for one in found if one.holds(day)}
        if not held:
            raise self._absent(name, found, day)
        if len(held) > 1:
            raise self._ambiguous(day)
        return held.pop()

    def name_of(self, code: str, day: date) -> str:
        """Return the name of a code on a day.

        Raises:
            Unfit: the code is not in the list then, or its name stands for other codes too.
        """
        found = self._by_code.get(code, ())
        name = next((one.name for one in found if one.holds(day)), None)
        if name is None:
            raise self._absent(code, found, day)
        self.code_of(name, day, spelt=True)
        return name

    def holds(self, word: str, day: date) -> bool:
        """Tell whether a word is a code or a name of the list on a day."""
        spans = (*self._by_code.get(word, ()), *self._by_name.get(folded(word), ()))
        return any(one.holds(day) for one in spans)

    def unknown(self, word: str, day: date) -> Unfit:
        """Return the error of a word that is neither a code nor a name on a day."""
        found = (*self._by_code.get(word, ()), *self._by_name.get(folded(word), ()))
        return self._absent(word, found, day)

    def nearest(self, word: str, day: date) -> tuple[str, ...]:
        """Return the nearest names of a day, the nearest first."""
        names: dict[str, list[str]] = defaultdict(list)
        for one in self.spans:
            if one.holds(day) and one.name not in names[bare(one.name)]:
                names[bare(one.name)].append(one.name)
        near = difflib.get_close_matches(bare(word), names, NEAREST)
        return tuple(name for key in near for name in names[key])[:NEAREST]

    def _absent(self, word: str, found: Iterable[Span], day: date) -> Unfit:
        label = LIST_LABELS.get(self.name, self.name)
        reason = Reason(
            f"not in the list {self.name} on {day.isoformat()}",
            f"không có trong danh mục {label} ngày {day:%d/%m/%Y}",
        )
        ended = max((one.valid_until for one in found if one.valid_until), default=None)

        def wider() -> Reason:
            text, text_vi = reason.text, reason.text_vi
            if ended is not None and ended <= day:
                text = f"{text}, only until {ended.isoformat()}"
                text_vi = f"{text_vi}, chỉ có đến {ended:%d/%m/%Y}"
            if near := ", ".join(self.nearest(word, day)):
                text, text_vi = f"{text}; nearest: {near}", f"{text_vi}; gần nhất: {near}"
            return Reason(text, text_vi)

        return Unfit(reason, wider)

    def _ambiguous(self, day: date) -> Unfit:
        label = LIST_LABELS.get(self.name, self.name)
        return Unfit(
            Reason(
                f"more than one code in the list {self.name} on {day.isoformat()}: not converted",
                f"ứng với nhiều mã trong danh mục {label} ngày {day:%d/%m/%Y} nên không chuyển đổi",
            )
        )


@dataclass(frozen=True, slots=True)
class Lists:
    """The lists known now, and the day that counts where a dossier says none. Immutable."""

    tables: Mapping[str, Table] = field(default_factory=dict)
    today: date = date.max


NO_LISTS = Lists()
"""What is handed to a lens where no list was read."""


@dataclass(frozen=True, slots=True)
class View:
    """The lists as one dossier needs them: by its own days. ``shipped`` come with the mapping.

    ``discreet``: of a personal value no error says what is near it.
    """

    lists: Lists
    shipped: Mapping[str, Table]
    fields: Fields
    discreet: bool = True

    def table(self, name: str) -> Table:
        """Return a list.

        Raises:
            ListUnread: it was not read yet.
        """
        found = self.known(name)
        if found is None:
            raise ListUnread(name)
        return found

    def known(self, name: str) -> Table | None:
        """Return a list if it was read; what is shipped goes before what was read."""
        return self.shipped.get(name) or self.lists.tables.get(name)

    def day(self, path: str) -> date:
        """Return the day a field of the dossier says, else today's."""
        value = self.fields.get(path)
        try:
            return date.fromisoformat(value[:10]) if isinstance(value, str) else self.lists.today
        except ValueError:  # a day of which the month is known
            return self.lists.today


def folded(name: str) -> str:
    """Return a name for comparison: NFC, blanks as one, case folded."""
    return " ".join(unicodedata.normalize("NFC", name).split()).casefold()


def bare(name: str) -> str:
    """Return a name without marks, to find near ones: ``hoà`` and ``hòa`` are both ``hoa``."""
    split = unicodedata.normalize("NFD", folded(name.translate(_D)))
    return "".join(one for one in split if not unicodedata.combining(one)).translate(_D)
