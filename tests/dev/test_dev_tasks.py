# SPDX-License-Identifier: Apache-2.0
"""`./dev` says what it does and why, counts what it ran, and hides nothing that it left out."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from dev_tasks import build, console, packages, suite
from dev_tasks.console import Failure, Ran, Step

ROOT = Path(__file__).resolve().parents[2]


def ran(name: str, output: str, status: int = 0) -> Ran:
    """A finished step that printed this."""
    return Ran(Step(name, ["true"], "hint"), status, 1.0, output, ROOT / "log")


@pytest.fixture
def logs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(console, "LOGS", tmp_path)
    return tmp_path


def test_a_step_that_fails_shows_its_end_and_says_what_to_do(
    logs: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(console, "ROOT", logs)
    step = Step("a step", ["sh", "-c", "echo broken; exit 3"], "mend it")
    with pytest.raises(Failure) as caught:
        console.run(step)
    assert "broken" in capsys.readouterr().err
    words = str(caught.value)
    assert "a step failed" in words
    assert "status 3" in words
    assert "a-step.log" in words
    assert "mend it" in words


def test_a_step_whose_program_is_missing_is_a_failure_not_a_traceback(logs: Path) -> None:
    with pytest.raises(Failure, match="cannot start no-such-program"):
        console.attempt(Step("a step", ["no-such-program"], "install it"))


def test_a_step_that_does_not_end_is_ended_at_its_limit(
    logs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(console, "_HEARTBEAT_S", 0.05)
    with pytest.raises(Failure, match="did not end"):
        console.attempt(Step("endless", ["tail", "-f", "/dev/null"], "look", limit_s=0.1))


def test_a_step_that_is_ended_takes_what_it_started_with_it(
    logs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(console, "_HEARTBEAT_S", 0.05)
    script = "tail -f /dev/null & echo $! > child; wait"
    monkeypatch.setattr(console, "ROOT", logs)
    with pytest.raises(Failure, match="did not end"):
        console.attempt(Step("parent", ["sh", "-c", script], "look", limit_s=0.5))
    child = (logs / "child").read_text(encoding="utf-8").strip()
    state = Path(f"/proc/{child}/stat")
    deadline = time.monotonic() + 5
    while state.exists() and state.read_text(encoding="utf-8").split()[2] != "Z":
        assert time.monotonic() < deadline, "the child still runs"


def test_how_far_a_build_is_is_read_from_its_log(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("[0/2] globbing\n[7/140] Building\nwarning: a[1/2]\n", encoding="utf-8")
    assert console.progress(log) == ", 7 of 140"
    log.write_text("[7/140] Building\n", encoding="utf-8")
    assert console.progress(log) == ", 7 of 140"
    log.write_text("no build\n", encoding="utf-8")
    assert console.progress(log) == ""


def test_pytest_counts_are_read_from_its_last_line() -> None:
    tally = suite.Tally()
    tally.add_pytest(
        ran("pytest", "3 failed in the middle\n" + "." * 500 + "\n7 passed, 2 skipped")
    )
    assert (tally.passed, tally.failed, tally.skipped) == (7, 0, 2)


def test_a_runner_that_ends_without_a_count_is_a_failure() -> None:
    tally = suite.Tally()
    tally.add_pytest(ran("pytest", "Segmentation fault", status=139))
    tally.add_ctest(ran("ctest", "No tests were found!!!", status=8))
    assert tally.failed == 2


def test_ctest_counts_are_read_and_skips_are_seen() -> None:
    tally = suite.Tally()
    output = "1/9 Test #1: A ...***Skipped   0.1 sec\n\n89% tests passed, 1 tests failed out of 9\n"
    tally.add_ctest(ran("ctest gcc", output, status=8))
    assert (tally.passed, tally.failed, tally.skipped) == (7, 1, 1)


def test_a_step_that_is_left_out_is_printed_and_counted(
    capsys: pytest.CaptureFixture[str],
) -> None:
    tally = suite.Tally()
    tally.skip("ctest clang", "no compiler")
    assert "SKIPPED (no compiler)" in capsys.readouterr().out
    assert tally.skipped == 1


def test_declining_the_second_compiler_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TINA_CLANG", "0")
    assert "TINA_CLANG=0" in build.skipped("clang")
    assert build.skipped("gcc") == ""


def test_every_package_has_a_reason_and_the_demo_needs_no_second_compiler() -> None:
    assert all(package.reason for package in packages.PACKAGES)
    needed = {p.name for p in packages.PACKAGES if p.group is packages.Group.NEEDED}
    assert "g++" in needed
    assert not any(name.startswith("clang") for name in needed)


def test_an_unknown_preset_names_the_known_ones() -> None:
    with pytest.raises(Failure, match="gcc-debug"):
        build.build("msvc")


def test_an_unknown_task_is_one_usage_error() -> None:
    result = subprocess.run(
        [sys.executable, "-m", "dev_tasks", "dance"],
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT / "codegen"), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 2
    assert "dance" in result.stderr
    assert "Traceback" not in result.stderr
