"""Proves that nothing personal leaves a run: every form of every invented person is looked for.

``people_of`` gathers who is in a one-stop database and at the ministries, ``words_of`` all that the
bridge's store keeps for other eyes (journal, reasons, errors, notices, messages), ``leaks`` looks
for the ones in the others. A name may come in NFC or NFD, in any case and spacing, without its
accents, escaped in JSON, in HTML or in an address: all of these are undone before it is looked for.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from html import unescape
from typing import Any
from urllib.parse import unquote_plus

from sqlalchemy import Engine, create_engine, text

PERSONAL = ("applicant_name", "applicant_id_number", "applicant_phone", "applicant_email")
"""The columns of a dossier that name a person, or lead to one."""

SAYS_PERSON = re.compile(
    r"(ho_?ten|chu_?ho_?so|full_?name|so_?giay_?to|so_?dinh_?danh|identify_?no|id_?(no|number)"
    r"|(applicant|child|father|mother|dad|mom|partner|husband|wife|person|owner)_?name"
    r"|dien_?thoai|phone|email)$",
    re.IGNORECASE,
)
"""Keys of ``details`` and of a ministry's record under which a person stands."""

SHORTEST = 8
"""Shorter values (a family name, a year) stand in innocent words as well."""

KEPT_FOR_OTHERS = {
    "journal": ("code", "system", "detail"),
    "delivery": ("cause", "error_code", "error_field", "error_text"),
    "inbox": ("reason", "rule"),
    "system": ("reason",),
    "notice": ("field", "text_vi"),
    "conflict": ("field", "why", "resolution"),
    "code_list": ("trouble",),
    "alert": ("subject",),
    "message": ("receiver", "occasion", "content", "trouble"),
    "certificate": ("place", "trouble"),
}
"""What of the store is shown, sent or logged; the rest (payloads, bases) is kept apart."""

_ESCAPED = re.compile(r"\\+u([0-9a-fA-F]{4})")


def plain(words: str) -> str:
    """Return a text with all that may hide a name undone: escapes, accents, case and spacing."""
    unescaped = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), words)
    undone = unescape(unquote_plus(unescaped))
    letters = unicodedata.normalize("NFD", undone).replace("đ", "d").replace("Đ", "d")
    bare = "".join(one for one in letters if not unicodedata.combining(one))
    return " ".join(bare.casefold().split())


def people_of(onestop: Engine, records: Iterable[Mapping[str, Any]] = ()) -> set[str]:
    """Return every personal value of a one-stop database and of the ministries' own records."""
    found: set[str] = set()
    with onestop.connect() as connection:
        columns = ", ".join((*PERSONAL, "details"))
        for row in connection.execute(text(f"SELECT {columns} FROM dossier")):
            *values, details = row
            found |= {str(value) for value in values if value}
            found |= set(_under(json.loads(details or "{}")))
    for record in records:
        found |= set(_under(record))
    return {one for one in found if len(plain(one)) >= SHORTEST}


def _under(value: Any, key: str = "") -> Iterator[str]:
    """Yield the texts that stand under a key that says a person."""
    if isinstance(value, Mapping):
        for name, part in value.items():
            yield from _under(part, str(name))
    elif isinstance(value, list | tuple):
        for part in value:
            yield from _under(part, key)
    elif isinstance(value, str) and SAYS_PERSON.search(key):
        yield value


def words_of(store: Engine) -> Iterator[str]:
    """Yield every text of the store that is made for other eyes."""
    with store.connect() as connection:
        for table, columns in KEPT_FOR_OTHERS.items():
            for row in connection.execute(text(f"SELECT {', '.join(columns)} FROM {table}")):
                yield from (str(value) for value in row if value is not None)


def leaks_of_run(
    onestop_url: str,
    store_url: str,
    words: Iterable[str],
    records: Iterable[Mapping[str, Any]] = (),
) -> list[str]:
    """Return what leaked in a run: into its store, or into ``words`` (logs, metrics, messages).

    ``records`` are what the ministries hold by its end: people only they know are looked for too.
    """
    onestop, store = create_engine(onestop_url), create_engine(store_url)
    try:
        return leaks([*words, *words_of(store)], people_of(onestop, records))
    finally:
        onestop.dispose()
        store.dispose()


def leaks(words: Iterable[str], people: Iterable[str]) -> list[str]:
    """Return each place a person is found in, a few words around it; none is as it should be."""
    sought = Sought(people)
    return [leak for one in words for leak in sought.leaks(one)]


class Sought:
    """Who is looked for: by their first letters, so that ten thousand cost little more than one."""

    def __init__(self, people: Iterable[str]) -> None:
        self._first: defaultdict[str, set[str]] = defaultdict(set)
        for one in people:
            bare = plain(one)
            self._first[bare[:SHORTEST]].add(bare)
        if not self._first:
            raise AssertionError("nobody to look for: the run had no people")

    def leaks(self, words: str) -> Iterator[str]:
        """Yield each place of a text somebody is found in, undone as ``plain`` does it."""
        bare = plain(words)
        for at in range(len(bare) - SHORTEST + 1):
            for one in self._first.get(bare[at : at + SHORTEST], ()):
                if bare.startswith(one, at):
                    yield bare[max(0, at - 60) : at + len(one) + 20]
