"""Looks at mapping files: do they compile, do their laws hold. Shared by two commands."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from bridge.bootstrap import clock, mapping_files
from bridge.cli.exits import CommandFault
from bridge.domain.said import Said
from bridge.i18n import _
from bridge.mapping import Lens, MappingErrors, check, compile_mapping, load_file, undeclared
from bridge.sdk.registry import Registry
from bridge.settings import Settings
from bridge.settings.verify import FILE_SUFFIXES

__all__ = ["Looked", "check_mappings", "examine", "find", "open_lens"]


@dataclass(frozen=True, slots=True)
class Looked:
    """One mapping file: its name where it has one, and every finding."""

    file: Path
    mapping: str | None
    findings: tuple[str, ...]

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong with it."""
        return not self.findings

    @property
    def name(self) -> Said:
        """What a list calls it."""
        return Said("mapping {name}", name=self.mapping or str(self.file))

    @property
    def detail(self) -> str:
        """All findings, or that the laws hold."""
        return "\n".join(self.findings) or _("laws, coverage and examples hold")


def examine(file: Path, registry: Registry) -> Looked:
    """Compile a file and check its laws; what is wrong becomes findings."""
    try:
        lens = open_lens(file)
    except MappingErrors as errors:
        return Looked(file, None, tuple(map(str, errors.problems)))
    findings = [*undeclared(lens, declared_lists(lens.name, registry)), *check(lens)]
    return Looked(file, f"{lens.name} v{lens.version}", tuple(map(str, findings)))


def declared_lists(mapping: str, registry: Registry) -> frozenset[str]:
    """Return the code lists shown by the adapters that use a mapping; by all, if none does."""
    plugins = list(registry.ministries.values())
    users = [one for one in plugins if mapping in one.mappings.values()]
    return frozenset(name for one in users or plugins for name in one.capabilities.code_lists)


def open_lens(file: Path) -> Lens:
    """Compile a mapping file; raises ``MappingErrors`` with all that is wrong in it."""
    return compile_mapping(load_file(file))


def find(given: str, registry: Registry) -> Path:
    """Return the file meant: a path, or the name of an installed mapping (``gplx/licence``).

    Raises:
        CommandFault: there is no such file.
        UnknownPlugin: there is no such mapping.
    """
    path = Path(given)
    if path.is_file():
        return path
    if given.endswith(FILE_SUFFIXES) or path.is_absolute():
        raise CommandFault(_("{file}: there is no such file", file=given))
    return registry.mapping_file(given)


def check_mappings(settings: Settings, registry: Registry) -> list[Looked]:
    """Look at the mappings the enabled systems use today, each once."""
    today = clock().astimezone(ZoneInfo(settings.timezone)).date()
    files: dict[Path, None] = {}
    for system in settings.enabled:
        found = registry.ministry(system.adapter)
        plugin = found.of(system.options_for(found))
        used = mapping_files(settings, system, plugin, registry, today).values()
        files |= dict.fromkeys(used)
    return [examine(file, registry) for file in files]
