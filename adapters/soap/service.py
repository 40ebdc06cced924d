"""The calls of a SOAP definition: how they are made, and what their answers mean.

A list is read row by row: a record that breaks the schema becomes unreadable, and its neighbours
are read all the same. A fault that neither the table nor WS-Security knows is a doubt on a write.
"""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

from bridge.sdk import Said
from bridge.sdk.adapter import AdapterContext
from bridge.sdk.declared.faults import NoSuchRecord, fault_of, unknown_code
from bridge.sdk.declared.service import Answered
from bridge.sdk.declared.tables import WRITES, Verb
from bridge.sdk.declared.templates import VALUES, filled
from bridge.sdk.errors import AdapterError, AuthFailed, ContractBroken
from bridge.sdk.findings import server_findings, wsdl_findings
from bridge.sdk.http import HttpClient, Reply, nfc, server_and_path
from bridge.sdk.records import Check
from bridge.sdk.soap import LOGIN_REFUSED, SoapAnswer, SoapClient, SoapFault
from bridge.sdk.soap_rows import rows
from bridge.sdk.xml import Element, to_plain

from .definition import SoapDefinition
from .options import SoapOptions

__all__ = ["SoapService"]


class SoapService:
    """Makes the calls of one system. Safe between threads; does no I/O until called."""

    def __init__(self, options: SoapOptions, context: AdapterContext) -> None:
        self._options = options
        self._context = context
        self._definition: SoapDefinition = options.definition
        self._given = {f"{VALUES}{name}": value for name, value in options.values.items()}
        server, path = server_and_path(options.address)
        self._soap = SoapClient(
            context.folder / options.wsdl,
            HttpClient(server, context=context, options=options),
            path,
            username=options.username,
            password=options.password,
            writes=self._definition.named(writes=True),
        )

    def call(self, verb: Verb, values: Mapping[str, Any], *, contents: bool = False) -> Answered:
        """See ``Service``."""
        operation = self._definition.operation(verb)
        if operation is None:
            raise LookupError(verb)
        parts = filled(operation.request or {}, {**self._given, **values})
        parts = _said(parts, self._definition.contents)
        alone = verb in WRITES or not operation.rows
        drops = () if contents else self._definition.contents
        try:
            answer = self._soap.call(operation.operation, parts, whole=alone, without=drops)
        except SoapFault as fault:
            raise self._error(verb, fault) from None
        if alone:
            return Answered(answer.reply, nfc(self._plain(answer.body, drops)))
        return self._row_by_row(answer, operation.rows, drops)

    def written(self, content: bytes) -> bytes:
        """Return the bytes of a file: they are written as base64 where the schema says so."""
        return content

    def findings(self, greet: Callable[[], Reply] | None) -> Iterator[Check]:
        """See ``Service``; without a WSDL that can be used nothing can be asked."""
        usable = yield from wsdl_findings(self._soap.operations, self._definition.named())
        if not usable:
            return
        if greet is None:
            words = Said("not asked: the definition has no operation that only reads")
            yield Check("service", ok=True, detail=words)
            return
        yield from server_findings(greet, self._options.address, self._options, self._context)

    def close(self) -> None:
        """Let go of connections; harmless when called twice."""
        self._soap.close()

    def _error(self, verb: Verb, fault: SoapFault) -> AdapterError:
        code = fault.detail or fault.code
        told = fault_of(self._definition, verb, status=None, code=code, answer=fault.words)
        if isinstance(told, NoSuchRecord) and verb not in WRITES:
            told.reply = fault.reply
        if told is not None:
            return told
        if fault.code in LOGIN_REFUSED:
            return AuthFailed(Said("the ministry refuses our login ({code})", code=fault.code))
        return unknown_code(verb, code)

    def _row_by_row(self, answer: SoapAnswer, path: str, drops: Collection[str]) -> Answered:
        """Return an answer whose rows were held against the schema each by itself.

        Raises:
            ContractBroken: what stands around the rows breaks it.
        """
        names = "/".join(f"{{*}}{name}" for name in path.split("."))
        listed = rows(self._soap.schema, answer.body, names)
        broken = {place: one.fault for place, one in enumerate(listed) if one.fault is not None}
        plain = [self._row(one.element, drops, broken, n) for n, one in enumerate(listed)]
        return Answered(answer.reply, nfc(self._plain(answer.body, drops)), nfc(plain), broken)

    def _row(self, row: Element, drops: Collection[str], broken: dict[int, str], place: int) -> Any:
        try:
            return self._plain(row, drops)
        except ContractBroken as error:
            broken.setdefault(place, error.reason)
            return {}

    def _plain(self, element: Element, drops: Collection[str]) -> Any:
        for name in drops:
            for found in element.findall(f".//{{*}}{name}"):
                parent = found.getparent()
                if parent is not None:
                    parent.remove(found)
        return to_plain(element, frozenset(self._definition.lists))


def _said(parts: Any, contents: Collection[str], name: str = "") -> Any:
    """Return parts as zeep writes them: what is unknown left out, contents of files as bytes.

    Contents that were read are base64, as the ministry wrote them; those of ours are bytes.
    """
    if isinstance(parts, Mapping):
        return {key: _said(one, contents, key) for key, one in parts.items() if one is not None}
    if isinstance(parts, list):
        return [_said(one, contents, name) for one in parts]
    return b64decode(parts) if name in contents and isinstance(parts, str) else parts
