# SPDX-License-Identifier: Apache-2.0
"""Where a result was measured: machine, kernel, compiler, commit. A figure without these is not
comparable with anything, so every stored line carries them."""

from __future__ import annotations

import os
import platform
import subprocess
import time
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Place:
    """One machine, build and commit at one time."""

    when: str
    machine: str
    cpus: int
    kernel: str
    compiler: str
    build_type: str
    commit: str
    congestion: str

    def as_json(self) -> dict[str, str | int]:
        """The fields as they are stored."""
        return asdict(self)


def _first_line(*command: str, cwd: Path | None = None) -> str:
    try:
        done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=20)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.splitlines()[0].strip() if done.returncode == 0 and done.stdout else ""


def _read(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _cpu_model() -> str:
    for line in _read("/proc/cpuinfo").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _cache_entry(build_dir: Path, name: str) -> str:
    for line in _read(str(build_dir / "CMakeCache.txt")).splitlines():
        if line.startswith(f"{name}:"):
            return line.partition("=")[2].strip()
    return ""


def describe(build_dir: Path, project: Path) -> Place:
    """Looks at machine, build directory and repository; what is unknown is "unknown"."""
    compiler = _cache_entry(build_dir, "CMAKE_CXX_COMPILER")
    commit = _first_line("git", "rev-parse", "--short=12", "HEAD", cwd=project) or "unknown"
    # Results are appended by every run: they alone do not make a tree a changed one.
    sources = ("git", "status", "--porcelain", "-uno", "--", ".", ":!bench/results")
    if commit != "unknown" and _first_line(*sources, cwd=project):
        commit += "+changes"
    return Place(
        when=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        machine=_cpu_model(),
        cpus=os.cpu_count() or 1,
        kernel=platform.release(),
        compiler=(_first_line(compiler, "--version") if compiler else "") or "unknown",
        build_type=_cache_entry(build_dir, "CMAKE_BUILD_TYPE") or "unknown",
        commit=commit,
        congestion=_read("/proc/sys/net/ipv4/tcp_congestion_control").strip() or "unknown",
    )
