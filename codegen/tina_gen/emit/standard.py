# SPDX-License-Identifier: Apache-2.0
"""What the generator knows of the runtime's own I/O headers, beyond what `idl/tina` declares."""

from __future__ import annotations

from tina_gen.emit.cpp import flag, number
from tina_gen.frozen import dataclass
from tina_gen.model import IoObject, IoType, ScalarType, StructType


@dataclass(frozen=True, slots=True)
class Completion:
    """How dispatch takes a completion out of its record; a move-only one is passed by `&&`."""

    take: str
    moves: bool


# Of standard streams and named pipes.
_BYTES_CAME = Completion("take_bytes<tina::internal::BytesReceived>", True)
_BYTES_WENT = Completion("take_moved<tina::internal::BytesWritten>", False)

_COMPLETIONS = {
    ("tina.net.tcp_listener", "Accepted"): Completion("take_accepted", True),
    ("tina.net.tcp_stream", "Received"): Completion("take_received", True),
    ("tina.net.tcp_stream", "Sent"): Completion("take_sent", False),
    ("tina.net.tcp_stream", "Finished"): Completion("take_finished", False),
    ("tina.net.tcp_stream", "Connected"): Completion("take_connected", False),
    ("tina.net.resolver", "Resolved"): Completion("take_resolved", False),
    ("tina.net.tcp_stream", "Closed"): Completion("take_closed", False),
    ("tina.os.signals", "Signalled"): Completion("take_signalled", False),
    ("tina.os.input", "Received"): _BYTES_CAME,
    ("tina.os.output", "Written"): _BYTES_WENT,
    ("tina.fs.file", "Opened"): Completion("take_opened", False),
    ("tina.fs.file", "Closed"): Completion("take_file_closed", False),
    ("tina.fs.file", "Read"): Completion("take_read", True),
    ("tina.fs.file", "Described"): Completion("take_described", False),
    ("tina.fs.file", "ReadScattered"): Completion("take_read_scattered", True),
    ("tina.fs.file", "Written"): Completion("take_written", False),
    ("tina.fs.file", "Synced"): Completion("take_synced", False),
    ("tina.fs.file", "Truncated"): Completion("take_truncated", False),
    ("tina.fs.directory", "Listed"): Completion("take_listed", True),
    ("tina.fs.directory", "Described"): Completion("take_path_described", False),
    **{
        ("tina.fs.directory", end): Completion(f"take_directory<tina::fs::directory::{end}>", False)
        for end in ("Renamed", "Removed", "Made", "Synced", "Opened")
    },
    ("tina.fs.directory", "Closed"): Completion("take_directory_closed", False),
    ("tina.net.unix_listener", "Accepted"): Completion("take_accepted_unix", True),
    ("tina.net.unix_stream", "Received"): Completion("take_received", True),
    ("tina.net.unix_stream", "Sent"): Completion("take_sent", False),
    ("tina.net.unix_stream", "Finished"): Completion("take_finished", False),
    ("tina.net.unix_stream", "Connected"): Completion("take_connected", False),
    ("tina.net.unix_stream", "Closed"): Completion("take_closed", False),
    ("tina.net.unix_datagram", "ReceivedFrom"): Completion("take_received_unix", True),
    ("tina.net.unix_datagram", "SentTo"): Completion("take_sent_to<net::UnixAddress>", False),
    ("tina.net.unix_datagram", "Sent"): Completion("take_sent_to<net::UnixAddress>", False),
    ("tina.net.unix_datagram", "Opened"): Completion("take_bound<net::UnixAddress>", False),
    ("tina.net.unix_datagram", "Connected"): Completion("take_bound<net::UnixAddress>", False),
    ("tina.net.unix_datagram", "Closed"): Completion("take_shut<net::UnixAddress>", False),
    ("tina.fs.pipe_reader", "Received"): Completion(
        "take_bytes<tina::internal::BytesReceived>", True
    ),
    ("tina.fs.pipe_reader", "Opened"): Completion("take_pipe_opened", False),
    ("tina.fs.pipe_reader", "Closed"): Completion("take_pipe_closed", False),
    ("tina.fs.pipe_writer", "Written"): Completion(
        "take_moved<tina::internal::BytesWritten>", False
    ),
    ("tina.fs.pipe_writer", "Opened"): Completion("take_pipe_opened", False),
    ("tina.fs.pipe_writer", "Closed"): Completion("take_pipe_closed", False),
    ("tina.net.udp_socket", "ReceivedFrom"): Completion("take_received_from", True),
    ("tina.net.udp_socket", "ReceivedBatch"): Completion("take_received_batch", True),
    ("tina.net.udp_socket", "SentTo"): Completion("take_sent_to", False),
    ("tina.net.udp_socket", "Sent"): Completion("take_sent_to", False),
    ("tina.net.udp_socket", "SentBatch"): Completion("take_sent_batch", False),
    ("tina.net.udp_socket", "Opened"): Completion("take_bound", False),
    ("tina.net.udp_socket", "Connected"): Completion("take_bound", False),
    ("tina.net.udp_socket", "Closed"): Completion("take_shut", False),
}


def completion(io: IoObject, name: str) -> Completion:
    """KeyError if the runtime does not implement it (a bug: `idl/tina` promised it)."""
    return _COMPLETIONS[io.kind.qualified, name]


def io_kind(io: IoObject) -> str:
    """The runtime's name of an object's kind: `kTcpStream`."""
    return "k" + "".join(word.capitalize() for word in io.kind.name.split("_"))


def io_source(io: IoObject) -> str:
    """What the runtime is to open an object from."""
    match io.source and io.source.type:
        case None:
            return "kSelf" if io.kind.opens_itself else "kNothing"
        case IoType():
            return "kObject"
        case StructType(struct) if struct.name == "unix_address":
            return "kUnixAddress"
        case StructType():
            return "kAddress"
        case ScalarType():
            return "kPort"
    raise AssertionError(io)


def is_given_up(io: IoObject) -> bool:
    """Whether operations outside lane `all` end when a state does not list their completion."""
    return io.kind.qualified == "tina.net.resolver"


def settings(io: IoObject) -> list[tuple[str, str]]:
    """The settings of an object as members of its table, which have the same names."""
    return [
        (s.name, flag(s.value) if s.value is True else str(number(s.value))) for s in io.settings
    ]
