"""Speaks to people in their language: one gettext catalogue, chosen once for the process.

The words in the code are English; ``bridge/locale/<language>/LC_MESSAGES`` holds the rest. The
choice is the process's, not a thread's: a command has one reader, the daemon one operator.
"""

from __future__ import annotations

import errno
import gettext
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bridge.domain.said import say

__all__ = [
    "DOMAIN",
    "LANGUAGES",
    "LOCALE",
    "N_",
    "_",
    "choose",
    "language",
    "of_system",
    "speaker",
    "spoken",
    "use",
]

DOMAIN = "dossier_bridge"
LANGUAGES = ("vi", "en")
LOCALE = Path(__file__).parent / "locale"


@dataclass
class _Voice:
    language: str = "en"
    catalogue: gettext.NullTranslations = field(default_factory=gettext.NullTranslations)


_voice = _Voice()


def use(chosen: str) -> None:
    """Speak ``chosen`` (``vi`` or ``en``) from now on; a language we lack is English."""
    _voice.language = chosen if chosen in LANGUAGES else "en"
    _voice.catalogue = gettext.translation(
        DOMAIN, localedir=LOCALE, languages=[_voice.language], fallback=True
    )


def language() -> str:
    """Return the language spoken now, ``vi`` or ``en``."""
    return _voice.language


def _(message: str, /, **values: object) -> str:
    """Return ``message`` in the language spoken now, its ``{names}`` filled with ``values``."""
    spoken = _voice.catalogue.gettext(message) if message else ""
    return spoken.format(**values) if values else spoken


def spoken(text: str) -> str:
    """Return what was said elsewhere in the language spoken now, if it can be said again."""
    return say(text, _voice.catalogue.gettext, _voice.language)


def speaker(chosen: str) -> Callable[[str], str]:
    """Return what says a text in ``chosen``, whatever language the process speaks."""
    catalogue = gettext.translation(DOMAIN, localedir=LOCALE, languages=[chosen], fallback=True)
    return lambda text: say(text, catalogue.gettext, chosen)


def of_system(error: OSError) -> str:
    """Return why the operating system refused, in the language spoken now."""
    return _(_REFUSALS.get(error.errno, "")) or error.strerror or type(error).__name__


def N_(message: str) -> str:  # noqa: N802 - gettext's own name for "translate this later"
    """Return ``message`` unchanged, marked for the catalogue and translated where it is shown."""
    return message


_REFUSALS: Mapping[int | None, str] = {
    errno.ENOENT: N_("No such file or directory"),
    errno.EACCES: N_("Permission denied"),
    errno.EPERM: N_("Operation not permitted"),
    errno.EISDIR: N_("Is a directory"),
    errno.ENOTDIR: N_("Not a directory"),
    errno.EEXIST: N_("File exists"),
    errno.ENOSPC: N_("No space left on device"),
    errno.EROFS: N_("Read-only file system"),
}


def choose(asked: str | None, configured: str | None, environment: Mapping[str, str]) -> str:
    """Return the language to speak: asked for, else configured, else the environment's.

    The environment is read as gettext does: ``LC_ALL``, ``LC_MESSAGES``, ``LANG``.
    """
    spoken = [environment.get(name, "") for name in ("LC_ALL", "LC_MESSAGES", "LANG")]
    for candidate in (asked, configured, next(filter(None, spoken), "")):
        short = (candidate or "").lower()[:2]
        if short in LANGUAGES:
            return short
    return "en"
