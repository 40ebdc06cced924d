"""Every text for people has its translation, and the compiled catalogues are the written ones."""

from __future__ import annotations

import gettext
import importlib.util
import string
import unicodedata
from pathlib import Path
from types import ModuleType

import pytest

from bridge import i18n

ROOT = Path(__file__).parents[3]


def _load(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


catalogue = _load(ROOT / "tools" / "catalogue.py")


def _names(text: str) -> set[str]:
    try:
        return {name for _text, name, _spec, _conversion in string.Formatter().parse(text) if name}
    except ValueError:
        return set()


@pytest.mark.parametrize("language", i18n.LANGUAGES)
def test_nothing_is_stale_or_untranslated(language: str) -> None:
    """All messages of the code are in the .po, translated, and the .mo is compiled from it."""
    assert list(catalogue.stale(language)) == []


@pytest.mark.parametrize("language", i18n.LANGUAGES)
def test_python_s_own_gettext_reads_what_we_compile(language: str) -> None:
    """The standard library finds every translation in the .mo, as the .po has it."""
    path = catalogue.catalogue(language, ".po")
    with path.with_suffix(".mo").open("rb") as file:
        read = gettext.GNUTranslations(file)
    for message, translation in catalogue.read_po(path).items():
        assert not (message and translation) or read.gettext(message) == translation


def test_a_translation_fills_in_the_same_names() -> None:
    """No translation loses or invents a ``{name}``: that would fail only when it is shown."""
    for message, translation in catalogue.read_po(catalogue.catalogue("vi", ".po")).items():
        assert not translation or _names(translation) == _names(message), message


def test_vietnamese_is_composed() -> None:
    """The Vietnamese catalogue is NFC, so that terminals and searches see whole letters."""
    text = catalogue.catalogue("vi", ".po").read_text(encoding="utf-8")
    assert unicodedata.is_normalized("NFC", text)


def test_a_new_message_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A ``_()`` that nobody translated makes the check fail, in whatever file it stands."""
    (tmp_path / "bridge").mkdir()
    (tmp_path / "bridge" / "new.py").write_text('_("brand new {x}", x=1)\n', encoding="utf-8")
    monkeypatch.setattr(catalogue, "ROOT", tmp_path)
    monkeypatch.setattr(catalogue, "LOCALE", tmp_path / "locale")
    assert catalogue.messages(tmp_path / "bridge") == {"brand new {x}": ["bridge/new.py"]}
    assert list(catalogue.stale("vi"))


def test_a_po_survives_quotes_breaks_and_folding() -> None:
    """Quotes, backslashes, line breaks and folded lines come back as they were."""
    message = 'say "x\\y"\nagain {name}'
    text = catalogue.po_text({message: ["bridge/a.py"]}, {message: 'nói "x\\y"\n'}, "vi")
    assert catalogue.parse_po(text)[message] == 'nói "x\\y"\n'
    assert catalogue.parse_po('msgid ""\n"a "\n"b"\nmsgstr "c"\n') == {"a b": "c"}


@pytest.mark.parametrize(
    ("asked", "configured", "environment", "chosen"),
    [
        ("en", "vi", {"LANG": "vi_VN"}, "en"),
        (None, "vi", {"LANG": "en_US"}, "vi"),
        (None, None, {"LANG": "vi_VN.UTF-8"}, "vi"),
        (None, None, {"LC_ALL": "C", "LANG": "vi_VN"}, "en"),
        (None, None, {}, "en"),
        ("fr", "vi", {}, "vi"),
    ],
)
def test_the_language_is_chosen_in_order(
    asked: str | None, configured: str | None, environment: dict[str, str], chosen: str
) -> None:
    """Asked for, else configured, else the environment's, else English."""
    assert i18n.choose(asked, configured, environment) == chosen
