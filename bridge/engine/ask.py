"""The only caller of adapters: turns what they return and raise into outcomes.

What an adapter says in words of its own (``sdk.errors``) becomes one of the engine's closed
outcomes; what escapes it unsaid is doubt on a write and a failure to be repeated on a read.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar

import tenacity

from bridge.domain.delivery import (
    Closed,
    Failure,
    FoundAbsent,
    FoundApplied,
    NotApplied,
    NotYet,
    Outcome,
    Refused,
    Taken,
    Unknown,
)
from bridge.domain.dossier import Json
from bridge.domain.said import Said
from bridge.engine.house import House, Ministry
from bridge.sdk.catalogue import CatalogueSource, ProcedurePage
from bridge.sdk.code_lists import CodeList, CodeListSource
from bridge.sdk.errors import (
    AdapterError,
    AuthFailed,
    ContractBroken,
    InDoubt,
    Maintenance,
    Rejected,
    Retryable,
)
from bridge.sdk.records import Absent, Applied, Command, Page, Receipt, Record, Undecided
from bridge.sdk.results import ResultSource

READ_ATTEMPTS = 3


class Unsure(Retryable):
    """The system was asked and can't tell: it works, and nothing was learnt."""


class Unexpected(Retryable):
    """The adapter stumbled over what came: it does again over the same."""


T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Reply:
    """An outcome, and what it rests on: a receipt, what was found, why it could not be asked."""

    outcome: Outcome
    receipt: Receipt | None = None
    found: Applied | None = None
    trouble: AdapterError | None = None


def submit(ministry: Ministry, commands: Sequence[Command]) -> list[Reply]:
    """Send commands; one reply each, whatever happens."""
    try:
        answers = ministry.adapter.submit(commands)
    except AdapterError as error:
        return [Reply(written(error))] * len(commands)
    except Exception as error:  # noqa: BLE001 - whatever escapes a write leaves it in doubt
        return [Reply(Unknown(_unexpected(error), Failure.UNEXPECTED))] * len(commands)
    if len(answers) != len(commands):
        words = "the adapter answered another number of commands"
        return [Reply(Unknown(words, Failure.UNEXPECTED))] * len(commands)
    return [_reply(answer) for answer in answers]


def confirm(house: House, ministry: Ministry, commands: Sequence[Command]) -> list[Reply]:
    """Ask what became of accepted commands; one reply each."""
    house.moments.wait(house, ministry)
    try:
        answers = ministry.adapter.confirm(commands)
    except AdapterError as error:
        return [Reply(NotYet(), trouble=error)] * len(commands)
    except Exception as error:  # noqa: BLE001 - a question that failed is asked again
        return [Reply(NotYet(), trouble=Retryable(_unexpected(error)))] * len(commands)
    return [
        Reply(NotYet())
        if answer is None or not isinstance(answer, (Receipt, Rejected))
        else _reply(answer)
        for answer in answers
    ]


def probe(house: House, ministry: Ministry, command: Command) -> Reply | AdapterError:
    """Ask whether a command whose answer was lost was applied; the error when it can't be asked."""
    asked_at = house.now()
    try:
        found = _repeat(house, ministry, lambda: ministry.adapter.probe(command))
    except AdapterError as error:
        return error
    match found:
        case Applied():
            return Reply(FoundApplied(), found=found)
        case Absent():
            return Reply(FoundAbsent(asked_at))
        case Undecided():
            return Unsure(found.reason)


def changes(house: House, ministry: Ministry, cursor: Json) -> Page:
    """Return the next page of the feed; raises ``AdapterError``."""
    return _repeat(house, ministry, lambda: ministry.adapter.changes(cursor))


def acknowledge(house: House, ministry: Ministry, token: object) -> AdapterError | None:
    """Acknowledge a page that is safely stored; the error when that failed (it is repeated)."""
    house.moments.wait(house, ministry)
    try:
        ministry.adapter.acknowledge(token)
    except AdapterError as error:
        return error
    except Exception as error:  # noqa: BLE001 - an acknowledgement is safe to repeat
        return Retryable(f"unexpected {type(error).__name__}")
    return None


def fetch(house: House, ministry: Ministry, ref: str) -> Record | None:
    """Return one record; raises ``AdapterError``."""
    return _repeat(house, ministry, lambda: ministry.adapter.fetch(ref))


def listing(house: House, ministry: Ministry, since: date, until: date, cursor: Json) -> Page:
    """Return a page of what a system received on these days; raises ``AdapterError``."""
    return _repeat(house, ministry, lambda: ministry.adapter.list(since, until, cursor))


def procedures(
    house: House, ministry: Ministry, since: datetime | None, page: int
) -> ProcedurePage:
    """Return a page of the procedures a system publishes; raises ``AdapterError``."""
    source = ministry.adapter
    if not isinstance(source, CatalogueSource):
        raise ContractBroken(Said("the adapter declares a catalogue and gives none"))
    return _repeat(house, ministry, lambda: source.procedures(since, page))


def code_list(house: House, ministry: Ministry, name: str) -> CodeList:
    """Return a code list of a system as it is now; raises ``AdapterError``."""
    source = ministry.adapter
    if not isinstance(source, CodeListSource):
        raise ContractBroken(Said("the adapter declares code lists and gives none"))
    return _repeat(house, ministry, lambda: source.code_list(name))


def result(
    house: House, ministry: Ministry, record: Record, sha256: str
) -> Generator[bytes, None, None]:
    """Yield the bytes of a file a record shows; closed, it lets go of what it reads from.

    Raises:
        AdapterError: it can't be had (now).
    """
    source = ministry.adapter
    if not isinstance(source, ResultSource):
        raise ContractBroken(Said("the adapter declares results and gives none"))
    house.moments.wait(house, ministry)
    try:
        yield from source.result(record, sha256)
    except AdapterError:
        raise
    except Exception as error:
        raise Retryable(f"unexpected {type(error).__name__}") from error


def written(error: AdapterError) -> Outcome:
    """Say what an error of a write makes of the delivery."""
    match error:
        case Retryable():
            return NotApplied(error.reason, error.after, error.unreachable)
        case Rejected():
            ours = isinstance(error.reason, Said)
            return Refused(error.code, error.field, error.reason, ours)
        case AuthFailed():
            return Closed("login", error.reason, None)
        case Maintenance():
            return Closed("maintenance", error.reason, error.until)
        case ContractBroken() | InDoubt():
            broken = isinstance(error, ContractBroken)
            return Unknown(error.reason, Failure.CONTRACT if broken else Failure.LOST)
        case _:
            return Unknown(_unexpected(error), Failure.UNEXPECTED)


def _unexpected(error: Exception) -> Said:
    return Said("unexpected {error}", error=type(error).__name__)


def _reply(answer: Receipt | AdapterError) -> Reply:
    if isinstance(answer, AdapterError):
        return Reply(written(answer))
    return Reply(Taken(answer.proves), answer)


def _repeat(house: House, ministry: Ministry, call: Callable[[], T]) -> T:
    """Make a call that is safe to repeat, a few times; an address that is dead is not retried."""

    def paced() -> T:
        house.moments.wait(house, ministry)
        return call()

    retrying = tenacity.Retrying(
        stop=tenacity.stop_after_attempt(READ_ATTEMPTS),
        wait=tenacity.wait_fixed(0.2),
        retry=tenacity.retry_if_exception(_worth_repeating),
        sleep=house.sleep,
        reraise=True,
    )
    try:
        return retrying(paced)
    except AdapterError:
        raise
    except Exception as error:
        raise Unexpected(f"unexpected {type(error).__name__}") from error


def _worth_repeating(error: BaseException) -> bool:
    return isinstance(error, Retryable) and not error.unreachable and error.after is None
