# SPDX-License-Identifier: Apache-2.0
"""Types as written, resolved: built-in ones, those with `<…>`, arrays, and declared ones.

Every type is bounded: a container says its capacity, and no type takes more than `SIZE_MAX` bytes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tina_gen.layout import size_of
from tina_gen.model import (
    Alias,
    ArrayType,
    BlobType,
    BufferType,
    BytesType,
    Enumeration,
    EnumType,
    IoType,
    ListType,
    OptionType,
    ProtocolRefType,
    RefType,
    Scalar,
    ScalarType,
    StringType,
    Struct,
    StructType,
    SubscriberType,
    Type,
    Union,
    UnionType,
)
from tina_gen.resolve.scope import TYPES, Lookup, Sort, Symbol, Unit
from tina_gen.source import Span
from tina_gen.syntax import ast as a
from tina_gen.syntax.tokens import Dimension

if TYPE_CHECKING:
    from tina_gen.resolve.values import Values

SIZE_MAX = 1 << 20  # bytes of one type
COUNT_MAX = 1 << 20  # elements of one type
DEPTH_MAX = 32  # types within types

SCALARS: dict[str, Scalar] = {scalar.value: scalar for scalar in Scalar}
BLOB_MAX = 64 << 20  # bytes of one block
_SHAPES = {
    "string": "string<N>",
    "bytes": "bytes<N>",
    "list": "list<T, N>",
    "option": "option<T>",
}
MOVES = "it moves as a field of a message, a cast or an init, to one isolate of the same shard"


def written_type(values: Values, node: a.TypeExpr, unit: Unit) -> Type | None:
    """The type that is written, None if it is none (already reported)."""
    if isinstance(node, a.ArrayType):
        return _array(values, node, unit)
    lookup = Lookup(unit, values.sink)
    symbol, _ = lookup.quiet(node.name)
    words = node.name.text
    if symbol is None:
        if words == "ref":
            return _ref(values, node, unit)
        if words == "subscriber":
            return _subscriber(values, node, unit)
        if words in _SHAPES:
            return _container(values, node, unit)
        if words == "blob":
            return _blob(values, node, unit)
    if node.arguments:
        text = f"`{words}` takes nothing between `<` and `>`"
        values.sink.error("E0201", node.span, text, "not a type", "remove what is in `<…>`")
        return None
    if symbol is None and words == "buffer":
        return BufferType()
    if symbol is None and words in SCALARS:
        return ScalarType(SCALARS[words])
    found = lookup.find(node.name, TYPES)
    return _declared(values, found) if found else None


def _declared(values: Values, symbol: Symbol) -> Type | None:
    if symbol.sort is Sort.KIND:
        kind = values.kinds.get(symbol)
        return IoType(kind) if kind else None
    match values.declared(symbol):
        case Enumeration() as enum:
            return EnumType(enum)
        case Struct() as struct:
            return StructType(struct)
        case Union() as union:
            return UnionType(union)
        case Alias(type=type_):
            return type_
        case _:
            return None


def _array(values: Values, node: a.ArrayType, unit: Unit) -> Type | None:
    element = _element(values, node.element, unit)
    count = _count(values, node.count, unit, "the length of an array")
    if element is None or count is None:
        return None
    return _bounded(values, ArrayType(element, count), node.span)


def _container(values: Values, node: a.NamedType, unit: Unit) -> Type | None:
    word = node.name.text
    shape = _SHAPES[word]
    wanted = shape.count(",") + 1
    if len(node.arguments) != wanted:
        bounded = "" if word == "option" else " and has no size without it"
        text = f"`{word}` is written `{shape}`{bounded}"
        label = "not bounded" if bounded else "needs a type"
        values.sink.error("E0214", node.span, text, label, f"write `{shape}`")
        return None
    element: Type | None = None
    count: int | None = 0
    if word in ("list", "option"):
        written = node.arguments[0]
        if not isinstance(written, a.NamedType | a.ArrayType):
            text = f"`{word}` holds a type: `{shape}`"
            values.sink.error("E0201", written.span, text, "not a type", f"write `{shape}`")
            return None
        element = _element(values, written, unit)
        if element is None:
            return None
    if word != "option":
        what = f"the capacity of a `{word}`"
        count = _count(values, node.arguments[-1], unit, what, word != "list")
    if count is None:
        return None
    return _bounded(values, _made(word, element, count), node.span)


def _blob(values: Values, node: a.NamedType, unit: Unit) -> Type | None:
    """`blob<N>`; the bytes lie in a pool, so N may be larger than any other type."""
    if len(node.arguments) != 1:
        text = "`blob` is written `blob<N>` and has no size without it"
        values.sink.error("E0214", node.span, text, "not bounded", "write `blob<N>`")
        return None
    size = _count(values, node.arguments[0], unit, "the size of a `blob`", True, BLOB_MAX)
    return None if size is None else BlobType(size)


def _made(word: str, element: Type | None, count: int) -> Type:
    match word:
        case "string":
            return StringType(count)
        case "bytes":
            return BytesType(count)
    assert element is not None
    return ListType(element, count) if word == "list" else OptionType(element)


def _element(values: Values, node: a.TypeExpr, unit: Unit) -> Type | None:
    """The type of what a container holds, which is copied with it."""
    return held(values, written_type(values, node, unit), node.span, "in another type")


def held(
    values: Values, kind: Type | None, span: Span, where: str, no_blocks: str | None = MOVES
) -> Type | None:
    """A type that is copied with others, None for I/O objects (E0210), which are not, and for
    buffers and blobs (E0219) unless `no_blocks`, which says why not, is None."""
    if isinstance(kind, BufferType | BlobType) and no_blocks is not None:
        word = "buffer" if isinstance(kind, BufferType) else "blob"
        text = f"a `{word}` cannot stand here: {no_blocks}"
        help = "give it a field of a message or cast that goes to a `local` isolate"
        values.sink.error("E0219", span, text, f"not {where}", help)
        return None
    if not isinstance(kind, IoType):
        return kind
    values.sink.error(
        "E0210",
        span,
        "an I/O object has one owner at a time, and cannot be in what is copied",
        label=f"not {where}",
        help="hand it over with `init`, or as a field of a message or an argument of a cast",
    )
    return None


def _count(
    values: Values,
    node: a.Expr | a.TypeExpr,
    unit: Unit,
    what: str,
    of_bytes: bool = False,
    most: int = COUNT_MAX,
) -> int | None:
    """A number of elements; of bytes also as a size. A name alone parses as a type."""
    if isinstance(node, a.NamedType) and not node.arguments:
        node = a.NameExpr(node.name, node.span)
    if isinstance(node, a.NamedType | a.ArrayType):
        text = f"{what} is a number"
        values.sink.error("E0201", node.span, text, "not a number", "write a number or a constant")
        return None
    known = values.evaluate(node, unit)
    if known is None:
        return None
    in_bytes = of_bytes and known.sort is Dimension.SIZE
    dimension = Dimension.SIZE if in_bytes else Dimension.NUMBER
    return values.arithmetic.whole(known, dimension, 1, most, node.span, what, "E0215")


def _bounded(values: Values, kind: Type, span: Span) -> Type | None:
    """Refuses types that are too large or too deep."""
    if not not_too_deep(values, depth(values, kind), span):
        return None
    return kind if fits(values, size_of(kind)[0], "this type", span) else None


def not_too_deep(values: Values, levels: int, span: Span) -> bool:
    """False, with E0011, if types lie in each other in too many levels."""
    if levels <= DEPTH_MAX:
        return True
    text = f"types lie in each other more than {DEPTH_MAX} levels deep"
    values.sink.error("E0011", span, text, "too deep", "use fewer levels")
    return False


def fits(values: Values, size: int, what: str, span: Span) -> bool:
    """False, with E0215, if something takes more bytes than any type may."""
    if size <= SIZE_MAX:
        return True
    text = f"{what} takes {size} bytes, more than the 1 MiB that a type may take"
    help = "use smaller capacities, or send it in parts"
    values.sink.error("E0215", span, text, "too large", help)
    return False


def depth(values: Values, kind: Type) -> int:
    """How many types lie in each other, this one included."""
    match kind:
        case ListType(element=element) | ArrayType(element=element) | OptionType(element=element):
            return 1 + depth(values, element)
        case StructType(struct=struct):
            return values.depths.get(struct.qualified, 1)
        case UnionType(union=union):
            return values.depths.get(union.qualified, 1)
        case _:
            return 1


def _ref(values: Values, node: a.NamedType, unit: Unit) -> Type | None:
    found = _named(values, node, unit, "one isolate or protocol", (Sort.ISOLATE, Sort.PROTOCOL))
    if found is None:
        return None
    if found.sort is Sort.PROTOCOL:
        return ProtocolRefType(found.qualified)
    return RefType(found.qualified)


def _subscriber(values: Values, node: a.NamedType, unit: Unit) -> Type | None:
    found = _named(values, node, unit, "one protocol", (Sort.PROTOCOL,))
    return SubscriberType(found.qualified) if found else None


def _named(
    values: Values, node: a.NamedType, unit: Unit, what: str, sorts: tuple[Sort, ...]
) -> Symbol | None:
    """What `ref<…>` or `subscriber<…>` names."""
    argument = node.arguments[0] if len(node.arguments) == 1 else None
    if isinstance(argument, a.NamedType) and not argument.arguments:
        return Lookup(unit, values.sink).find(argument.name, sorts)
    word = node.name.text
    shape = f"{word}<{'Protocol' if word == 'subscriber' else 'Isolate'}>"
    needed = "a protocol" if word == "subscriber" else "an isolate"
    text = f"`{word}` names {what}: `{shape}`"
    values.sink.error("E0201", node.span, text, f"needs {needed}", f"write `{shape}`")
    return None
