# SPDX-License-Identifier: Apache-2.0
"""How programs start: on which processors, with which memory, and what they refuse in one line.

Usage: start.py PART FOLDER DENY, where PART is one of the functions below, FOLDER has the programs
of start.tina and DENY runs a program without io_uring. Prints what went wrong and fails, or says
what it had to leave out.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

_LIMIT_S = 30
_NOBODY = 65534
_BACKLOG = 65535  # of start.tina's Door
_STILL_S = 0.2  # of processor time: a shard that starts and does not spin


class Program:
    """A program of start.tina that runs until the block is left, and what it has said."""

    def __init__(self, path: Path, *options: str, shards: int, under: Sequence[str] = ()) -> None:
        self.page = tempfile.NamedTemporaryFile(suffix=".page")  # noqa: SIM115
        os.chmod(self.page.name, 0o666)
        command = [*under, str(path), "run", "--counters", self.page.name, *options]
        self.process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        self.path = path
        self.said = ""
        assert self.process.stderr is not None
        while self.said.count("event=serving") < shards:
            line = self.process.stderr.readline()
            assert line, "it ended before it served:\n" + self.said
            self.said += line

    def threads(self) -> dict[str, str]:
        """The processors to which each thread is held, by its name."""
        found = {}
        for task in Path(f"/proc/{self.process.pid}/task").glob("*/status"):
            text = task.read_text()
            name, held = (re.search(rf"^{key}:\s*(.*)$", text, re.MULTILINE) for key in _KEYS)
            assert name and held
            found[name[1]] = held[1]
        return found

    def used_s(self) -> dict[str, float]:
        """Processor time of each thread, by its name."""
        found = {}
        for task in Path(f"/proc/{self.process.pid}/task").glob("*/stat"):
            head, _, tail = task.read_text().rpartition(")")
            user, kernel = tail.split()[11:13]
            found[head.partition("(")[2]] = (int(user) + int(kernel)) / os.sysconf("SC_CLK_TCK")
        return found

    def resident(self) -> int:
        """Bytes of memory that it has."""
        text = Path(f"/proc/{self.process.pid}/status").read_text()
        match = re.search(r"VmRSS:\s*(\d+) kB", text)
        assert match
        return int(match[1]) * 1024

    def shards(self) -> list[dict[str, int]]:
        """The counters of its shards."""
        command = [str(self.path), "counters", self.page.name, "--json"]
        text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        return list(json.loads(text)["shards"])

    def until_asleep(self) -> None:
        """Waits until each shard has slept."""
        latest = time.monotonic() + _LIMIT_S
        while not all(shard["sleeps"] for shard in self.shards()):
            assert time.monotonic() < latest, f"they never sleep: {self.shards()}"

    def memory(self) -> dict[str, str]:
        """What it says of its memory."""
        return dict(field.split("=") for field in self.line("event=memory ").split())

    def line(self, words: str) -> str:
        """The first line with these words."""
        return next(line for line in self.said.split("\n") if words in line)

    def stop(self) -> None:
        """Drains it."""
        self.process.send_signal(signal.SIGTERM)
        assert self.process.stderr is not None
        self.said += self.process.stderr.read()
        assert self.process.wait(timeout=_LIMIT_S) == 0, self.said


_KEYS = ("Name", "Cpus_allowed_list")


def together(folder: Path, _deny: Path) -> None:
    """Two shards that name one processor both run there, and neither spins though told to."""
    if 0 not in os.sched_getaffinity(0):
        return print("left out: processor 0 may not be used here")
    program = Program(folder / "start_together", shards=2)
    threads = program.threads()
    program.until_asleep()
    used = program.used_s()
    program.stop()
    held = {name: on for name, on in threads.items() if name[:6] in ("tina-0", "tina-1")}
    assert held == {"tina-0 left": "0", "tina-1 right": "0"}, threads
    assert "event=processors_shared" in program.said, program.said
    assert max(used[name] for name in held) < _STILL_S, f"shards that must not spin: {used}"


def apart(folder: Path, _deny: Path) -> None:
    """Each shard has its own processor and name, and looks for work as long as its role says."""
    if not {0, 1} <= os.sched_getaffinity(0):
        return print("left out: processors 0 and 1 may not both be used here")
    begin = time.monotonic()
    program = Program(folder / "start_apart", shards=2)
    threads = program.threads()
    program.until_asleep()
    took, used = time.monotonic() - begin, program.used_s()
    program.stop()
    assert "tina-log" in threads, threads
    assert threads["tina-0 left"] == "0" and threads["tina-1 a_role_w"] == "1", threads
    assert "processors_shared" not in program.said, program.said
    spun_s, slept_s = used["tina-0 left"], used["tina-1 a_role_w"]
    assert slept_s < _STILL_S, f"processor time of a shard that does not spin: {slept_s} s"
    # On a busy machine it gets little of the second that it spins.
    assert spun_s > slept_s + 0.05 and took >= 1, (spun_s, slept_s, took)


def memory(folder: Path, _deny: Path) -> None:
    """All memory is there when it serves, and it says so."""
    program = Program(folder / "start_apart", shards=2)
    said, resident = program.memory(), program.resident()
    program.stop()
    assert said["presence"] == "prefaulted" and said["shards"] == "2", said
    assert int(said["nodes"]) >= 1 and 0 <= int(said["huge_bytes"]) <= int(said["bytes"]), said
    assert resident >= int(said["bytes"]), f"{resident} bytes resident of {said}"


def lazy(folder: Path, _deny: Path) -> None:
    """Without prefaulting a program takes what it touches: 1000 GiB start on any machine."""
    program = Program(folder / "start_heavy", "--prefault=false", shards=1)
    said, resident = program.memory(), program.resident()
    program.stop()
    assert said["presence"] == "lazy" and int(said["bytes"]) > 900 << 30, said
    assert resident < 64 << 20, f"{resident} bytes resident"


def crowded(folder: Path, _deny: Path) -> None:
    """A backlog that the kernel cuts is said; others are not."""
    most = int(Path("/proc/sys/net/core/somaxconn").read_text())
    program = Program(folder / "start_crowded", shards=1)
    program.stop()
    if most >= _BACKLOG:
        assert "backlog_cut" not in program.said, program.said
        return print("left out: the kernel keeps as many as a backlog can say")
    words = program.line("event=backlog_cut").split()
    assert f"wanted={_BACKLOG}" in words and f"given={most}" in words, words
    assert "level=warning" in words, words
    # The next program has the type, too, and starts none.
    closed = Program(folder / "start_apart", shards=2)
    closed.stop()
    assert "backlog_cut" not in closed.said, closed.said


def backends(folder: Path, deny: Path) -> None:
    """Each backend when asked for; epoll where io_uring is refused; and each says which and why."""
    path = folder / "start_apart"
    cases = (
        ((), ("--backend", "io_uring"), "level=info", "name=io_uring why=asked features=single_"),
        ((), ("--backend", "epoll"), "level=info", "name=epoll why=asked features=edge_triggered"),
        ((), (), "level=info", "name=io_uring why=available"),
        (("bash", "-c", 'ulimit -l 0; exec "$@"', "-"), (), "level=", "event=backend"),
        (("bash", "-c", 'ulimit -n 64; exec "$@"', "-"), (), "level=info", "name=io_uring"),
        ((str(deny),), (), "level=warning", "name=epoll", "Operation not permitted (errno 1)"),
        ((str(deny), "--errno", "12"), (), "level=warning", "name=epoll", "ulimit -l"),
        ((str(deny), "--errno", "38"), (), "level=warning", "name=epoll", "Linux 6.1", ",pwait2"),
        ((str(deny), "--errno", "38", "--epoll_pwait2"), (), "features=edge_triggered "),
    )
    for under, options, *words in cases:
        program = Program(path, *options, shards=2, under=under)
        program.until_asleep()
        program.stop()
        line = program.line("event=backend")
        assert all(word in line + " " for word in words), (under, options, line)


def locked(folder: Path, _deny: Path) -> None:
    """It serves whatever it may lock: nothing, one ring of two shards', or all of them. The kernel
    counts what a user has locked, and gives it back a moment after its process has ended."""
    somebody = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")
    with tempfile.TemporaryDirectory() as place:
        os.chmod(place, 0o755)
        path = Path(shutil.copy(folder / "start_apart", place))
        for limit in range(0, 1_000_001, 100_000):
            own = () if os.geteuid() != 0 else somebody  # nobody limits root
            program = Program(path, shards=2, under=(*own, "prlimit", f"--memlock={limit}"))
            program.stop()
            assert "event=backend" in program.said, (limit, program.said)


def refused(command: list[str], *words: str) -> None:
    """A command that ends with status 1 and one line that has the words in it."""
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=_LIMIT_S)
    said = done.stderr
    right = done.returncode == 1 and said.count("\n") == 1 and said.startswith("tina: ")
    assert right and all(word in said for word in words), (command, done.returncode, said)


def refuse(folder: Path, deny: Path) -> None:
    """What cannot work is one line before any shard serves."""
    apart, heavy = str(folder / "start_apart"), str(folder / "start_heavy")
    run = f'exec "{apart}" run'
    refused([heavy, "run"], "1 shards want", "this machine has left", "--prefault=false")
    refused(
        ["bash", "-c", f"ulimit -v 20000; {run}"], "2 shards want", "address space", "ulimit -v"
    )
    refused(["bash", "-c", f"ulimit -d 4000; {run}"], "2 shards want", "stacks", "ulimit -d")
    refused(["bash", "-c", f"ulimit -n 20; {run}"], "descriptors", "the limit is 20", "ulimit -n")
    ring = [apart, "run", "--backend", "io_uring"]
    refused([str(deny), *ring], "io_uring", "Operation not permitted", "seccomp", "epoll")
    refused([str(deny), "--errno", "12", *ring], "io_uring", "Cannot allocate", "ulimit -l")
    refused([str(deny), "--errno", "38", *ring], "io_uring", "not implemented", "Linux 6.1")
    refused([apart, "run", "--counters", "/nowhere/page"], "/nowhere/page", "--counters")
    refused([apart, "run", "--config", "/nowhere/values"], "/nowhere/values")
    if os.geteuid() != 0 or not shutil.which("setpriv"):
        return print("left out: limits of other users, for only root can become one")
    other = ["setpriv", "--reuid", str(_NOBODY), "--clear-groups", "bash", "-c"]
    if subprocess.run([*other, f"test -x {apart}"], check=False).returncode != 0:
        return print("left out: limits of other users, for the build is not theirs to read")
    refused([*other, f"ulimit -u 1; {run}"], "thread", "ulimit -u")
    _refused_in_a_group(apart)


def _refused_in_a_group(apart: str) -> None:
    """A control group whose limit is less than the budget: the kernel would kill, we refuse."""
    roots = (Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"), Path("/sys/fs/cgroup/memory.max"))
    limit = next((path for path in roots if path.exists()), None)
    with tempfile.NamedTemporaryFile("w") as pretended:
        pretended.write("65536\n")
        pretended.flush()
        mount = f"mount --bind {pretended.name} {limit}"
        private = ["unshare", "-m", "bash", "-c"]
        if not limit or subprocess.run([*private, mount], check=False).returncode != 0:
            return print("left out: the limit of a control group, which cannot be pretended here")
        refused([*private, f'{mount}; exec "{apart}" run'], "control group", "65536")


_PARTS = (together, apart, memory, lazy, crowded, backends, locked, refuse)


def main() -> None:
    """Runs the part that the command line names."""
    parts = {part.__name__: part for part in _PARTS}
    parts[sys.argv[1]](Path(sys.argv[2]), Path(sys.argv[3]))


if __name__ == "__main__":
    main()
