"""What each system is told and tells us, as the contracts say: fields, owners, statuses."""

from __future__ import annotations

from typing import Any

import pytest

from bridge.domain.authority import Owner
from bridge.mapping import Cut, LowerErrors
from bridge.sdk.adapter import Plugin
from bridge.sdk.registry import Registry

from .test_files import LENSES

DVCQG, STEP = LENSES["dvcqg/dossier.v1.yaml"], LENSES["dvcqg/step.v1.yaml"]
GPLX, YTE = LENSES["gplx/licence.v1.yaml"], LENSES["yte/practice.v1.yaml"]
HOTICH = LENSES["hotich/birth.v1.yaml"]
LLTP, LLTP_STATUS = LENSES["lltp/declaration.v1.yaml"], LENSES["lltp/status.v1.yaml"]
MINISTRYS = ["status_note", "finished_at", "ministry_ref"]


@pytest.mark.parametrize(
    ("word", "status"),
    [("TN", 2), ("XL", 4), ("BS", 5), ("TC", 8), ("CP", 9), ("TR", 10), ("HUY", 7)],
)
def test_gplx_says_its_statuses(word: str, status: int) -> None:
    """Each word of the WSDL is a national status."""
    assert GPLX.lift({"TrangThai": word})["status"] == status


@pytest.mark.parametrize(
    ("word", "status"),
    [("MOI", 2), ("THAMDINH", 4), ("DUYET", 4), ("BOSUNG", 5), ("TUCHOI", 8), ("DACAP", 9)],
)
def test_yte_says_its_statuses(word: str, status: int) -> None:
    """Each word of the schema is a national status."""
    assert YTE.lift({"TrangThai": word})["status"] == status


@pytest.mark.parametrize(("word", "status"), [("1", 2), (1, 2), ("2", 5), ("3", 4), ("4", 9)])
def test_hotich_says_its_statuses(word: object, status: int) -> None:
    """Each state of the civil status service is a national status, as text or as number."""
    assert HOTICH.lift({"trangThai": word})["status"] == status


def test_what_the_civil_status_service_owns() -> None:
    """What it asks for, its number and its entry; the birth is the one-stop's."""
    entry = {f"details.entry.{key}" for key in ("number", "book", "page", "registered_on")}
    owned = {path for path in HOTICH.incoming if HOTICH.owner(path) is Owner.MINISTRY}
    assert owned == {"status_note", "ministry_ref", *entry}
    assert not owned & HOTICH.outgoing
    assert HOTICH.owner("status") is Owner.BY_STATUS
    assert HOTICH.owner("applicant.name") is HOTICH.owner("details.child.name") is Owner.ONESTOP


@pytest.mark.parametrize(("word", "status"), [(3, 2), ("4", 4), (5, 9)])
def test_lltp_says_its_statuses(word: int | str, status: int) -> None:
    """Each DEC_STATUS_ID, a number or a text, is a national status, in a list and in a dossier."""
    assert LLTP_STATUS.lift({"DEC_STATUS_ID": word})["status"] == status
    assert LLTP.lift({"declarationWSForm": {"decStatusId": word}})["status"] == status


def test_lltp_hears_of_no_status_and_owns_what_it_works_out() -> None:
    """Nothing of the certificate goes out; what was declared is the one-stop's."""
    owned = {path for path in LLTP.incoming if LLTP.owner(path) is Owner.MINISTRY}
    certificate = {"details.certificate.approved_on", "details.certificate.issued_on"}
    assert owned == {"finished_at", "ministry_ref", *certificate}
    assert owned & LLTP.outgoing == set()
    assert "status" not in LLTP.outgoing
    assert LLTP.owner("applicant.name") is Owner.ONESTOP


WITH_MAPPINGS = [one for one in Registry.load().ministries.values() if not one.by_options]


@pytest.mark.parametrize("plugin", WITH_MAPPINGS, ids=lambda one: one.name)
def test_a_part_of_a_dossier_shows_nothing_the_whole_does_not_know(plugin: Plugin) -> None:
    """What is compared is what the mapping of the whole names: nothing of a part is dropped."""
    lenses = {one.name: one for one in LENSES.values()}
    whole = lenses[plugin.mappings["dossier"]]
    parts = [lenses[name] for kind, name in plugin.mappings.items() if kind != "step"]
    for part in parts:
        assert part.incoming - whole.incoming == set()
        assert [path for path in part.incoming if part.owner(path) is not whole.owner(path)] == []


def test_who_is_told_which_status() -> None:
    """Of withdrawal and hand-over gplx hears, the others of nothing, the portal of all but 1 and 3."""
    assert GPLX.status_out == {7: "HUY", 10: "TR"}
    assert YTE.status_out == HOTICH.status_out == {}
    assert set(DVCQG.status_out) == {2, 4, 5, 6, 7, 8, 9, 10}


@pytest.mark.parametrize("lens", [GPLX, YTE], ids=["gplx", "yte"])
def test_what_the_ministry_owns(lens: Any) -> None:
    """The ministry owns what it works out, the one-stop what was handed in, and both the status."""
    details = {"gplx": "details.new_licence_number", "yte": "details.certificate_number"}
    assert {path for path in lens.incoming if lens.owner(path) is Owner.MINISTRY} == {
        *MINISTRYS,
        details[lens.system],
    }
    assert lens.owner("status") is Owner.BY_STATUS
    assert lens.owner("applicant.name") is Owner.ONESTOP
    assert {path for path in lens.outgoing if lens.owner(path) is Owner.MINISTRY} == set()


@pytest.mark.parametrize("lens", [GPLX, YTE, HOTICH], ids=["gplx", "yte", "hotich"])
def test_a_supplement_that_is_brought_goes_out(lens: Any) -> None:
    """It is not carried, but its change sends a new version."""
    assert "supplements_brought" in lens.outgoing
    brought = [{"id": "s1", "completed_at": "2026-11-20T09:15:00.000+07:00"}]
    assert lens.project({"supplements_brought": brought}) == {"supplements_brought": brought}


def test_the_portal_owns_nothing_and_can_be_compared() -> None:
    """Nothing comes in from the portal; what it shows can still be lifted."""
    assert DVCQG.incoming == frozenset()
    assert DVCQG.lift({"ChuHoSo": "Lê Thử", "TrangThaiHoSo": "4"})["status"] == 4


@pytest.mark.parametrize(
    ("change", "field", "value"),
    [
        ({"gateway": 1, "paid_at": "2026-11-20T09:15:00.000+07:00"}, "DuocThanhToanTrucTuyen", "1"),
        ({"gateway": 1, "paid_at": None}, "DuocThanhToanTrucTuyen", "0"),
        (
            {"gateway": None, "paid_at": "2026-11-20T09:15:00.000+07:00"},
            "DuocThanhToanTrucTuyen",
            "0",
        ),
    ],
)
def test_a_fee_is_paid_online_when_it_has_a_gateway_and_a_time(
    change: dict[str, Any], field: str, value: str
) -> None:
    """The gateway of a paid fee, else 0; and paying is a change the portal is told of."""
    fee = {
        "name": "Lệ phí",
        "code": "LP",
        "kind": 1,
        "stage": 1,
        "amount": 5,
        "gateway": None,
        "paid_at": None,
    }
    before = _portal(fees=[fee])
    after = _portal(fees=[{**fee, **change}])
    assert DVCQG.lower(after).body[field] == value
    assert DVCQG.project(before) != DVCQG.project(after)


@pytest.mark.parametrize(
    ("document", "value"),
    [
        ({"kind": "component", "digitised": True, "deleted": False}, "1"),
        ({"kind": "component", "digitised": False, "deleted": False}, "0"),
        ({"kind": "component", "digitised": True, "deleted": True}, "0"),
        ({"kind": "result", "digitised": True, "deleted": False}, "0"),
    ],
)
def test_a_dossier_is_digitised_when_a_component_is(document: dict[str, Any], value: str) -> None:
    """Neither a deleted paper nor a result counts."""
    body = DVCQG.lower(_portal(documents=[document])).body
    assert body["HoSoCoThanhPhanSoHoa"] == value


@pytest.mark.parametrize(
    ("kind", "number", "papers"),
    [
        ("cccd", "036", [{"LoaiDinhDanh": "1", "SoDinhDanh": "036"}]),
        ("cmnd", "036", [{"LoaiDinhDanh": "2", "SoDinhDanh": "036"}]),
        ("tax_code", "036", []),
        ("cccd", None, []),
        (None, None, []),
    ],
)
def test_only_papers_the_portal_has_a_code_for(kind: Any, number: Any, papers: list[Any]) -> None:
    """Others leave the list empty; they are no fault."""
    fields = {"applicant.id_type": kind, "applicant.id_number": number}
    assert DVCQG.lower(_portal(**fields)).body["DinhDanhCHS"] == papers


def test_a_step_names_who_did_it_at_most_50_characters_long() -> None:
    """A longer name is cut, and the cut is reported."""
    lowered = STEP.lower(
        {
            "code": "A",
            "at": "2026-11-20T09:15:00.000+07:00",
            "status": 4,
            "officer_name": "Ư" * 60,
            "source": "gplx",
        }
    )
    assert lowered.body["NguoiXuLy"] == "Ư" * 50
    assert lowered.cuts == (Cut("officer_name", 50, 60),)


def test_a_summary_too_long_for_the_portal_is_refused_by_name() -> None:
    """It is never cut in silence: the clerk is told which field, and the limit."""
    with pytest.raises(LowerErrors) as caught:
        DVCQG.lower(_portal(summary="a" * 1001))
    [problem] = caught.value.problems
    assert problem.text_vi == "trích yếu (summary) dài quá 1000 ký tự"


def _portal(**changes: Any) -> dict[str, Any]:
    [example, *_] = DVCQG.spec.examples
    return {**example["ours"], **changes}
