# SPDX-License-Identifier: Apache-2.0
"""Views of the types that a package declares: structs, unions, aliases, in an order in which each
stands behind what it holds; and the headers of the containers that a package uses."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tina_gen.emit import wrap
from tina_gen.emit.cpp import Scope
from tina_gen.emit.records import Block, braces, checks, members
from tina_gen.model import (
    Alias,
    Alternative,
    ArrayType,
    BytesType,
    EnumType,
    ListType,
    OptionType,
    Package,
    RefType,
    ScalarType,
    StringType,
    Struct,
    StructType,
    Type,
    Union,
    UnionType,
)

Declared = Struct | Union | Alias


def type_blocks(scope: Scope, package: Package) -> list[Block]:
    """The declarations of a package's types, with their checks."""
    return [_block(scope, declared) for declared in _ordered(package)]


def _block(scope: Scope, declared: Declared) -> Block:
    match declared:
        case Struct():
            return _struct(scope, declared)
        case Union():
            return _union(scope, declared)
        case Alias():
            doc = wrap.comment(0, "///", declared.doc)
            return [
                *doc,
                *wrap.assignment(0, f"using {declared.name} = {scope.type(declared.type)};"),
            ]


def _struct(scope: Scope, struct: Struct) -> Block:
    name = struct.name
    inner = members(scope, 2, struct.fields)
    both = [f"const {name}&"] * 2
    inner += [""] if inner else []
    inner += wrap.declaration(2, "friend bool operator==(", both, ") = default;")
    asserts = checks(name, struct.fields, struct.size, struct.align)
    return [*wrap.comment(0, "///", struct.doc), *braces(0, f"struct {name}", inner), *asserts]


def _ordered(package: Package) -> list[Declared]:
    """In the order of the spec, except that what is held comes first."""
    written: list[Declared] = [*package.structs, *package.unions, *package.aliases]
    written.sort(key=lambda declared: declared.span.start)
    by_name = {d.qualified: d for d in written if not isinstance(d, Alias)}
    found: dict[int, Declared] = {}

    def visit(declared: Declared) -> None:
        if id(declared) in found:
            return
        for held in _held(declared):
            for name in _names(held):
                if name in by_name:
                    visit(by_name[name])
        found[id(declared)] = declared

    for declared in written:
        visit(declared)
    return list(found.values())


def _held(declared: Declared) -> list[Type]:
    match declared:
        case Struct(fields=fields):
            return [field.type for field in fields]
        case Union(alternatives=alternatives):
            return [alternative.type for alternative in alternatives]
        case Alias(type=type_):
            return [type_]


def _names(type_: Type) -> Iterator[str]:
    """The structs and unions that a type is made of."""
    match type_:
        case ListType(element=inner) | ArrayType(element=inner) | OptionType(element=inner):
            yield from _names(inner)
        case StructType(struct):
            yield struct.qualified
        case UnionType(union):
            yield union.qualified
        case _:
            pass


# ---------------------------------------------------------------- unions


def _union(scope: Scope, union: Union) -> Block:
    """A class with the accessors of each alternative over `tina::Union`."""
    name = union.name
    inner = ", ".join(scope.type(a.type) for a in union.alternatives)
    lines = [
        *wrap.comment(0, "///", union.doc),
        *wrap.derived(name, f"tina::Union<{inner}>"),
        *_tags(union),
    ]
    for alternative in union.alternatives:
        lines += ["", *_accessors(scope, name, alternative)]
    equal = wrap.declaration(2, "friend bool operator==(", _pair(name), ") {")
    lines += ["", *wrap.function(2, equal, ["    return a.equals_(b);"]), "};"]
    return [*lines, *checks(name, (), union.size, union.align)]


def _pair(name: str) -> list[str]:
    return [f"const {name}& a", f"const {name}& b"]


def _tags(union: Union) -> list[str]:
    lines = ["  enum class Tag : std::uint8_t {"]
    lines += [f"    {_tag(a)} = {a.index}," for a in union.alternatives]
    return [*lines, "  };", "  Tag tag() const { return static_cast<Tag>(index_()); }"]


def _tag(alternative: Alternative) -> str:
    return "k" + "".join(part.capitalize() for part in alternative.name.split("_"))


def _accessors(scope: Scope, union: str, alternative: Alternative) -> list[str]:
    """`make_x`, `is_x`, `x` and `set_x`."""
    type_, name, index = scope.type(alternative.type), alternative.name, alternative.index
    small = isinstance(alternative.type, ScalarType | EnumType | RefType)
    taken = type_ if small else f"const {type_}&"
    made = wrap.declaration(2, f"static {union} make_{name}(", [f"{taken} value"], ") {")
    read = wrap.prototype(2, f"const {type_}&", name, [], ") const {")
    store = wrap.declaration(2, f"void set_{name}(", [f"{taken} value"], ") {")
    return [
        *wrap.comment(2, "///", alternative.doc),
        *wrap.function(2, made, [f"    return make_<{union}, {index}>(value);"]),
        *wrap.function(2, [f"  bool is_{name}() const {{"], [f"    return is_<{index}>();"]),
        *wrap.function(2, read, [f"    return at_<{index}>();"]),
        *wrap.function(2, store, [f"    set_<{index}>(value);"]),
    ]


# ---------------------------------------------------------------- what they need


def headers_of(types: Iterable[Type]) -> set[str]:
    """The headers that declare the containers of some types."""
    found: set[str] = set()
    for type_ in types:
        match type_:
            case StringType() | BytesType():
                found.add("tina/string.h")
            case ListType(element=inner) | OptionType(element=inner):
                found |= {"tina/list.h", *headers_of([inner])}
            case ArrayType(element=inner):
                found |= headers_of([inner])
            case _:
                pass
    return found


def uses_arrays(types: Iterable[Type]) -> bool:
    """Whether `<array>` is needed."""
    for type_ in types:
        match type_:
            case ArrayType():
                return True
            case ListType(element=inner) | OptionType(element=inner) if uses_arrays([inner]):
                return True
            case _:
                pass
    return False


def types_of(package: Package) -> list[Type]:
    """All types that a package's own declarations name."""
    return [
        *(held for declared in _ordered(package) for held in _held(declared)),
        *(constant.type for constant in package.constants),
        *(config.type for config in package.configs),
        *(field.type for message in package.messages for field in message.fields),
        *(f.type for p in package.protocols for m in p.members for f in (*m.fields, *m.results)),
        *(argument.type for isolate in package.isolates for argument in isolate.init),
    ]
