"""Builds the wheel, installs it in a clean environment without the network, and runs it there.

What the wheel needs is taken from this environment (a path file points the clean one to it), so
the check costs seconds and needs nothing fetched; what it proves is that the wheel itself holds
every module, data file, entry point and catalogue.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import sysconfig
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NEEDED = (
    "adapters/_template/every/pyproject.toml.tmpl",
    "adapters/_template/rest/README.files.md",
    "adapters/_template/soap/dossier_bridge_NAME/ministry.wsdl.tmpl",
    "adapters/_template/xml/dossier_bridge_NAME/ministry.xsd.tmpl",
    "adapters/gplx/gplx.wsdl",
    "adapters/hotich/hotich.xsd",
    "adapters/onestop_sql/onestop.sql",
    "adapters/yte/yte.xsd",
    "bridge/py.typed",
    "bridge/store/migrations/env.py",
)

NEW = {"rest": "so_tu_phap", "soap": "so_noi_vu", "xml": "so_y_te"}
"""An adapter that is begun in each protocol there is a template for."""


def main() -> int:
    """Run the check; returns the exit code."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        wheel = build(place / "dist")
        python = clean_environment(place / "venv")
        install(python, wheel)
        lend_dependencies(python)
        outside = place / "outside"
        outside.mkdir()
        command = str(python.parent / "dossier-bridge")
        run(command, "--help", cwd=outside)
        run(command, "adapter", "list", cwd=outside)
        run(command, "mapping", "check", cwd=outside)
        run(command, "init", "office", cwd=outside)
        run(command, "check", "--offline", "--config", "office/bridge.toml", cwd=outside)
        begin_adapters(python, command, outside)
        origin = run(python, "-c", "import bridge; print(bridge.__file__)", cwd=outside)
        if str(ROOT) in origin:
            print(f"the commands ran from the checkout, not from the wheel: {origin}")
            return 1
    print(
        f"wheel: {wheel.name} installs apart, its commands run, and new adapters ({', '.join(NEW)}) "
        "pass their tests and carry a dossier"
    )
    return 0


def begin_adapters(python: Path, command: str, outside: Path) -> None:
    """Write new adapters, install them beside the wheel, find them, and let them prove themselves.

    Their claims are tried in one run, and one dossier is carried through each by ``sync``.
    """
    for protocol, name in NEW.items():
        run(command, "adapter", "new", name, "--protocol", protocol, cwd=outside)
    packages = [outside / f"dossier-bridge-{name}" for name in NEW.values()]
    install(python, *packages)
    listed = run(command, "adapter", "list", cwd=outside)
    lost = [name for name in NEW.values() if f"dossier-bridge-{name} 0.1.0" not in listed]
    if lost:
        raise SystemExit(f"installed, and not listed: {', '.join(lost)}")
    told = run(
        python, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:hypothesispytest",
        "--import-mode=importlib", "-W", "error", *packages, cwd=outside,
    )  # fmt: skip
    guide = (ROOT / "docs" / "adapter-guide.md").read_text(encoding="utf-8")
    promised = re.findall(r"`(so_\w+: \d+ claims hold, 0 do not)`", guide)
    broken = [words for words in promised if words not in told]
    if broken or len(promised) != len(NEW):
        raise SystemExit(f"the guide promises {promised}; the kit says:\n{told}")
    run(python, ROOT / "tools" / "carry_dossiers.py", "carried", *NEW.values(), cwd=outside)


def build(target: Path) -> Path:
    """Build the wheel and look for the files it must hold."""
    run(
        sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation",
        "--wheel-dir", str(target), str(ROOT),
    )  # fmt: skip
    (wheel,) = target.glob("*.whl")
    held = run(sys.executable, "-m", "zipfile", "--list", str(wheel))
    missing = [name for name in NEEDED if name not in held]
    if missing:
        raise SystemExit(f"the wheel lacks {', '.join(missing)}")
    return wheel


def clean_environment(folder: Path) -> Path:
    """Make an empty virtual environment; returns its Python."""
    venv.create(folder)  # pip comes from this one: a second costs as much as all the claims
    return folder / "bin" / "python"


def install(python: Path, *packages: Path) -> None:
    """Install wheels or folders of packages into the clean environment."""
    run(
        sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--no-deps",
        "--no-index", "--no-build-isolation", *packages,
    )  # fmt: skip


def lend_dependencies(python: Path) -> None:
    """Let the clean environment import this one's dependencies, but not the project itself."""
    purelib = run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))").strip()
    lent = Path(purelib) / "lent"
    lent.mkdir()
    here = Path(sysconfig.get_path("purelib"))
    for entry in here.iterdir():
        if not entry.name.startswith(("dossier_bridge", "_editable", "_dossier_bridge")):
            (lent / entry.name).symlink_to(entry)
    (Path(purelib) / "lent.pth").write_text(str(lent) + "\n", encoding="utf-8")


def run(*command: str | Path, cwd: Path | None = None) -> str:
    """Run a command; its output, or the end of the check with it."""
    left_out = {"PYTHONPATH", "PYTHONDONTWRITEBYTECODE"}
    environment = {key: value for key, value in os.environ.items() if key not in left_out}
    done = subprocess.run(
        [str(part) for part in command],
        capture_output=True, text=True, check=False, cwd=cwd, env=environment,
    )  # fmt: skip
    if done.returncode != 0:
        print(f"{' '.join(map(str, command))}: exit {done.returncode}\n{done.stdout}{done.stderr}")
        raise SystemExit(1)
    return done.stdout


if __name__ == "__main__":
    sys.exit(main())
