"""An exchange of files with other folders, names and documents than any of ours."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO

import pytest

from bridge.sdk.errors import ContractBroken, Rejected, Retryable
from bridge.sdk.folder_feed import Attachment, FolderFeed
from bridge.sdk.folder_findings import folder_findings
from bridge.sdk.folder_outbox import Outbox
from bridge.sdk.folders import Layout, LocalFolders
from bridge.sdk.records import Action, Applied, Command, Receipt, Record, Undecided, Unreadable
from bridge.sdk.xml import parse

LAYOUT = Layout(
    outgoing="gui", receipts="gui/tra_loi", incoming="nhan", done="nhan/xong", broken="nhan/hong"
)
COMMAND = Command("1", Action.CREATE, "H40-0001", None, {"HoTen": "Nguyễn Văn Mẫu"}, 3)
NAME = "0003_H40-0001.xml"


def written(command: Command) -> list[bytes]:
    if not command.body.get("HoTen"):
        raise Rejected("XSD", "HoTen", "is missing")
    return [b"<Gui>", str(command.body["HoTen"]).encode(), b"</Gui>"]


def receipt(content: bytes, name: str, command: Command) -> Receipt:
    root = parse(content)
    assert name == NAME
    assert command is COMMAND
    if root.text == "?":
        raise ContractBroken(f"{name}: is no answer")
    return Receipt(root.text)


def records(file: BinaryIO, name: str) -> list[Record | Unreadable]:
    root = parse(file.read())
    return [Record(f"{name[:2]}/{row.text}", {"So": row.text}) for row in root]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for folder in (LAYOUT.receipts, LAYOUT.incoming):
        (tmp_path / folder).mkdir(parents=True)
    return tmp_path


@pytest.fixture
def outbox(root: Path) -> Outbox:
    return Outbox(
        LocalFolders(root),
        LAYOUT,
        written,
        receipt,
        receipt="Loi",
        name=lambda code, version: f"{version:04}_{code}.xml",
    )


def test_a_file_goes_out_under_the_ministry_s_kind_of_name(outbox: Outbox, root: Path) -> None:
    """It has its own name and folder, a refused one leaves nothing, and the receipt is its twin's."""
    refused = Command("2", Action.CREATE, "H40-0002", None, {})
    answers = outbox.submit([refused, COMMAND])
    assert [type(one) for one in answers] == [Rejected, Receipt]
    assert [one.name for one in (root / "gui").iterdir() if one.is_file()] == [NAME]
    assert (root / "gui" / NAME).read_text(encoding="utf-8") == "<Gui>Nguyễn Văn Mẫu</Gui>"
    assert outbox.confirm([COMMAND]) == [None]
    answer = root / LAYOUT.receipts / NAME
    answer.write_text("<Loi>SO-", encoding="utf-8")  # half written
    assert outbox.confirm([COMMAND]) == [None]
    answer.write_text("<Loi>SO-1</Loi>", encoding="utf-8")
    assert outbox.confirm([COMMAND]) == [Receipt("SO-1")]
    answer.write_text("<Loi>?</Loi>", encoding="utf-8")
    [broken] = outbox.confirm([COMMAND])
    assert isinstance(broken, ContractBroken)


def test_what_became_of_a_file_is_asked_by_its_name(outbox: Outbox, root: Path) -> None:
    """Lying there, or answered, it was handed over; that neither is so proves nothing."""
    assert isinstance(outbox.probe(COMMAND), Undecided)
    outbox.submit([COMMAND])
    assert outbox.probe(COMMAND) == Applied(None)
    (root / "gui" / NAME).rename(root / LAYOUT.receipts / NAME)
    assert outbox.probe(COMMAND) == Applied(None)


def test_files_come_in_the_order_of_their_names(root: Path) -> None:
    """By an order of one's own; stored ones move away, broken ones with a note, half ones wait."""
    now = datetime(2026, 11, 26, 8, 0, tzinfo=UTC)
    feed = FolderFeed(
        LocalFolders(root),
        LAYOUT,
        records,
        lambda: now,
        root="Ds",
        patience=60.0,
        page_size=10,
        order=lambda name: name[::-1],
    )
    nhan = root / LAYOUT.incoming
    for name, text in {
        "b_1.xml": "<Ds><R>1</R></Ds>",
        "a_2.xml": "<Ds><R>2</R><R>3</R></Ds>",
        "c_3.xml": "<Ds></Dx></Ds>",
        "a_4.xml": "<Ds><R>4",
        "a_5.xml": "<Ds><R>5</R></Ds>",
    }.items():
        (nhan / name).write_text(text, encoding="utf-8")
    page = feed.page(None)
    assert [getattr(one, "ref", "broken") for one in page.records] == [
        "b_/1",
        "a_/2",
        "a_/3",
        "broken",
    ]
    feed.acknowledge(page.token)
    now += timedelta(seconds=61)
    last = feed.page(page.cursor)
    assert [getattr(one, "ref", "broken") for one in last.records] == ["broken", "a_/5"]
    feed.acknowledge(last.token)
    assert sorted(one.name for one in (root / LAYOUT.done).iterdir()) == [
        "a_2.xml",
        "a_5.xml",
        "b_1.xml",
    ]
    assert {one.name for one in (root / LAYOUT.broken).iterdir()} == {
        "a_4.xml",
        "a_4.txt",
        "c_3.xml",
        "c_3.txt",
    }
    assert [one.name for one in nhan.iterdir() if one.is_file()] == []


def test_a_share_that_is_away_is_unreachable(outbox: Outbox, root: Path) -> None:
    """Nothing was handed over, nothing can be asked, and ``check`` says which folder is not there."""
    assert all(one.ok for one in folder_findings(LocalFolders(root), LAYOUT))
    root.rename(root.with_name("away"))
    for found in (*outbox.submit([COMMAND]), *outbox.confirm([COMMAND])):
        assert isinstance(found, Retryable)
        assert found.unreachable
    lost = [str(one.detail) for one in folder_findings(LocalFolders(root), LAYOUT) if not one.ok]
    assert [place.partition(":")[0] for place in lost] == [
        str(root / one) for one in ("gui", "nhan", "gui/tra_loi")
    ]


class Moving(LocalFolders):
    """A folder whose file is put away just after it was not found there."""

    def open(self, folder: str, name: str) -> BinaryIO:
        """See ``Folders``."""
        try:
            return super().open(folder, name)
        except FileNotFoundError:
            self.move(name, LAYOUT.incoming, folder)
            raise


def test_a_link_in_the_way_of_a_file_leads_nowhere(outbox: Outbox, root: Path) -> None:
    """Others write in the folder too: what lies under the temporary name is replaced, not followed."""
    ours = root / "ours.txt"
    ours.write_text("ours")
    (root / LAYOUT.outgoing / f".{NAME}.tmp").symlink_to(ours)
    (answer,) = outbox.submit([COMMAND])
    assert isinstance(answer, Receipt)
    assert ours.read_text() == "ours"
    assert not (root / LAYOUT.outgoing / NAME).is_symlink()


def feed_of(folders: LocalFolders) -> FolderFeed:
    def now() -> datetime:
        return datetime.now(UTC)

    return FolderFeed(folders, LAYOUT, records, now, root="Gui", patience=60, page_size=10)


def lay(path: Path, sha256: str, content: str) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"<Gui><Tep sha256='{sha256}'>{content}</Tep></Gui>")


def test_a_file_that_is_put_away_while_it_is_looked_for_is_found(root: Path) -> None:
    """Not there yet, not here any more: it is looked for once more where it was put."""
    (root / LAYOUT.done).mkdir()
    sha256 = hashlib.sha256(b"mau").hexdigest()
    lay(root / LAYOUT.incoming / "1.xml", sha256, "bWF1")
    found = feed_of(Moving(root)).attachment("1.xml", Attachment("Tep", "sha256"), sha256)
    assert b"".join(found) == b"mau"


def test_a_content_that_breaks_is_not_gone_on_with_from_another_file(root: Path) -> None:
    """A name that came twice: what began in the one file and is broken is told, nothing is joined."""
    sha256 = hashlib.sha256(b"mau").hexdigest()
    lay(root / LAYOUT.done / "1.xml", sha256, "A" * 200_000 + "*")
    lay(root / LAYOUT.done / "1~2.xml", sha256, "bWF1")
    got: list[bytes] = []
    with pytest.raises(ContractBroken, match="no base64"):
        got.extend(
            feed_of(LocalFolders(root)).attachment("1.xml", Attachment("Tep", "sha256"), sha256)
        )
    assert set(b"".join(got)) == {0}
