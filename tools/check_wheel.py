"""Builds the wheel, installs it in a clean environment without the network, and runs it there.

What the wheel needs is taken from this environment (a path file points the clean one to it), so
the check costs seconds and needs nothing fetched; what it proves is that the wheel itself holds
every module, data file, entry point and catalogue.
"""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NEEDED = (
    "adapters/_template/rest/pyproject.toml.tmpl",
    "adapters/gplx/gplx.wsdl",
    "adapters/hotich/hotich.xsd",
    "adapters/onestop_sql/onestop.sql",
    "adapters/yte/yte.xsd",
    "bridge/py.typed",
    "bridge/store/migrations/env.py",
)


def main() -> int:
    """Run the check; returns the exit code."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        wheel = build(place / "dist")
        python = clean_environment(place / "venv")
        run(python, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", str(wheel))
        lend_dependencies(python)
        outside = place / "outside"
        outside.mkdir()
        command = str(python.parent / "dossier-bridge")
        run(command, "--help", cwd=outside)
        run(command, "adapter", "list", cwd=outside)
        run(command, "mapping", "check", cwd=outside)
        run(command, "init", "office", cwd=outside)
        run(command, "check", "--offline", "--config", "office/bridge.toml", cwd=outside)
        begin_adapter(python, command, outside)
        origin = run(python, "-c", "import bridge; print(bridge.__file__)", cwd=outside)
        if str(ROOT) in origin:
            print(f"the commands ran from the checkout, not from the wheel: {origin}")
            return 1
    print(
        f"wheel: {wheel.name} installs apart, its commands run, and a new adapter passes its tests"
    )
    return 0


def begin_adapter(python: Path, command: str, outside: Path) -> None:
    """Write a new adapter, install it beside the wheel, find it, and let it prove itself."""
    run(command, "adapter", "new", "so_tu_phap", "--protocol", "rest", cwd=outside)
    package = outside / "dossier-bridge-so_tu_phap"
    run(
        python, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--no-build-isolation",
        str(package),
    )  # fmt: skip
    if "dossier-bridge-so_tu_phap 0.1.0" not in run(command, "adapter", "list", cwd=outside):
        raise SystemExit("a new adapter that is installed is not listed")
    run(python, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(package), cwd=outside)


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
    venv.create(folder, with_pip=True)
    return folder / "bin" / "python"


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
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
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
