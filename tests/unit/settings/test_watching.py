"""[alerts] and [mail]: defaults, thresholds, receivers, and what is not safe or not whole."""

from __future__ import annotations

from collections.abc import Callable
from datetime import time
from pathlib import Path

import pytest

from bridge.alerting import open_watch
from bridge.bootstrap import clock
from bridge.domain.alerts import TABLE, Matter, Severity
from bridge.sdk.registry import Registry
from bridge.settings import ConfigurationFault, load

Write = Callable[..., Path]
MAIL = '[mail]\nhost = "mail.example.vn"\nsender = "caunoi@example.vn"\n'


def _problems(folder: Path) -> list[str]:
    with pytest.raises(ConfigurationFault) as caught:
        open_watch(load(folder, {}), Registry.load(), clock)
    return [str(problem) for problem in caught.value.problems]


def test_the_defaults_are_those_of_the_rules(write: Write) -> None:
    """Every rule has a key, with the default of the table; nobody is told."""
    settings = load(write(""), {})
    assert settings.alerts.thresholds == {row.key: row.defaults for row in TABLE}
    watch = open_watch(settings, Registry.load(), clock)
    assert {rule.matter for rule in watch.rules} == set(Matter)
    assert (watch.receivers, watch.digest, watch.quiet) == ({}, None, None)


def test_everything_as_it_is_written(write: Write) -> None:
    """Thresholds, quiet time, receivers with language and severity, offices with addresses."""
    folder = write(
        '[alerts]\nquiet = "22:00-06:00"\ndead_hours = 0\ncertificate_days = [14, 2]\n'
        '[alerts.receivers.duty]\nmail = "truc@example.vn"\nleast = "critical"\n'
        '[alerts.receivers.chat]\nwebhook = { env = "HOOK" }\ntoken = { env = "TOKEN" }\n'
        + MAIL
        + 'password = { env = "P" }\nusername = "u"\ndigest_at = "07:00"\n'
        'other = "khac@example.vn"\n[mail.agencies]\n"000.00.01.H40" = "mot@example.vn"\n'
    )
    secrets = {"HOOK": "https://chat.example.vn/x", "TOKEN": "t", "P": "p"}
    watch = open_watch(load(folder, secrets), Registry.load(), clock)
    assert watch.quiet == (time(22), time(6))
    assert Matter.DEAD not in {rule.matter for rule in watch.rules}
    duty, chat = watch.receivers["duty"], watch.receivers["chat"]
    assert (duty.wants(Severity.WARNING), duty.wants(Severity.CRITICAL)) == (False, True)
    assert chat.wants(Severity.WARNING)
    assert watch.digest is not None
    assert watch.digest.at == time(7)
    assert watch.digest.address("000.00.01.H40") == "mot@example.vn"
    assert watch.digest.address("H40.99") == watch.digest.address(None) == "khac@example.vn"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[alerts]\ndead_hour = 3\n", 'unknown key; did you mean "dead_hours"?'),
        ("[alerts]\ndead_hours = -1\n", "expected at least 0"),
        ('[alerts]\nquiet = "late"\n', "expected hours such as"),
        ("[alerts.receivers.a]\n", "expected either webhook or mail"),
        ('[alerts.receivers.a]\nwebhook = "http://10.0.0.1/x"\n', "plain http:// goes only to"),
        ('[alerts.receivers.a]\nmail = "x@example.vn"\n', "mails need host and sender"),
        ('[alerts.receivers.a]\nwebhook = "https://a.vn"\ntoken = "t"\n', "a reference"),
        ('[alerts.receivers.a]\nwebhook = { env = "NO" }\n', "NO is not set"),
        ('[mail]\nother = "x@example.vn"\n', "mails need host and sender"),
        (MAIL + 'security = "none"\n', "a mail in the clear goes only to this machine"),
        (MAIL + 'password = "p"\n', "a reference"),
        (MAIL + 'password = { env = "NO" }\n', "NO is not set"),
        (MAIL + 'digest_at = "7h"\n', "expected the form"),
        (MAIL + 'other = "ai đó"\n', "expected the form"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(write: Write, text: str, told: str) -> None:
    """One problem each, with file and line; a secret is never repeated."""
    [problem] = _problems(write(text))
    assert problem.startswith("bridge.toml:")
    assert told in problem
