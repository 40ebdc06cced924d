"""Makes a failing seed short: what need not happen for it to fail is left out."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection

from tests.simulation.choices import Choice
from tests.simulation.seed import Ending, run

SECONDS = 60.0
"""How long a processor may take to shorten one: a machine that others use stops it no sooner."""


def shortened(
    ending: Ending,
    again: Callable[[int, Collection[Choice]], Ending] = run,
    seconds: float = SECONDS,
) -> Ending:
    """Return the shortest ending that was found with the finding of ``ending``.

    Whatever unusual was chosen (faults, people at work, threads that make way) is left out in
    ever smaller parts, and stays out where the seed still fails in the same way.
    """
    ends = time.process_time() + seconds
    best, kind = ending, _kind(ending)
    parts = 2
    while parts <= 2 * max(1, len(best.choices)) and time.process_time() < ends:
        chosen = sorted(best.choices, key=lambda one: one[0].startswith("switch"), reverse=True)
        size = max(1, -(-len(chosen) // parts))
        for start in range(0, len(chosen), size):
            rest = [*chosen[:start], *chosen[start + size :]]
            tried = again(ending.seed, rest)
            if not tried.well and _kind(tried) == kind:
                best = tried
                parts = max(2, parts - 1)
                break
            if time.process_time() > ends:
                return best
        else:
            if size == 1:
                return best
            parts *= 2
    return best


def _kind(ending: Ending) -> str:
    """Return what was found, without what differs from one time to another."""
    return "".join(one for one in ending.findings[0] if not one.isdigit())[:40]


def told(ending: Ending) -> str:
    """Return the story of a failing seed, in lines."""
    lines = [f"seed {ending.seed}: {finding}" for finding in ending.findings]
    lines.append(f"what happened ({len(ending.account)} lines), seconds from the beginning:")
    lines += [str(step) for step in ending.account]
    unusual = [f"{name} #{n}" for name, n in ending.choices if not name.startswith("switch")]
    lines.append("what was unusual: " + ", ".join(unusual))
    lines.append(f"the whole of it: make sim SEED={ending.seed}")
    return "\n".join(lines)
