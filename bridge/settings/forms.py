"""Forms that values of several tables have: texts, addresses, hours, mail addresses."""

from __future__ import annotations

from datetime import time
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from bridge.i18n import _
from bridge.settings.references import Reference, is_reference, read_reference

__all__ = ["Clock", "Closed", "Hours", "MailAddress", "Seconds", "Secret", "Text", "Url", "hours"]

Hours = tuple[time, time]


def _text_or_reference(given: Any) -> Any:
    if is_reference(given):
        return read_reference(given)
    if isinstance(given, str) and given.strip():
        return given.strip()
    raise ValueError(_('expected a text, or a reference such as { env = "NAME" }'))


def _reference(given: Any) -> Any:
    return given if isinstance(given, Reference) else read_reference(given)


def hours(given: Any) -> Any:
    """Return from when until when, out of a text such as ``06:00-22:00``."""
    if given is None or isinstance(given, tuple):
        return given
    message = _("expected hours such as 06:00-22:00, or 22:00-05:00 over midnight")
    try:
        start, end = (_clock(part) for part in str(given).split("-"))
    except ValueError:
        raise ValueError(message) from None
    if start == end:
        raise ValueError(message)
    return start, end


def _clock(text: str) -> time:
    text = text.strip()
    return time(0) if text == "24:00" else time.fromisoformat(text.zfill(5))


Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Url = Annotated[str | Reference, BeforeValidator(_text_or_reference)]
Seconds = Annotated[float, Field(gt=0, le=86400)]
Secret = Annotated[Reference, BeforeValidator(_reference)]
Clock = Annotated[str, StringConstraints(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
MailAddress = Annotated[
    str, StringConstraints(strip_whitespace=True, pattern=r"^[!-;=?A-~]+@[!-;=?A-~]+$")
]


class Closed(BaseModel):
    """A table whose keys are all known."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)
