# SPDX-License-Identifier: Apache-2.0
"""Who has what moves with a message and has one holder at a time: buffers, blobs, connections."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tina_gen.model import (
    BlobType,
    BufferType,
    Field,
    InitArgument,
    IoObject,
    IoType,
    Isolate,
    Message,
    Model,
)

_Fields = Sequence[Field] | Sequence[InitArgument]


def block_fields(fields: _Fields) -> list[Field | InitArgument]:
    """Those of some fields that are a buffer or a blob."""
    return [field for field in fields if isinstance(field.type, BufferType | BlobType)]


def stream_field(message: Message) -> Field | None:
    """The field of a message that is a connection; there is one at most."""
    return next((field for field in message.fields if isinstance(field.type, IoType)), None)


def is_moved(message: Message) -> bool:
    """Whether a message moves: it holds a buffer, a blob or a connection."""
    return bool(block_fields(message.fields)) or stream_field(message) is not None


def blob_sizes(model: Model, isolate: Isolate) -> list[int]:
    """The N of every `blob<N>` in what an isolate receives, sends, is spawned with or spawns, in
    order: it may take such blocks from their pool."""
    found: set[int] = set()
    for fields in _lists(model, isolate):
        for field in block_fields(fields):
            if isinstance(field.type, BlobType):
                found.add(field.type.capacity)
    return sorted(found)


def owns(model: Model, isolate: Isolate) -> bool:
    """Whether its messages, or its init, may hold what moves, or its handlers may take a blob."""
    received = any(is_moved(message) for message in isolate.accepts)
    return received or bool(block_fields(isolate.init)) or bool(blob_sizes(model, isolate))


def sends_files(isolate: Isolate, io: IoObject) -> bool:
    """Whether an object may send from a file: both are the isolate's."""
    sends = any(operation.reads_file for operation in io.kind.operations)
    return sends and any(other.kind.qualified == "tina.fs.file" for other in isolate.io)


def may_keep(model: Model, isolate: Isolate) -> bool:
    """Whether any of its handlers may have a block, received from a peer too."""
    received = any(block_fields(message.fields) for message in isolate.accepts)
    given = received or bool(block_fields(isolate.init)) or bool(blob_sizes(model, isolate))
    return given or any(io.kind.brings_buffers for io in isolate.io)


def _lists(model: Model, isolate: Isolate) -> Iterable[_Fields]:
    yield isolate.init
    for message in isolate.accepts:
        yield message.fields
    for send in isolate.sends:
        yield send.message.fields
    for spawn in isolate.spawns:
        yield model.isolate(spawn.isolate).init
