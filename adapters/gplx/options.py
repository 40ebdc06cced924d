"""The ``[options]`` of a gplx system's file."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from bridge.sdk.soap_options import SoapOptions

__all__ = ["PACKAGED", "GplxOptions"]

PACKAGED = Path(__file__).with_name("gplx.wsdl")


class GplxOptions(SoapOptions):
    """Where the service is and as whom we call it; the WSDL comes with the adapter."""

    packaged: ClassVar[Path] = PACKAGED
