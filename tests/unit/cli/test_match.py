"""``match`` and ``match review``: what they print, what they ask, and how they end."""

from __future__ import annotations

from io import StringIO

import pytest

from bridge.engine import survey
from tests.journey.keyed_twice import keyed_carelessly, keyed_there
from tests.journey.town import GPLX, Town

from .conftest import Call

BORN = "1988-03-05"


class Keys(StringIO):
    """A terminal at which keys are typed."""

    def isatty(self) -> bool:
        """Tell that somebody sits here."""
        return True


def test_pairs_are_shown_with_their_evidence_and_linked_when_told_so(
    call: Call, town: Town
) -> None:
    """First what would be done, no personal value in it; then the sure ones; then nothing is left."""
    sure, likely = (town.key(GPLX, applicant_birth_date=BORN) for _ in range(2))
    refs = keyed_there(town, sure), keyed_carelessly(town, likely)
    shown = call("match", "gplx")
    assert shown.code == 1
    assert "identity number: the same" in shown.out
    assert "birth date: day and month swapped" in shown.out
    for column in ("applicant_name", "applicant_id_number", "applicant_phone"):
        assert town.dossier(sure)[column] not in shown.out + shown.err
    assert "ngày sinh: đảo ngày và tháng" in call("match", "gplx", "--lang", "vi").out
    assert town.journal("decided") == []

    early = call("match", "gplx", "--json", "--until", "01/01/2020").document()
    assert (early["sure"], early["until"]) == ([], "2020-01-01")
    unasked = call("match", "gplx", "--apply")
    assert (unasked.code, "add --yes" in unasked.err) == (1, True)
    done = call("match", "gplx", "--apply", "--yes", "--json", "--reason", "ngày đầu")
    document = done.document()
    assert done.code == 1  # one is left for a person
    [row] = document["sure"]
    assert (row["code"], row["ministry_ref"], row["linked"]) == (sure, refs[0], True)
    assert [one["ministry_ref"] for one in document["likely"]] == [refs[1]]
    assert (document["onestop_only"], document["ministry_only"]) == (0, 0)
    assert town.link(sure, "gplx").state == "open"

    assert call("match", "gplx", "--since", "hôm qua").code == 2
    assert call("match", "gplix").code == 2
    assert "match gplx" in call("match", "--help").out
    town.ministries["gplx"].down()
    assert call("match", "gplx").code == 3


def test_a_person_decides_likely_pairs_with_one_key_each(
    call: Call, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same, not the same, later, undone; what was decided is not asked again."""
    codes = [town.key(GPLX, applicant_birth_date=f"1988-0{n}-05") for n in (2, 3, 4)]
    refs = {code: keyed_carelessly(town, code) for code in codes}
    assert call("match", "review", "gplx").code == 2  # nobody sits at the terminal
    listed = call("match", "review", "gplx", "--json")
    assert (listed.code, len(listed.document()["questions"])) == (1, 3)

    monkeypatch.setattr("sys.stdin", Keys("x\nn\nu\ny\nn\nl\n"))
    asked = call("match", "review", "gplx", "--reason", "đã đối chiếu")
    assert asked.code == 1
    assert "decided: 2; left: 1" in asked.err
    assert "that key means nothing here" in asked.err
    assert "u undo the last" in asked.err
    row = town.dossier(codes[0])
    assert row["applicant_name"] in asked.out  # shown, for that is its purpose
    assert "differs" in asked.out
    linked = [one.ref for code in codes for one in survey.story(town.house, code).links if one.ref]
    assert len(linked) == 1
    assert set(linked) <= set(refs.values())
    read = [one for one in town.journal("decided") if one.detail["what"] == "values read"]
    assert len(read) == 5
    assert {one.code for one in read} == set(codes)

    [left] = call("match", "review", "gplx", "--json").document()["questions"]
    keyed_carelessly(town, left["code"])
    monkeypatch.setattr("sys.stdin", Keys("0\nu\n0\n"))
    last = call("match", "review", "gplx", "--lang", "vi")
    assert last.code == 0
    assert "đã quyết định: 2; còn lại: 0" in last.err
    monkeypatch.setattr("sys.stdin", Keys(""))
    assert "nothing is to be decided" in call("match", "review", "gplx").out
