# SPDX-License-Identifier: Apache-2.0
"""A project outside of the tree builds against the installed package, and builds again only what
changed.

Usage: check.py --cmake CMAKE --build BUILD --compiler C++. BUILD holds the built libraries. Prints
each finding; the exit status is their number.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).resolve().parent
_STEP = re.compile(r"^\[\d+/\d+\] (.*)$", re.MULTILINE)
_HANDLER = (
    "  Then<Reading, Gone> on_peer_sent(in<Echoing>, const net::tcp_stream::Sent&, Context&);\n"
)
_SIGNATURE = "Then<Reading, Gone> on_peer_sent(in<Echoing>, const net::tcp_stream::Sent&, Context&)"


class Downstream:
    """The copied project and the prefix it uses."""

    def __init__(self, cmake: str, build: str, compiler: str, folder: Path) -> None:
        """Installs into `folder` and moves the prefix, so that nothing may name the first place."""
        self.cmake = cmake
        self.compiler = compiler
        self.source = folder / "project"
        self.prefix = folder / "moved"
        shutil.copytree(HERE / "downstream", self.source)
        first = folder / "installed"
        done = run([cmake, "--install", build, "--prefix", str(first)])
        assert done.returncode == 0, done.stdout
        first.rename(self.prefix)

    def configure(self, *options: str) -> subprocess.CompletedProcess[str]:
        """Configures; further options come last."""
        command = [self.cmake, "-G", "Ninja", "-S", str(self.source), "-B", str(self.build_dir)]
        command += [f"-DCMAKE_PREFIX_PATH={self.prefix}", f"-DCMAKE_CXX_COMPILER={self.compiler}"]
        command += [f"-DTINA_PYTHON={sys.executable}", "-DCMAKE_CXX_FLAGS=-Wall -Wextra -Werror"]
        return run([*command, *options])

    @property
    def build_dir(self) -> Path:
        """Where it is built."""
        return self.source / "build"

    def build(self, *options: str) -> tuple[list[str], str, int]:
        """The last words of the steps that ran, all that was printed, and the status."""
        done = run([self.cmake, "--build", str(self.build_dir), "--", "-j2", *options])
        steps = [step.split()[-1].split("/")[-1] for step in _STEP.findall(done.stdout)]
        return steps, done.stdout, done.returncode

    def edit(self, name: str, old: str, new: str) -> None:
        """Replaces text in a file and makes it newer than everything, without waiting."""
        path = self.source / name
        text = path.read_text(encoding="utf-8")
        assert old in text, f"`{old}` is not in {name}"
        path.write_text(text.replace(old, new), encoding="utf-8")
        later = max(p.stat().st_mtime_ns for p in self.source.rglob("*")) + 1_000_000
        os.utime(path, ns=(later, later))


def run(command: list[str]) -> subprocess.CompletedProcess[str]:
    """Runs a command, both outputs in one."""
    return subprocess.run(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=150,
        check=False,
    )


def missing_packages(project: Downstream) -> Iterator[str]:
    """What a user reads whose machine lacks something that tina needs."""
    done = project.configure("-DCMAKE_DISABLE_FIND_PACKAGE_absl=ON")
    if done.returncode == 0 or "libabsl-dev" not in done.stdout:
        yield f"without Abseil:\n{done.stdout}"
    shutil.rmtree(project.build_dir)
    done = project.configure("-DTINA_PYTHON=/nowhere/python3")
    if done.returncode == 0 or "python3-jinja2" not in " ".join(done.stdout.split()):
        yield f"without a Python:\n{done.stdout}"
    shutil.rmtree(project.build_dir)


def first_build(project: Downstream) -> Iterator[str]:
    """Everything is built and the program runs."""
    done = project.configure()
    if done.returncode != 0:
        yield f"it does not configure:\n{done.stdout}"
        return
    steps, text, status = project.build()
    if status != 0 or "echo.tina" not in steps:
        yield f"it does not build:\n{text}"
        return
    program = str(project.build_dir / "echo")
    for arguments, word in ((["topology"], "Connection"), (["simulate", "--seed", "3"], "hash")):
        done = run([program, *arguments])
        if done.returncode != 0 or word not in done.stdout:
            yield f"{arguments} fails with {done.returncode}:\n{done.stdout}"
    start = str(project.prefix / "bin" / "tina-gen")
    done = run([sys.executable, start, "check", str(project.source / "echo.tina")])
    if (done.returncode, done.stdout) != (0, ""):
        yield f"the installed tina-gen says:\n{done.stdout}"


def later_builds(project: Downstream) -> Iterator[str]:
    """An edit builds what depends on it and nothing else."""

    def expect(what: str, wanted: set[str], never: frozenset[str] = frozenset()) -> Iterator[str]:
        steps, text, status = project.build()
        exactly = not wanted and not never
        wrong = set(steps) & never or (steps if exactly else wanted - set(steps))
        if status != 0 or wrong:
            yield f"{what}: {sorted(wrong)} is wrong, {steps} ran:\n{text}"

    yield from expect("a second build", set())
    project.edit("echo.tina", "// Echoes", "// It echoes")
    compiled = frozenset({"echo.tina.cc.o", "connection.cc.o", "echo", "limits.tina", "wire.tina"})
    yield from expect("a comment in a spec", {"echo.tina"}, compiled)
    project.edit("limits.tina", "// Sizes", "// The sizes")
    compiled = frozenset({"echo.tina.cc.o", "limits.tina.cc.o", "echo", "wire.tina"})
    yield from expect("a comment in an import", {"limits.tina", "echo.tina"}, compiled)
    project.edit("limits.tina", "u32  = 64", "u32  = 32")
    rebuilt = {"limits.tina", "echo.tina", "echo.system.cc.o", "echo"}
    yield from expect("a value in an import", rebuilt, frozenset({"wire.tina", "wire.tina.cc.o"}))
    yield from expect("a build after all that", set())


def missing_handler(project: Downstream) -> Iterator[str]:
    """A handler that is not there is an error at its clause that says what to write."""
    project.edit("connection.h", _HANDLER, "")
    _, text, status = project.build("-k0")
    # A compiler may wrap its lines; the words and their order stay.
    if status == 0 or "".join(_SIGNATURE.split()) not in "".join(text.split()):
        yield f"the missing handler's signature is not named:\n{text}"
    if not re.search(r"\becho\.tina:\d+", text):
        yield f"the clause is not named:\n{text}"
    project.edit("connection.h", "};\n", _HANDLER + "};\n")
    _, text, status = project.build()
    if status != 0:
        yield f"the handler is there again:\n{text}"


def new_clause(project: Downstream) -> Iterator[str]:
    """A clause that is new in the spec asks for its handler by its signature, at its line."""
    clause = "      on peer.Finished -> Gone;\n"
    project.edit("echo.tina", "      after 5s => Gone;\n", f"{clause}      after 5s => Gone;\n")
    spec = (project.source / "echo.tina").read_text(encoding="utf-8")
    line = spec[: spec.index(clause)].count("\n") + 1
    _, text, status = project.build("-k0")
    signature = (
        "Then<Gone> on_peer_finished(in<Echoing>, const net::tcp_stream::Finished&, Context&);"
    )
    asked = f"[E0401]addtoConnection:{''.join(signature.split())}"
    if status == 0 or asked not in "".join(text.split()):
        yield f"the new handler's signature is not named:\n{text}"
    if f"echo.tina:{line}:" not in text:
        yield f"line {line} of echo.tina is not named:\n{text}"
    project.edit("echo.tina", clause, "")
    _, text, status = project.build()
    if status != 0:
        yield f"without the clause all is well again:\n{text}"


def own_simulation(project: Downstream) -> Iterator[str]:
    """A program of one's own links `Tina::sim` and runs the system in it."""
    done = run([str(project.build_dir / "trial")])
    if done.returncode != 0 or done.stdout.count("hash") < 5:
        yield f"trial fails with {done.returncode}:\n{done.stdout}"


def main() -> int:
    """Runs all checks in order; a failed build ends them."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("cmake", "build", "compiler"):
        parser.add_argument(f"--{name}", required=True)
    options = parser.parse_args()
    found = 0
    with tempfile.TemporaryDirectory(prefix="tina-install-") as folder:
        place = Path(folder)
        project = Downstream(options.cmake, options.build, options.compiler, place)
        checks = (missing_packages, first_build, own_simulation, later_builds, missing_handler)
        for check in (*checks, new_clause):
            findings = list(check(project))
            print(f"{check.__name__}: {len(findings)} findings", *findings, sep="\n")
            found += len(findings)
            if found:
                break
    return found


if __name__ == "__main__":
    sys.exit(main())
