# SPDX-License-Identifier: Apache-2.0
"""Claims about the example programs, each against a real peer. A row runs one part of a test's
script (tests/examples)."""

from __future__ import annotations

from claims import Figure, claim, scripted

from dev_tasks.console import ROOT
from dev_tasks.echo_server import binary

_SCRIPTS = ROOT / "tests" / "examples"


def _echo(part: str, quiet: str) -> Figure:
    programs = [
        binary("gcc/examples/tcp_echo/tcp_echo"),
        binary("gcc/examples/tcp_echo/tcp_echo_client"),
    ]
    return scripted(_SCRIPTS / "echo.py", part, programs, quiet)


@claim("tcp_echo and its client: 64 clients, 1000 payloads each", target="all come back")
def echo_and_its_client() -> Figure:
    return _echo("pair", "all come back")


@claim("tcp_echo_client: its server is killed three times", target="reconnects, all rounds")
def client_reconnects() -> Figure:
    return _echo("server_dies", "reconnects, all rounds")


@claim("tcp_echo_client: back-off while nobody listens", target="4 to 9 tries in 1 s")
def client_backs_off() -> Figure:
    return _echo("late", "4 to 9 tries in 1 s")


@claim("tcp_echo_client: no connect is answered, no payload", target="time limits, then all rounds")
def client_has_time_limits() -> Figure:
    for part in ("unanswered", "mute"):
        figure = _echo(part, "time limits, then all rounds")
        if not figure.held:
            break
    return figure


@claim("tcp_echo_client: a changed byte", target="found, status 1")
def client_finds_a_changed_byte() -> Figure:
    return _echo("changed", "found, status 1")


def _dispatcher(part: str, quiet: str) -> Figure:
    program = binary("gcc/examples/task_dispatcher/task_dispatcher")
    return scripted(_SCRIPTS / "dispatch.py", part, [program], quiet)


@claim("task_dispatcher: every third of 6000 jobs kills its worker", target="each job is answered")
def jobs_that_kill_their_workers() -> Figure:
    return _dispatcher("thousands", "each is answered")


@claim("task_dispatcher: long jobs beside dying workers", target="undisturbed")
def jobs_beside_dying_workers() -> Figure:
    return _dispatcher("undisturbed", "undisturbed")


@claim("task_dispatcher: SIGTERM waits for jobs under way", target="answered, status 0")
def dispatcher_drains() -> Figure:
    return _dispatcher("drain", "answered, status 0")


def _proxy(part: str, quiet: str) -> Figure:
    return scripted(
        _SCRIPTS / "balance.py", part, [binary("gcc/examples/tcp_proxy/tcp_proxy")], quiet
    )


@claim("tcp_proxy: curl through it to three nginx", target="in turn, files whole")
def proxy_between_curl_and_nginx() -> Figure:
    return _proxy("http", "in turn, files whole")


@claim("tcp_proxy: an nginx dies and comes back", target="no other request fails")
def proxy_outlives_an_upstream() -> Figure:
    return _proxy("dies", "no other request fails")


@claim("tcp_proxy: an nginx dies in the middle of a download", target="one broken, one whole")
def proxy_tells_the_end() -> Figure:
    return _proxy("middle", "one broken, one whole")


@claim("tcp_proxy: nobody listens upstream", target="clients wait, and are served")
def proxy_waits_for_upstreams() -> Figure:
    return _proxy("refused", "clients wait, and are served")


@claim("tcp_proxy: an upstream answers no connect", target="the next one answers")
def proxy_gives_connects_up() -> Figure:
    return _proxy("unanswered", "the next one answers")


@claim("tcp_proxy: an upstream takes connections and is silent", target="marked down")
def proxy_marks_the_silent_down() -> Figure:
    return _proxy("silent", "marked down")


@claim("tcp_proxy: half-close in both directions, 40 MiB each", target="all bytes")
def proxy_half_closes() -> Figure:
    return _proxy("half_close", "all bytes")


@claim("tcp_proxy: --least_connections", target="goes where the fewest are")
def proxy_balances_by_connections() -> Figure:
    return _proxy("least", "goes where the fewest are")


@claim("tcp_proxy: SIGTERM ends what rests, not what moves", target="3 MB after it, status 0")
def proxy_drains() -> Figure:
    return _proxy("drain", "3 MB after it, status 0")


def _contained(part: str, quiet: str) -> Figure:
    names = (
        "tcp_echo/tcp_echo",
        "tcp_echo/tcp_echo_client",
        "task_dispatcher/task_dispatcher",
        "tcp_proxy/tcp_proxy",
    )
    profile = ROOT / "docs" / "how-to" / "containers" / "seccomp.json"
    programs = [profile, *(binary(f"gcc/examples/{name}") for name in names)]
    return scripted(_SCRIPTS / "containers.py", part, programs, quiet)


@claim("seccomp profile: what the examples ask of the kernel", target="is in it")
def profile_has_what_is_asked() -> Figure:
    return _contained("traced", "is in it")


@claim("seccomp profile: the examples in it, over io_uring", target="as without it")
def examples_in_the_profile() -> Figure:
    return _contained("enforced", "as without it")


@claim("seccomp profile without io_uring: the examples, over epoll", target="as with it, said so")
def examples_without_io_uring() -> Figure:
    return _contained("without", "as with it, said so")
