"""The ministry of ``benchmarks/reconcile.py``: a register in a file, listed in pages over a real socket.

What it answers lies ready in an SQLite file (``records``: day, number, code, the record as JSON), and
a page is these texts strung together, so that hardly anything is computed here: the benchmark says
how much. Run by the benchmark, in a process of its own: ``python benchmarks/register.py FILE PORT`` prints
its port, and its processor time in seconds when it is told to end.
"""

from __future__ import annotations

import resource
import sqlite3
import sys
import threading
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

SCHEMA = """
CREATE TABLE records (n INTEGER PRIMARY KEY, day TEXT, ref TEXT, code TEXT, body TEXT);
"""
INDEXES = """
CREATE INDEX records_day ON records (day, n);
CREATE UNIQUE INDEX records_ref ON records (ref);
CREATE INDEX records_code ON records (code);
"""
_PAGE = "SELECT body FROM records WHERE day = ? ORDER BY n LIMIT ? OFFSET ?"


class Register:
    """Reads the file; a connection a thread."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._mine = threading.local()

    def answer(self, path: str, asked: dict[str, list[str]]) -> str | None:
        """Return the JSON of an answer, ``None`` where there is no such record."""
        match unquote(path).split("/"):
            case ["", "danhSach"]:
                day, page, size = asked["ngay"][0], int(asked["trang"][0]), int(asked["soLuong"][0])
                rows = self._bodies(_PAGE, day, size, (page - 1) * size)
                more = "true" if len(rows) == size else "false"
                return f'{{"Data":[{",".join(rows)}],"ConNua":{more}}}'
            case ["", "theoMa"]:
                rows = self._bodies("SELECT body FROM records WHERE code = ?", asked["ma"][0])
                return f'{{"Data":[{",".join(rows)}]}}'
            case ["", "hoSo", ref]:
                rows = self._bodies("SELECT body FROM records WHERE ref = ?", ref)
                return f'{{"HoSo":{rows[0]}}}' if rows else None
        return None

    def _bodies(self, query: str, *values: object) -> list[str]:
        if not hasattr(self._mine, "sql"):
            self._mine.sql = sqlite3.connect(self._file)
        return [body for (body,) in self._mine.sql.execute(query, values)]


@cache
def handler(register: Register) -> type[BaseHTTPRequestHandler]:
    """Return what serves a register."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            at = urlsplit(self.path)
            answer = register.answer(at.path, parse_qs(at.query))
            content = (answer or "{}").encode()
            self.send_response(200 if answer else 404)
            self.send_header("content-type", "application/json; charset=utf-8")
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    return Handler


def main() -> None:
    """Serve a file until stdin ends."""
    server = ThreadingHTTPServer(
        ("127.0.0.1", int(sys.argv[2])), handler(Register(Path(sys.argv[1])))
    )
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(server.server_address[1], flush=True)
    sys.stdin.read()
    server.shutdown()
    used = resource.getrusage(resource.RUSAGE_SELF)
    print(used.ru_utime + used.ru_stime, flush=True)


if __name__ == "__main__":
    main()
