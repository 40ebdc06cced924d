"""A mapping as a table for people, and the reference of every transform, from the code itself."""

from __future__ import annotations

from collections.abc import Iterator

from bridge.mapping.labels import label_of
from bridge.mapping.lens import Lens
from bridge.mapping.spec import Rule
from bridge.mapping.transforms import KINDS

_HEADS = {
    "en": ("one-stop", "system", "way", "owner", "transforms", "required"),
    "vi": ("một cửa", "hệ thống", "chiều", "bên làm chủ", "chuyển đổi", "bắt buộc"),
}
_WAYS = {
    "en": {"both": "both", "in": "in", "out": "out"},
    "vi": {"both": "hai chiều", "in": "về", "out": "đi"},
}


def document(lens: Lens, lang: str = "en") -> str:
    """Return the mapping as a markdown table, in English or Vietnamese."""
    heads = _HEADS[lang]
    lines = [f"# {lens.name} v{lens.version}", ""]
    lines += [f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}"]
    lines += [f"| {' | '.join(row)} |" for row in _rows(lens.rules, lang, "", "")]
    if lens.spec.ignored:
        title = "Ignored" if lang == "en" else "Không dùng"
        lines += ["", f"{title}: {', '.join(f'`{one}`' for one in lens.spec.ignored)}"]
    return "\n".join(lines) + "\n"


def _rows(
    rules: tuple[Rule, ...], lang: str, above_ours: str, above_theirs: str
) -> Iterator[tuple[str, ...]]:
    for rule in rules:
        ours = f"{above_ours}{rule.ours or ' + '.join(rule.sources)}"
        named = f"{label_of(ours)} (`{ours}`)" if lang == "vi" and ours else f"`{ours}`"
        via = ", ".join(f"`{one.name}`" for one in rule.via)
        yield (
            named if ours else "",
            f"`{above_theirs}{rule.theirs}`",
            _WAYS[lang][rule.way],
            str(rule.owner.value),
            via,
            "✓" if rule.required else "",
        )
        yield from _rows(rule.each, lang, f"{ours}/*/", f"{above_theirs}{rule.theirs}/*/")


def transform_reference() -> str:
    """Return the table of transforms for ``docs/mapping.md``."""
    lines = ["| transform | takes | what it does |", "|---|---|---|"]
    lines += [f"| `{name}` | {kind.argument} | {kind.text} |" for name, kind in KINDS.items()]
    return "\n".join(lines) + "\n"
