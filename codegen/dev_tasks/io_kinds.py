# SPDX-License-Identifier: Apache-2.0
"""The page of the I/O kinds: what each is opened from, its operations, their ends and errors.

The tables of operations are read from `idl/tina/*.tina`. What a completion carries is said here,
and a completion of which nothing is said stops the page.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from dev_tasks.console import ROOT
from tina_gen.resolve.evaluate import quantity
from tina_gen.resolve.io_settings import BOUNDS
from tina_gen.source import SourceFile
from tina_gen.syntax import declarations as d
from tina_gen.syntax.parser import parse

_LIBRARY = ROOT / "idl" / "tina"

_INTRODUCTION = """\
# I/O kinds

This page is generated from the [standard library](../../idl/tina); `./dev docs` writes it. How
operations behave is in [I/O](language-io.md).
"""

# Completion -> what it carries, and its errors.
_ENDS = {
    "Accepted": (
        "`stream`, which an init argument takes over; of TCP also `peer`, its address",
        "`EMFILE`, `ENFILE` no descriptor left; `ECONNABORTED` the peer has gone already",
    ),
    "Received": (
        "`data`, up to one buffer of bytes; `kEnd`: the peer has ended its side, the input ends",
        "`ECONNRESET`, `ETIMEDOUT`, `ENOTCONN`; of `os.input`: `EIO`, `EBADF` it is not open; "
        "of a pipe `EBADF`",
    ),
    "Sent": (
        "`size`, which is all of it; `kEnd`: the file of a `send_file` ended before",
        "`EPIPE`, `ECONNRESET`, `ETIMEDOUT`, `ENOTCONN`; of a `send_file` also `EBADF` the file "
        "is not open, or closed meanwhile, `EIO`, `EINVAL` it is none that can be sent; of "
        "datagrams as `SentTo`, and `EDESTADDRREQ` it has no peer",
    ),
    "Finished": ("", "`ENOTCONN` the connection is gone"),
    "Connected": (
        "",
        "`ECONNREFUSED` nobody listens; `EHOSTUNREACH`, `ENETUNREACH` no way; `ETIMEDOUT` no "
        "answer within the kernel's own limit; `EINTR`; `EMFILE`, `ENFILE` no descriptor left; "
        "`EISCONN` it is connected, and stays so; of Unix sockets: `ENOENT` no such path; "
        "`ECONNREFUSED` nobody listens there; `EAGAIN` the backlog is full; `EACCES`; `EPROTOTYPE` "
        "it takes datagrams; `ENAMETOOLONG`, `EINVAL` no address",
    ),
    "Closed": ("", "none: it never fails"),
    "Signalled": ("`which`: `kHangup`, `kUser1`, `kUser2`, `kWindow`", "none but injected ones"),
    "Resolved": (
        "`addresses()`, up to 8, the best first (RFC 6724), with the port that was asked for; "
        "`why` names an error",
        "`ENOENT` no such name; `ENODATA` it has no address; `EREMOTEIO` the servers could not "
        "find out; `ECONNREFUSED` no server takes the question, or the last one fails at it; "
        "`ETIMEDOUT` none has answered; "
        "`EINVAL` it is no name; `EBADMSG` the answer cannot be read; `ENOMEM`",
    ),
    "Read": (
        "`data`, up to one buffer of bytes; `kEnd`: the file has no byte there",
        "`EBADF` it is not open, or not for this; `EIO`",
    ),
    "ReadScattered": (
        "`size`, and the bytes in `parts()`, buffers of which all but the last are full; `kEnd`: "
        "the file has no byte there",
        "as `Read`",
    ),
    "Described": (
        "`facts`: size, time of the last change, mode, links, what it is",
        "`EBADF`; of a path as `Opened`",
    ),
    "Listed": (
        '`entries()`, each with `name` and `what` it is, in no order and without "." and ".."; '
        "`kEnd`: there are no more",
        "`EBADF`; `ENOENT` the directory is gone; `EINVAL` a receive buffer is too short for the "
        "next name; `EIO`",
    ),
    "Renamed": (
        "",
        "`ENOENT`, `ENOTDIR`, `EISDIR`; `ENOTEMPTY`, `EEXIST` what is to be replaced is a "
        "directory that is not empty; `EINVAL` a directory below itself; `EXDEV` another file "
        "system; `EACCES`, `EPERM`, `EROFS`; `EBUSY`; `ENOSPC`; `EBADF`",
    ),
    "Removed": (
        "",
        "`ENOENT`, `ENOTDIR`; `EISDIR` unlink takes no directory; `ENOTEMPTY`; `EACCES`, `EPERM`, "
        "`EROFS`, `EBUSY`; `EBADF`",
    ),
    "Made": ("", "`EEXIST`, `ENOENT`, `ENOTDIR`; `EACCES`, `EROFS`; `ENOSPC`; `EBADF`"),
    "Written": (
        "`size`: all of it; of a file and an error, what was written before",
        "`EPIPE` nobody reads; `ENOSPC`, `EDQUOT`, `EFBIG` no room; `EIO`; `EBADF` it is not open, "
        "or not for this",
    ),
    "Synced": ("", "`EIO`, `ENOSPC`: what is on the medium is not known; `EBADF`"),
    "Truncated": ("", "`EFBIG`, `EINVAL`, `EPERM`, `EBADF`"),
    "Opened": (
        "",
        "`ENOENT`, `EEXIST`, `EACCES`, `EROFS`, `EISDIR`, `ENOTDIR`, `ELOOP`; `ENAMETOOLONG` more "
        "than 255 bytes; `EINVAL` a NUL in the path; `EMFILE`, `ENFILE` no descriptor left; "
        "`ENOSPC`; `EBUSY` it is open, and stays so; of a pipe: `EINVAL` what is there is none, "
        "`ENXIO` nobody reads; of a socket: `EADDRINUSE` somebody else has "
        "the port, or the path; `EADDRNOTAVAIL` no interface has the address; `EISCONN` it is open",
    ),
    "ReceivedFrom": (
        "`data`, one datagram, which may be empty; `from`, its sender; `cut_off`: it was longer "
        "than the buffer, and its end is lost",
        "`ECONNREFUSED` nobody took one that was sent to the peer; `ENOTCONN` it is closed",
    ),
    "ReceivedBatch": (
        "the datagrams: `size()`, `[i]`, `begin()`, `end()`; each has `data`, `from` and `cut_off`",
        "as `ReceivedFrom`",
    ),
    "SentBatch": (
        "`sent` and `failed`, in datagrams",
        "as `SentTo`, of the first that failed; `EDESTADDRREQ` it has no peer",
    ),
    "SentTo": (
        "`size`, which is all of it",
        "`EMSGSIZE` the datagram is too long; `EINVAL` port 0; `ENETUNREACH`, `EHOSTUNREACH` no "
        "way; `ECONNREFUSED` as of `ReceivedFrom`; `ENOTCONN` it is closed; of Unix sockets: "
        "`ENOENT`, `ECONNREFUSED` nobody is there; `EAGAIN` the receiver's queue is full; "
        "`EPROTOTYPE` it takes connections; `EPERM` it hears another peer alone; `EINVAL` no "
        "address",
    ),
}


def page() -> str:
    """The whole page."""
    kinds = [found for path in sorted(_LIBRARY.glob("*.tina")) for found in _kinds(path)]
    operations = [op for _, kind in kinds for lane in kind.lanes for op in lane.operations]
    ends = dict.fromkeys(op.completion.text for op in operations)
    carried = [(f"`{end}`", *_ENDS[end]) for end in ends]
    parts = [
        _INTRODUCTION,
        *(part for package, kind in kinds for part in _kind(package, kind)),
        _table("## What completions carry", ("completion", "beside `status`", "errors"), carried),
    ]
    return "\n".join(parts)


def _kinds(path: Path) -> list[tuple[str, d.Kind]]:
    """The kinds that a file declares, each with the short name of its package."""
    declared = parse(SourceFile(path.name, path.read_text(encoding="utf-8")))[0].decls
    return [(path.stem, node) for node in declared if isinstance(node, d.Kind)]


def _kind(package: str, kind: d.Kind) -> Iterator[str]:
    sources = " or ".join(f"`{source.span.text}`" for source in kind.sources)
    opened = f" Opened from an init argument: {sources}." if sources else ""
    yield f"## `{package}.{kind.name.text}`\n\n{kind.doc}{opened}\n"
    yield _table(
        "",
        ("lane", "operation", "ends in", ""),
        [
            (
                lane.name.text,
                f"`{op.name.text}({', '.join(p.span.text for p in op.params)})`",
                f"`{op.completion.text}`",
                " ".join(op.doc.split()),
            )
            for lane in kind.lanes
            for op in lane.operations
        ],
    )
    settings = [f"`{s.name.text}`{_range(s.name.text)}" for s in kind.settings]
    if settings:
        yield f"Settings: {', '.join(settings)}.\n"


def _range(setting: str) -> str:
    bounds = BOUNDS.get(setting)
    if bounds is None:
        return ""
    least, most = (quantity(end, bounds.dimension) for end in (bounds.low, bounds.high))
    return f" {least} to {most}"


def _table(title: str, head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [*([title, ""] if title else []), _row(head), "|" + "---|" * len(head)]
    return "\n".join([*lines, *(_row(row) for row in rows), ""])


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
