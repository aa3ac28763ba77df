# SPDX-License-Identifier: Apache-2.0
"""CMake builds: one preset, one folder build/<preset>."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable

from dev_tasks.console import ROOT, Failure, Step, run, say
from dev_tasks.packages import clang_present

_CLANG_PRESETS = frozenset({"clang", "clang-debug", "asan", "tsan"})


def presets() -> list[str]:
    """The names of the presets that a user may build, in the order of CMakePresets.json."""
    text = (ROOT / "CMakePresets.json").read_text(encoding="utf-8")
    names = [entry["name"] for entry in json.loads(text)["buildPresets"]]
    return [str(name) for name in names]


def needs_clang(preset: str) -> bool:
    """Whether a preset is built by the second compiler."""
    return preset in _CLANG_PRESETS


def skipped(preset: str) -> str:
    """Why a preset cannot be built here, or an empty string."""
    if needs_clang(preset) and not clang_present():
        return "clang++-19 is absent or TINA_CLANG=0; ./dev setup installs it on Debian 12"
    return ""


def jobs() -> str:
    """How many processes a step may start side by side: TINA_JOBS, or one per processor."""
    return os.environ.get("TINA_JOBS") or str(os.cpu_count() or 1)


def build(preset: str, *targets: str) -> None:
    """Configure one preset and build it, or targets of it; a Failure if it does not compile."""
    if preset not in presets():
        raise Failure(
            f"there is no preset {preset}",
            "CMakePresets.json does not list it",
            "choose one of: " + " ".join(presets()),
        )
    hint = f"mend the first error above, then: ./dev build {preset}"
    run(Step(f"configure {preset}", ["cmake", "--preset", preset], hint, limit_s=300))
    command = ["cmake", "--build", "--preset", preset, "-j", jobs()]
    command += ["--target", *(targets or ["all"])]
    run(Step(f"build {preset}", command, hint))


def build_all(names: Iterable[str]) -> None:
    """Build the presets that can be built here and say which cannot, and why."""
    for preset in names:
        reason = skipped(preset)
        if reason:
            say(f"==> build {preset}: SKIPPED ({reason})")
        else:
            build(preset)
