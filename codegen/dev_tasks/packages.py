# SPDX-License-Identifier: Apache-2.0
"""The system packages of Debian 12 that the project uses, in groups, each with its reason.

A group is installed by the first command that needs it; only `needed` is required of every user.
"""

from __future__ import annotations

import enum
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from dev_tasks.console import Failure, Step, attempt, say, tail


class Group(enum.Enum):
    """Why a package is wanted; the value is what a user reads."""

    NEEDED = "to build and run"
    TESTS = "to run the tests"
    SECOND_COMPILER = "second compiler and sanitizers (optional; TINA_CLANG=0 leaves it out)"
    PEERS = "real peers of the examples (optional)"
    BENCHMARKS = "peers of the benchmarks (optional)"

    @property
    def optional(self) -> bool:
        """Whether the work goes on without the group."""
        return self in (Group.SECOND_COMPILER, Group.PEERS, Group.BENCHMARKS)


@dataclass(frozen=True, slots=True)
class Package:
    """One Debian package and its reason."""

    name: str
    group: Group
    reason: str


PACKAGES: tuple[Package, ...] = (
    Package("g++", Group.NEEDED, "the reference compiler, g++ 12"),
    Package("cmake", Group.NEEDED, "describes the build"),
    Package("ninja-build", Group.NEEDED, "runs the build"),
    Package("pkg-config", Group.NEEDED, "finds liburing and c-ares"),
    Package("liburing-dev", Group.NEEDED, "kernel I/O of the runtime"),
    Package("libc-ares-dev", Group.NEEDED, "resolves names"),
    Package("libabsl-dev", Group.NEEDED, "status values at boot"),
    Package("libgtest-dev", Group.NEEDED, "C++ tests, configured with every build"),
    Package("clang-format-19", Group.TESTS, "formats C++"),
    Package("strace", Group.TESTS, "counts and fails system calls in tests"),
    Package("valgrind", Group.TESTS, "counts instructions in tests"),
    Package("clang-19", Group.SECOND_COMPILER, "the second compiler"),
    Package("libclang-rt-19-dev", Group.SECOND_COMPILER, "AddressSanitizer, ThreadSanitizer"),
    Package("curl", Group.PEERS, "an HTTP client in front of the proxy"),
    Package("nginx-light", Group.PEERS, "a web server behind the proxy"),
    Package("netcat-openbsd", Group.PEERS, "a client at a terminal"),
    Package("libnginx-mod-stream", Group.BENCHMARKS, "the proxy of nginx"),
    Package("erlang-base", Group.BENCHMARKS, "the Erlang peer"),
    Package("libcaf-dev", Group.BENCHMARKS, "the CAF peer"),
)

_VENV_PACKAGE = Package("python3-venv", Group.NEEDED, "makes .venv with the system's Python")


def clang_wanted() -> bool:
    """Whether the second compiler was not declined with TINA_CLANG=0."""
    return os.environ.get("TINA_CLANG", "1") != "0"


def clang_present() -> bool:
    """Whether the clang presets can be built here, with the user's consent."""
    return clang_wanted() and shutil.which("clang++-19") is not None


def on_debian_12() -> bool:
    """Whether apt's package names above are this system's."""
    try:
        text = Path("/etc/os-release").read_text(encoding="utf-8")
    except OSError:
        return False
    fields = dict(line.split("=", 1) for line in text.splitlines() if "=" in line)
    return fields.get("ID", "").strip('"') == "debian" and fields.get("VERSION_ID") == '"12"'


def ensure(groups: Sequence[Group]) -> None:
    """Install what is missing of these groups, saying first what and why.

    Optional groups that cannot be installed are named and left out; a required one is a Failure.
    """
    wanted = [p for p in (*PACKAGES, *_venv_package()) if p.group in groups]
    if not clang_wanted():
        wanted = [p for p in wanted if p.group is not Group.SECOND_COMPILER]
    if not on_debian_12():
        _list_for_other_systems(wanted)
        return
    missing = _missing(wanted)
    if missing:
        _announce(missing)
        _install(missing)


def _venv_package() -> tuple[Package, ...]:
    """Debian's own Python needs one more package; any other Python brings its venv."""
    return (_VENV_PACKAGE,) if sys.executable.startswith("/usr/bin/") else ()


def _missing(wanted: Sequence[Package]) -> list[Package]:
    """Those of the packages that dpkg does not report as installed."""
    query = [
        "dpkg-query",
        "-W",
        "-f",
        "${Package} ${db:Status-Status}\n",
        *(p.name for p in wanted),
    ]
    result = subprocess.run(query, capture_output=True, text=True, check=False)
    installed = {
        line.split()[0] for line in result.stdout.splitlines() if line.endswith(" installed")
    }
    return [package for package in wanted if package.name not in installed]


def _announce(missing: Sequence[Package]) -> None:
    """Say what will be installed and why, before anything happens."""
    say("dev: these Debian packages are missing and will be installed with apt-get:")
    for group in Group:
        members = [package for package in missing if package.group is group]
        if members:
            say(f"  {group.value}:")
            for package in members:
                say(f"    {package.name:<20} {package.reason}")


def _install(missing: Sequence[Package]) -> None:
    """Install group by group, so that an optional one that fails takes nothing else with it."""
    prefix: list[str] = []
    if os.geteuid() != 0:
        prefix = ["sudo"] if shutil.which("sudo") else []
    names = [package.name for package in missing]
    if os.geteuid() != 0 and not prefix:
        if any(not package.group.optional for package in missing):
            raise Failure(
                "system packages are missing: " + " ".join(names),
                "this user is not root and there is no sudo",
                f"as root, run: apt-get update && apt-get install -y {' '.join(names)}",
            )
        say(f"dev: left out (not root, no sudo): {' '.join(names)}")
        return
    # A repository of the machine that does not answer must not stop ours: the install decides.
    attempt(Step("apt-get update", [*prefix, "apt-get", "update", "-qq"], "", limit_s=300))
    for group in Group:
        members = [package.name for package in missing if package.group is group]
        if members:
            _install_group(prefix, group, members)


def _install_group(prefix: Sequence[str], group: Group, names: Sequence[str]) -> None:
    """Install one group's packages."""
    # Run level 1: a server among them shall not be started as a service of the machine.
    environment = ["env", "DEBIAN_FRONTEND=noninteractive", "RUNLEVEL=1"]
    command = [*environment, "apt-get", "install", "-y", "-qq"]
    hint = f"look at the end of the output; by hand: apt-get install {' '.join(names)}"
    step = Step(
        f"apt-get install {group.name.lower().replace('_', ' ')}",
        [*prefix, *command, "--no-install-recommends", *names],
        hint,
        limit_s=900,
    )
    ran = attempt(step)
    if ran.status == 0:
        return
    if group.optional:
        say(tail(ran.output, 5))
        say(f"dev: left out, could not be installed: {' '.join(names)} ({group.value})")
        return
    say(tail(ran.output, 20))
    raise Failure(
        f"apt-get could not install {' '.join(names)}",
        f"see the lines above ({ran.log.name})",
        hint,
    )


def _list_for_other_systems(wanted: Sequence[Package]) -> None:
    """Print the list and go on: what is missing shows as an error of the step that needs it."""
    tools = {"g++": "g++", "cmake": "cmake", "ninja-build": "ninja", "pkg-config": "pkg-config"}
    if all(shutil.which(tool) for tool in tools.values()):
        return
    say(
        "dev: this is not Debian 12, so nothing is installed; the project needs the equivalents of:"
    )
    for package in wanted:
        say(f"    {package.name:<20} {package.reason}")
