# SPDX-License-Identifier: Apache-2.0
"""Claims about `tina-gen check`: silent when right, exact when wrong, one line for no spec."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from claims import Figure, claim, one_line

from dev_tasks.console import ROOT
from dev_tasks.echo_server import require

SPEC = ROOT / "examples" / "tcp_echo" / "echo.tina"
_SHUTDOWN = re.compile(r"^.*on sys\.Shutdown => Gone;.*\n", re.MULTILINE)
_LARGE = 10 * 1024 * 1024
_LIMIT_S = 60


def _check(path: Path) -> subprocess.CompletedProcess[str]:
    program = Path(sys.executable).parent / "tina-gen"
    command = [str(program)] if program.exists() else [sys.executable, "-m", "tina_gen"]
    return subprocess.run(
        [*command, "check", str(path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=_LIMIT_S,
        check=False,
    )


def _one_line_for(content: bytes | None) -> Figure:
    """What the checker says of a file with this content; None is a file that does not exist."""
    with tempfile.TemporaryDirectory(prefix="tina-accept-") as folder:
        path = Path(folder) / "input.tina"
        if content is not None:
            path.write_bytes(content)
        begin = time.monotonic()
        result = _check(path)
        seconds = time.monotonic() - begin
    said = (result.stdout + result.stderr).strip()
    held = result.returncode > 0 and one_line(said)
    shown = said.replace(str(path), path.name).splitlines()[0][:90] if said else "nothing said"
    return Figure(result.returncode, f"status {result.returncode}, {seconds:.1f} s: {shown}", held)


@claim("tina-gen check of echo.tina prints nothing", target="status 0, silent")
def right_spec_is_silent() -> Figure:
    result = _check(SPEC)
    said = result.stdout + result.stderr
    text = f"status {result.returncode}, {len(said)} characters"
    return Figure(len(said), text, result.returncode == 0 and not said)


@claim("echo.tina without its sys.Shutdown clause is E0301", target="status 1, span, help")
def uncovered_message() -> Figure:
    text = SPEC.read_text(encoding="utf-8")
    mended, removed = _SHUTDOWN.subn("", text, count=1)
    require(removed == 1, "echo.tina has no `on sys.Shutdown => Gone;`")
    with tempfile.TemporaryDirectory(prefix="tina-accept-") as folder:
        path = Path(folder) / "echo.tina"
        path.write_text(mended, encoding="utf-8")
        result = _check(path)
    said = result.stdout + result.stderr
    line = mended[: mended.index("state Reading")].count("\n") + 1
    sentence = "error[E0301]: state `Reading` does not say what happens on `sys.Shutdown`"
    words = (sentence, f"echo.tina:{line}:", "^^^^^^^", "note: ", "help: ")
    missing = [word for word in words if word not in said]
    shown = f"status {result.returncode}, without: {', '.join(missing) or 'nothing'}"
    return Figure(result.returncode, shown, result.returncode == 1 and not missing)


@claim("tina-gen check of a missing file is one line", target="status > 0, 1 line")
def missing_file() -> Figure:
    return _one_line_for(None)


@claim("tina-gen check of an empty file is one line", target="status > 0, 1 line")
def empty_file() -> Figure:
    return _one_line_for(b"")


@claim("tina-gen check of a binary file is one line", target="status > 0, 1 line")
def binary_file() -> Figure:
    return _one_line_for(bytes(range(256)) * 16)


@claim("tina-gen check of a file that is not UTF-8 is one line", target="status > 0, 1 line")
def latin_file() -> Figure:
    return _one_line_for("tina 1; package caf\u00e9;\n".encode("latin-1"))


@claim("tina-gen check of a 10 MB file is one line", target="status > 0, 1 line")
def large_file() -> Figure:
    return _one_line_for(b"tina 1; package a;\n" + b"// padding padding\n" * (_LARGE // 19))
