# SPDX-License-Identifier: Apache-2.0
"""Values and types of a random program, and messages and protocols made of them.

A new type joins by a row in `FIELDS`, a new declaration by one in `DECLARATIONS`.
"""

from __future__ import annotations

from collections.abc import Callable

from drawn import Draw, Message, Protocol

Typed = tuple[str, str]  # a type, and a value of it or nothing

_SCALARS = ("bool", "u8", "u16", "u32", "u64", "i8", "i16", "i32", "i64", "f32", "f64")


def scalar(draw: Draw) -> Typed:
    """A number or a truth value."""
    kind = draw.random.choice(_SCALARS)
    value = {"bool": draw.random.choice(["true", "false"]), "f32": "0.5", "f64": "§RATIO"}.get(
        kind, "7"
    )
    if draw.some(0.2) and kind[0] == "u":
        value = draw.random.choice(["(7 - 3) * 2", "0x1F", "6 / 3", "9 % 4", "1 + -(-2)"])
    return kind, f"-{value}" if kind[0] == "i" and draw.some() else value


def quantity(draw: Draw) -> Typed:
    """A time or a size."""
    return draw.random.choice([("duration", "§REST"), ("duration", "20ms"), ("size", "2 * §PAGE")])


def _instant(draw: Draw) -> Typed:
    return "instant", ""


def enum(draw: Draw) -> Typed:
    """A value of an enum, or a set of flags."""
    if draw.some(0.3):
        name, values = draw.random.choice(draw.flags)
        several = [f"{name}.{value}" for value in values if draw.some()]
        return name, f"[{', '.join(several)}]"
    name, values = draw.random.choice(draw.enums)
    return name, f"{name}.{draw.random.choice(values)}"


def _text(draw: Draw) -> Typed:
    size = draw.random.choice(["1", "24B", "300"])
    if draw.some():
        return f"string<{size}>", draw.random.choice(['"a"', '""', '"\\n"', '"\\""'])
    return f"bytes<{size}>", draw.random.choice(['"a"', "[0x7f]", "[]"])


def _container(draw: Draw) -> Typed:
    kind, value = draw.random.choice([scalar, quantity, enum, _text])(draw)
    match draw.random.choice(["list", "array", "option"]):
        case "list":
            return f"list<{kind}, 3>", draw.random.choice([f"[{value}, {value},]", "[]"])
        case "array":
            return f"[{kind}; 2]", f"[{value}, {value}]"
        case _:
            return f"option<{kind}>", value


def declared(draw: Draw) -> Typed:
    """A struct, a union or an alias; the address of the standard library."""
    if draw.some(0.15):
        return "net.address", "[[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 127, 0, 0, 1], 80, 0]"
    return draw.random.choice(draw.types)


def _ref(draw: Draw) -> Typed:
    """A reference. Isolates are declared in the file that imports, so not beside shared types."""
    if not draw.shared and draw.isolates and draw.some():
        return f"ref<{draw.random.choice(draw.isolates).name}>", ""
    served = [one.name for one in draw.protocols if one.calls or one.casts]
    heard = [one.name for one in draw.protocols if one.events]
    if served and draw.some():
        return f"ref<{draw.random.choice(served)}>", ""
    return (f"subscriber<{draw.random.choice(heard)}>", "") if heard else ("u64", "§LIMIT")


VALUES: list[Callable[[Draw], Typed]] = [scalar, scalar, quantity, enum, _text, _container]
# Each gives a type and a value for it, or nothing if it can have none.
FIELDS = [*VALUES, _instant, declared, _ref]


def _constants(draw: Draw) -> str:
    text = (
        "const LIMIT : u32 = 70_000;\nconst REST : duration = 1500ms;\n"
        "const RATIO : f64 = 0.5;\nconst PAGE : size = 4KiB;\n"
    )
    for number in range(3):
        kind, value = draw.random.choice([*VALUES, declared])(draw)
        text += f"const VALUE_{number} : {kind} = {value};\n" if value else ""
    return text


def _enum_of(draw: Draw) -> str:
    name = f"§{draw.pascal()}"
    values = [f"V{n}" for n in range(draw.random.randint(1, 4))]
    start = draw.random.choice(["", " = 1", " = 0x10"])
    lines = [f"  {v}{start if n == 0 else ''};" for n, v in enumerate(values)]
    draw.enums.append((name, values))
    kind = draw.random.choice(["u8", "u16", "i32"])
    return f"enum {name} : {kind} {{\n" + "\n".join(lines) + "\n}\n"


def _flags(draw: Draw) -> str:
    name = f"§{draw.pascal()}"
    values = [f"F{n}" for n in range(draw.random.randint(1, 4))]
    lines = [f"  {v}{' = 16' if n == 3 else ''};" for n, v in enumerate(values)]
    draw.flags.append((name, values))
    return f"flags {name} : u8 {{\n" + "\n".join(lines) + "\n}\n"


def _fields(draw: Draw, most: int = 6) -> list[str]:
    found = []
    for _ in range(draw.random.randint(0, most)):
        kind, default = draw.random.choice(FIELDS)(draw)
        value = f" = {default}" if default and draw.some(0.3) else ""
        found.append(f"{draw.comment('  ')}  {draw.snake()}: {kind}{value};\n")
    return found


def _struct(draw: Draw) -> str:
    fields = "".join(_fields(draw, 4))
    text = f"struct §{draw.pascal()} "
    name = text.split()[1]
    draw.types.append((name, "[]"))
    return text + (f"{{\n{fields}}}\n" if fields else "{}\n")


def _union(draw: Draw) -> str:
    name = f"§{draw.pascal()}"
    lines = [
        f"  {draw.snake()}: {draw.random.choice(FIELDS)(draw)[0]};\n"
        for _ in range(draw.random.randint(1, 4))
    ]
    draw.types.append((name, ""))
    return f"union {name} {{\n{''.join(lines)}}}\n"


def _alias(draw: Draw) -> str:
    name = f"§{draw.pascal()}"
    kind, value = draw.random.choice([*VALUES, declared])(draw)
    draw.types.append((name, value))
    return f"type {name} = {kind};\n"


def _first_struct(draw: Draw) -> str:
    """One that holds nothing but numbers, so that there is always a declared type."""
    name = f"§{draw.pascal()}"
    draw.types.append((name, "[1, 2]"))
    return f"struct {name} {{ high: u8; low: u32 = 5; }}\n"


# Written in this order, each as often as it says.
DECLARATIONS: list[tuple[int, Callable[[Draw], str]]] = [
    (1, _first_struct),
    (2, _enum_of),
    (1, _flags),
    (1, _constants),
    (1, _struct),
    (1, _union),
    (2, _alias),
]


def message(draw: Draw) -> str:
    """Declares a message."""
    made = Message(f"§{draw.pascal()}", _fields(draw))
    draw.messages.append(made)
    body = "".join(made.fields)
    inner = f"{{\n{body}}}" if body else "{}"
    return f"{draw.comment()}message {made.name} {inner}\n"


def moved(draw: Draw) -> str:
    """Sometimes declares a message with bytes that are moved."""
    if draw.some():
        return ""
    name = f"§{draw.pascal()}"
    draw.moved.append(name)
    blocks = [f"  {draw.snake()}: {kind};\n" for kind in ("buffer", "blob<64>") if draw.some(0.7)]
    fields = [*(blocks or ["  data: buffer;\n"]), *_fields(draw, 2)]
    draw.random.shuffle(fields)
    return f"message {name} {{\n{''.join(fields)}}}\n"


def _params(draw: Draw, first: str = "", most: int = 3) -> str:
    found = [first] if first else []
    for _ in range(draw.random.randint(0, most)):
        kind, default = draw.random.choice(FIELDS)(draw)
        value = f" = {default}" if default and draw.some(0.2) else ""
        found.append(f"{draw.snake()}: {kind}{value}")
    return f"({', '.join(found)}{',' if found and draw.some(0.1) else ''})"


def protocol(draw: Draw) -> str:
    """Declares a protocol with a call at least."""
    made = Protocol(f"§{draw.pascal()}", routed=draw.some())
    key = "key: u64" if made.routed else ""
    lines = []
    for sort, list_, most in (("call", made.calls, 2), ("cast", made.casts, 2)):
        for _ in range(draw.random.randint(sort == "call", most)):
            name = draw.pascal(short=len(made.name) > 12)
            list_.append(f"{made.name}.{name}")
            end = f" -> {_params(draw)} timeout {draw.time()}" if sort == "call" else ""
            lines.append(f"{draw.comment('  ')}  {sort} {name} {_params(draw, key)}{end};\n")
    if draw.some(0.7):
        name = draw.pascal(short=len(made.name) > 12)
        made.events.append(f"{made.name}.{name}")
        lines.append(f"  event {name} {_params(draw)};\n")
    draw.random.shuffle(lines)
    draw.protocols.append(made)
    return f"{draw.comment()}protocol {made.name} {{\n{''.join(lines)}}}\n"
