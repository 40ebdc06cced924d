"""A record was withdrawn, for its dossier was another system's; then its ministry is set back."""

from __future__ import annotations

from pathlib import Path

from bridge.domain.reconcile import Action, Different, Lacks, MissingAtMinistry
from bridge.engine.reconcile import Mended
from tests.journey.test_another_procedure import BOTH, corrected
from tests.journey.test_reconcile_restored import amiss, healed, swept
from tests.journey.town import GPLX, Town


def test_a_withdrawn_record_that_was_lost_no_more_stands_in_the_way(tmp_path: Path) -> None:
    """The dossier is for the system again, which has no trace of it: it is filed there, once."""
    with Town(tmp_path, BOTH) as town:
        backup = town.ministries["gplx"].snapshot()
        code = corrected(town)
        town.settle(4)
        town.edit(code, procedure_code=GPLX)
        town.settle(2)
        assert town.conflicts(code, "gplx")["record"].why == "withdrawn"
        town.ministries["gplx"].restore(backup)
        (found,) = amiss(swept(town, "gplx"))
        assert isinstance(found, MissingAtMinistry)
        assert (found.why, found.action) == (Lacks.LOST, Action.SEND_ANEW)
        (done,) = healed(town, "gplx")
        assert isinstance(done, Mended), done
        assert town.record("gplx", code)["ref"] == town.link(code, "gplx").ref
        assert town.link(code, "gplx").state == "open"
        assert town.conflicts(code, "gplx") == {}
        assert amiss(swept(town, "gplx")) == []
        town.ends_well()


def test_a_withdrawal_that_was_lost_is_a_persons_to_repeat(tmp_path: Path) -> None:
    """The wrong system's record lives again beside the right one's: that is seen, and said once."""
    with Town(tmp_path, BOTH) as town:
        code = corrected(town)
        backup = town.ministries["gplx"].snapshot()
        town.settle(4)
        assert town.record("gplx", code)["status"] == 7
        assert [type(one).__name__ for one in swept(town, "gplx")] == ["NotSeen"]
        town.ministries["gplx"].restore(backup)
        (found,) = swept(town, "gplx")
        assert isinstance(found, Different)
        assert found.action is Action.TAKE_IN
        (done,) = healed(town, "gplx")
        assert isinstance(done, Mended), done
        assert town.conflicts(code, "gplx")["procedure.code"].why == "elsewhere"
        assert [one["system"] for one in town.notices(code)] == ["gplx"]
        assert healed(town, "gplx") == []
        town.ends_well()
