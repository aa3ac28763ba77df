# SPDX-License-Identifier: Apache-2.0
"""`<stem>.model.json`: the resolved model for other tools, in declaration order.

An object of the model becomes a JSON object with the same members where it is declared, and its
name where something else refers to it. `format` grows when a reader of the old one would err.
"""

from __future__ import annotations

import json
from dataclasses import fields
from enum import Enum
from typing import Any

from tina_gen import names
from tina_gen.model import (
    Alias,
    ArrayType,
    BlobType,
    BufferType,
    BytesType,
    CallEndEvent,
    Child,
    CompletionEvent,
    Config,
    Defer,
    Delay,
    DynamicGroup,
    Enumeration,
    EnumType,
    Handle,
    Ignore,
    InitArgument,
    IoObject,
    IoType,
    Kind,
    ListType,
    Message,
    MessageEvent,
    Model,
    Nested,
    Next,
    OptionType,
    ProtocolRefType,
    Ratio,
    RefType,
    Reject,
    ScalarType,
    StringType,
    Struct,
    StructType,
    SubscriberType,
    TimerEvent,
    Transit,
    Union,
    UnionType,
    ValueList,
    YieldedEvent,
)
from tina_gen.source import SourceFile, Span

FORMAT = 1

# Alternatives of a union say which one they are.
TAGGED = (
    CallEndEvent,
    Child,
    CompletionEvent,
    Defer,
    Delay,
    DynamicGroup,
    Handle,
    Ignore,
    MessageEvent,
    Reject,
    Nested,
    Ratio,
    TimerEvent,
    Transit,
    YieldedEvent,
)

# Where things live that are referred to by name elsewhere.
DECLARES = frozenset(
    {
        ("Package", "configs"),
        ("Package", "aliases"),
        ("Package", "enums"),
        ("Package", "structs"),
        ("Package", "unions"),
        ("Package", "kinds"),
        ("Package", "messages"),
        ("Protocol", "calls"),
        ("Protocol", "casts"),
        ("Protocol", "events"),
        ("Isolate", "events"),
        ("Isolate", "init"),
        ("Isolate", "io"),
    }
)


# What is referred to by its qualified name, and by its name in what holds it.
_QUALIFIED = (Alias, Config, Enumeration, Kind, Message, Struct, Union)
_NAMED = (
    CallEndEvent,
    CompletionEvent,
    InitArgument,
    IoObject,
    MessageEvent,
    Next,
    TimerEvent,
    YieldedEvent,
)


def model_json(model: Model, spec: str) -> str:
    """The model as text: two columns of indentation, a final line end, the same bytes each time.
    `spec` is how places name the root file; others are named by their import paths."""
    writer = _Writer(model.root.file, spec)
    value = {
        "format": FORMAT,
        "root": model.root.name,
        "packages": [writer.object(package) for package in model.packages],
    }
    parts: list[str] = []
    _dump(value, "\n", parts)
    return "".join([*parts, "\n"])


def _dump(value: Any, line: str, parts: list[str]) -> None:
    """What `json.dumps(value, indent=2, ensure_ascii=False)` gives, in a third of its time; `line`
    begins a line at the value's own indentation."""
    if type(value) is str:
        parts.append(_quoted(value))
    elif type(value) is int:
        parts.append(str(value))
    elif value is None or type(value) is bool:
        parts.append(_WORDS[value])
    elif not value or not isinstance(value, dict | list):
        parts.append(json.dumps(value, ensure_ascii=False))
    elif isinstance(value, dict):
        inner = line + "  "
        before = "{" + inner
        for name, held in value.items():
            parts.append(f'{before}"{name}": ')
            _dump(held, inner, parts)
            before = "," + inner
        parts.append(line + "}")
    else:
        inner = line + "  "
        before = "[" + inner
        for held in value:
            parts.append(before)
            _dump(held, inner, parts)
            before = "," + inner
        parts.append(line + "]")


_WORDS = {None: "null", False: "false", True: "true"}
_quoted = json.JSONEncoder(ensure_ascii=False).encode


_MEMBERS: dict[type[Any], tuple[tuple[str, bool], ...]] = {}
_PLAIN = frozenset({str, int, bool, float, type(None)})


def _members(class_: type[Any]) -> tuple[tuple[str, bool], ...]:
    """The members of a class, and which of them are declarations that are written out."""
    if class_ not in _MEMBERS:
        names_of = [field.name for field in fields(class_)]
        _MEMBERS[class_] = tuple((name, (class_.__name__, name) in DECLARES) for name in names_of)
    return _MEMBERS[class_]


class _Writer:
    def __init__(self, root: SourceFile, spec: str) -> None:
        self._root = root
        self._spec = spec

    def object(self, value: Any) -> dict[str, Any]:
        """A declaration with its members; those of `DECLARES` are written out in their turn."""
        members: dict[str, Any] = {}
        if isinstance(value, TAGGED):
            members["is"] = names.snake(type(value).__name__)
        for name, declares in _members(type(value)):
            held = getattr(value, name)
            members[name] = [self.object(item) for item in held] if declares else self._value(held)
        return members

    def _path(self, file: SourceFile) -> str:
        return self._spec if file is self._root else file.import_path

    def _value(self, value: Any) -> Any:
        """A member: a plain value, a list, a reference by name, or an object of its own."""
        if type(value) in _PLAIN:
            return value
        match value:
            case tuple():
                return [self._value(item) for item in value]
            case Span():
                line, column = value.file.position(value.start)
                return f"{self._path(value.file)}:{line}:{column}"
            case SourceFile():
                return self._path(value)
            case Enum():
                return value.value
            case ValueList(items):
                return [self._value(item) for item in items]
        return _type(value) or _reference(value) or self.object(value)


def _type(value: Any) -> Any:
    match value:
        case ScalarType(scalar):
            return scalar.value
        case RefType(isolate):
            return {"ref": isolate}
        case ProtocolRefType(protocol):
            return {"protocol_ref": protocol}
        case SubscriberType(protocol):
            return {"subscriber": protocol}
        case EnumType(enum):
            return {"enum": f"{enum.package}.{enum.name}"}
        case StringType(capacity):
            return {"string": capacity}
        case BytesType(capacity):
            return {"bytes": capacity}
        case ListType(element, capacity):
            return {"list": _type(element), "capacity": capacity}
        case ArrayType(element, count):
            return {"array": _type(element), "count": count}
        case OptionType(element):
            return {"option": _type(element)}
        case StructType(struct):
            return {"struct": struct.qualified}
        case UnionType(union):
            return {"union": union.qualified}
        case IoType(kind):
            return {"io": kind.qualified}
        case BufferType():
            return "buffer"
        case BlobType(capacity):
            return {"blob": capacity}
    return None


def is_reference(class_: type) -> bool:
    """Whether a value of this class is written as its name where something refers to it."""
    return issubclass(class_, (*_QUALIFIED, *_NAMED))


def _reference(value: Any) -> str | None:
    if isinstance(value, Message):
        return value.qualified
    if isinstance(value, _QUALIFIED):
        return f"{value.package}.{value.name}"
    return str(value.name) if isinstance(value, _NAMED) else None
