# SPDX-License-Identifier: Apache-2.0
"""Claims about the language and its generator: every code proved, every spec generated, in time.

Suites that prove a claim case by case are run here as they are; the figure is what they counted. A
suite that runs nothing has proved nothing.
"""

from __future__ import annotations

import os
import re
import runpy
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from claims import Figure, claim

from dev_tasks import build
from dev_tasks.console import ROOT
from dev_tasks.echo_server import Trouble, require

_SUITE_LIMIT_S = 1500
_COMPILERS = ("g++", "clang++-19")
_GENERATE_LIMIT_S = 0.5
_COMPILE_LIMIT_S = 10.0
_RUNS = 15
# A system of tests/systems or examples, and how the names of its tests begin.
_SYSTEMS = {
    "client/server": "systems.client_server",
    "two-phase commit": "systems.two_phase_commit",
    "failure detector": "systems.failure_detector",
    "proxy": "examples.tcp_proxy",
    "key-value store": "systems.kv_store",
    "chat room": "systems.chat",
    "elevator": "Elevator",
}
_CTEST = re.compile(r"^\s*\d+/\d+ Test\s+#\d+: (.+?) \.*\s*(\S+)\s+[\d.]+ sec", re.MULTILINE)
_COUNTS = re.compile(r"(\d+) (passed|failed|skipped|errors?)")


def _generator() -> list[str]:
    program = Path(sys.executable).parent / "tina-gen"
    return [str(program)] if program.exists() else [sys.executable, "-m", "tina_gen"]


def _run(command: Sequence[str], folder: Path = ROOT) -> tuple[float, str]:
    """Seconds and output of a command that must end well."""
    env = {**os.environ, "CCACHE_DISABLE": "1"}
    begin = time.monotonic()
    result = subprocess.run(
        command, cwd=folder, env=env, capture_output=True, text=True, timeout=300, check=False
    )
    seconds = time.monotonic() - begin
    said = (result.stdout + result.stderr).strip()
    require(result.returncode == 0, f"{command[0]} ended with {result.returncode}: {said[:200]}")
    return seconds, said


def _suite(*arguments: str) -> Figure:
    """What pytest counts in these files."""
    command = [sys.executable, "-m", "pytest", "-q", "--no-header", *arguments]
    command += ["-n", build.jobs(), "--dist", "loadfile"]
    begin = time.monotonic()
    try:
        result = subprocess.run(
            command, cwd=ROOT, capture_output=True, text=True, timeout=_SUITE_LIMIT_S, check=False
        )
    except subprocess.TimeoutExpired:
        raise Trouble(f"did not end within {_SUITE_LIMIT_S} s") from None
    seconds = time.monotonic() - begin
    last = (result.stdout.strip().splitlines() or ["nothing said"])[-1]
    counts = {word: int(number) for number, word in _COUNTS.findall(last)}
    held = result.returncode == 0 and counts.get("passed", 0) > 0
    words = ", ".join(f"{n} {word}" for word, n in counts.items()) or last[:80]
    return Figure(counts.get("passed", 0), f"{words}, {seconds:.0f} s", held)


@claim("every code: golden cases, an explanation, an entry", target="all pass")
def every_code_is_proved() -> Figure:
    return _suite("tests/codegen/test_golden.py", "tests/codegen/test_explain.py")


@claim("the reference names what the code has", target="all pass")
def the_reference_is_complete() -> Figure:
    return _suite("tests/docs/test_reference.py")


@claim("E04xx and E05xx from g++ and clang, at the .tina line", target="all pass")
def refused_handlers() -> Figure:
    return _suite("tests/compile_fail")


@claim("parse(format(tree)) = tree, comments kept", target="all pass")
def formatting_preserves() -> Figure:
    return _suite("tests/codegen/test_fmt.py", "tests/codegen/test_sentences.py")


@claim("generated files: no warning, as clang-format lays them out", target="all pass")
def generated_files_are_clean() -> Figure:
    return _suite("tests/codegen/test_programs.py", "tests/codegen/test_emit.py")


@claim("layout in Python is the compilers'", target="all pass")
def layouts_agree() -> Figure:
    return _suite("tests/codegen/test_layout.py")


@claim("no input ever produces a traceback", target="all pass")
def never_a_traceback() -> Figure:
    return _suite("tests/codegen/test_fuzz.py", "tests/codegen/test_commands.py")


@claim("the tutorial's blocks run and print what it says", target="all pass")
def the_tutorial_works() -> Figure:
    return _suite("tests/docs/test_documents.py", "-k", "tutorial")


@claim("the language server, driven over its protocol", target="all pass")
def the_language_server() -> Figure:
    files = ("test_lsp.py", "test_lsp_files.py", "test_lsp_parts.py")
    return _suite(*(f"tests/codegen/{name}" for name in files))


@claim("no-op builds, comments, imports; a project outside", target="all pass")
def builds_follow_their_inputs() -> Figure:
    return _suite("tests/cmake", "tests/install")


@claim("deadlocks (E0330): every circle, and no other", target="all pass")
def deadlocks() -> Figure:
    return _suite("tests/codegen/test_deadlock.py")


@claim("systems told in .tina hold under faults", target="each of them")
def systems_hold() -> Figure:
    pattern = "|".join(_SYSTEMS.values()).replace(".", "[.]")
    command = ["ctest", "--preset", "gcc", "-j", build.jobs(), "-R", pattern]
    result = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=_SUITE_LIMIT_S, check=False
    )
    ran: dict[str, str] = dict(_CTEST.findall(result.stdout))
    failed = sorted(name for name, verdict in ran.items() if verdict != "Passed")
    untold = [s for s, begin in _SYSTEMS.items() if not any(n.startswith(begin) for n in ran)]
    words = f"{len(_SYSTEMS) - len(untold)} systems, {len(ran)} tests"
    words += "".join(f"; {name} failed" for name in failed)
    words += "".join(f"; no test of the {name}" for name in untold)
    return Figure(len(ran), words, result.returncode == 0 and not failed and not untold)


def _hundred(folder: Path) -> Path:
    """The synthetic system of 100 isolates, written into `folder`."""
    path = folder / "hundred.tina"
    text = runpy.run_path(str(ROOT / "tests" / "codegen" / "hundred.py"))["spec"]()
    path.write_text(text, encoding="utf-8")
    return path


def _generate(spec: Path, folder: Path, seed: str = "0") -> float:
    command = [*_generator(), "generate", str(spec), "--output", str(folder)]
    return _run(["env", f"PYTHONHASHSEED={seed}", *command])[0]


@claim("100 isolates are generated", target=f"median <= {_GENERATE_LIMIT_S} s")
def hundred_isolates_are_generated() -> Figure:
    with tempfile.TemporaryDirectory(prefix="tina-accept-") as name:
        spec = _hundred(Path(name))
        isolates = spec.read_text(encoding="utf-8").count("\nisolate ")
        runs = sorted(_generate(spec, Path(name)) for _ in range(_RUNS))
    seconds = statistics.median(runs)
    held = isolates >= 100 and seconds <= _GENERATE_LIMIT_S
    spread = f"{runs[0]:.2f} to {runs[-1]:.2f}"
    return Figure(seconds, f"{isolates} isolates, {seconds:.2f} s ({spread}), {_RUNS} runs", held)


@claim("generated bytes are the same under every hash seed", target="no difference")
def same_bytes() -> Figure:
    seen: set[bytes] = set()
    for seed in ("0", "1", "4711"):
        with tempfile.TemporaryDirectory(prefix=f"tina-accept-{seed}-") as name:
            _generate(_hundred(Path(name)), Path(name), seed)
            paths = sorted(p for p in Path(name).rglob("*") if p.is_file())
            seen.add(b"".join(path.name.encode() + path.read_bytes() for path in paths))
    return Figure(len(seen), f"{len(seen)} different outputs of 3 runs", len(seen) == 1)


@claim("the contract of 100 isolates compiles", target=f"<= {_COMPILE_LIMIT_S:.0f} s each")
def hundred_isolates_compile() -> Figure:
    seconds: dict[str, float] = {}
    with tempfile.TemporaryDirectory(prefix="tina-accept-") as name:
        folder = Path(name)
        spec = _hundred(folder)
        _generate(spec, folder)
        _run([*_generator(), "stub", str(spec), "--output", str(folder)])
        for compiler in _COMPILERS:
            flags = ["-std=c++20", "-O2", "-Wall", "-Wextra", "-Wconversion", "-Wshadow", "-Werror"]
            places = ["-I", str(ROOT / "runtime" / "include"), "-I", str(folder)]
            source = str(folder / "hundred.tina.cc")
            command = [compiler, *flags, *places, "-c", source, "-o", os.devnull]
            seconds[compiler] = _run(command, folder)[0]
    text = ", ".join(f"{compiler} {value:.1f} s" for compiler, value in seconds.items())
    worst = max(seconds.values())
    return Figure(worst, text, worst <= _COMPILE_LIMIT_S)
