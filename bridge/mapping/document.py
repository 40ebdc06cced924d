"""A mapping as tables for people, and the reference of every transform, from the code itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from bridge.mapping.gathers import KINDS
from bridge.mapping.labels import LABELS
from bridge.mapping.lens import Lens
from bridge.mapping.spec import ResultTable, Rule

_WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "heads": "one-stop|system|way|owner|transforms|required",
        "both": "both", "in": "in", "out": "out", "mirror": "out, compared",
        "onestop": "one-stop", "ministry": "ministry", "by_status": "by status", "none": "nobody",
        "else": "else", "only": "only", "unless": "unless there is", "fixed": "(fixed)",
        "Ignored": "Ignored", "Adapter": "Set by the adapter", "Triggers": "Sent again on a change of",
        "Codes": "Code table", "word": "system", "value": "one-stop", "Takes": "Sent only with",
        "Results": "Files issued by the ministry are read from",
    },
    "vi": {
        "heads": "một cửa|hệ thống|chiều|bên làm chủ|chuyển đổi|bắt buộc",
        "both": "hai chiều", "in": "về", "out": "đi", "mirror": "đi, đối chiếu",
        "onestop": "một cửa", "ministry": "bộ", "by_status": "theo trạng thái", "none": "không bên nào",
        "else": "không có thì", "only": "chỉ khi", "unless": "khi không có", "fixed": "(cố định)",
        "Ignored": "Không dùng", "Adapter": "Bộ kết nối tự đặt", "Triggers": "Gửi lại khi thay đổi",
        "Codes": "Bảng mã", "word": "hệ thống", "value": "một cửa", "Takes": "Chỉ gửi khi",
        "Results": "Tệp kết quả bộ trả nằm ở",
    },
}  # fmt: skip


def document(lens: Lens, lang: str = "en") -> str:
    """Return the mapping as markdown, in English (``en``) or Vietnamese (``vi``)."""
    say = _WORDS[lang]
    lines = [f"# {lens.title}: {lens.name} v{lens.version}", ""]
    lines += _table(say["heads"].split("|"), _rows(lens.rules, lang))
    spec = lens.spec
    for name, table in spec.codes.items():
        pairs = [(word, str(value), "") for word, value in table.inward.items()]
        told = {str(word): str(value) for value, word in table.outward.items()}
        marked = [(w, v, "✓" if told.get(w) == v else "") for w, v, _ in pairs]
        lines += ["", f"{say['Codes']} `{name}`", ""]
        lines += _table([say["word"], say["value"], say["out"]], marked)
    for taken in spec.takes:
        values = ", ".join(map(str, taken.values))
        lines += ["", f"{say['Takes']} {_named(taken.path, lang)}: {values}"]
    if spec.results is not None:
        lines += ["", f"{say['Results']} `{spec.results.theirs}`: {_issued(spec.results, lang)}"]
    notes = {"Triggers": spec.triggers, "Adapter": spec.adapters, "Ignored": spec.ignored}
    for word, paths in notes.items():
        if paths:
            lines += ["", f"{say[word]}: {', '.join(f'`{one}`' for one in paths)}"]
    return "\n".join(lines) + "\n"


def _issued(results: ResultTable, lang: str) -> str:
    """Return what of an issued file is read from where, and when."""
    say = _WORDS[lang]
    parts = [f"{_named(column, lang)} `{field}`" for column, field in results.each.items()]
    for path, values in results.when.items():
        parts.append(f"{say['only']} {_named(path, lang)}: {', '.join(map(str, values))}")
    if results.unless:
        parts.append(f"{say['unless']} `{results.unless}`")
    return "; ".join(parts)


def _table(
    heads: Sequence[str], rows: Iterator[tuple[str, ...]] | list[tuple[str, str, str]]
) -> list[str]:
    lines = [f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}"]
    return lines + [f"| {' | '.join(row)} |" for row in rows]


def _rows(
    rules: Sequence[Rule], lang: str, ours: str = "", theirs: str = ""
) -> Iterator[tuple[str, ...]]:
    say = _WORDS[lang]
    for rule in rules:
        read = rule.sources or [path for one in rule.record for path in one.sources]
        paths = [f"{ours}{path}" for path in read]
        yield (
            " + ".join(_named(path, lang) for path in paths) or say["fixed"],
            f"`{theirs}{rule.theirs}`",
            say[rule.way],
            say[rule.owner.value] if rule.way in ("both", "in") else "",
            "; ".join(_how(rule, lang)),
            "✓" if rule.required else "",
        )
        yield from _rows(rule.each, lang, f"{rule.ours}.", f"{theirs}{rule.theirs}/*/")
        yield from _rows(rule.record, lang, ours, f"{theirs}{rule.theirs}/*/")


def _named(path: str, lang: str) -> str:
    label = LABELS.get(path) if lang == "vi" else None
    return f"{label} (`{path}`)" if label else f"`{path}`"


def _how(rule: Rule, lang: str) -> Iterator[str]:
    """Yield the transforms of a rule, what it is guarded by, and its declared default."""
    say = _WORDS[lang]
    yield from (f"`{one.name}`" for one in rule.via)
    for key, values in {**rule.when, **rule.where}.items():
        words = ", ".join(str(one).lower() if isinstance(one, bool) else str(one) for one in values)
        yield f"{say['only']} `{key}`: {words}"
    if rule.known:
        yield f"{say['only']} {', '.join(f'`{key}`' for key in rule.known)}"
    if rule.unless:
        yield f"{say['unless']} `{rule.unless}`"
    if rule.default is not None:
        shown = '""' if rule.default == "" else rule.default
        yield f"{say['else']} `{shown}`"


def transform_reference() -> str:
    """Return the table of transforms for ``docs/mapping.md``."""
    rows = [(f"`{name}`", kind.argument, kind.text) for name, kind in KINDS.items()]
    return "\n".join(_table(["transform", "takes", "what it does"], rows)) + "\n"
