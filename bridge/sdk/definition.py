"""What an interface is like, said in a TOML file of its own: the base of models of such files.

An option of a type derived from ``Definition`` is given in the system's file as the path of that
file. The settings read it (``bridge.settings.options``), and say what is wrong in it by file, line
and key, as of their own files. So an adapter is handed the definition read and proved.
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

__all__ = ["Definition"]


class Definition(BaseModel):
    """One file. A key that it does not know is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)
