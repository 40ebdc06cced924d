"""What every adapter is asked to be able to do, and where one says how it stands.

``quality.yaml`` in an adapter's folder answers each of ``QUALITIES`` with ``done`` or with
``{exempt: why}``. What the plug-in and its mappings show is compared with it both ways: neither may
``done`` be untrue, nor may what is done be called exempt.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bridge.mapping import Lens, check
from bridge.mapping.yaml_lines import NotYaml, read_yaml
from bridge.sdk.adapter import Plugin

__all__ = ["QUALITIES", "Quality", "contradictions"]

Shown = Callable[[Plugin, Sequence[Lens]], bool]


@dataclass(frozen=True, slots=True)
class Quality:
    """One quality: its key, what ``done`` means, and how plug-in and mappings show it.

    ``shown`` is None where only tests can tell.
    """

    name: str
    sentence: str
    shown: Shown | None = None


def _settles_doubt(plugin: Plugin, _: Sequence[Lens]) -> bool:
    can = plugin.capabilities
    return can.writes and (can.probes or can.submit in {"idempotent", "duplicate_refused"})


def _knows_partial_dates(_: Plugin, lenses: Sequence[Lens]) -> bool:
    return any(
        transform.name.startswith("partial_date")
        for lens in lenses
        for rule in lens.rules
        for transform in rule.via
    )


def _sends_documents(_: Plugin, lenses: Sequence[Lens]) -> bool:
    rules = [rule for lens in lenses for rule in lens.rules]
    return any(rule.ours == "documents" and bool(rule.each) for rule in rules)


def _marks_personal(_: Plugin, lenses: Sequence[Lens]) -> bool:
    return any(rule.says_personal for lens in lenses for rule in lens.rules)


def _keeps_laws(_: Plugin, lenses: Sequence[Lens]) -> bool:
    return bool(lenses) and not any(check(lens) for lens in lenses)


QUALITIES = (
    Quality("conformance", "a test class of the conformance kit keeps all its claims"),
    Quality(
        "rehearsal",
        "the plug-in brings a pretend ministry",
        lambda plugin, _: plugin.rehearsal is not None,
    ),
    Quality("check", "`check` finds all well with the rehearsal"),
    Quality(
        "feed",
        "the ministry's changes are read",
        lambda plugin, _: plugin.capabilities.feed != "none",
    ),
    Quality("submit", "dossiers are written", lambda plugin, _: plugin.capabilities.writes),
    Quality(
        "steps",
        "steps of progress are written, each once",
        lambda plugin, _: plugin.capabilities.steps,
    ),
    Quality(
        "supplements",
        "papers brought later go out as a new version",
        lambda plugin, _: plugin.capabilities.supplements,
    ),
    Quality(
        "doubt",
        "a lost answer is settled by asking, or by a repeat that is safe",
        _settles_doubt,
    ),
    Quality("documents", "the files of a dossier go out", _sends_documents),
    Quality(
        "partial_dates",
        "of a birth date the month, or the year, may be all that is known",
        _knows_partial_dates,
    ),
    Quality(
        "personal_data",
        "the mapping tells what says something about a person",
        _marks_personal,
    ),
    Quality("mapping_laws", "every mapping keeps the laws (`mapping check`)", _keeps_laws),
    Quality("journey", "a story of `tests/journey` leads through this system"),
)


def contradictions(
    text: str, plugin: Plugin, lenses: Sequence[Lens], tested: Mapping[str, bool]
) -> list[str]:
    """Return what is wrong with a ``quality.yaml``, a line each; none when it is true.

    ``tested`` says for each quality that only tests can tell whether it is so.
    """
    try:
        said = read_yaml(text)
    except NotYaml as fault:
        return [f"line {fault.line}: it is no YAML: {fault}"]
    if not isinstance(said, Mapping):
        return ["it is no mapping of qualities"]
    known = {one.name: one for one in QUALITIES}
    wrong = [f"{name}: there is no such quality" for name in said if name not in known]
    for name, quality in known.items():
        so = quality.shown(plugin, lenses) if quality.shown else tested[name]
        wrong += [f"{name}: {what}" for what in _wrong(said.get(name), quality, so=so)]
    return wrong


def _wrong(answer: Any, quality: Quality, *, so: bool) -> Iterator[str]:
    match answer:
        case None:
            yield "is not answered: write done, or {exempt: why}"
        case "done" if not so:
            yield f"done is not true: {quality.sentence}"
        case "done":
            return
        case {"exempt": str(why), **rest} if why.strip() and not rest:
            if so:
                yield f"is exempt, and so all the same: {quality.sentence}"
        case _:
            yield "is neither done nor {exempt: why}"
