"""A dossier in the ministry's words: what we send of it, what we must repeat, when it is as sent.

``CapNhatHoSo`` replaces the whole record and clears what is absent. The ministry's own fields are
therefore read just before and sent back as they are. Of ``TrangThai`` we send only HUY and TR: the
ministry keeps its own when there is none.
"""

from __future__ import annotations

import base64
import re
import unicodedata
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from bridge.sdk.documents import Document, content_of, once
from bridge.sdk.times import instant

__all__ = ["OUR_STATUSES", "agrees", "keeps_files", "outgoing", "replacement"]

OUR_STATUSES = frozenset({"HUY", "TR"})
"""The words for what only the counter decides: withdrawn, handed over."""

DECIDED = frozenset({"TC", "CP", "TR", "HUY"})
"""The words with which the ministry has issued what it has to issue, if anything."""

MINISTRY_FIELDS = ("SoTiepNhan", "GhiChu", "NgayHoanThanh", "SoGPLXMoi")
INSTANTS = frozenset({"NgayTiepNhan", "NgayHenTra", "NgayHoanThanh"})
IMPORTED = re.compile(r"-M\d{6}$")

Body = dict[str, Any]


def outgoing(body: Mapping[str, Any], code: str, documents: Mapping[str, Document]) -> Body:
    """Return ``body`` as it goes out: under our code, the files' bytes in place.

    The code is what a lost answer is asked about by, so it never stays out.

    Raises:
        Rejected: (code ``DOCUMENT``) a file is not the one that the one-stop describes.
    """
    sent = {name: value for name, value in body.items() if value is not None}
    if sent.get("TrangThai") not in OUR_STATUSES:
        sent.pop("TrangThai", None)
    sent["MaHoSoMotCua"] = code
    if sent.get("TaiLieu"):
        sent["TaiLieu"] = [_opened(item, documents) for item in _papers(sent)]
    return sent


def replacement(sent: Body, held: Mapping[str, Any], code: str) -> Body:
    """Return ``sent`` with what the ministry holds as its own, so that it is not cleared."""
    whole = {name: held[name] for name in MINISTRY_FIELDS if held.get(name)} | sent
    kept = [_as_held(item) for item in _kept(sent, held, code)]
    if kept or keeps_files(sent, code):
        whole["TaiLieu"] = [*(sent.get("TaiLieu") or []), *kept]
    return whole


def has_issued(sent: Mapping[str, Any], held: Mapping[str, Any], code: str) -> bool:
    """Tell whether a record holds files of the ministry's own that must be sent back with it."""
    return not keeps_files(sent, code) and bool(_kept(sent, held, code))


def keeps_files(sent: Mapping[str, Any], code: str) -> bool:
    """Tell whether the files the ministry holds stay beside those we send.

    Those handed in at the ministry are the record's too: they stay where the one-stop names none,
    and in a dossier that was imported from there.
    """
    return not sent.get("TaiLieu") or IMPORTED.search(code) is not None


def agrees(sent: Mapping[str, Any], held: Mapping[str, Any], code: str) -> bool:
    """Tell whether a record is as an update with ``sent`` leaves it.

    A field of ours that is absent must be absent there; the ministry's own are not looked at.
    Text is compared in NFC, times as instants, fees by value, files by Sha256.
    """
    ours = {name: value for name, value in sent.items() if value not in (None, "", [])}
    ours["MaHoSoMotCua"] = code
    if ours.get("TrangThai") not in OUR_STATUSES:
        ours.pop("TrangThai", None)
    names = {*ours, *held} - {*MINISTRY_FIELDS, "TaiLieu", "TrangThai"}
    names |= ours.keys() & {*MINISTRY_FIELDS, "TrangThai"}
    return _same_files(ours, held, code) and all(
        _settled(name, ours.get(name)) == _settled(name, held.get(name)) for name in names
    )


def _papers(sent: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the papers of a dossier; a copy that says nothing new is not sent beside the first."""
    return once(sent.get("TaiLieu") or (), "NoiDung")


def _opened(item: Mapping[str, Any], documents: Mapping[str, Document]) -> Body:
    return {**item, "NoiDung": content_of(item.get("NoiDung"), documents)}


def _as_held(item: Mapping[str, Any]) -> Body:
    return {**item, "NoiDung": base64.b64decode(item["NoiDung"])}


def _kept(sent: Mapping[str, Any], held: Mapping[str, Any], code: str) -> list[Any]:
    """Return the files of a record that stay beside those we send.

    All where they stay as a whole; else what the ministry issued: once it has decided, what names
    no component and is not ours.
    """
    ours = {_hash(item) for item in sent.get("TaiLieu") or ()}
    others = [item for item in held.get("TaiLieu") or () if _hash(item) not in ours]
    if keeps_files(sent, code):
        return others
    decided = held.get("TrangThai") in DECIDED
    return [item for item in others if decided and not (item.get("MaThanhPhan") or "").strip()]


def _same_files(ours: Mapping[str, Any], held: Mapping[str, Any], code: str) -> bool:
    sent = sorted(map(_hash, _papers(ours)))
    there = sorted(map(_hash, held.get("TaiLieu", [])))
    kept = sorted(map(_hash, _kept(ours, held, code)))
    return set(sent) <= set(there) if keeps_files(ours, code) else sorted(sent + kept) == there


def _hash(item: Mapping[str, Any]) -> str:
    return str(item.get("Sha256", "")).strip().lower()


def _settled(name: str, value: Any) -> object:
    """Return ``value`` in the form in which equal facts are equal."""
    if isinstance(value, Mapping):
        return {key: _settled(key, each) for key, each in value.items() if each not in (None, "")}
    if value is None:
        return ""
    text = unicodedata.normalize("NFC", str(value)).strip()
    if name in INSTANTS:
        return _instant(text)
    return _amount(text) if name == "LePhi" else text


def _instant(text: str) -> datetime | str:
    return instant(text) or text


def _amount(text: str) -> Decimal | str:
    try:
        return Decimal(text)
    except InvalidOperation:
        return text
