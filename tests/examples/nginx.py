# SPDX-License-Identifier: Apache-2.0
"""nginx as a peer: a web server behind the proxy, run in a folder of its own."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from pathlib import Path

_LIMIT_S = 10

_WEB = """
daemon off;
master_process off;
worker_processes 1;
pid {folder}/pid;
error_log {folder}/error.log;
events {{ worker_connections 1024; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  scgi_temp_path {folder}/scgi;
  uwsgi_temp_path {folder}/uwsgi;
  sendfile on;
  server {{
    listen 127.0.0.1:{port};
    location = /name {{ return 200 "{name}\\n"; }}
    location / {{ root {files}; }}
  }}
}}
"""


def installed() -> bool:
    """Whether there is one."""
    return shutil.which("nginx") is not None


class Web:
    """A web server that says its name, and serves the files of a folder."""

    def __init__(self, folder: Path, name: str, port: int, files: Path) -> None:
        """Starts it, and waits until it takes connections."""
        own = folder / name
        own.mkdir(exist_ok=True)
        config = own / "nginx.conf"
        text = _WEB.format(folder=own, name=name, port=port, files=files)
        config.write_text(text, encoding="utf-8")
        command = ["nginx", "-p", str(own), "-c", str(config), "-e", str(own / "error.log")]
        self.port = port
        self.process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        latest = time.monotonic() + _LIMIT_S
        while not self._listens():
            said = (own / "error.log").read_text() if (own / "error.log").exists() else ""
            assert self.process.poll() is None and time.monotonic() < latest, f"no nginx: {said}"

    def kill(self) -> None:
        """Ends it at once, with all of its connections."""
        self.process.kill()
        self.process.wait()

    def _listens(self) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
        except OSError:
            return False
        return True
