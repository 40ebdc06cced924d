"""A read that a write begins with: whatever goes wrong in it, nothing was written."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from bridge.domain.said import Said
from bridge.sdk.errors import AdapterError, AuthFailed, Maintenance, Retryable

__all__ = ["before_writing"]


@contextmanager
def before_writing() -> Iterator[None]:
    """Have a read in the block.

    Raises:
        Retryable: it failed; only a refused login and a closed system are said as they are.
    """
    try:
        yield
    except (AuthFailed, Maintenance, Retryable):
        raise
    except AdapterError as error:
        words = Said(
            "the record could not be read before its update: {reason}", reason=error.reason
        )
        raise Retryable(words) from error
