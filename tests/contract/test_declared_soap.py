"""What a SOAP definition does with files and faults, before the rehearsal of gplx."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from adapters.gplx.rehearsal import GplxRehearsal
from adapters.soap import plugin
from bridge.sdk.adapter import Adapter, AdapterContext
from bridge.sdk.errors import InDoubt, Rejected, Retryable
from bridge.sdk.records import Action, Applied, Command, Receipt
from bridge.sdk.rehearsal import Fault
from tests.contract.gplx_bench import CODE, body, command, paper
from tests.contract.test_conformance_gplx import fault
from tests.contract.test_conformance_soap import GIVEN


@pytest.fixture
def ministry() -> Iterator[GplxRehearsal]:
    with GplxRehearsal() as made:
        yield made


@pytest.fixture
def adapter(ministry: GplxRehearsal) -> Iterator[Adapter]:
    options = plugin.options.model_validate({**GIVEN, **ministry.options(), **ministry.secrets()})
    context = AdapterContext("gplx_plain", Path(), 5.0, 4, lambda: datetime.now(UTC))
    built = plugin.of(options).build(options, context)
    yield built
    built.close()


def sent(adapter: Adapter, one: Command) -> Any:
    (answer,) = adapter.submit([one])
    return answer


def held(ministry: GplxRehearsal) -> dict[str, Any]:
    (record,) = ministry.records()
    return dict(record["body"])


def test_an_update_gives_back_what_the_ministry_holds(
    ministry: GplxRehearsal, adapter: Adapter, tmp_path: Path
) -> None:
    """Its own fields and its files stay where we have nothing to say, and a probe knows that."""
    document, lowered = paper(tmp_path, "don.pdf", b"%PDF \xff scan")
    filed = body(TaiLieu=[lowered])
    answer = sent(adapter, command(body=filed, documents={"don.pdf": document}))
    assert isinstance(answer, Receipt)
    assert answer.ref is not None
    ministry.move(answer.ref, "XL", "Đang thẩm định")
    before = held(ministry)
    later = command(
        Action.UPDATE, answer.ref, body=body(TaiLieu=[], GhiChu=None, HoTen="Đỗ Thị Mới")
    )
    assert sent(adapter, later) == Receipt(answer.ref)
    after = held(ministry)
    assert after["NguoiNop"]["HoTen"] == "Đỗ Thị Mới"
    assert (after["GhiChu"], after["TaiLieu"]) == ("Đang thẩm định", before["TaiLieu"])
    assert after["TaiLieu"]
    probe = adapter.probe(later)
    assert isinstance(probe, Applied)
    assert probe.body is not None
    assert "NoiDung" not in probe.body["TaiLieu"][0]


def test_a_record_that_can_t_be_read_first_leaves_nothing_in_doubt(
    ministry: GplxRehearsal, adapter: Adapter
) -> None:
    """The read before an update fails: nothing was written. No such number: refused."""
    (ref,) = ministry.file_own(1)
    later = command(Action.UPDATE, ref, body=body())
    ministry.faults.next(Fault.WRONG_SCHEMA, operation="LayHoSo")
    assert isinstance(sent(adapter, later), Retryable)
    assert isinstance(sent(adapter, command(Action.UPDATE, "GPLX-0", body=body())), Rejected)
    ministry.faults.next(Fault.LOST_ANSWER, operation="CapNhatHoSo")
    assert isinstance(sent(adapter, later), InDoubt)
    assert isinstance(adapter.probe(later), Applied)


def test_a_fault_that_nobody_knows_is_a_doubt_on_a_write(
    ministry: GplxRehearsal, adapter: Adapter
) -> None:
    """And a question that meets it is asked again; neither repeats what it says."""
    strange = fault("soap:Server", "Lạ", LyDo="Nguyễn Văn Kín")
    ministry.instead |= {"NopHoSo": strange, "TraCuuTheoMaMotCua": strange}
    answer = sent(adapter, command(code=CODE))
    assert isinstance(answer, InDoubt)
    assert answer.reason == "the ministry answers with Server, which the definition does not know"
    with pytest.raises(Retryable, match="Server"):
        adapter.probe(command(code=CODE))
