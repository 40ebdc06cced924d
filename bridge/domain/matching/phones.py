"""Telephone numbers in one form: ten digits from 0, as since the renumbering of 2018 (rules.md §5.2)."""

from __future__ import annotations

import re

_RENUMBERED = {
    "0120": "070", "0121": "079", "0122": "077", "0126": "076", "0128": "078",
    "0123": "083", "0124": "084", "0125": "085", "0127": "081", "0129": "082",
    "0162": "032", "0163": "033", "0164": "034", "0165": "035", "0166": "036",
    "0167": "037", "0168": "038", "0169": "039",
    "0186": "056", "0188": "058", "0199": "059",
}  # fmt: skip
"""Mobile prefixes of 11-digit numbers, and what they became between 15-9 and 14-11-2018."""
_NOT_DIGITS = re.compile(r"\D+")
_ABROAD = re.compile(r"(?:00)?84(?=\d{9,10}\Z)")
_MOBILE = re.compile(r"0[35789]")
_SHORTEST, _LONGEST, _OLD = 10, 11, 11


def phone_of(text: str | None) -> str | None:
    """Return a telephone number in comparable form, the first where several are named."""
    if not text or (len(text) == _SHORTEST and text.isdigit() and _MOBILE.match(text)):
        return text or None
    first = re.split(r"[;,/]", text, maxsplit=1)[0]
    digits = _ABROAD.sub("0", _NOT_DIGITS.sub("", first))
    if digits.startswith("00"):
        digits = digits[1:]
    if len(digits) == _OLD and digits[:4] in _RENUMBERED:
        digits = _RENUMBERED[digits[:4]] + digits[4:]
    told = digits.startswith("0") and _SHORTEST <= len(digits) <= _LONGEST
    return digits if told and len(set(digits[1:])) > 1 else None
