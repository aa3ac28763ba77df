# SPDX-License-Identifier: Apache-2.0
"""Bytes that lie beside the I/O objects of an isolate: the mirror of `operand_size` in
tina/operand.h. `tests/codegen/test_budget_layout.py` compares it with the compiler's.
"""

from __future__ import annotations

from tina_gen.layout import round_up
from tina_gen.model import IoObject, Isolate
from tina_gen.owned import sends_files

_ADDRESS = 64  # AddressOperand
_GATHERED = 56  # GatheredOperand
_SENT = 24  # SendFileOperand
_LIST, _PART = 32, 20  # Gather, and a part with its block's number
_SCATTER, _SCATTERED = 8, 24 + 16  # Scatter, and a buffer with its part
_FILE = 16  # BoundFile
_AHEAD, _AHEAD_PLACE = 32, 8
_UNIX_ADDRESS = 112
# Streams, and what they need to connect.
_STREAMS = {"tina.net.tcp_stream": _ADDRESS, "tina.net.unix_stream": _UNIX_ADDRESS}
_DATAGRAMS = 24  # Batch
_ARRIVING = 56 + 64 + 80  # Datagram, DatagramForm, BatchPlace
_LEAVING = 64 + _ADDRESS  # DatagramForm and where it goes
_KINDS = {
    "tina.net.tcp_listener": _ADDRESS,
    "tina.net.unix_listener": _ADDRESS + _FILE,
    "tina.net.unix_datagram": 2 * 304 + _FILE,
    "tina.fs.pipe_reader": 264,
    "tina.fs.pipe_writer": 264,
    "tina.net.udp_socket": 2 * 144,
    "tina.net.resolver": 456,
    "tina.os.signals": 8,
    "tina.os.input": 0,
    "tina.os.output": 0,
    "tina.fs.file": 272 + 8 + 272,
    "tina.fs.directory": 520 + 520 + 272,
}


def operands(isolate: Isolate) -> int:
    """Of all objects of one isolate. KeyError of a kind that is not here."""
    return sum(_of(isolate, io) for io in isolate.io)


def _of(isolate: Isolate, io: IoObject) -> int:
    values = {setting.name: setting.value for setting in io.settings}
    parts, places = values.get("gather", 0), values.get("batch", 0)
    ahead = values.get("read_ahead", 0)
    assert isinstance(parts, int) and isinstance(places, int) and isinstance(ahead, int)
    gathered = round_up(_LIST + parts * _PART, 8) if parts else 0
    if io.kind.qualified == "tina.net.udp_socket" and (places or parts):
        gathered += _DATAGRAMS + places * _ARRIVING + parts * _LEAVING
    buffers = values.get("scatter", 0)
    assert isinstance(buffers, int)
    gathered += _SCATTER + buffers * _SCATTERED if buffers else 0
    if io.kind.qualified not in _STREAMS:
        return _KINDS[io.kind.qualified] + gathered
    read = _AHEAD + ahead * _AHEAD_PLACE if ahead else 0
    if parts:
        return _ADDRESS + _GATHERED + gathered + read
    if sends_files(isolate, io):
        return _ADDRESS + _SENT + read
    return (_STREAMS[io.kind.qualified] if isolate.connects(io) else 0) + read
