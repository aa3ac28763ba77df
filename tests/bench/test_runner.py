# SPDX-License-Identifier: Apache-2.0
"""What the benchmarks' runner and the gate on instructions make of figures."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

BENCH = Path(__file__).resolve().parents[2] / "bench"
sys.path.insert(0, str(BENCH))

from instructions import gate, sweep  # noqa: E402
from runner.gaps import GAPS, gap_notes  # noqa: E402
from runner.judge import limit_record  # noqa: E402
from runner.limits import LIMIT_ROWS  # noqa: E402
from runner.measure import Series  # noqa: E402
from runner.proxy import DIRECT, NGINX, PROXY_ROWS, proxy_record  # noqa: E402
from runner.report import message_record  # noqa: E402
from runner.rows import CAF, ERLANG, MESSAGE_ROWS, OURS, PROBE, Demand, MessageRow  # noqa: E402
from runner.tcp import figure, open_loop_table, record_of  # noqa: E402
from runner.tcp_rows import RAW_EPOLL, RAW_URING, TCP_ROWS, TcpDemand, TcpRow  # noqa: E402


def test_a_floor_that_is_slower_today_allows_as_much_more() -> None:
    demand = Demand(8, floor_ns=5)
    assert demand.limit(5) == 8
    assert demand.limit(10) == 16
    assert demand.limit(1) == 8
    assert demand.limit(None) == 8


def test_a_limit_in_terms_of_the_probe_needs_the_probe() -> None:
    trip = Demand(factor=1.5, plus_ns=150)
    assert trip.limit(200) == 350
    assert trip.limit(1000) == 1500
    assert trip.limit(None) is None
    assert trip.text() == "<= max(1.5 x probe, probe + 150)"
    assert Demand(15, factor=2).limit(4) == 15
    assert Demand(factor=1.6).text() == "<= 1.6 x probe"


def samples(ns: float, **more: float) -> Series:
    """A contender that took so long each time."""
    return Series([{"ns_per_operation": ns, **more}] * 3)


@pytest.mark.parametrize(("ours", "verdict"), [(9.0, "held"), (11.0, "MISSED")])
def test_a_row_is_held_at_its_limit_and_missed_above(ours: float, verdict: str) -> None:
    row = MessageRow("row", "a row", Demand(8, floor_ns=4), {})
    outcome = {
        OURS: samples(ours, peak_kib=2048),
        ERLANG: samples(90),
        CAF: Series(problem="not installed"),
        PROBE: samples(5),
    }
    cells, record = message_record(row, outcome, 1.5)
    assert record.verdict == verdict
    assert record.values["limit_ns"] == 10
    assert "not installed" in cells
    assert cells[-2:] == ("2", "1.5")


def test_every_row_runs_beside_a_probe() -> None:
    assert [row.name for row in MESSAGE_ROWS if PROBE not in row.commands] == []


@pytest.mark.parametrize("row", gate.ROWS, ids=lambda row: row.name)
@pytest.mark.parametrize(
    ("change", "word"), [(1.0, ""), (1.02, ""), (0.98, ""), (1.04, "more"), (0.96, "fewer")]
)
def test_the_gate_closes_in_both_directions(row: gate.Row, change: float, word: str) -> None:
    right, sentence = gate.judge(row, "GNU 12", 100.0 * change, 100.0)
    assert right is (word == "")
    assert row.name in sentence
    assert ("--update" in sentence) is (word != "")
    assert word in sentence


def test_the_gate_wants_a_row_that_the_table_lacks() -> None:
    right, sentence = gate.judge(gate.ROWS[0], "GNU 12", 100.0, None)
    assert not right
    assert "no such row" in sentence


def test_each_stated_gap_is_of_a_row() -> None:
    known = {row.name for row in MESSAGE_ROWS} | {row.name for row in LIMIT_ROWS}
    assert set(GAPS) <= known


def test_a_gap_is_told_of_a_missed_row_only() -> None:
    name = next(iter(GAPS))
    assert gap_notes([(name, "MISSED")]) == (f"{name} is missed: {GAPS[name]}",)
    assert gap_notes([(name, "held"), ("no such row", "MISSED")]) == ()


@pytest.mark.parametrize(("figures", "equal"), [((100, 102), True), ((100, 104), False)])
def test_a_sweep_holds_each_size_against_the_first(
    figures: tuple[float, float], equal: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted = iter(figures)
    monkeypatch.setattr(sweep, "measure", lambda *_: next(counted))
    monkeypatch.setattr(sweep, "processor_ns", lambda *_: 1.0)
    mailbox = next(one for one in sweep.SWEEPS if one.name == "mailbox")
    assert sweep.run_sweep(Path(), mailbox) is equal


def test_ctest_runs_each_sweep() -> None:
    text = (BENCH / "instructions" / "CMakeLists.txt").read_text(encoding="utf-8")
    assert f"IN ITEMS {' '.join(one.name for one in sweep.SWEEPS)})" in text


def served(rates: list[float], **more: float) -> Series:
    """A server that answered so many requests per second, round by round."""
    return Series([{"requests_per_s": rate, **more} for rate in rates])


@pytest.mark.parametrize(("ours", "word"), [([90.0, 50.0, 99.0], "held"), ([9.0, 90.0], "MISSED")])
def test_a_share_is_of_the_better_raw_server_round_by_round(ours: list[float], word: str) -> None:
    row = TcpRow(50, 1, (TcpDemand("", "share", "share", 0.9, at_least=True),))
    outcome = {
        OURS: served(ours),
        RAW_EPOLL: served([80.0] * len(ours)),
        RAW_URING: served([100.0, 50.0, 100.0][: len(ours)]),
    }
    cells, record = record_of(row, row.demands[0], outcome)
    assert (record.verdict, cells[-1]) == (word, word)
    assert record.benchmark == "tcp_echo_50x1"


def test_a_demand_without_its_server_has_no_verdict() -> None:
    demand = TcpDemand("_cost", "cost_ns", "cost", 300)
    outcome = {
        OURS: served([1.0], server_ns_per_request=900),
        RAW_URING: Series(problem="not built"),
    }
    cells, record = record_of(TcpRow(1, 1, (demand,)), demand, outcome)
    assert (cells[2], record.verdict) == ("-", "-")
    outcome[RAW_URING] = served([1.0], server_ns_per_request=500)
    cells, record = record_of(TcpRow(1, 1, (demand,)), demand, outcome)
    assert (cells[2], record.verdict) == ("400", "MISSED")


def test_every_tcp_demand_has_a_figure_and_a_name_of_its_own() -> None:
    names = [f"{row.name}{demand.name}" for row in TCP_ROWS for demand in row.demands]
    assert len(names) == len(set(names))
    for row in TCP_ROWS:
        outcome = {name: Series(problem="not built") for name in row.servers}
        assert all(figure(outcome, demand.measure) is None for demand in row.demands)


@pytest.mark.parametrize(("ours", "word"), [(71.0, "held"), (73.0, "MISSED")])
def test_a_tail_is_that_of_the_round_least_disturbed(ours: float, word: str) -> None:
    def tails(*p999: float) -> Series:
        rest = dict.fromkeys(("p50", "p99", "p9999", "max"), 20.0)
        return Series([{"latency_us": {**rest, "p999": tail}} for tail in p999])

    outcome = {OURS: tails(900, ours, 800), RAW_EPOLL: tails(61, 62, 63), RAW_URING: tails(60, 9e3)}
    table, record = open_loop_table(140_000, outcome)
    assert record.verdict == word
    assert f"{ours:.1f}" in table.rows[0]
    outcome[RAW_URING] = Series(problem="not built")
    assert open_loop_table(140_000, outcome)[1].verdict == "held"  # of the other one's 61
    outcome[OURS] = Series(problem="not built")
    assert open_loop_table(140_000, outcome)[1].verdict not in ("held", "MISSED")


@pytest.mark.parametrize(("ours", "verdict"), [(96.0, "held"), (94.0, "MISSED")])
def test_a_proxy_is_held_against_that_of_nginx(ours: float, verdict: str) -> None:
    def proxied(rate: float, ns: float) -> Series:
        sample = {"requests_per_s": rate, "mib_per_s": 1.0, "proxy_ns_per_request": ns}
        return Series([sample] * 3)

    outcome = {
        OURS: proxied(ours, 50),
        NGINX: proxied(100, 100),
        DIRECT: Series([{"requests_per_s": 300.0, "mib_per_s": 1.0}] * 3),
    }
    cells, record = proxy_record(PROXY_ROWS[0], outcome)
    assert record.verdict == verdict
    assert (record.values["share"], record.values["cost_share"]) == (ours / 100, 0.5)
    assert "50 / 100" in cells
    outcome[NGINX] = Series(problem="libnginx-mod-stream is not installed")
    cells, record = proxy_record(PROXY_ROWS[0], outcome)
    assert record.verdict == "-" and "libnginx-mod-stream is not installed" in cells


def test_a_rate_is_scaled_by_what_the_raw_server_does_today() -> None:
    demand = TcpDemand("", "rate", "rate", 100, at_least=True, floor=120)
    row = TcpRow(1, 1, (demand,))
    slow_machine = {OURS: served([51.0]), RAW_URING: served([60.0])}
    cells, record = record_of(row, demand, slow_machine)
    assert (record.verdict, record.values["limit"]) == ("held", 50)
    assert cells[3] == ">= 100 (or 50)"
    quick_machine = {OURS: served([99.0]), RAW_URING: served([200.0])}
    assert record_of(row, demand, quick_machine)[1].verdict == "MISSED"


@pytest.mark.parametrize(("ours", "verdict"), [(81.0, "held"), (79.0, "MISSED")])
def test_a_commit_is_held_against_the_raw_loop_and_says_where(ours: float, verdict: str) -> None:
    row = next(row for row in LIMIT_ROWS if row.name == "file_commit")

    def committed(rate: float) -> Series:
        return Series([{"per_s": rate, "file_system": "ext4"}] * 3)

    cells, record = limit_record(row, {OURS: committed(ours), row.versus: committed(100.0)})
    assert record.verdict == verdict
    assert cells[0].endswith(", ext4") and f"(x {ours / 100:.2f})" in cells[2]
    assert record.values["where"] == "ext4"
    failed = {OURS: committed(ours), row.versus: Series(problem="no disk")}
    assert limit_record(row, failed)[1].verdict == "-"
