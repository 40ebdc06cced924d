"""What the pretend ministry of justice refuses: contracts/systems.md, "lltp", field by field."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

__all__ = ["refusal"]

_PROXY = "3845"
_FORMS = {10: "%d/%m/%Y", 7: "%m/%Y", 4: "%Y"}
_DAY = 10
_WORDS: Mapping[str, frozenset[str]] = {
    "genderId": frozenset("01"),
    "idTypeId": frozenset("0123"),
    "declareTypeId": frozenset(("3844", "3845", "3846", "3847")),
    "objectRequestId": frozenset(("71", "72", "73", "74")),
    "formType": frozenset("12"),
    "isBanPosition": frozenset("01"),
    "delivery": frozenset("01"),
}
_LISTED: Mapping[str, str] = {"nationalityId": "2", "ethnicId": "3"}
"""The fields that hold an ID of a list, and its infoType."""
_DECLARATION = (
    "fullName", "genderId", "birthDateStr", "nationalityId", "idTypeId", "identifyNo", "phone",
    "declareDate", "declareTypeId", "requestQty", "objectRequestId", "formType",
)  # fmt: skip
_KNOWN = frozenset((
    *_DECLARATION, "birthPlace", "ethnicId", "residence", "reRegionId", "residenceTemporary",
    "rtRegionId", "idIssueDate", "idIssuePlace", "dadName", "dadDob", "momName", "momDob",
    "partnerName", "partnerDob", "email", "requestQtyAdd", "agencyRequestId", "isBanPosition",
    "delivery", "deliveryAddress", "note", "purpose", "receiveNo", "otherName",
))  # fmt: skip
_RESIDENCE = ("fromDateStr", "toDateStr", "residencePlace")
_MANDATOR = frozenset((
    "fullName", "genderId", "birthDateStr", "birthPlaceId", "residence", "regionId", "idTypeId",
    "identifyNo", "idIssueDate", "idIssuePlace", "mandatorRelation", "mandatorDate",
))  # fmt: skip
_DAYS = frozenset(("idIssueDate", "declareDate", "mandatorDate"))
_PARTIAL = frozenset(("birthDateStr", "dadDob", "momDob", "partnerDob", "fromDateStr", "toDateStr"))


def refusal(asked: Mapping[str, Any], lists: Mapping[str, Mapping[str, str]]) -> str | None:
    """Return what the ministry says against a dossier, ``None`` when it takes it.

    ``lists`` are its lists of codes now, by infoType: the name of each ID.
    """
    wrong = next(_refusals(asked), None)
    return wrong or next(_off_list(asked["declarationWSForm"], lists), None)


def _off_list(form: Mapping[str, Any], lists: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    for field, number in _LISTED.items():
        text = _text(form.get(field))
        if text and text not in lists[number]:
            yield f"declarationWSForm.{field}: không có trong danh mục"


def _refusals(asked: Mapping[str, Any]) -> Iterator[str]:
    for name in ("dateReceivedDec", "datePromissoryDec"):
        text = _text(asked.get(name))
        if (name == "dateReceivedDec" or text) and not _is_date(text, partial=False):
            yield f"{name}: không đúng dạng dd/MM/yyyy"
    declaration = asked.get("declarationWSForm")
    mandator = asked.get("mandatorWSForm")
    residences = asked.get("residenceWSForm")
    if not isinstance(declaration, dict) or not isinstance(mandator, dict):
        yield "declarationWSForm, mandatorWSForm: không đúng dạng"
        return
    if not isinstance(residences, list) or not all(isinstance(one, dict) for one in residences):
        yield "residenceWSForm: không đúng dạng"
        return
    yield from _form(declaration, "declarationWSForm", _DECLARATION, _KNOWN)
    if not _text(declaration.get("requestQty")).isdecimal():
        yield "declarationWSForm.requestQty: phải là số"
    if declaration.get("receiveNo") not in (None, "", asked.get("idReceivedDec")):
        yield "declarationWSForm.receiveNo: khác idReceivedDec"
    for one in residences:
        known = frozenset((*_RESIDENCE, "jobName", "workPlace"))
        yield from _form(one, "residenceWSForm", _RESIDENCE, known)
    if mandator or _text(declaration.get("declareTypeId")) == _PROXY:
        yield from _form(mandator, "mandatorWSForm", ("fullName",), _MANDATOR)


def _form(
    form: Mapping[str, Any], name: str, required: tuple[str, ...], known: frozenset[str]
) -> Iterator[str]:
    for field in required:
        if not _text(form.get(field)):
            yield f"{name}.{field}: không được để trống"
    for field, value in form.items():
        text = _text(value)
        if field not in known:
            yield f"{name}: không có trường {field}"
        elif isinstance(value, (dict, list, bool)):
            yield f"{name}.{field}: không đúng dạng"
        elif text and field in _WORDS and text not in _WORDS[field]:
            yield f"{name}.{field}: không có trong danh mục"
        elif text and field in _DAYS and not _is_date(text, partial=False):
            yield f"{name}.{field}: không đúng dạng dd/MM/yyyy"
        elif text and field in _PARTIAL and not _is_date(text, partial=True):
            yield f"{name}.{field}: không đúng dạng dd/MM/yyyy, MM/yyyy hoặc yyyy"


def _text(value: Any) -> str:
    return "" if value is None else str(value).strip()


def _is_date(text: str, *, partial: bool) -> bool:
    form = _FORMS.get(len(text)) if partial or len(text) == _DAY else None
    try:
        return form is not None and datetime.strptime(text, form).year > 0  # noqa: DTZ007 - a day
    except ValueError:
        return False
