# SPDX-License-Identifier: Apache-2.0
"""Claims about the benchmarks: what they say in one run, and what an operation costs."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from dataclasses import replace
from functools import partial
from pathlib import Path

from claims import Figure, claim

from dev_tasks.console import ROOT
from dev_tasks.echo_server import require

sys.path.insert(0, str(ROOT / "bench"))

from instructions import gate, sweep
from runner import catalogue, measure, report
from runner.gaps import GAPS
from runner.rows import CAF, ERLANG, MESSAGE_ROWS, OURS, PROBE, MessageRow

_LIMIT_S = 300
_ROUNDS = 3
_COUNT = re.compile(r"([\d.]+) instructions")


@claim("instructions per operation are those of the table", target="within 3 %, each row")
def instructions_are_those_of_the_table() -> Figure:
    right = total = 0
    wrong = []
    table = json.loads(gate.TABLE.read_text(encoding="utf-8"))
    for preset in ("gcc", "clang"):
        folder = ROOT / "build" / preset
        if not (folder / "bench" / "instructions").is_dir():
            continue
        compiler = gate.compiler_of(folder)
        for row in gate.ROWS:
            expected = table.get(compiler, {}).get(row.name)
            held, sentence = gate.judge(row, compiler, gate.measure(folder, row), expected)
            total += 1
            right += held
            if not held:
                wrong.append(sentence.partition(";")[0])
    require(total > 0, "no build has the programs of bench/instructions")
    text = f"{right} of {total} rows" + (f"; {wrong[0]}" if wrong else "")
    return Figure(right, text, right == total)


@claim("./dev bench tells ours, peers, probe, ratio and verdict", target="one run, one record")
def bench_tells_all_in_one_run() -> Figure:
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "bench/run.py", "--quick", "--rounds", "1", "--only", "messages"]
        command += ["--rows", "ping_pong", "--results", folder]
        ran = subprocess.run(
            command, cwd=ROOT, capture_output=True, text=True, timeout=_LIMIT_S, check=False
        )
        require(ran.returncode == 0, (ran.stderr.strip().splitlines() or ["no word"])[-1])
        lines = (Path(folder) / "ping_pong.jsonl").read_text(encoding="utf-8").splitlines()
    record = json.loads(lines[-1])
    figures, place = record["ns_per_operation"], record["place"]
    told = {OURS, PROBE} <= {name for name, value in figures.items() if value is not None}
    peers = all(figures[name] is not None or record["problems"][name] for name in (ERLANG, CAF))
    where = all(place.get(key) for key in ("machine", "kernel", "compiler", "commit"))
    words = all(word in ran.stdout for word in ("of probe", "target", "MiB present", "declared"))
    text = ", ".join(f"{name} {value or '-'}" for name, value in figures.items())
    held = told and peers and where and words and len(lines) == 1
    return Figure(figures[OURS], f"{text} ns; {record['verdict']}", held)


def _message_row(row: MessageRow) -> Figure:
    """Ours and the probe in turn, judged as by `./dev bench`, which also asks the peers."""
    bench = measure.Bench(ROOT / "build" / "gcc", Path(), catalogue.QUICK, lambda _: None)
    bench.effort = replace(bench.effort, message_rounds=_ROUNDS)
    ours = replace(row, commands={name: row.commands[name] for name in (OURS, PROBE)})
    outcome = measure.message_row(bench, ours)
    problems = [series.problem for series in outcome.values() if series.problem]
    require(not problems, "; ".join(problems))
    medians = {name: report.median(series, "ns_per_operation") for name, series in outcome.items()}
    figure, limit = medians[OURS], row.demand.limit(medians[PROBE])
    require(figure is not None and limit is not None, "no figure")
    assert figure is not None and limit is not None
    text = f"{figure:.1f} ns, probe {medians[PROBE]:.1f}, limit {limit:.1f}"
    return Figure(figure, text, figure <= limit)


# The row of a million isolates is measured each time, the others with --slow.
for _row in MESSAGE_ROWS:
    _slow, _gap = _row.name != "ring_million", GAPS.get(_row.name, "")
    _target = f"{_row.demand.text()} ns"
    claim(_row.title, target=_target, slow=_slow, gap=_gap)(partial(_message_row, _row))


def _sweep(name: str) -> Figure:
    words = [sys.executable, "bench/instructions/sweep.py", "--build-dir", "build/gcc", name]
    ran = subprocess.run(
        words, cwd=ROOT, capture_output=True, text=True, timeout=_LIMIT_S, check=False
    )
    counts = _COUNT.findall(ran.stdout)
    require(len(counts) > 1, (ran.stdout + ran.stderr).strip().splitlines()[-1])
    return Figure(float(counts[-1]), " = ".join(counts) + " instructions", ran.returncode == 0)


for _swept in sweep.SWEEPS:
    _title = f"{_swept.title}, whatever the {_swept.name}"
    claim(_title, target="the same, within 3 %")(partial(_sweep, _swept.name))
