# SPDX-License-Identifier: Apache-2.0
"""Claims about the benchmarks: what they say in one run, and what an operation costs."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from claims import Figure, claim

from dev_tasks.console import ROOT
from dev_tasks.echo_server import binary, require

sys.path.insert(0, str(ROOT / "bench"))

from instructions import gate
from runner.rows import CAF, ERLANG, MESSAGE_ROWS, OURS, PROBE

_LIMIT_S = 300
_ROUNDS = 5


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


@claim(
    "1 000 000 isolates in one shard send to each other", target="<= 25 ns a hop, or by the probe"
)
def a_million_isolates() -> Figure:
    row = next(row for row in MESSAGE_ROWS if row.name == "ring_million")
    medians = {}
    for name in (OURS, PROBE):
        program, *options = row.commands[name]
        words = [str(binary(f"gcc/bench/ring_million/{program}", f"gcc/bench/{program}"))]
        words += [option.format(cpu=0) for option in options]
        samples = []
        for _ in range(_ROUNDS):
            ran = subprocess.run(words, capture_output=True, text=True, timeout=60, check=True)
            samples.append(json.loads(ran.stdout.splitlines()[-1])["ns_per_operation"])
        medians[name] = statistics.median(samples)
    limit = row.demand.limit(medians[PROBE])
    text = f"{medians[OURS]:.1f} ns, probe {medians[PROBE]:.1f}, limit {limit:.1f}"
    return Figure(medians[OURS], text, limit is not None and medians[OURS] <= limit)
