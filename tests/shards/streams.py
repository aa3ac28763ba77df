# SPDX-License-Identifier: Apache-2.0
"""Puts the filter of tests/systems/filter between standard streams of every kind, on both backends.

Usage: streams.py PART PROGRAM, where PART is one of the functions below. Prints what went wrong and
fails, or prints nothing.
"""

from __future__ import annotations

import fcntl
import os
import pty
import random
import select
import signal
import socket
import subprocess
import sys
import tempfile
import termios
import threading
from collections.abc import Callable
from typing import Any

_LIMIT_S = 40


def _text(size: int) -> bytes:
    """Lines of random length, the same in each run."""
    draw = random.Random(size)
    lines = []
    while size > 0:
        length = min(size, draw.randrange(1, 200))
        lines.append(bytes(draw.choices(b"abcdefgh", k=length - 1)) + b"\n")
        size -= length
    return b"".join(lines)


def _start(command: list[str], **streams: Any) -> subprocess.Popen[bytes]:
    return subprocess.Popen(command, stderr=subprocess.PIPE, **streams)


def _serving(process: subprocess.Popen[bytes]) -> bytes:
    """Waits until it serves; what it has said."""
    assert process.stderr is not None
    said = b""
    while b"event=serving" not in said:
        line = process.stderr.readline()
        assert line, said
        said += line
    return said


def pipes(command: list[str]) -> None:
    """From a pipe into a pipe: nothing is lost or changed, and the end ends the program."""
    for size in (0, 1, 4095, 4096, 4097, 100_000, 5_000_000):
        text = _text(size)
        run = subprocess.run(command, input=text, capture_output=True, timeout=_LIMIT_S)
        assert run.returncode == 0, run.stderr
        assert run.stdout == text, (size, len(run.stdout), run.stderr)


def files(command: list[str]) -> None:
    """From a file into a file: from where they are, to where they are; both places move on."""
    text = _text(300_000)
    with tempfile.TemporaryFile() as source, tempfile.TemporaryFile() as sink:
        source.write(text)
        source.seek(0)
        os.lseek(source.fileno(), 1000, os.SEEK_SET)
        sink.write(b"before")
        sink.flush()
        run = subprocess.run(
            command, stdin=source, stdout=sink, stderr=subprocess.PIPE, timeout=_LIMIT_S
        )
        assert run.returncode == 0, run.stderr
        assert os.lseek(source.fileno(), 0, os.SEEK_CUR) == len(text)
        sink.seek(0)
        assert sink.read() == b"before" + text[1000:]


def nothing(command: list[str]) -> None:
    """/dev/null on both sides."""
    run = subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        timeout=_LIMIT_S,
    )
    assert run.returncode == 0 and b"errno=0" in run.stderr, run.stderr


def closed(command: list[str]) -> None:
    """Without a standard input, or output: the operations say so, and nobody else's descriptor is
    taken for one."""
    shell = " ".join(command)
    run = subprocess.run(["sh", "-c", f"{shell} <&-"], capture_output=True, timeout=_LIMIT_S)
    assert run.returncode == 0 and b"event=input_ended" in run.stderr, run.stderr
    assert b"errno=9" in run.stderr and run.stdout == b"", run.stderr
    run = subprocess.run(
        ["sh", "-c", f"echo x | {shell} >&-"], stderr=subprocess.PIPE, timeout=_LIMIT_S
    )
    assert run.returncode == 0 and b"event=output_failed" in run.stderr, run.stderr
    assert b"errno=9" in run.stderr, run.stderr


def terminal(command: list[str]) -> None:
    """A terminal on both sides: line by line, and Ctrl-D ends it."""
    ours, theirs = pty.openpty()
    settings = termios.tcgetattr(theirs)
    settings[3] &= ~termios.ECHO
    termios.tcsetattr(theirs, termios.TCSANOW, settings)
    process = _start(command, stdin=theirs, stdout=theirs)
    said = _serving(process)
    flags = fcntl.fcntl(theirs, fcntl.F_GETFL)
    for line in (b"one", b"two", b"three"):
        os.write(ours, line + b"\n")
        seen = b""
        while not seen.endswith(b"\n"):
            seen += os.read(ours, 1000)
        assert seen.strip() == line, (seen, said)
    assert fcntl.fcntl(theirs, fcntl.F_GETFL) == flags
    os.write(ours, b"\x04")
    assert process.wait(timeout=_LIMIT_S) == 0
    os.close(ours)
    os.close(theirs)


def sockets(command: list[str]) -> None:
    """A socket on both sides, which its owner has made non-blocking: what would wait, waits."""
    text = _text(3_000_000)
    ours, theirs = socket.socketpair()
    theirs.setblocking(False)
    process = _start(command, stdin=theirs, stdout=theirs)
    _serving(process)
    theirs.close()
    feeding = threading.Thread(target=_send_all, args=(ours, text))
    feeding.start()
    seen = b""
    while piece := ours.recv(100_000):
        seen += piece
    feeding.join()
    assert process.wait(timeout=_LIMIT_S) == 0
    assert seen == text
    ours.close()


def _send_all(end: socket.socket, text: bytes) -> None:
    end.sendall(text)
    end.shutdown(socket.SHUT_WR)


def named(command: list[str]) -> None:
    """A pipe with a name: when its last writer has gone, the input ends."""
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/pipe"
        os.mkfifo(path)
        process = _start(["sh", "-c", f"{' '.join(command)} <{path}"], stdout=subprocess.PIPE)
        with open(path, "wb") as writer:
            writer.write(b"through a name\n")
        said, _ = process.communicate(timeout=_LIMIT_S)
        assert process.returncode == 0 and said == b"through a name\n", said


def reader_leaves(command: list[str]) -> None:
    """Who read the output has gone: the write ends in EPIPE, and nobody is killed."""
    process = _start(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    _serving(process)
    assert process.stdin and process.stdout and process.stderr
    process.stdout.close()
    process.stdin.write(b"nobody reads this\n")
    process.stdin.flush()
    said = process.stderr.read()
    assert process.wait(timeout=_LIMIT_S) == 0, said
    assert b"event=output_failed" in said and b"errno=32" in said, said


def silence(command: list[str]) -> None:
    """A program that waits for input ends at once when it is told to, whatever it waits at; so does
    one whose output nobody takes."""
    ours, theirs = pty.openpty()
    for source in (subprocess.PIPE, theirs):
        process = _start(command, stdin=source, stdout=subprocess.DEVNULL)
        _serving(process)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=5) == 0
        if process.stdin:
            process.stdin.close()
    os.close(ours)
    os.close(theirs)
    process = _start(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    _serving(process)
    assert process.stdin is not None
    stuffed = threading.Thread(target=_stuff, args=(process.stdin.fileno(), 1_000_000))
    stuffed.start()
    _until_full(process)
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=5) == 0
    stuffed.join()


def _stuff(descriptor: int, size: int) -> None:
    try:
        while size > 0:
            size -= os.write(descriptor, b"x" * min(size, 10_000))
    except BrokenPipeError:
        pass


def _until_full(process: subprocess.Popen[bytes]) -> None:
    """Waits until the pipe that nobody reads is full, and so is the one behind it. Pages of it that
    were written in part stay so: it may hold no more than 54 096 bytes."""
    assert process.stdin is not None and process.stdout is not None
    waiting = bytearray(4)
    while int.from_bytes(waiting, "little") < 45_000 or _has_room(process.stdin.fileno()):
        fcntl.ioctl(process.stdout.fileno(), termios.FIONREAD, waiting)


def _has_room(descriptor: int) -> bool:
    return bool(select.select([], [descriptor], [], 0)[1])


def shared_flags(command: list[str]) -> None:
    """What it shares with who started it stays as it was: no O_NONBLOCK, nothing closed."""
    reads, writes = os.pipe()
    back, forth = os.pipe()
    before = [fcntl.fcntl(end, fcntl.F_GETFL) for end in (reads, forth)]
    process = _start(command, stdin=reads, stdout=forth)
    _serving(process)
    os.write(writes, b"a line\n")
    assert os.read(back, 100) == b"a line\n"
    assert [fcntl.fcntl(end, fcntl.F_GETFL) for end in (reads, forth)] == before
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=_LIMIT_S) == 0
    os.write(writes, b"another\n")
    assert os.read(reads, 100) == b"another\n"


def whole_lines(command: list[str]) -> None:
    """Where output and log are one pipe, every line of both stays whole."""
    # Of a length that no buffer cuts: the filter writes what it has read.
    text = b"".join(b"%063d\n" % i for i in range(30_000))
    run = subprocess.run(
        [*command, "--tell=1"],
        input=text,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=_LIMIT_S,
    )
    assert run.returncode == 0
    lines = run.stdout.splitlines(keepends=True)
    log = [line for line in lines if line.startswith(b"time=") or line.startswith(b"level=")]
    assert sum(b"event=passed" in line for line in log) > 10, log[:5]
    rest = b"".join(line for line in lines if line.startswith(b"0"))
    assert rest == text


_PARTS: dict[str, Callable[[list[str]], None]] = {
    part.__name__: part
    for part in (
        pipes,
        files,
        nothing,
        closed,
        terminal,
        sockets,
        named,
        reader_leaves,
        silence,
        shared_flags,
        whole_lines,
    )
}

if __name__ == "__main__":
    for backend in ("epoll", "io_uring"):
        _PARTS[sys.argv[1]]([sys.argv[2], "run", "--leave=1", f"--backend={backend}"])
