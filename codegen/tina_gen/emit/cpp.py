# SPDX-License-Identifier: Apache-2.0
"""Spelling: how names, types and values of the model are written in C++, seen from one package."""

from __future__ import annotations

from typing import assert_never

from tina_gen.model import (
    Enumeration,
    EnumType,
    IoType,
    Message,
    Model,
    Package,
    ProtocolRefType,
    RefType,
    Scalar,
    ScalarType,
    SubscriberType,
    Type,
    Value,
)

SCALARS = {
    Scalar.BOOL: "bool",
    Scalar.U8: "std::uint8_t",
    Scalar.U16: "std::uint16_t",
    Scalar.U32: "std::uint32_t",
    Scalar.U64: "std::uint64_t",
    Scalar.I8: "std::int8_t",
    Scalar.I16: "std::int16_t",
    Scalar.I32: "std::int32_t",
    Scalar.I64: "std::int64_t",
    Scalar.F32: "float",
    Scalar.F64: "double",
    Scalar.DURATION: "tina::Duration",
    Scalar.INSTANT: "tina::Instant",
    Scalar.SIZE: "std::uint64_t",
}
_OBJECTS = frozenset({Scalar.DURATION, Scalar.INSTANT})


def namespace(package: str) -> str:
    """The namespace of a package: `a.b` becomes `a::b`."""
    return package.replace(".", "::")


def header_of(import_path: str, standard: bool) -> str:
    """The header that declares an imported file: the runtime's own for the standard library."""
    return import_path.removesuffix(".tina") + ".h" if standard else import_path + ".h"


def integer(value: int) -> str:
    """A literal with `'` between thousands from five digits on."""
    if value == -(2**63):
        return "-9'223'372'036'854'775'807 - 1"
    text = f"{value:,}".replace(",", "'") if abs(value) >= 10_000 else str(value)
    return text + "u" if value >= 2**63 else text


def duration_words(nanoseconds: int) -> str:
    """A duration as a spec writes it: `30s`."""
    for unit, size in (("h", 3600 * 10**9), ("min", 60 * 10**9), ("s", 10**9), ("ms", 10**6)):
        if nanoseconds % size == 0 and nanoseconds:
            return f"{nanoseconds // size}{unit}"
    return f"{nanoseconds // 1000}us" if nanoseconds % 1000 == 0 else f"{nanoseconds}ns"


def size_words(size: int) -> str:
    """A size as a spec writes it: `16MiB`."""
    for unit, scale in (("GiB", 2**30), ("MiB", 2**20), ("KiB", 2**10)):
        if size % scale == 0 and size:
            return f"{size // scale}{unit}"
    return f"{size}B"


class Scope:
    """Names as code in the namespace of `package` writes them."""

    def __init__(self, model: Model, package: Package) -> None:
        """Imports give other packages' names their prefix."""
        self.model = model
        self.package = package
        self._prefix = {entry.package: entry.alias for entry in package.imports}

    def name(self, package: str, name: str) -> str:
        """A declaration of any package."""
        if package == self.package.name:
            return name
        prefix = self._prefix.get(package)
        return f"{prefix}::{name}" if prefix else f"::{namespace(package)}::{name}"

    def isolate(self, qualified: str) -> str:
        """An isolate's struct."""
        isolate = self.model.isolate(qualified)
        return self.name(isolate.package, isolate.name)

    def protocol(self, qualified: str) -> str:
        """The struct of a protocol, which holds its members."""
        protocol = self.model.protocol(qualified)
        return self.name(protocol.package, protocol.name)

    def message(self, message: Message) -> str:
        """A message's struct, or that of a protocol's member."""
        return self.name(message.package, message.local_name.replace(".", "::"))

    def contract(self, qualified: str) -> str:
        """The constant that holds an isolate's type id."""
        isolate = self.model.isolate(qualified)
        return self.name(isolate.package, f"contract::k{isolate.name}")

    def type(self, type_: Type) -> str:
        """A type of a field, argument, constant or config."""
        match type_:
            case ScalarType(scalar):
                return SCALARS[scalar]
            case EnumType(enum):
                return self.name(enum.package, enum.name)
            case RefType(isolate):
                return f"tina::Ref<{self.isolate(isolate)}>"
            case ProtocolRefType(protocol):
                return f"tina::ProtocolRef<{self.protocol(protocol)}>"
            case SubscriberType(protocol):
                return f"tina::Subscriber<{self.protocol(protocol)}>"
            case IoType(kind):
                return self.name(kind.package, kind.name)
            case _:
                assert_never(type_)

    def value(self, type_: Type, value: Value) -> str:
        """An expression of exactly that type, or a literal that converts to it unchanged."""
        match type_:
            case ScalarType(scalar) if scalar in _OBJECTS:
                return f"{SCALARS[scalar]}{{{integer(int(value))}}}"
            case ScalarType(scalar):
                return _literal(scalar, value)
            case EnumType(enum):
                return self._enumerator(enum, int(value))
            case RefType() | ProtocolRefType() | SubscriberType() | IoType():
                return "{}"
            case _:
                assert_never(type_)

    def initializer(self, type_: Type, value: Value | None) -> str:
        """What stands behind a member's name; zero if the spec gives no default."""
        match type_:
            case ScalarType(scalar) if scalar in _OBJECTS:
                return f"{{{integer(int(value or 0))}}}"
            case ScalarType(scalar):
                return " = " + _literal(scalar, value or 0)
            case EnumType(enum):
                return " = " + (self._enumerator(enum, int(value)) if value is not None else "{}")
            case RefType() | ProtocolRefType() | SubscriberType() | IoType():
                return " = {}"
            case _:
                assert_never(type_)

    def _enumerator(self, enum: Enumeration, value: int) -> str:
        name = self.name(enum.package, enum.name)
        for enumerator in enum.enumerators:
            if enumerator.value == value:
                return f"{name}::{enumerator.name}"
        return f"static_cast<{name}>({integer(value)})"


def _literal(scalar: Scalar, value: Value) -> str:
    if scalar is Scalar.BOOL:
        return "true" if value else "false"
    if scalar in (Scalar.F32, Scalar.F64):
        return repr(float(value)) + ("f" if scalar is Scalar.F32 else "")
    return integer(int(value))
