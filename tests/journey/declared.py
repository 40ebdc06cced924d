"""A town with a system that only files describe: those of the documentation's example."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.journey.town import Town

EXAMPLES = Path(__file__).parents[2] / "examples" / "declared"


@contextmanager
def described(folder: Path, name: str, rehearsal: Callable[..., Any]) -> Iterator[Town]:
    """Open a town whose system ``name`` is set up by copying the example of that name.

    Of its ``[options]`` the definition is left as it is, the address and the login are the
    rehearsal's.
    """
    with Town(folder, ("dvcqg",)) as town:
        ministry = rehearsal(now=town.clock)
        ministry.start()
        key = name.replace("-", "_")
        town.ministries[key] = ministry
        shutil.copytree(EXAMPLES / name, folder, dirs_exist_ok=True)
        file = folder / "systems" / f"{key}.toml"
        kept = [
            line
            for line in file.read_text(encoding="utf-8").splitlines()
            if line.partition(" = ")[0] not in {*ministry.options(), *ministry.secrets()}
        ]
        kept += [f"{option} = {json.dumps(str(one))}" for option, one in ministry.options().items()]
        for option, secret in ministry.secrets().items():
            place = folder / f"{key}.{option}"
            place.write_text(secret, encoding="utf-8")
            kept.append(f"{option} = {{ file = {json.dumps(str(place))} }}")
        file.write_text("\n".join(kept) + "\n", encoding="utf-8")
        town.restart()
        yield town
