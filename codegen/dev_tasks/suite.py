# SPDX-License-Identifier: Apache-2.0
"""`./dev test`: every check of the project in one order, fast first, with one counting last line.

A step that fails does not hide the ones after it, except that a build that fails leaves out its
tests. A step that cannot run here is printed as SKIPPED with the reason and counted.
"""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from dev_tasks import build, checks, venv
from dev_tasks.console import ROOT, Failure, Ran, Step, attempt, say, tail

# The sanitizer of races sees the label `race` only, and builds only what that needs.
_RACES = "race"
_RACES_TARGET = "race_tests"
# Sanitizer builds run these ctest labels out: they measure time, or need an uninstrumented program.
_SANITIZER_EXCLUDES = "no-sanitizer|slow"
_NOT_PYTEST = frozenset({"acceptance"})
_PYTEST_COUNT = re.compile(r"(\d+) (passed|failed|skipped|errors?|xfailed|xpassed)\b")
_CTEST_COUNT = re.compile(r"^\d+% tests passed, (\d+) tests? failed out of (\d+)", re.MULTILINE)
_CTEST_TOTAL = re.compile(r"^Total Tests: (\d+)", re.MULTILINE)
_CTEST_SKIPPED = re.compile(r"\*\*\*(?:Skipped|Not Run)")


@dataclass(slots=True)
class Tally:
    """Counts over all steps of a run."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0
    lines: list[str] = field(default_factory=list)

    def add_step(self, ran: Ran) -> None:
        """Count a step that is one check: right or wrong."""
        self._note(ran, int(ran.status == 0), int(ran.status != 0), 0)

    def add_pytest(self, ran: Ran) -> None:
        """Count what pytest's last line says; a status without a count is a failure."""
        last = (ran.output.strip().splitlines() or [""])[-1]
        counts = {word: int(n) for n, word in _PYTEST_COUNT.findall(last)}
        failed = counts.get("failed", 0) + counts.get("error", 0) + counts.get("errors", 0)
        failed = max(failed, int(ran.status != 0))
        self._note(ran, counts.get("passed", 0), failed, counts.get("skipped", 0))

    def add_ctest(self, ran: Ran) -> None:
        """Count what ctest's summary says; a status without a summary is a failure."""
        match = _CTEST_COUNT.search(ran.output)
        failed, total = (int(match[1]), int(match[2])) if match else (int(ran.status != 0), 0)
        skipped = len(_CTEST_SKIPPED.findall(ran.output))
        failed = max(failed, int(ran.status != 0))
        self._note(ran, max(total - failed - skipped, 0), failed, skipped)

    def leave_out(self, name: str, count: int, reason: str) -> None:
        """Say how many tests a run left out on purpose."""
        if count:
            self.skipped += count
            self.lines.append(f"  {name:<28} {count} tests left out: {reason}")

    def skip(self, name: str, reason: str) -> None:
        """Count a step that cannot run here, out loud."""
        say(f"==> {name}: SKIPPED ({reason})")
        self.skipped += 1
        self.lines.append(f"  {name:<28} SKIPPED: {reason}")

    def _note(self, ran: Ran, passed: int, failed: int, skipped: int) -> None:
        self.passed += passed
        self.failed += failed
        self.skipped += skipped
        counts = f"{passed:>5} passed {failed:>3} failed {skipped:>3} skipped"
        self.lines.append(f"  {ran.step.name:<28} {counts} {ran.seconds:>7.1f} s")
        if failed or ran.status != 0:
            say(tail(ran.output, 200))


def run_tests(fast: bool) -> int:
    """Run everything; the exit status. `fast` leaves out slow tests and all builds but gcc's."""
    begin = time.monotonic()
    tally = Tally()
    for step in (*checks.format_steps(check=True), *checks.lint_steps()):
        tally.add_step(attempt(step))
    # The reference build comes before pytest: tests of the documents and the golden files use it.
    built = _build("gcc", tally)
    tally.add_pytest(attempt(_pytest(fast)))
    if built:
        _run_ctest("gcc", "slow" if fast else "", tally)
    if not fast:
        for preset, excludes in (("clang", ""), ("asan", _SANITIZER_EXCLUDES)):
            reason = build.skipped(preset)
            if reason:
                tally.skip(f"ctest {preset}", reason)
            elif _build(preset, tally):
                _run_ctest(preset, excludes, tally)
        reason = build.skipped("tsan")
        if reason:
            tally.skip("ctest tsan", reason)
        elif _build("tsan", tally, _RACES_TARGET):
            _run_ctest("tsan", "", tally, only=_RACES)
    return _close(tally, time.monotonic() - begin)


def pytest_rooms() -> Sequence[str]:
    """Folders below tests/ that pytest collects; acceptance has its own command."""
    rooms = {
        name.split("/")[1] for name in checks.sources(".py") if re.match(r"tests/.+/test_", name)
    }
    return [f"tests/{room}" for room in sorted(rooms - _NOT_PYTEST)]


def _pytest(fast: bool) -> Step:
    """One pytest run over all rooms, that names every skip; files side by side, one per processor,
    the tests of a file in their order."""
    command = [venv.PYTHON, "-m", "pytest", "-q", "-rs", "--color=no", *pytest_rooms()]
    command += ["-n", build.jobs(), "--dist", "loadfile"]
    if fast:
        command += ["-m", "not slow"]
    return Step("pytest", command, "mend the failures above", limit_s=1200)


def _run_ctest(preset: str, excludes: str, tally: Tally, only: str = "") -> None:
    """One ctest run over a preset, without the labels in `excludes`, and says how many those are;
    or over the label `only`."""
    command = ["ctest", "--preset", preset, "-j", build.jobs()]
    if excludes:
        command += ["-LE", excludes]
    if only:
        command += ["-L", only]
    hint = f"one test: ctest --preset {preset} -R NAME"
    tally.add_ctest(attempt(Step(f"ctest {preset}", command, hint, limit_s=1200)))
    if excludes:
        listing = ["ctest", "--preset", preset, "-N", "-L", excludes]
        listed = attempt(Step(f"ctest {preset} left out", listing, hint, limit_s=60, silent=True))
        match = _CTEST_TOTAL.search(listed.output)
        tally.leave_out(f"ctest {preset}", int(match[1]) if match else 0, f"label {excludes}")


def _build(preset: str, tally: Tally, target: str = "all") -> bool:
    """Build a preset; a failure is counted, and its tests are then left out with it."""
    try:
        build.build(preset, target)
    except Failure as failure:
        say(str(failure))
        tally.failed += 1
        tally.lines.append(f"  {'build ' + preset:<28} failed: {failure.what}")
        return False
    return True


def _close(tally: Tally, seconds: float) -> int:
    """Print the table and the closing line."""
    say(f"\nlogs: {(ROOT / 'build' / 'dev').relative_to(ROOT)}/")
    for line in tally.lines:
        say(line)
    counts = f"{tally.passed} passed, {tally.failed} failed, {tally.skipped} skipped"
    say(f"===== {counts} in {seconds:.2f}s =====")
    return 1 if tally.failed else 0
