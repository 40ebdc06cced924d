"""The pretend ministry of health, its folders reached over a real SFTP server."""

from __future__ import annotations

import shutil
import tempfile
from io import StringIO
from pathlib import Path
from typing import Any

import paramiko

from adapters.yte.rehearsal import YteRehearsal
from tests.contract.sftp_server import ALL, SftpServer, new_key


class SftpMinistry(YteRehearsal):
    """``server`` serves the folder in which the ministry works; ``known_hosts`` names it."""

    def __init__(
        self, root: Path | None = None, *, offers: tuple[str, ...] = ALL, **given: Any
    ) -> None:
        super().__init__(root, **given)
        self.key = new_key()
        self._offers = offers
        self._ours: Path | None = None

    def start(self) -> None:
        super().start()
        if self._ours is None:
            self._ours = Path(tempfile.mkdtemp(prefix="sftp-"))
            key = paramiko.Ed25519Key.from_private_key(StringIO(self.key))
            self.server = SftpServer(self.root, key, self._offers)
            self.server.up()
            self.known_hosts.write_text(self.server.known_hosts())

    def stop(self) -> None:
        if self._ours is not None:
            self.server.down()
            shutil.rmtree(self._ours)
            self._ours = None
        super().stop()

    def down(self) -> None:
        """Let nobody answer at the address; the ministry works on."""
        self.server.down()

    def up(self) -> None:
        self.server.up()

    @property
    def known_hosts(self) -> Path:
        assert self._ours is not None
        return self._ours / "known_hosts"

    def options(self) -> dict[str, object]:
        shown = super().options()
        del shown["root"]
        return shown | {"sftp": self.server.address, "known_hosts": str(self.known_hosts)}

    def secrets(self) -> dict[str, str]:
        return {"key": self.key}
