"""The contracts in the mappings are the published ones: the WSDL, the schema, and what they require."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files
from typing import Any

import pytest
from lxml import etree

from bridge.mapping import Lens, LowerErrors
from bridge.mapping.spec import OUTWARD, Rule

from .test_files import LENSES

XS = "{http://www.w3.org/2001/XMLSchema}"


class _Schema:
    def __init__(self, package: str, name: str) -> None:
        document: Any = etree.fromstring(files(package).joinpath(name).read_bytes())
        self._types = {one.get("name"): one for one in document.iter(f"{XS}complexType")}

    def leaves(self, name: str, above: str = "") -> Iterator[tuple[str, bool]]:
        """Yield the fields of a type, with rows as ``*``, and whether each is required."""
        kind = self._types[name]
        simple = kind.find(f"{XS}simpleContent/{XS}extension")
        for one in (kind if simple is None else simple).findall(f"{XS}attribute"):
            yield f"{above}@{one.get('name')}", one.get("use") == "required"
        if simple is not None:
            yield f"{above}#text", True
        for one in kind.findall(f"{XS}sequence/{XS}element"):
            path, below = f"{above}{one.get('name')}", (one.get("type") or "").partition(":")[2]
            rows = one.get("maxOccurs", "1") != "1"
            if below in self._types:
                yield from self.leaves(below, f"{path}/*/" if rows else f"{path}/")
            else:
                yield path, one.get("minOccurs", "1") != "0"


SCHEMAS = {
    "gplx/licence.v1.yaml": _Schema("adapters.gplx", "gplx.wsdl"),
    "yte/practice.v1.yaml": _Schema("adapters.yte", "yte.xsd"),
}
each_schema = pytest.mark.parametrize("name", SCHEMAS)


@each_schema
def test_the_contract_is_the_schema(name: str) -> None:
    """Every field of the schema's record is in the mapping's contract, and no other."""
    assert set(LENSES[name].spec.contract) == {leaf for leaf, _ in SCHEMAS[name].leaves("HoSo")}


def _outward(rules: tuple[Rule, ...], above: str = "") -> Iterator[tuple[str, Rule]]:
    for rule in rules:
        if rule.way in OUTWARD:
            yield from _outward(rule.each, f"{above}{rule.theirs}/*/")
            yield f"{above}{rule.theirs}", rule


@each_schema
def test_what_the_schema_requires_is_required(name: str) -> None:
    """A record the schema would refuse is refused here, where the clerk can be told."""
    lens = LENSES[name]
    rules = dict(_outward(lens.rules))
    elsewhere = {*lens.spec.adapters, "TrangThai"}  # the adapter's, and set by it
    required = {leaf for leaf, needed in SCHEMAS[name].leaves("HoSo") if needed} - elsewhere
    assert {leaf for leaf in required if not rules[leaf].required} == set()


DVCQG_REQUIRED = [
    "MaHoSo", "MaTTHC", "TenTTHC", "MaLinhVuc", "TenLinhVuc", "KenhThucHien", "ChuHoSo",
    "LoaiDoiTuong", "NgayNopHoSo", "NgayTiepNhan", "TrangThaiHoSo", "HinhThuc", "DonViXuLy",
    "NoiNopHoSo", "HoSoCoThanhPhanSoHoa", "TaiKhoanDuocXacThucVoiVNeID",
    "DuocThanhToanTrucTuyen",
]  # fmt: skip
LLTP_REQUIRED = ["idReceivedDec", "dateReceivedDec"] + [
    f"declarationWSForm/{name}"
    for name in (
        "fullName", "genderId", "birthDateStr", "nationalityId", "idTypeId", "identifyNo", "phone",
        "declareDate", "declareTypeId", "requestQty", "objectRequestId", "formType",
    )
]  # fmt: skip
STEP_REQUIRED = ["MaHoSo", "NguoiXuLy", "ThoiDiemXuLy", "NoiDungXuLy", "TrangThai"]


def _bare(lens: Lens) -> set[str]:
    """Return the fields a record has when nothing is known, and those it is refused for."""
    with pytest.raises(LowerErrors) as caught:
        lens.lower({})
    return {one.theirs for one in caught.value.problems}


@pytest.mark.parametrize(
    ("name", "required"),
    [
        ("dvcqg/dossier.v1.yaml", DVCQG_REQUIRED),
        ("dvcqg/step.v1.yaml", STEP_REQUIRED),
        ("lltp/declaration.v1.yaml", LLTP_REQUIRED),
    ],
)
def test_what_a_service_requires_is_there_or_refused(name: str, required: list[str]) -> None:
    """A required field is refused when it is not known, or is one the contract answers itself."""
    answered = {"HoSoCoThanhPhanSoHoa", "DuocThanhToanTrucTuyen"}
    assert set(required) - _bare(LENSES[name]) <= answered


def test_an_unknown_text_goes_to_the_portal_as_an_empty_one() -> None:
    """What is not required and not known goes out as ``""``, never as null."""
    lens = LENSES["dvcqg/dossier.v1.yaml"]
    told = [rule for rule in lens.rules if not rule.required and not rule.gathers]
    assert {rule.theirs for rule in told if rule.default is None} == set()


BIRTH = LENSES["hotich/birth.v1.yaml"]
DOCUMENT = dict(_Schema("adapters.hotich", "hotich.xsd").leaves("BirthType"))


def test_the_birth_document_is_the_schema() -> None:
    """Every element of the document goes out by a rule of the mapping, what it needs is required."""
    rules = dict(_outward(BIRTH.rules))
    envelope = {"maHoSo", "module", "ngayTiepNhan"}
    assert set(rules) == set(DOCUMENT) | envelope
    needed = {leaf for leaf, required in DOCUMENT.items() if required} | envelope
    assert {leaf for leaf, rule in rules.items() if rule.required} == needed


def test_a_birth_is_refused_for_all_that_is_missing_at_once() -> None:
    """Without anything: the code, the register, the reception, the child and the requester."""
    assert _bare(BIRTH) == {"maHoSo", "module", "ngayTiepNhan", "nksHoTen", "nycHoTen"}
