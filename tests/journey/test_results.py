"""What a ministry issues comes back as a file: into the documents folder, and a row that names it."""

from __future__ import annotations

import unicodedata
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from bridge.domain.progress import result_id
from bridge.engine import feed, receive, survey
from bridge.sdk.errors import Rejected, Retryable
from bridge.sdk.onestop import OneStopFault
from bridge.sdk.rehearsal_paper import InventedPaper, invented_paper
from tests.journey.town import GPLX, YTE, PowerCutError, Town

BOTH = [
    pytest.param("gplx", GPLX, "CP", id="gplx"),
    pytest.param("yte", YTE, "DACAP", id="yte"),
]
EMPTY = sha256(b"").hexdigest()


def results(town: Town, code: str) -> list[dict[str, Any]]:
    query = "SELECT * FROM dossier_document WHERE dossier_code = :code AND kind = 'result'"
    return town.rows(query, code=code)


def files(town: Town) -> list[Path]:
    """Return every file of results there is, unfinished ones too."""
    folder = town.folder / "documents" / "ket_qua"
    return sorted(one for one in folder.rglob("*") if one.is_file())


def granted(town: Town, name: str, procedure: str, word: str) -> str:
    """Key a dossier and let the ministry grant it; nothing of that is read yet."""
    code = town.key(procedure)
    town.settle(2)
    town.move(name, code, word)
    return code


def in_step(town: Town, code: str) -> None:
    """Prove that each row has its file, as it says, and that nothing else lies there."""
    rows = results(town, code)
    for row in rows:
        content = (town.folder / "documents" / row["path"]).read_bytes()
        assert (row["size"], row["sha256"]) == (len(content), sha256(content).hexdigest())
    assert {town.folder / "documents" / row["path"] for row in rows} == set(files(town))


@pytest.mark.parametrize(("name", "procedure", "word"), BOTH)
def test_what_is_granted_comes_with_its_file(
    tmp_path: Path, name: str, procedure: str, word: str
) -> None:
    """The PDF lies in the folder as issued, its row names it, and shown again it is nothing new."""
    with Town(tmp_path, ("dvcqg", name)) as town:
        code = granted(town, name, procedure, word)
        town.settle(2)
        (row,) = results(town, code)
        content = (town.folder / "documents" / row["path"]).read_bytes()
        assert content.startswith(b"%PDF-")
        assert row["sha256"] == sha256(content).hexdigest()
        assert row["id"] == result_id(name, code, row["sha256"])
        assert row["path"] == f"ket_qua/{row['id'][:2]}/{row['id']}.pdf"
        assert row["file_name"] == f"{town.record(name, code)['ref']}.pdf"
        assert (row["media_type"], row["deleted"]) == ("application/pdf", 0)
        assert town.dossier(code)["status"] == 9
        (entry,) = town.journal("result", code)
        assert entry.detail == {"file": row["id"], "size": len(content)}
        in_step(town, code)

        assert town.states(code, name) == ["confirmed"]
        stamp, before = town.dossier(code)["updated_at"], town.moved()
        ministry = town.ministries[name]
        if name == "gplx":
            entry_there = ministry._register.entry(town.record(name, code)["ref"])
            ministry._register._put(entry_there, dict(entry_there.body), town.clock())
        else:
            ministry.publish([ministry.register.entries[town.record(name, code)["ref"]].shown()])
        town.settle(2)
        assert (town.dossier(code)["updated_at"], town.moved()) == (stamp, before)
        assert town.quarantined() == []
        assert town.notices(code) == []
        in_step(town, code)
        town.ends_well()


@pytest.mark.parametrize(("name", "procedure", "word"), BOTH)
def test_a_new_content_is_a_new_row_and_the_older_stays(
    tmp_path: Path, name: str, procedure: str, word: str
) -> None:
    """Issued anew under the same name, which is decomposed: two rows, two files, the name in NFC."""
    with Town(tmp_path, ("dvcqg", name)) as town:
        code = granted(town, name, procedure, word)
        town.settle(2)
        ref = town.record(name, code)["ref"]
        paper = InventedPaper(
            unicodedata.normalize("NFD", f"thư mục/{ref}.PDF"), b"%PDF-1.4 ban hai"
        )
        town.ministries[name].issue(ref, paper)
        town.ministries[name].issue(ref, InventedPaper(paper.file_name, b"%PDF-1.4 ban ba"))
        town.settle(2)
        rows = {row["sha256"]: row for row in results(town, code)}
        assert len(rows) == 3
        assert rows[paper.sha256]["file_name"] == f"{ref}.PDF"
        assert rows[paper.sha256]["path"].endswith(".pdf")
        in_step(town, code)
        town.ends_well()


FAULTS: list[Any] = [
    pytest.param(
        "gplx",
        GPLX,
        "CP",
        [{"Sha256": EMPTY}, {"NoiDung": "*** hỏng"}, {"Sha256": "khong co"}],
        id="gplx",
    ),
    pytest.param("yte", YTE, "DACAP", [{"sha256": EMPTY}], id="yte"),
]


@pytest.mark.parametrize(("name", "procedure", "word", "faults"), FAULTS)
def test_a_file_that_is_not_as_told_is_set_aside_and_its_record_goes_on(
    tmp_path: Path, name: str, procedure: str, word: str, faults: list[dict[str, str]]
) -> None:
    """Another hash, no hash, no base64, too large: the status comes in, and the sound file beside.

    Each is told to the clerk and counted, and leaves nothing; it is over once it comes well.
    """
    limit = {name: "max_result_mb = 0.002"}
    with Town(tmp_path, ("dvcqg", name), extra=limit) as town:
        code = granted(town, name, procedure, word)
        ministry, ref = town.ministries[name], town.record(name, code)["ref"]
        papers = [invented_paper(f"phu-luc-{n}.pdf", f"Phụ lục {n}") for n in range(len(faults))]
        for paper, words in zip(papers, faults, strict=True):
            ministry.issue(ref, paper, **words)
        ministry.issue(ref, InventedPaper("lon.pdf", b"%PDF" + bytes(2_100)))
        town.settle(2)
        assert (town.dossier(code)["status"], town.shown(code)[-1]) == (9, 9)
        (row,) = results(town, code)
        assert row["file_name"] == f"{ref}.pdf"
        (standing,) = survey.standings(town.house, [name])
        assert standing.quarantined == len(faults) + 1
        aside = town.quarantined()
        assert all(one[0].startswith(f"{ref}#") for one in aside)
        assert "it is larger than 0.002 MB" in {one[1] for one in aside}
        notices = town.notices(code)
        assert {(one["system"], one["severity"]) for one in notices} == {(name, "action")}
        assert len(notices) == len(faults) + 1
        told = " ".join(one["text_vi"] for one in notices)
        assert "tệp kết quả" in told
        assert "lớn quá mức" in told
        assert "phu-luc" not in told
        in_step(town, code)

        for paper in papers:
            ministry.issue(ref, paper)
        ministry.issue(ref, InventedPaper("lon.pdf", b"%PDF nho"))
        town.settle(2)
        assert len(results(town, code)) == len(faults) + 2
        assert len(town.journal("result_aside", code)) == len(faults) + 1
        assert town.quarantined() == []
        assert town.notices(code) == []
        in_step(town, code)
        town.ends_well()


@pytest.mark.parametrize(("name", "procedure", "word"), BOTH)
def test_a_crash_leaves_one_row_and_one_file(
    tmp_path: Path, name: str, procedure: str, word: str
) -> None:
    """It dies while the file is written, before the row is, and after: each time it is as if never.

    The file that is there already is not asked for again.
    """

    def on_commit(commit: str, moment: str) -> None:
        if (commit, moment) == ("received", "before"):
            raise PowerCutError

    with Town(tmp_path, ("dvcqg", name)) as town:
        code = granted(town, name, procedure, word)
        with (
            patch("adapters.onestop_sql.placing._sync", side_effect=PowerCutError),
            pytest.raises(PowerCutError),
        ):
            town.settle(1)
        town.restart()
        with (
            patch.object(type(town.house.onestop), "apply", side_effect=PowerCutError),
            pytest.raises(PowerCutError),
        ):
            town.settle(1)
        assert results(town, code) == []
        assert len(files(town)) == 1
        town.restart(on_commit=on_commit)
        source = type(town.house.ministries[name].adapter)
        with (
            patch.object(source, "result", side_effect=AssertionError),
            pytest.raises(PowerCutError),
        ):
            town.settle(1)
        assert len(results(town, code)) == 1
        town.restart()
        town.settle(2)
        assert len(results(town, code)) == 1
        assert town.dossier(code)["status"] == 9
        in_step(town, code)
        town.ends_well()


def test_what_can_not_be_had_now_comes_later(tmp_path: Path) -> None:
    """A ministry that does not answer, a folder that is away: the record waits, none of it is lost."""
    with Town(tmp_path, ("gplx",)) as town:
        code = granted(town, "gplx", GPLX, "CP")
        adapter = town.house.ministries["gplx"].adapter
        with patch.object(type(adapter), "result", side_effect=Retryable("no answer")):
            town.receive("gplx")
        assert (town.dossier(code)["status"], results(town, code)) == (2, [])
        folder = town.folder / "documents"
        folder.rename(town.folder / "away")
        town.clock.forward(60)
        with pytest.raises(OneStopFault, match="documents folder"):
            town.receive("gplx")
        assert not folder.exists()
        (town.folder / "away").rename(folder)
        town.clock.forward(60)
        town.settle(2)
        assert (town.dossier(code)["status"], len(results(town, code))) == (9, 1)
        assert town.quarantined() == []
        in_step(town, code)
        town.ends_well()


def test_a_system_that_may_not_be_called_is_not_asked_for_a_file(tmp_path: Path) -> None:
    """Closed with a record in the inbox: it waits and nothing is asked; open again, it comes in."""
    with Town(tmp_path, ("gplx",)) as town:
        code = granted(town, "gplx", GPLX, "CP")
        ministry = town.house.ministries["gplx"]
        feed.poll(town.house, ministry)
        with town.house.store.write("closed") as unit:
            until = town.clock() + timedelta(hours=1)
            unit.systems.set("gplx", state="maintenance", reason="closed", until=until)
        with patch.object(
            type(ministry.adapter), "result", side_effect=Retryable("asked")
        ) as asked:
            receive.work(town.house, ministry)
        assert asked.call_count == 0
        assert (town.dossier(code)["status"], results(town, code)) == (2, [])
        town.clock.forward(3600)
        town.settle(2)
        assert (town.dossier(code)["status"], len(results(town, code))) == (9, 1)
        town.ends_well()


def test_a_file_the_ministry_refuses_to_give_stops_no_record(tmp_path: Path) -> None:
    """It understood and won't: the file is set aside, without its words, and the status comes in."""
    with Town(tmp_path, ("gplx",)) as town:
        code = granted(town, "gplx", GPLX, "CP")
        adapter = type(town.house.ministries["gplx"].adapter)
        refusal = Rejected("DuLieuSai", None, "Trần Thị Mẫu không được xem")
        with patch.object(adapter, "result", side_effect=refusal):
            town.receive("gplx")
        assert (town.dossier(code)["status"], results(town, code)) == (9, [])
        ((_, reason, _),) = town.quarantined()
        assert reason == "the ministry refuses to give it: DuLieuSai"
        town.ends_well()


def test_what_an_older_mapping_could_read_stops_no_file(tmp_path: Path) -> None:
    """The record as it was remembered can't be lifted any more: the new one comes in with its file."""
    with Town(tmp_path, ("gplx",)) as town:
        code = granted(town, "gplx", GPLX, "CP")
        link = town.link(code, "gplx")
        known = {**town.record("gplx", code)["body"], "TrangThai": "CU", "TaiLieu": []}
        with town.house.store.write("an older mapping") as unit:
            unit.links.change(link.id, known=known)
        town.settle(2)
        assert (town.dossier(code)["status"], len(results(town, code))) == (9, 1)
        assert town.quarantined() == []
        town.ends_well()


def test_two_ministries_at_once(tmp_path: Path) -> None:
    """Each file is with its own dossier; one content issued for two dossiers is a file for each."""
    with Town(tmp_path, ("dvcqg", "gplx", "yte")) as town:
        licence, certificate = town.key(GPLX), town.key(YTE)
        town.settle(2)
        paper = invented_paper("thong-bao.pdf", "Thông báo chung")
        for name, code, word in (("gplx", licence, "CP"), ("yte", certificate, "DACAP")):
            town.move(name, code, word)
            town.ministries[name].issue(town.record(name, code)["ref"], paper)
        town.settle(2)
        rows = [*results(town, licence), *results(town, certificate)]
        assert len({row["id"] for row in rows}) == len({row["path"] for row in rows}) == 4
        assert len({row["sha256"] for row in rows}) == 3
        assert len(files(town)) == 4
        town.ends_well()


def test_papers_handed_in_are_no_results(tmp_path: Path) -> None:
    """Keyed only there with its degrees, and decided later: only what came with the decision is one."""
    with Town(tmp_path, ("yte",)) as town:
        ministry = town.ministries["yte"]
        (ref,) = ministry.file_own()
        ministry.issue(ref, InventedPaper("bang-cap.pdf", b"%PDF-1.4 bang cap"))
        town.settle(2)
        (row,) = town.rows("SELECT code FROM dossier")
        ministry.move(ref, "DACAP")
        town.settle(2)
        (result,) = results(town, row["code"])
        assert result["file_name"] == f"{ref}.pdf"
        in_step(town, row["code"])
        town.ends_well()


def test_a_dossier_that_is_decided_when_it_is_first_seen_comes_with_its_file(
    tmp_path: Path,
) -> None:
    """Imported with status 9: the row is written with the dossier, and once over a crash."""

    def on_commit(commit: str, moment: str) -> None:
        if (commit, moment) == ("imported", "before"):
            raise PowerCutError

    with Town(tmp_path, ("gplx",)) as town:
        ministry = town.ministries["gplx"]
        (ref,) = ministry.file_own()
        ministry._register._log.clear()
        ministry.move(ref, "CP")
        town.restart(on_commit=on_commit)
        with pytest.raises(PowerCutError):
            town.settle(1)
        town.restart()
        town.settle(2)
        (row,) = town.rows("SELECT code, status FROM dossier")
        assert (row["status"], len(results(town, row["code"]))) == (9, 1)
        in_step(town, row["code"])
        town.ends_well()


def test_a_province_without_a_place_for_results_is_told(tmp_path: Path) -> None:
    """Results = false: nothing is written, the clerk fetches it by hand, and ``check`` says so."""
    with Town(tmp_path, ("gplx",), extra={"onestop": "results = false"}) as town:
        code = granted(town, "gplx", GPLX, "CP")
        town.settle(2)
        assert town.dossier(code)["status"] == 9
        assert (results(town, code), files(town)) == ([], [])
        (notice,) = town.notices(code)
        assert "không lưu tệp kết quả" in notice["text_vi"]
        (entry,) = town.journal("results_left_out", code)
        assert entry.detail == {"count": 1}
        (found,) = [one for one in town.house.onestop.check() if one.name == "results"]
        assert (found.ok, "results = false" in found.detail) == (True, True)
        town.ends_well()


def test_a_hand_over_leaves_the_licence_with_the_ministry(tmp_path: Path) -> None:
    """TR replaces the record as a whole: what the ministry issued is sent back with it."""
    with Town(tmp_path, ("gplx",)) as town:
        code = granted(town, "gplx", GPLX, "CP")
        town.paper(code, "don.pdf", b"%PDF-1.4 don", kind="component")
        town.settle(3)
        town.step(code, 10)
        town.settle(3)
        record = town.record("gplx", code)
        assert record["status"] == 10
        names = sorted(one["TenTep"] for one in record["body"]["TaiLieu"])
        assert f"{record['ref']}.pdf" in names
        assert "don.pdf" in names
        assert len(results(town, code)) == 1
        assert town.states(code, "gplx")[-1] == "confirmed"
        town.ends_well()
