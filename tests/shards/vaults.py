# SPDX-License-Identifier: Apache-2.0
"""Keeps a value in a folder with tests/systems/vault, kills it at any moment, litters the folder
and takes its room, on both backends.

Usage: vaults.py PART PROGRAM, where PART is one of the functions below. Prints what went wrong and
fails, or prints nothing.
"""

from __future__ import annotations

import os
import re
import resource
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

_LIMIT_S = 40
_KILLS = 20
_STRAYS = 200  # names that do not fit into one receive buffer
_VALUE_BYTES = 16

_started: list[subprocess.Popen[str]] = []


def _numbers(said: str, event: str, name: str = "value") -> list[int]:
    return [int(number) for number in re.findall(rf"event={event} .*\b{name}=(\d+)", said)]


def _run(command: list[str], values: int) -> str:
    """Goes on until it has told this value, and what it has said."""
    run = subprocess.run(
        [*command, f"--values={values}", "--tell=1"],
        stderr=subprocess.PIPE,
        text=True,
        timeout=_LIMIT_S,
    )
    assert run.returncode == 0, run.stderr
    return run.stderr


def _start(command: list[str], limit: int | None = None) -> subprocess.Popen[str]:
    def bound() -> None:
        if limit is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    process = subprocess.Popen(
        [*command, "--tell=1"], stderr=subprocess.PIPE, text=True, preexec_fn=bound
    )
    _started.append(process)
    return process


def _until(process: subprocess.Popen[str], event: str, count: int = 1) -> str:
    """Reads what it says until it has said this so often."""
    assert process.stderr is not None
    said = ""
    for line in process.stderr:
        said += line
        count -= f" event={event}" in line
        if count == 0:
            return said
    raise AssertionError(f"it ended without {event}:\n{said}")


def _end(process: subprocess.Popen[str]) -> str:
    """Asks it to end, and waits for that."""
    assert process.stderr is not None
    process.send_signal(signal.SIGTERM)
    said = process.stderr.read()
    assert process.wait(timeout=_LIMIT_S) == 0, said
    return said


def kept(command: list[str], folder: Path) -> None:
    """What was told is found, by each life after it, and nothing else is there."""
    for life in range(4):
        said = _run(command, 25 * (life + 1))
        assert _numbers(said, "found") == [25 * life], said
        assert _numbers(said, "told") == list(range(25 * life + 1, 25 * life + 26)), said
        assert [path.name for path in folder.iterdir()] == ["value"]
        assert (folder / "value").stat().st_size == _VALUE_BYTES


def killed(command: list[str], folder: Path) -> None:
    """Whenever it is killed, the value that it told last is there, or the next one."""
    told = 0
    for life in range(_KILLS):
        process = _start(command)
        assert process.stderr is not None
        said = _until(process, "found")
        found = _numbers(said, "found")[0]
        assert told <= found <= told + 1, f"{told} was told, {found} is there"
        said = _until(process, "told", 1 + 2 * life)
        process.kill()
        said += process.stderr.read()
        process.wait(timeout=_LIMIT_S)
        # The line that was cut off by the end tells nothing.
        told = _numbers(said[: said.rindex("\n")], "told")[-1]
        assert "damaged" not in said
        assert {path.name for path in folder.iterdir()} <= {"value", "new"}


def swept(command: list[str], folder: Path) -> None:
    """Files of no value are taken away, however many; a folder and what is in it stays."""
    _run(command, 3)
    for number in range(_STRAYS):
        (folder / f"{number:018}").write_bytes(b"stray")
    (folder / "new").write_bytes(b"half")
    (folder / "others").mkdir()
    (folder / "others" / "new").write_bytes(b"theirs")
    said = _run(command, 4)
    assert _numbers(said, "found", "swept") == [_STRAYS + 1], said
    assert _numbers(said, "found") == [3], said
    assert {path.name for path in folder.iterdir()} == {"value", "others"}
    assert (folder / "others" / "new").read_bytes() == b"theirs"


def replaced(command: list[str], folder: Path) -> None:
    """Readers see a whole value at any moment, and it never goes back."""
    process = _start(command)
    _until(process, "told")
    last = 0
    for _ in range(20_000):
        data = (folder / "value").read_bytes()
        assert len(data) == _VALUE_BYTES
        number, word = (int.from_bytes(data[at : at + 8], "little") for at in (0, 8))
        assert word == (number * 0x9E3779B97F4A7C15 + 1) % 2**64, data.hex()
        assert number >= last
        last = number
    told = _numbers(_end(process), "told")
    assert told and last > 1, f"nothing happened meanwhile: {last}"


def no_room(command: list[str], folder: Path) -> None:
    """Where a value finds no room the one before it stays, and it goes on when there is room."""
    _run(command, 5)
    process = _start(command, _VALUE_BYTES - 1)
    _until(process, "found", 3)  # it begins anew each time
    assert _numbers(_end(process), "told") == []
    said = _run(command, 6)
    assert _numbers(said, "found") == [5], said


def late(command: list[str], folder: Path) -> None:
    """A folder that is not there, or may not be used, is waited for."""
    folder.rmdir()
    process = _start(command)
    _until(process, "serving")
    folder.write_bytes(b"no folder")
    folder.unlink()
    folder.mkdir()
    _until(process, "told", 3)
    moved = folder.with_name("moved")
    folder.rename(moved)
    folder.mkdir()
    said = _until(process, "found")  # its own folder has moved, the other one has a new file
    assert _numbers(said, "found")[-1] == 0, said
    _until(process, "told")
    _end(process)
    assert (moved / "value").exists() and (folder / "value").exists()


def hung(command: list[str], folder: Path) -> None:
    """A disk that does not answer, here a pipe without a writer, delays the end by seconds only."""
    os.mkfifo(folder / "value")
    process = _start(command)
    _until(process, "serving")
    threads = (
        "epoll" in command
    )  # io_uring opens a pipe at once, and refuses to read it at an offset
    while threads and not any("wait_for_partner" in _wait_of(one) for one in _threads(process)):
        pass
    said = _end(process)
    left = _numbers(said, "operations_left", "operations")
    assert left == ([1] if threads else []), said
    assert "event=ended status=0" in said


def _threads(process: subprocess.Popen[str]) -> list[Path]:
    return list(Path(f"/proc/{process.pid}/task").iterdir())


def _wait_of(thread: Path) -> str:
    """In which function of the kernel a thread sleeps."""
    try:
        return (thread / "wchan").read_text()
    except OSError:
        return ""


PARTS: dict[str, Callable[[list[str], Path], None]] = {
    part.__name__: part for part in (kept, killed, swept, replaced, no_room, late, hung)
}


def _too_late(signal_number: int, frame: object) -> None:
    raise AssertionError(f"nothing came for {_LIMIT_S} s")


def main() -> int:
    """Run a part on each backend."""
    part, program = sys.argv[1:]
    signal.signal(signal.SIGALRM, _too_late)
    for backend in ("io_uring", "epoll"):
        with tempfile.TemporaryDirectory(prefix="tina_vault_") as name:
            folder = Path(name) / "vault"
            os.mkdir(folder)
            command = [program, "run", "--backend", backend, f"--folder={folder}"]
            signal.alarm(_LIMIT_S)
            try:
                PARTS[part](command, folder)
            except AssertionError as trouble:
                print(f"{backend}: {trouble}", file=sys.stderr)
                return 1
            finally:
                signal.alarm(0)
                for process in _started:
                    process.kill()
    return 0


if __name__ == "__main__":
    sys.exit(main())
