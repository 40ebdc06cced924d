"""The calls of a REST definition: how they are made, and what their answers mean.

=======================  ==============================================================
a row of ``faults``      what it says, by the HTTP status or the code in the answer
an unknown code          InDoubt on a write, Retryable on a read
no JSON, nothing at      ContractBroken
``answers.good``
another HTTP status      as ``bridge.sdk.http.status_outcome`` says
=======================  ==============================================================
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

import orjson

from bridge.sdk import Said
from bridge.sdk.adapter import AdapterContext
from bridge.sdk.declared.faults import NoSuchRecord, fault_of, unknown_code
from bridge.sdk.declared.paths import stands_at, text_at, value_at
from bridge.sdk.declared.service import Answered
from bridge.sdk.declared.tables import WRITES, Verb
from bridge.sdk.declared.templates import VALUES, filled, filled_text
from bridge.sdk.errors import AdapterError, ContractBroken
from bridge.sdk.findings import gateway_findings, server_findings
from bridge.sdk.gateway import Gateway
from bridge.sdk.http import HttpClient, Reply, nfc, status_outcome
from bridge.sdk.records import Check

from .definition import RestDefinition, RestOperation
from .options import RestOptions

__all__ = ["RestService"]

GOOD = range(200, 300)


class RestService:
    """Makes the calls of one system. Safe between threads; does no I/O until called."""

    def __init__(self, options: RestOptions, context: AdapterContext) -> None:
        self._options = options
        self._context = context
        self._definition: RestDefinition = options.definition
        self._given = {f"{VALUES}{name}": value for name, value in options.values.items()}
        by_token = self._definition.login.kind == "oauth2"
        self._gateway = Gateway(options, context) if by_token else None
        self._http = HttpClient(options.base_url, context=context, options=options)

    def call(self, verb: Verb, values: Mapping[str, Any], *, contents: bool = False) -> Answered:
        """See ``Service``; an answer is kept as it is, whether ``contents`` are wanted or not."""
        del contents
        operation = self._definition.operation(verb)
        if operation is None:
            raise LookupError(verb)
        reply = self._sent(operation, {**self._given, **values}, write=verb in WRITES)
        plain = self._judged(verb, reply)
        if operation.json_in is not None:
            plain = _with_json(plain, operation.json_in.split("."))
        if verb not in WRITES and verb != "acknowledge" and not stands_at(plain, operation.rows):
            raise ContractBroken(Said("{path}: is not in the answer", path=operation.rows))
        return Answered(reply, plain if reply.is_nfc() else nfc(plain))

    def written(self, content: bytes) -> str:
        """Return the bytes of a file as base64."""
        return base64.b64encode(content).decode()

    def findings(self, greet: Callable[[], Reply] | None) -> Iterator[Check]:
        """See ``Service``."""
        options, context = self._options, self._context
        if self._gateway is not None:
            log_in = self._gateway.log_in
            yield from gateway_findings(log_in, greet or log_in, options, context)
        elif greet is not None:
            yield from server_findings(greet, options.base_url, options, context)
        if greet is None:
            words = Said("not asked: the definition has no operation that only reads")
            yield Check("service", ok=True, detail=words)

    def close(self) -> None:
        """Let go of connections; harmless when called twice."""
        self._http.close()
        if self._gateway is not None:
            self._gateway.close()

    def _sent(self, operation: RestOperation, values: Mapping[str, Any], *, write: bool) -> Reply:
        path = filled_text(operation.path, values, lambda text: quote(text, safe=""))
        params = {name: filled_text(one, values) for name, one in operation.parameters.items()}
        json = None if operation.request is None else filled(operation.request, values)
        method = operation.method
        if self._gateway is not None:
            return self._gateway.exchange(method, path, write=write, json=json, params=params)
        login, secret = self._definition.login, self._options.client_secret.get_secret_value()
        if login.kind == "basic":
            auth = (self._options.client_id, secret)
            return self._http.request(
                method, path, write=write, json=json, params=params, auth=auth
            )
        headers = {login.header: f"{login.prefix}{secret}"}
        return self._http.request(
            method, path, write=write, json=json, params=params, headers=headers
        )

    def _judged(self, verb: Verb, reply: Reply) -> Any:
        """Return the JSON of a good answer; raises what any other means."""
        plain = self._plain(reply)
        answers = self._definition.answers
        code = text_at(plain, answers.code or answers.good)
        told = fault_of(self._definition, verb, status=reply.status, code=code, answer=plain)
        if reply.status not in GOOD:
            raise _with_reply(
                told or status_outcome(reply, write=verb in WRITES) or unknown_code(verb, code),
                verb,
                reply,
            )
        if answers.good is None:
            if told is not None:
                raise _with_reply(told, verb, reply)
            return plain
        said = _word_at(plain, answers.good)
        if said is None:
            raise ContractBroken(Said("{path}: is not in the answer", path=answers.good))
        if said not in answers.values:
            raise _with_reply(told or unknown_code(verb, code), verb, reply)
        return plain

    def _plain(self, reply: Reply) -> Any:
        """Return the body as JSON; of an answer that is not good, as far as it is any."""
        if not reply.content and self._definition.answers.good is None:
            return None
        try:
            return reply.json()
        except ContractBroken:
            if reply.status in GOOD:
                raise
            return None


def _with_reply(error: AdapterError, verb: Verb, reply: Reply) -> AdapterError:
    if isinstance(error, NoSuchRecord) and verb not in WRITES:
        error.reply = reply
    return error


def _word_at(plain: Any, path: str) -> str | None:
    found = value_at(plain, path)
    return str(found).lower() if isinstance(found, bool) else text_at(plain, path)


def _with_json(plain: Any, names: Sequence[str]) -> Any:
    """Return an answer in which the text at a place is read as the JSON that it holds."""
    if not names:
        if not isinstance(plain, str):
            return plain
        try:
            return orjson.loads(plain.removeprefix("\ufeff"))
        except orjson.JSONDecodeError:
            raise ContractBroken(Said("the text that should hold JSON does not")) from None
    if not isinstance(plain, Mapping) or names[0] not in plain:
        return plain
    return {**plain, names[0]: _with_json(plain[names[0]], names[1:])}
