"""Any ministry with a plain SOAP service: a WSDL and a definition say how it speaks."""

from __future__ import annotations

from pydantic import BaseModel

from bridge.sdk.adapter import AdapterContext, Plugin
from bridge.sdk.declared.adapter import DeclaredAdapter
from bridge.sdk.declared.faults import BY_HTTP
from bridge.sdk.declared.plugin import MOST, described
from bridge.sdk.soap import LOGIN_REFUSED

from .options import SoapOptions
from .service import SoapService

__all__ = ["plugin"]


def _build(options: BaseModel, context: AdapterContext) -> DeclaredAdapter:
    given = SoapOptions.model_validate(options)
    return DeclaredAdapter(given.definition, SoapService(given, context), context)


def _by_options(options: BaseModel) -> Plugin:
    login = dict.fromkeys(sorted(LOGIN_REFUSED), "AuthFailed")
    return described(plugin, SoapOptions.model_validate(options).definition, {**BY_HTTP, **login})


plugin = Plugin(
    name="soap",
    title="Dịch vụ SOAP theo WSDL và tệp mô tả",
    protocol="soap",
    options=SoapOptions,
    capabilities=MOST,
    build=_build,
    by_options=_by_options,
)
