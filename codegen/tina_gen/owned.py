# SPDX-License-Identifier: Apache-2.0
"""Who has buffers and blobs: bytes that move with a message and have one holder at a time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tina_gen.model import BlobType, BufferType, Field, InitArgument, Isolate, Message, Model

_Fields = Sequence[Field] | Sequence[InitArgument]


def block_fields(fields: _Fields) -> list[Field | InitArgument]:
    """Those of some fields that are a buffer or a blob."""
    return [field for field in fields if isinstance(field.type, BufferType | BlobType)]


def has_blocks(message: Message) -> bool:
    """Whether a message moves: it holds a buffer or a blob."""
    return bool(block_fields(message.fields))


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
    """Whether handlers of its messages, or its init, may have a block."""
    received = any(has_blocks(message) for message in isolate.accepts)
    return received or bool(block_fields(isolate.init)) or bool(blob_sizes(model, isolate))


def may_keep(model: Model, isolate: Isolate) -> bool:
    """Whether any of its handlers may have a block, received from a peer too."""
    return owns(model, isolate) or any(io.kind.brings_buffers for io in isolate.io)


def _lists(model: Model, isolate: Isolate) -> Iterable[_Fields]:
    yield isolate.init
    for message in isolate.accepts:
        yield message.fields
    for send in isolate.sends:
        yield send.message.fields
    for spawn in isolate.spawns:
        yield model.isolate(spawn.isolate).init
