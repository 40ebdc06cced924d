"""A small mapping for tests, and ways to change it: everything in it is invented."""

from __future__ import annotations

from typing import Any

from bridge.mapping import Lens, compile_text

SOURCE = "thu/don.v1.yaml"
TEXT = """\
mapping: thu/don
version: 1
valid_from: 2025-07-01
key: {ours: code, theirs: Ma}
codes:
  sex: {Nam: male, Nữ: female}
  status:
    in: {MOI: 2, LAM: 4, HUY: 7}
    out: {7: HUY}
rules:
  - {ours: code, theirs: Ma, way: out, required: true}
  - {ours: applicant.name, theirs: Nguoi/Ten, via: [{max_length: 20}], required: true, personal: true}
  - {ours: applicant.birth_date, theirs: Nguoi/Sinh, via: [{partial_date: "%d/%m/%Y"}], personal: true}
  - {ours: applicant.sex, theirs: Nguoi/Gioi, via: [{code: sex}], personal: true}
  - {ours: received_at, theirs: Nhan, via: [{datetime: "%Y%m%d%H%M%S"}], default: ""}
  - {ours: status, theirs: TrangThai, via: [{code: status}], owner: by_status}
  - {ours: status_note, theirs: GhiChu, way: in, owner: ministry}
  - {ours: summary, theirs: TomTat, via: [{cut: 10}], way: mirror}
  - {from: [fees], theirs: Phi, via: [{total: amount}], known: [code]}
  - ours: documents
    theirs: Tep
    way: out
    where: {kind: [component, supplement], deleted: false}
    each:
      - {ours: name, theirs: Ten, required: true}
      - {ours: id, theirs: "#text", via: [content]}
  - ours: details.degrees
    theirs: Bang
    each:
      - {ours: name, theirs: Ten, required: true}
      - {ours: year, theirs: Nam, via: [number]}
triggers: [supplements_brought]
ignore: {theirs: [Khac]}
adapter: ["@so"]
contract:
  theirs: ["@so", Ma, Nguoi/Ten, Nguoi/Sinh, Nguoi/Gioi, Nhan, TrangThai, GhiChu, TomTat, Phi, Khac,
    Tep/*/Ten, "Tep/*/#text", Bang/*/Ten, Bang/*/Nam]
examples:
  - {says: the name is there, theirs: {Nguoi: {Ten: Lê Thử}}, lifts_to: {applicant.name: Lê Thử}}
"""

DOSSIER: dict[str, Any] = {
    "code": "H40.05-261120-0001",
    "applicant.name": "Nguyễn Văn Mẫu",
    "applicant.birth_date": "1990-02",
    "applicant.sex": "male",
    "received_at": "2026-11-20T09:15:00.250+07:00",
    "status": 4,
    "summary": "Một hai ba bốn",
    "fees": [{"code": "A", "amount": 1000}, {"code": None, "amount": 5}],
    "documents": [
        {"id": "d1", "kind": "component", "name": "Đơn", "deleted": False},
        {"id": "d2", "kind": "result", "name": "Kết quả", "deleted": False},
    ],
    "details.degrees": [{"name": "Bằng một", "year": 2004}],
}


def changed(*changes: tuple[str, str]) -> str:
    """Return the mapping with pieces of its text replaced; each must be there."""
    text = TEXT
    for old, new in changes:
        if old not in text:
            raise AssertionError(old)
        text = text.replace(old, new, 1)
    return text


def lens(*changes: tuple[str, str]) -> Lens:
    """Return the mapping, changed, and compiled."""
    return compile_text(changed(*changes), SOURCE)


def one_rule(rule: str, codes: str = "") -> Lens:
    """Return a mapping of one rule."""
    head = "mapping: thu/mot\nversion: 1\nkey: {ours: code, theirs: Ma}\n"
    return compile_text(f"{head}{codes}rules:\n  - {rule}\n", "mot.yaml")
