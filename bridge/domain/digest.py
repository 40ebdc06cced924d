"""The daily mail to an office: which dossiers its clerks must mend. Vietnamese, as their notices are.

It repeats what the clerks read in the one-stop software; there is no personal value in that.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

LISTED_MOST = 200
"""How many a mail lists; of the others it says how many there are."""


@dataclass(frozen=True, slots=True)
class Item:
    """One standing notice: ``field`` is the one-stop's column, ``label`` what clerks call it."""

    code: str
    system: str
    title: str
    field: str | None
    label: str | None
    text: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Digest:
    """What the clerks of one reception agency must mend, oldest first.

    ``agency`` is ``None`` where no dossier tells it: rows that can't be read, or are gone.
    """

    agency: str | None
    name: str | None
    items: tuple[Item, ...]

    @property
    def dossiers(self) -> int:
        """How many dossiers these are: one may have several notices."""
        return len({one.code for one in self.items})


def subject(digest: Digest, now: datetime) -> str:
    """Return the subject of the mail; ``now`` is local."""
    return f"Một cửa: {digest.dossiers} hồ sơ cần xử lý, ngày {now:%d/%m/%Y}"


def text(digest: Digest, now: datetime) -> str:
    """Return the text of the mail; ``now`` is local."""
    listed, zone = digest.items[:LISTED_MOST], now.tzinfo
    lines = [
        f"Kính gửi: {_office(digest)}",
        "",
        (
            f"Đến {now:%H:%M} ngày {now:%d/%m/%Y} có {digest.dossiers} hồ sơ cần cán bộ tiếp nhận "
            "kiểm tra, xử lý:"
        ),
    ]
    for number, one in enumerate(listed, start=1):
        lines += ["", f"{number}. Hồ sơ {one.code} ({one.title})"]
        lines.append(f"   Thông báo từ: {one.since.astimezone(zone):%H:%M %d/%m/%Y}")
        if one.field:
            where = f"{one.label} ({one.field})" if one.label else one.field
            lines.append(f"   Mục cần xem: {where}")
        lines.append(f"   Nội dung: {one.text}")
    if len(digest.items) > len(listed):
        lines += ["", f"Còn {len(digest.items) - len(listed)} thông báo khác, xem ở phần mềm."]
    lines += [
        "",
        (
            "Cán bộ xử lý ngay trên phần mềm một cửa điện tử. Khi nguyên nhân đã hết, thông báo tự hết "
            "và hồ sơ không còn trong thư ngày hôm sau. Thư do hệ thống tự gửi, không cần trả lời."
        ),
    ]
    return "\n".join(lines) + "\n"


def _office(digest: Digest) -> str:
    if digest.agency is None:
        return "Bộ phận Tiếp nhận và Trả kết quả (hồ sơ chưa rõ nơi tiếp nhận)"
    named = f" {digest.name}" if digest.name else ""
    return f"Bộ phận Tiếp nhận và Trả kết quả{named} ({digest.agency})"


def of_items(found: Sequence[tuple[str | None, str | None, Item]]) -> list[Digest]:
    """Sort items, each with code and name of its agency, into one digest an agency."""
    names: dict[str | None, str | None] = {}
    items: dict[str | None, list[Item]] = {}
    for agency, name, item in found:
        names[agency] = names.get(agency) or name
        items.setdefault(agency, []).append(item)
    return [
        Digest(agency, names[agency], tuple(sorted(items[agency], key=_oldest)))
        for agency in sorted(items, key=lambda code: (code is None, code or ""))
    ]


def _oldest(one: Item) -> tuple[datetime, str, str]:
    return one.since, one.code, one.system
