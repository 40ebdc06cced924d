"""Two sides are compared by what the wire has room for, and by all of that."""

from __future__ import annotations

from .samples import DOSSIER, lens, one_rule


def test_the_projection_is_what_the_wire_keeps() -> None:
    """Times lose what the wire has no room for, lists keep the rows and keys that are carried."""
    assert lens().project(DOSSIER) == {
        "code": "H40.05-261120-0001",
        "applicant.name": "Nguyễn Văn Mẫu",
        "applicant.birth_date": "1990-02",
        "applicant.sex": "male",
        "received_at": "2026-11-20T09:15:00.000+07:00",
        "status": 4,
        "summary": "Một hai ba",
        "fees": [{"amount": 1000, "code": "A"}],
        "documents": [{"id": "d1", "name": "Đơn", "kind": "component", "deleted": False}],
        "details.degrees": [{"name": "Bằng một", "year": 2004}],
    }


def test_only_what_is_given_and_carried_is_projected() -> None:
    """A path the system can't know is not compared, and none is invented."""
    assert lens().project({"applicant.phone": "0", "summary": None}) == {"summary": None}


def test_what_has_no_word_is_projected_as_it_is() -> None:
    """A value that can't go is still a value that changed."""
    assert lens().project({"applicant.sex": "other"}) == {"applicant.sex": "other"}


def test_a_list_two_rules_read_keeps_what_either_reads() -> None:
    """A change that only a derived field shows is a change: a fee that is paid goes out again."""
    made = one_rule(
        "{from: [fees], theirs: A, via: [{first: gateway}], known: [gateway, paid_at]}\n"
        "  - {ours: fees, theirs: B, way: mirror, known: [code], each: [{ours: code, theirs: C}]}"
    )
    unpaid = {"code": "LP1", "gateway": None, "paid_at": None, "amount": 5}
    paid = {**unpaid, "gateway": 2, "paid_at": "2026-11-20T09:16:00.000+07:00"}
    before, after = made.project({"fees": [unpaid]}), made.project({"fees": [paid]})
    assert before != after
    assert before == made.project({"fees": [{**unpaid, "amount": 9}]})
    assert made.lower({"fees": [paid]}).body == {"A": 2, "B": [{"C": "LP1"}]}
