"""``audit verify`` and ``audit anchor``: what they print, their codes, and what they take."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

from bridge.store import Store, upgrade
from tests.journey.town import Clock
from tests.store.test_journal import note

from .conftest import Call


@pytest.fixture
def journal(tmp_path: Path, configure: object) -> Path:
    """A configuration beside a store whose journal has four entries; its folder is current."""
    assert callable(configure)
    configure('locale = "en"\n[store]\nurl = "sqlite:///bridge.db"\n')
    url = f"sqlite:///{tmp_path}/bridge.db"
    upgrade(url)
    store = Store(url, Clock())
    note(store, "A", "B", "C", "D")
    store.close()
    return tmp_path / "bridge.db"


def tamper(file: Path, sql: str) -> None:
    connection = sqlite3.connect(file)
    with connection:
        connection.execute(sql)
    connection.close()


def test_a_whole_journal_ends_with_0_and_gives_its_anchor(call: Call, journal: Path) -> None:
    """The document has the keys of the contract; the anchor is that of ``audit anchor``."""
    anchor = call("audit", "anchor").out.strip()
    verified = call("audit", "verify", "--json", "--anchor", anchor)
    document = verified.document()
    assert (verified.code, verified.err) == (0, "")
    assert (document["entries"], document["ok"], document["first_broken"]) == (4, True, None)
    assert f"{document['head']['n']}:{document['head']['hash']}" == anchor
    assert document["anchors"] == 1
    assert call("audit", "anchor", "--json").document() == document["head"]
    told = call("audit", "verify")
    assert "the journal is whole: 4 entries" in told.out
    assert "only an anchor can tell" in told.out


def test_tampering_ends_with_1_and_is_named_in_both_languages(call: Call, journal: Path) -> None:
    """The number and the deed, in a sentence and in the document."""
    tamper(journal, "UPDATE journal SET code = 'X' WHERE n = 2")
    tamper(journal, "DELETE FROM journal WHERE n = 3")
    found = call("audit", "verify", "--json")
    assert (found.code, found.document()["ok"], found.document()["first_broken"]) == (1, False, 2)
    assert found.document()["broken"] == 2
    assert found.document()["breaks"][1] == {"n": 3, "kind": "removed", "first": 3, "last": 3}
    told = call("audit", "verify")
    assert (told.code, told.out.splitlines()[:2]) == (
        1,
        ["entry 2: changed after it was written", "entry 3: removed"],
    )
    vietnamese = call("audit", "verify", "--lang", "vi")
    assert "mục 2: bị sửa sau khi ghi" in vietnamese.out
    assert "mục 3: bị xóa" in vietnamese.out


def test_the_daemon_s_log_is_a_file_of_anchors(call: Call, journal: Path, tmp_path: Path) -> None:
    """Whatever else a file holds, the anchors in it are held to; one without any is a fault."""
    anchor, log = call("audit", "anchor").out.strip(), tmp_path / "bridge.log"
    log.write_text(f"\ufeff{json.dumps({'event': 'journal', 'anchor': anchor})}\nđã gửi\n")
    assert call("audit", "verify", "--anchors", str(log)).code == 0
    tamper(journal, "DELETE FROM journal WHERE n > 2")
    assert call("audit", "verify").code == 0
    cut = call("audit", "verify", "--anchors", str(log))
    assert (cut.code, cut.out.splitlines()[0]) == (1, "entry 3–4: cut off from the end")
    log.write_text("started\n")
    assert "there is no anchor in it" in call("audit", "verify", "--anchors", str(log)).err


def test_what_can_t_be_read_or_used_is_said(call: Call, journal: Path) -> None:
    """A wrong anchor ends with 2, a database that can't be opened with 3; none is made by it."""
    assert call("audit", "verify", "--anchor", "4:abc").code == 2
    journal.unlink()
    for file in journal.parent.glob("bridge.db-*"):
        file.unlink()
    gone = call("audit", "verify")
    assert (gone.code, gone.out, journal.exists()) == (3, "", False)
    assert "the bridge's database" in gone.err
