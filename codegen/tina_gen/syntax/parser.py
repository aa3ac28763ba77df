# SPDX-License-Identifier: Apache-2.0
"""The parser: one file of tokens to a syntax tree, by recursive descent.

It accepts the whole grammar (`idl/grammar.ebnf`), also what later passes refuse as not supported
yet, and goes on after errors. `parse` never raises.
"""

from __future__ import annotations

from collections.abc import Callable

from tina_gen.diagnostics import Diagnostic
from tina_gen.source import SourceFile
from tina_gen.syntax.ast import Name, Param, QName, TypeExpr
from tina_gen.syntax.cursor import DECLARATION_WORDS, Cursor, SyntaxProblem
from tina_gen.syntax.declarations import (
    Alias,
    CallItem,
    CastItem,
    Const,
    Decl,
    Enum,
    EnumItem,
    File,
    Import,
    Kind,
    Lane,
    Op,
    Protocol,
    Record,
    SettingRule,
)
from tina_gen.syntax.expressions import expression, param, params, text, type_expression
from tina_gen.syntax.isolates import isolate
from tina_gen.syntax.lexer import Lexer
from tina_gen.syntax.tokens import TokenKind
from tina_gen.syntax.trees import faults, property_, scenario, supervisor, system

EDITION = 1


def parse(file: SourceFile) -> tuple[File, list[Diagnostic]]:
    """The tree of a file and everything wrong with it; broken items are left out of the tree.

    What the parser says about a line that the lexer could not read is a cascade, and is dropped.
    """
    lexer = Lexer(file)
    p = Cursor(lexer.tokens())
    tree = _file(p, file)
    lines = {diagnostic.span.line for diagnostic in lexer.diagnostics if diagnostic.span}
    own = [d for d in p.diagnostics if d.span is None or d.span.line not in lines]
    return tree, lexer.diagnostics + own


def _file(p: Cursor, file: SourceFile) -> File:
    doc = p.token.doc
    edition = _edition(p)
    package = _package(p) if edition is not None else None
    if package is None:
        empty = QName((Name("", p.token.span),), p.token.span)
        return File(file, EDITION, empty, (), (), doc)
    imports: list[Import] = []
    decls: list[Decl] = []
    while not p.at_end and not p.gave_up:
        start = p.position
        try:
            if p.at("import"):
                imports.append(_import(p))
                if decls:
                    p.report(_late_import(imports[-1]))
            else:
                decls.append(_declaration(p))
        except SyntaxProblem:
            p.skip_item()
            if p.position == start or p.at("}"):
                p.advance()
    return File(file, edition or EDITION, package, tuple(imports), tuple(decls), doc)


def _late_import(found: Import) -> Diagnostic:
    return Diagnostic(
        "E0010",
        found.span,
        "an import stands behind a declaration",
        label="comes too late",
        help="move it up, behind `package`",
    )


def _edition(p: Cursor) -> int | None:
    """`tina 1;`. A file that starts otherwise is most likely no spec: one error, no more."""
    if not p.at("tina"):
        p.report(
            Diagnostic(
                "E0010",
                p.token.span,
                f"a spec starts with `tina {EDITION};`, found {p.token.shown}",
                label="expected `tina`",
                help=f"write `tina {EDITION};` and `package name;` on top",
            )
        )
        if not p.at("package", "import", *DECLARATION_WORDS):
            return None
        return EDITION
    p.advance()
    try:
        number = p.expect_kind(TokenKind.INT)
        p.semicolon()
    except SyntaxProblem:
        p.skip_item()
        return EDITION
    if number.value != EDITION:
        p.report(
            Diagnostic(
                "E0012",
                number.span,
                f"unknown language edition {number.shown}",
                label=f"this generator reads edition {EDITION}",
                help=f"write `tina {EDITION};`, or use a newer generator",
            )
        )
        return None
    return EDITION


def _package(p: Cursor) -> QName | None:
    try:
        p.expect("package")
        name = p.qname("the name of the package")
        p.semicolon()
    except SyntaxProblem:
        p.skip_item()
        return QName((Name("", p.token.span),), p.token.span)
    return name


def _import(p: Cursor) -> Import:
    start = p.advance().span
    path = text(p)
    alias = p.name("a short name") if p.accept("as") else None
    span = start.to(p.previous.span)
    p.semicolon()
    return Import(path, alias, span)


def _declaration(p: Cursor) -> Decl:
    parse_one = _DECLARATIONS.get(p.token.text) if p.token.kind is TokenKind.NAME else None
    if parse_one is None:
        raise p.unknown_item("here", DECLARATION_WORDS)
    return parse_one(p, p.token.doc)


def _const(p: Cursor, doc: str) -> Const:
    word = p.advance()
    name = p.name("the name of the constant")
    if not p.at(":"):
        raise p.unexpected("`:`", help=f"say its type: `{word.text} {name.text} : u32 = …;`")
    p.advance()
    kind = type_expression(p)
    p.expect("=")
    value = expression(p)
    span = word.span.to(value.span)
    p.semicolon()
    return Const(name, kind, value, word.text == "config", doc, span)


def _alias(p: Cursor, doc: str) -> Alias:
    start = p.advance().span
    name = p.name("the name of the type")
    p.expect("=")
    kind = type_expression(p)
    p.semicolon()
    return Alias(name, kind, doc, start.to(kind.span))


def _enum(p: Cursor, doc: str) -> Enum:
    word = p.advance()
    name = p.name("the name of the enum")
    p.expect(":")
    underlying = type_expression(p)
    items: list[EnumItem] = []

    def item() -> None:
        item_doc = p.token.doc
        item_name = p.name("the name of a value")
        value = expression(p) if p.accept("=") else None
        items.append(EnumItem(item_name, value, item_doc, item_name.span.to(p.previous.span)))
        p.semicolon()

    p.items(item)
    is_flags = word.text == "flags"
    return Enum(name, underlying, tuple(items), is_flags, doc, word.span.to(name.span))


def _record(p: Cursor, doc: str) -> Record:
    word = p.advance()
    name = p.name(f"the name of the {word.text}")
    fields: list[Param] = []

    def item() -> None:
        fields.append(param(p))
        p.semicolon()

    p.items(item)
    return Record(word.text, name, tuple(fields), doc, word.span.to(name.span))


def _protocol(p: Cursor, doc: str) -> Protocol:
    start = p.advance().span
    name = p.name("the name of the protocol")
    items: list[CallItem | CastItem] = []

    def item() -> None:
        if not p.at("call", "cast", "event"):
            raise p.unknown_item("in a protocol", ["call", "cast", "event"])
        word = p.advance()
        item_name = p.name(f"the name of the {word.text}")
        arguments = params(p)
        if word.text == "call":
            p.expect("->")
            results = params(p)
            p.expect("timeout")
            timeout = expression(p)
            span = word.span.to(timeout.span)
            items.append(CallItem(item_name, arguments, results, timeout, word.doc, span))
        else:
            if p.at("->"):
                help = "write `call` for a request with an answer, and give it a `timeout`"
                raise p.unexpected(f"`;`, because a `{word.text}` has no results", help)
            span = word.span.to(p.previous.span)
            items.append(CastItem(word.text, item_name, arguments, word.doc, span))
        p.semicolon()

    p.items(item)
    return Protocol(name, tuple(items), doc, start.to(name.span))


def _kind(p: Cursor, doc: str) -> Kind:
    start = p.advance().span
    name = p.name("the name of the kind")
    sources: list[TypeExpr] = []
    if p.accept("from"):
        sources.append(type_expression(p))
        while p.accept("|"):
            sources.append(type_expression(p))
    lanes: list[Lane] = []
    settings: list[SettingRule] = []

    def item() -> None:
        if p.at("lane"):
            lanes.append(_lane(p))
        elif p.at("setting"):
            first = p.advance().span
            setting_name = p.name("the name of the setting")
            kind = type_expression(p) if p.accept(":") else None
            settings.append(SettingRule(setting_name, kind, first.to(p.previous.span)))
            p.semicolon()
        else:
            raise p.unknown_item("in a kind", ["lane", "setting"])

    p.items(item)
    span = start.to(name.span)
    return Kind(name, tuple(sources), tuple(lanes), tuple(settings), doc, span)


def _lane(p: Cursor) -> Lane:
    start = p.advance().span
    name = p.name("the name of the lane")
    operations: list[Op] = []

    def item() -> None:
        word = p.expect("op")
        op_name = p.name("the name of the operation")
        arguments = params(p)
        p.expect("->")
        completion = p.name("the name of the completion")
        span = word.span.to(completion.span)
        operations.append(Op(op_name, arguments, completion, word.doc, span))
        p.semicolon()

    p.items(item)
    return Lane(name, tuple(operations), start.to(name.span))


_DECLARATIONS: dict[str, Callable[[Cursor, str], Decl]] = {
    "const": _const,
    "config": _const,
    "type": _alias,
    "enum": _enum,
    "flags": _enum,
    "struct": _record,
    "union": _record,
    "message": _record,
    "protocol": _protocol,
    "kind": _kind,
    "isolate": isolate,
    "supervisor": supervisor,
    "system": system,
    "faults": faults,
    "scenario": scenario,
    "property": property_,
}
