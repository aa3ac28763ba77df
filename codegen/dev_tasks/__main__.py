# SPDX-License-Identifier: Apache-2.0
"""The command line of `./dev`: one subcommand per task; only this file parses arguments."""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence

from dev_tasks import build, checks, demo, packages, reference, suite, venv
from dev_tasks.console import ROOT, Failure, Step, run, say
from dev_tasks.packages import Group

_INTERRUPTED = 130


def main(arguments: Sequence[str]) -> int:
    """Run one task; its exit status. Prints one clear report for every failure it knows."""
    parser = _parser()
    options, rest = parser.parse_known_args(list(arguments))
    if options.task is None:
        parser.print_help()
        return 0
    if rest and options.task not in ("demo", "bench", "accept"):
        parser.error(f"not understood: {' '.join(rest)}")
    options.rest = rest
    try:
        run_task: Callable[[argparse.Namespace], int] = options.run
        return run_task(options)
    except Failure as failure:
        print(failure, file=sys.stderr, flush=True)
        return failure.status
    except KeyboardInterrupt:
        print("\ndev: interrupted", file=sys.stderr, flush=True)
        return _INTERRUPTED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="./dev", description="The one door to the project.", allow_abbrev=False
    )
    tasks = parser.add_subparsers(dest="task", metavar="TASK")

    def task(
        name: str, text: str, run_task: Callable[[argparse.Namespace], int]
    ) -> argparse.ArgumentParser:
        added = tasks.add_parser(name, help=text, description=text, allow_abbrev=False)
        added.set_defaults(run=run_task)
        return added

    task("setup", "install what is missing: system packages and .venv; safe to repeat", _setup)
    choices = build.presets()
    added = task("build", "build a preset (default gcc), or all of them", _build)
    added.add_argument("preset", nargs="?", default="gcc", choices=[*choices, "all"])
    task("demo", "build the echo server and show it serving while isolates crash", _demo)
    added = task("test", "run every check; what CI runs", _test)
    added.add_argument("--fast", action="store_true", help="g++ only, without slow tests")
    task("accept", "print a table of claims, figures and targets (--slow, --only WORD)", _accept)
    task("bench", "run the benchmarks beside their peers", _bench)
    added = task("format", "format C++ and Python", _format)
    added.add_argument("--check", action="store_true", help="only look; non-zero if a file differs")
    task("lint", "ruff, mypy and the house rules", _lint)
    task(
        "docs",
        "write the generated pages of the reference, then check links and every code block",
        _docs,
    )
    task("clean", "remove build/ (keeps .venv)", _clean)

    def print_help(_: argparse.Namespace) -> int:
        parser.print_help()
        return 0

    task("help", "print this", print_help)
    return parser


def _ready(*groups: Group) -> None:
    packages.ensure((Group.NEEDED, *groups))
    venv.ensure()


def _setup(_: argparse.Namespace) -> int:
    begin = time.monotonic()
    _ready(Group.TESTS, Group.PEERS, Group.SECOND_COMPILER, Group.BENCHMARKS)
    reason = build.skipped("clang")
    if reason:
        say(f"dev: the clang presets will be skipped: {reason}")
    say(f"dev: set-up is complete ({time.monotonic() - begin:.1f} s)")
    return 0


def _build(options: argparse.Namespace) -> int:
    if options.preset == "all":
        _ready(Group.SECOND_COMPILER)
        build.build_all(build.presets())
        return 0
    _ready(*([Group.SECOND_COMPILER] if build.needs_clang(options.preset) else []))
    reason = build.skipped(options.preset)
    if reason:
        raise Failure(f"preset {options.preset} cannot be built here", reason, "use preset gcc")
    build.build(options.preset)
    say(f"dev: built in build/{options.preset}")
    return 0


def _demo(options: argparse.Namespace) -> int:
    _ready()
    build.build("gcc", *demo.TARGETS)
    return demo.run_demo(options.rest)


def _test(options: argparse.Namespace) -> int:
    _ready(Group.TESTS, *([] if options.fast else [Group.PEERS, Group.SECOND_COMPILER]))
    return suite.run_tests(fast=options.fast)


def _accept(options: argparse.Namespace) -> int:
    _ready(Group.TESTS, Group.PEERS, Group.SECOND_COMPILER)
    build.build_all(["gcc", "clang", "gcc-debug", "clang-debug"])
    return _hand_over("tests/acceptance/run.py", options.rest)


def _bench(options: argparse.Namespace) -> int:
    _ready(Group.BENCHMARKS)
    build.build("gcc")
    return _hand_over("bench/run.py", options.rest)


def _format(options: argparse.Namespace) -> int:
    _ready(Group.TESTS)
    for step in checks.format_steps(options.check):
        run(step)
    return 0


def _lint(_: argparse.Namespace) -> int:
    _ready(Group.TESTS)
    for step in checks.lint_steps():
        run(step)
    run(Step("house rules", [venv.PYTHON, "-m", "pytest", "-q", "tests/tidy"], "mend each line"))
    return 0


def _docs(_: argparse.Namespace) -> int:
    _ready()
    build.build("gcc")
    for path in reference.write():
        say(f"dev: wrote {path.relative_to(ROOT)}")
    run(Step("documents", [venv.PYTHON, "-m", "pytest", "-q", "tests/docs"], "mend the document"))
    return 0


def _clean(_: argparse.Namespace) -> int:
    shutil.rmtree(ROOT / "build", ignore_errors=True)
    say("dev: removed build/")
    return 0


def _hand_over(script: str, arguments: Sequence[str]) -> int:
    """Run a program of the project on this terminal; its exit status. It takes Ctrl-C itself."""
    if not (ROOT / script).is_file():
        raise Failure(f"there is no {script}", "this clone does not hold it", "update the clone")
    command = [str(venv.PYTHON), script, *arguments]
    env = {**os.environ, "PYTHONPATH": str(ROOT / "codegen")}
    process = subprocess.Popen(command, cwd=ROOT, env=env)
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:
            continue  # the program got the same signal and ends by itself


def _terminated(_number: int, _frame: object) -> None:
    """SIGTERM ends a task as Ctrl-C does, so that what it started is put away."""
    raise KeyboardInterrupt


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, _terminated)
    sys.exit(main(sys.argv[1:]))
