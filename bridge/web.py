"""What the daemon serves: is it alive, is it ready, how much of what, and files to ministries.

Loopback unless told. No request is logged: the address of a file is as good as the file.
"""

from __future__ import annotations

import threading

import structlog
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bridge.daemon import Daemon
from bridge.metrics import Metrics
from bridge.store import StoreFault
from bridge.web_files import files

START_SECONDS = 10.0

log = structlog.get_logger("dossier_bridge")


def application(daemon: Daemon) -> Starlette:
    """Return the web application over a running daemon."""
    measured = Metrics(daemon.house)

    def healthz(_: Request) -> Response:
        return PlainTextResponse("alive\n")

    def readyz(_: Request) -> Response:
        ready = daemon.ready()
        return PlainTextResponse("ready\n" if ready else "not ready\n", 200 if ready else 503)

    def metrics(_: Request) -> Response:
        try:
            return Response(measured.exposition(), media_type="text/plain; version=0.0.4")
        except StoreFault as fault:
            return PlainTextResponse(f"{fault}\n", 503)

    return Starlette(
        routes=[
            Route("/healthz", healthz),
            Route("/readyz", readyz),
            Route("/metrics", metrics),
            files(daemon.house),
        ]
    )


class Web:
    """The web server in a thread of its own."""

    def __init__(self, daemon: Daemon, host: str, port: int) -> None:
        config = uvicorn.Config(
            application(daemon),
            host=host,
            port=port,
            log_config=None,
            access_log=False,
            lifespan="off",
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, name="web", daemon=True)

    def start(self) -> bool:
        """Start serving; False when the address can't be had."""
        self._thread.start()
        waiting = threading.Event()
        for _ in range(int(START_SECONDS / 0.05)):
            if self._server.started or not self._thread.is_alive():
                break
            waiting.wait(0.05)
        if self._server.started:
            host, port = self._server.servers[0].sockets[0].getsockname()[:2]
            log.info("listening", host=host, port=port)
        return bool(self._server.started)

    def stop(self) -> None:
        """Stop serving."""
        self._server.should_exit = True
        self._thread.join(3)
