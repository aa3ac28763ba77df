# SPDX-License-Identifier: Apache-2.0
"""The TCP proxy of the examples beside nginx's stream proxy: each in turn in front of the same echo
server, under the same load, on the same processor. `direct` is the load without a proxy.
"""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from . import catalogue
from .draw import Table
from .measure import Bench, RunFailed, Sample, Series, take, wait_until_quiet
from .record import Record
from .report import cell, median, problems_of, samples_of, verdict
from .rows import OURS, Command
from .serve import cpu_ns_of, free_port, serving

NGINX = "nginx"
DIRECT = "direct"
CONTENDERS = (OURS, NGINX, DIRECT)

_MODULE = Path("/usr/lib/nginx/modules/ngx_stream_module.so")
# One process that does what ours does: the same buffers, no log, no second thread.
_CONFIG = """
load_module {module};
daemon off;
master_process off;
pid {folder}/pid;
error_log {folder}/error.log crit;
events {{ worker_connections 4096; }}
stream {{
  proxy_buffer_size 16k;
  server {{ listen 127.0.0.1:{port} reuseport backlog=1024; proxy_pass 127.0.0.1:{upstream}; }}
}}
"""
_UPSTREAM: Command = ("raw_epoll_echo", "--port", "{port}", "--spin-us", "0")
_OURS: Command = (
    *("tcp_proxy", "run", "--shards", "1", "--port", "{port}"),
    *("--upstreams", "127.0.0.1:{upstream}"),
)
_LOAD: Command = (
    *("tina_load", "--port", "{port}", "--connections", "{connections}", "--depth", "{depth}"),
    *("--size", "{size}", "--warmup", "{warmup}", "--seconds", "{seconds}", "--json"),
)

Outcome = dict[str, Series]
Cells = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ProxyRow:
    """One load. `share`: at least so much of what nginx does."""

    name: str
    title: str
    connections: int
    depth: int
    size: int
    share: float


PROXY_ROWS: tuple[ProxyRow, ...] = (
    ProxyRow("proxy_requests", "50 x 1, 64 B", 50, 1, 64, 0.95),
    ProxyRow("proxy_pipelined", "50 x 16, 64 B", 50, 16, 64, 0.95),
    ProxyRow("proxy_bytes", "16 x 4, 16 KiB", 16, 4, 16 << 10, 0.95),
)


def _words(bench: Bench, name: str, folder: Path, port: int, upstream: int) -> list[str]:
    """The command line of a proxy."""
    if name == OURS:
        return bench.words(_OURS, catalogue.SERVER_CPU, port=port, upstream=upstream)
    if not _MODULE.is_file():
        raise RunFailed("libnginx-mod-stream is not installed")
    config = folder / f"nginx.{port}.conf"
    text = _CONFIG.format(module=_MODULE, folder=folder, port=port, upstream=upstream)
    config.write_text(text, encoding="utf-8")
    log = str(folder / "error.log")
    return bench.words(
        ("nginx", "-p", str(folder), "-c", str(config), "-e", log), catalogue.SERVER_CPU
    )


def _sample(bench: Bench, row: ProxyRow, name: str, folder: Path) -> Sample:
    """One contender under load for a moment."""
    upstream, port = free_port(), free_port()

    def load(to: int) -> Sample:
        return bench.run_json(
            _LOAD,
            catalogue.LOAD_CPU,
            port=to,
            connections=row.connections,
            depth=row.depth,
            size=row.size,
            seconds=bench.effort.tcp_seconds,
            warmup=bench.effort.warmup_s,
        )

    with serving(bench.words(_UPSTREAM, catalogue.LOAD_CPU, port=upstream), upstream):
        if name == DIRECT:
            sample = load(upstream)
        else:
            with serving(_words(bench, name, folder, port, upstream), port) as pid:
                begin = cpu_ns_of(pid)
                sample = load(port)
                requests = max(int(sample["totals"]["requests"]), 1)
                sample["proxy_ns_per_request"] = (cpu_ns_of(pid) - begin) / requests
    if not sample["ok"]:
        raise RunFailed(f"{name}: {sample['lost']['total']} connections lost")
    sample["mib_per_s"] = float(sample["requests_per_s"]) * row.size / (1 << 20)
    return sample


def proxy_row(bench: Bench, row: ProxyRow) -> Outcome:
    """All contenders in turn, one way and the other."""
    outcome = {name: Series() for name in CONTENDERS}
    with tempfile.TemporaryDirectory(prefix="tina_bench_") as folder:
        for round_number in range(bench.effort.tcp_rounds):
            bench.note(f"{row.name}: round {round_number + 1} of {bench.effort.tcp_rounds}")
            wait_until_quiet(bench)
            for name in CONTENDERS if round_number % 2 == 0 else reversed(CONTENDERS):
                take(outcome[name], partial(_sample, bench, row, name, Path(folder)))
    return outcome


def by_round(outcome: Outcome, key: str) -> float | None:
    """Ours over nginx's, the median over the rounds: what drifts, drifts for both."""
    if outcome[OURS].problem or outcome[NGINX].problem:
        return None
    pairs = zip(outcome[OURS].samples, outcome[NGINX].samples, strict=True)
    shares = [float(ours[key]) / float(its[key]) for ours, its in pairs]
    return statistics.median(shares) if shares else None


def proxy_record(row: ProxyRow, outcome: Outcome) -> tuple[Cells, Record]:
    """The cells and the record of one row."""
    share, cost = by_round(outcome, "requests_per_s"), by_round(outcome, "proxy_ns_per_request")
    word = verdict(None if share is None else share >= row.share)
    rates = {name: median(outcome[name], "requests_per_s") for name in CONTENDERS}
    flows = [median(outcome[name], "mib_per_s") for name in (OURS, NGINX)]
    costs = [median(outcome[name], "proxy_ns_per_request") for name in (OURS, NGINX)]
    cells = (
        row.title,
        *(
            cell(outcome[name], None if rate is None else rate / 1000, "{:.1f}k")
            for name, rate in rates.items()
        ),
        " / ".join("-" if flow is None else f"{flow:.1f}" for flow in flows),
        " / ".join("-" if ns is None else f"{ns:.0f}" for ns in costs),
        "-" if cost is None else f"{cost:.2f}",
        "-" if share is None else f"{share:.2f}",
        f">= {row.share:g}",
        word,
    )
    values = {
        "share": share,
        "cost_share": cost,
        "requests_per_s": rates,
        "samples": samples_of(outcome),
        "problems": problems_of(outcome),
    }
    return cells, Record(row.name, word, values)


def proxy_table(rows: Sequence[Cells], disturbed: int) -> Table:
    """The table of the proxies."""
    notes = [
        "proxy on CPU 0; the echo server behind it and the load in front share CPU 1, so a rate "
        "near the direct one is theirs: then the proxy's own CPU time tells",
        "in turn: tina, nginx; MiB/s each way",
    ]
    if disturbed:
        notes.append(f"{disturbed} rounds ran although a CPU was being taken away")
    return Table(
        "TCP proxy, requests/s through it (medians of alternating rounds)",
        (
            "connections x depth",
            *CONTENDERS,
            "MiB/s",
            "CPU ns/request",
            "CPU of nginx",
            "of nginx",
            "target",
            "",
        ),
        tuple(rows),
        tuple(notes),
    )
