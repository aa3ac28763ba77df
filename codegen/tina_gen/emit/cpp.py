# SPDX-License-Identifier: Apache-2.0
"""Spelling: how names, types and values of the model are written in C++, seen from one package."""

from __future__ import annotations

from typing import assert_never

from tina_gen.addresses import form_of
from tina_gen.model import (
    ArrayType,
    BlobType,
    BufferType,
    BytesType,
    Config,
    Enumeration,
    EnumType,
    IoType,
    Isolate,
    ListType,
    Message,
    Model,
    OptionType,
    Package,
    ProtocolRefType,
    RefType,
    Scalar,
    ScalarType,
    StringType,
    StructType,
    SubscriberType,
    Type,
    UnionType,
    Value,
    ValueList,
)
from tina_gen.names import snake

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


def flag(value: bool) -> str:
    """A C++ truth value."""
    return "true" if value else "false"


def namespace(package: str) -> str:
    """The namespace of a package: `a.b` becomes `a::b`."""
    return package.replace(".", "::")


def header_of(import_path: str, standard: bool) -> str:
    """The header that declares an imported file: the runtime's own for the standard library."""
    return import_path.removesuffix(".tina") + ".h" if standard else import_path + ".h"


def user_packages(model: Model) -> list[Package]:
    """The packages that are generated: all but those of the standard library, the root last."""
    return [package for package in model.packages if not package.file.standard]


def imported_files(model: Model) -> list[str]:
    """The import paths of the packages that are generated with the root."""
    others = [package for package in user_packages(model) if package is not model.root]
    return sorted(package.file.import_path for package in others)


def beside(package: Package, name: str) -> str:
    """The path of a file of the user that lies beside a package's spec, as includes name it."""
    folder, slash, _ = package.file.import_path.rpartition("/")
    return f"{folder}{slash}{name}"


def handlers_header(package: Package, isolate: Isolate) -> str:
    """The user's header of an isolate."""
    return beside(package, f"{snake(isolate.name)}.h")


def unique_name(model: Model, isolate: Isolate) -> str:
    """An isolate's name in the tables of a program, with its package before it if packages have
    isolates of the same name."""
    taken = [other.name for other in model.isolates if other is not isolate]
    if isolate.name not in taken:
        return isolate.name
    words = isolate.package.replace(".", "_").split("_")
    name = "".join(word.capitalize() for word in words) + isolate.name
    return f"{name}{isolate.index}" if name in taken else name


def imported_configs(model: Model) -> list[Package]:
    """The packages whose start-time values a program has, if they are not the root's alone."""
    found = [package for package in user_packages(model) if package.configs]
    return [] if found in ([], [model.root]) else found


def config_value(model: Model, config: Config) -> str:
    """A start-time value in the struct of the program."""
    if not imported_configs(model):
        return f"values.{config.name}"
    return f"values.{config.package.replace('.', '_')}.{config.name}"


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

    def __init__(self, model: Model, package: Package, inside: bool = True) -> None:
        """Imports give other packages' names their prefix. Not `inside`: code that is in no
        namespace, where the package's own names need theirs too."""
        self.model = model
        self.inside = inside
        self.package = package
        self._prefix = {entry.package: entry.alias for entry in package.imports}

    def name(self, package: str, name: str) -> str:
        """A declaration of any package."""
        if package == self.package.name and self.inside:
            return name
        prefix = self._prefix.get(package) if self.inside else namespace(package)
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
            case StringType(capacity):
                return f"tina::String<{capacity}>"
            case BytesType(capacity):
                return f"tina::Bytes<{capacity}>"
            case ListType(element, capacity):
                return f"tina::List<{self.type(element)}, {capacity}>"
            case ArrayType(element, count):
                return f"std::array<{self.type(element)}, {count}>"
            case OptionType(element):
                return f"tina::Option<{self.type(element)}>"
            case StructType(struct):
                return self.name(struct.package, struct.name)
            case UnionType(union):
                return self.name(union.package, union.name)
            case RefType(isolate):
                return f"tina::Ref<{self.isolate(isolate)}>"
            case ProtocolRefType(protocol):
                return f"tina::ProtocolRef<{self.protocol(protocol)}>"
            case SubscriberType(protocol):
                return f"tina::Subscriber<{self.protocol(protocol)}>"
            case IoType(kind):
                return self.name(kind.package, kind.name)
            case BufferType():
                return "tina::Buffer"
            case BlobType(capacity):
                return f"tina::Blob<{capacity}>"
            case _:
                assert_never(type_)

    def value(self, type_: Type, value: Value) -> str:
        """An expression of exactly that type, or a literal that converts to it unchanged."""
        match type_:
            case ScalarType(scalar) if scalar in _OBJECTS:
                return f"{SCALARS[scalar]}{{{integer(number(value))}}}"
            case ScalarType(scalar):
                return _literal(scalar, value)
            case EnumType(enum):
                return self._enumerator(enum, number(value))
            case StringType():
                return f"{self.type(type_)}{{{quoted(str(value))}}}"
            case BytesType():
                return self._braced(type_, [str(number(byte)) for byte in items_of(value)])
            case ListType(element) | ArrayType(element):
                return self._braced(type_, [self._part(element, item) for item in items_of(value)])
            case OptionType(element):
                return f"{self.type(type_)}{{{self.value(element, value)}}}"
            case StructType() if (form := form_of(type_)) is not None:
                return f"{form.cpp}({quoted(form.text(value))})"
            case StructType(struct):
                pairs = zip(struct.fields, items_of(value), strict=True)
                parts = [f".{field.name} = {self._part(field.type, v)}" for field, v in pairs]
                return self._braced(type_, parts)
            case UnionType() | RefType() | ProtocolRefType() | SubscriberType() | IoType():
                return "{}"
            case BufferType() | BlobType():
                return "{}"
            case _:
                assert_never(type_)

    def _part(self, type_: Type, value: Value | None) -> str:
        return "{}" if value is None else self.value(type_, value)

    def _braced(self, type_: Type, parts: list[str]) -> str:
        return f"{self.type(type_)}{{{', '.join(parts)}}}"

    def zero(self, type_: Type) -> str:
        """What stands behind a member's name if the spec gives no default."""
        match type_:
            case ScalarType(scalar) if scalar in _OBJECTS:
                return "{0}"
            case ScalarType(scalar):
                return " = " + _literal(scalar, None)
            case _:
                return " = {}"

    def _enumerator(self, enum: Enumeration, value: int) -> str:
        name = self.name(enum.package, enum.name)
        if enum.is_flags:
            return self._flags(enum, name, value)
        for enumerator in enum.enumerators:
            if enumerator.value == value:
                return f"{name}::{enumerator.name}"
        return f"static_cast<{name}>({integer(value)})"

    def _flags(self, enum: Enumeration, name: str, value: int) -> str:
        """The names of the bits, the widest sets first; what has no name as a number."""
        named: list[str] = []
        rest = value
        for item in sorted(enum.enumerators, key=lambda e: (-e.value.bit_count(), e.index)):
            if item.value and item.value & rest == item.value:
                named.append(f"{name}::{item.name}")
                rest &= ~item.value
        if rest:
            named.append(f"static_cast<{name}>({integer(rest)})")
        return " | ".join(named) or f"{name}{{}}"


def number(value: Value | None) -> int:
    """The number of a value that is one; zero if there is none."""
    assert not isinstance(value, str | ValueList)
    return int(value or 0)


def items_of(value: Value) -> tuple[Value | None, ...]:
    """The parts of a value that has several."""
    assert isinstance(value, ValueList)
    return value.items


_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t"}


def quoted(text: str) -> str:
    """A string literal. Octal escapes end after three digits, so what follows joins nothing."""

    def shown(character: str) -> str:
        if character in _ESCAPES:
            return _ESCAPES[character]
        return character if character.isprintable() else "".join(map(_octal, character.encode()))

    return '"' + "".join(map(shown, text)) + '"'


def _octal(byte: int) -> str:
    return f"\\{byte:03o}"


def _literal(scalar: Scalar, value: Value | None) -> str:
    if scalar is Scalar.BOOL:
        return "true" if value else "false"
    if scalar in (Scalar.F32, Scalar.F64):
        assert not isinstance(value, str | ValueList)
        return repr(float(value or 0)) + ("f" if scalar is Scalar.F32 else "")
    return integer(number(value))
