# SPDX-License-Identifier: Apache-2.0
"""Parses expressions, types, parameters and settings: the parts that every declaration uses."""

from __future__ import annotations

from tina_gen.diagnostics import Diagnostic
from tina_gen.syntax.ast import (
    ArrayType,
    Binary,
    Bool,
    Expr,
    ListExpr,
    NamedType,
    NameExpr,
    Negate,
    Number,
    Param,
    Setting,
    Text,
    TypeExpr,
)
from tina_gen.syntax.cursor import Cursor, SyntaxProblem
from tina_gen.syntax.tokens import UNITS, Token, TokenKind

OPERATORS_MAX = 64  # in one expression; bounds the depth of the tree
_TRUTHS = ("true", "false")


def expression(p: Cursor) -> Expr:
    """`a + b * c`, left to right, with the usual precedence, or a list."""
    if p.expression_depth == 0:
        p.operators = 0
    with p.nested(), p.in_expression():
        if p.at("["):
            return _list(p)
        left = _product(p)
        while p.at("+", "-"):
            _count(p)
            operator = p.advance().text
            right = _product(p)
            left = Binary(operator, left, right, left.span.to(right.span))
        return left


def _product(p: Cursor) -> Expr:
    left = _unary(p)
    while p.at("*", "/", "%"):
        _count(p)
        operator = p.advance().text
        right = _unary(p)
        left = Binary(operator, left, right, left.span.to(right.span))
    return left


def _count(p: Cursor) -> None:
    p.operators += 1
    if p.operators <= OPERATORS_MAX:
        return
    p.report(
        Diagnostic(
            "E0011",
            p.token.span,
            f"more than {OPERATORS_MAX} operators in one expression",
            label="this one is too many",
            help="give parts of it names with `const`",
        )
    )
    raise SyntaxProblem


def _unary(p: Cursor) -> Expr:
    if not p.at("-"):
        return _primary(p)
    with p.nested():
        minus = p.advance()
        operand = _unary(p)
        return Negate(operand, minus.span.to(operand.span))


def _primary(p: Cursor) -> Expr:
    token = p.token
    match token.kind:
        case TokenKind.INT | TokenKind.FLOAT | TokenKind.QUANTITY:
            p.advance()
            assert isinstance(token.value, int | float)
            _unit_apart(p, token)
            return Number(token.value, token.dimension, token.span)
        case TokenKind.STRING:
            return text(p)
        case TokenKind.NAME if token.text in _TRUTHS:
            p.advance()
            return Bool(token.text == "true", token.span)
        case TokenKind.NAME:
            name = p.qname("a name")
            return NameExpr(name, name.span)
        case _:
            pass
    if p.accept("("):
        inner = expression(p)
        p.expect(")")
        return inner
    raise p.unexpected("a value")


def _unit_apart(p: Cursor, number: Token) -> None:
    """Reports a unit that a blank divides from its number, and goes on behind it."""
    unit = p.token
    if number.kind is TokenKind.QUANTITY or unit.text not in UNITS:
        return
    text = f"a blank stands between {number.text} and its unit `{unit.text}`"
    help = f"write `{number.text}{unit.text}`"
    span = number.span.to(unit.span)
    p.report(Diagnostic("E0007", span, text, label="one word, with its unit", help=help))
    p.advance()


def _list(p: Cursor) -> Expr:
    opened = p.expect("[")
    items: list[Expr] = []
    while not p.at("]"):
        items.append(expression(p))
        if not p.accept(","):
            break
    return ListExpr(tuple(items), opened.span.to(p.expect("]").span))


def text(p: Cursor) -> Text:
    """A literal string."""
    token = p.expect_kind(TokenKind.STRING)
    return Text(str(token.value), token.span)


def type_expression(p: Cursor) -> TypeExpr:
    """`u32`, `ref<Store>`, `list<T, 4>`, `[T; N]`."""
    with p.nested():
        if opened := p.accept("["):
            element = type_expression(p)
            p.expect(";")
            count = expression(p)
            return ArrayType(element, count, opened.span.to(p.expect("]").span))
        name = p.qname("a type")
        arguments: list[TypeExpr | Expr] = []
        end = name.span
        if p.accept("<"):
            arguments.append(_type_argument(p))
            while p.accept(","):
                arguments.append(_type_argument(p))
            end = p.expect(">").span
        return NamedType(name, tuple(arguments), name.span.to(end))


def _type_argument(p: Cursor) -> TypeExpr | Expr:
    """A type or a value; a lone name is kept as a type, to be told apart later."""
    if p.at(*_TRUTHS) or (p.token.kind is not TokenKind.NAME and not p.at("[")):
        return expression(p)
    start = p.position
    found = type_expression(p)
    if not p.at("+", "-", "*", "/", "%"):
        return found
    p.position = start
    return expression(p)


def params(p: Cursor) -> tuple[Param, ...]:
    """`(name: type, …)`."""
    p.expect("(")
    found: list[Param] = []
    while not p.at(")"):
        found.append(param(p))
        if not p.accept(","):
            break
    p.expect(")")
    return tuple(found)


def param(p: Cursor) -> Param:
    """`name: type [= default]`."""
    doc = p.token.doc
    name = p.name("the name of a field or argument")
    p.expect(":")
    kind = type_expression(p)
    default = expression(p) if p.accept("=") else None
    return Param(name, kind, default, doc, name.span.to(p.previous.span))


def setting(p: Cursor) -> Setting:
    """`name [[<=] value [x value]];`."""
    name = p.name("the name of a setting")
    at_most = p.accept("<=") is not None
    value = times = None
    if at_most or not p.at(";"):
        value = expression(p)
        if p.accept("x"):
            times = expression(p)
    span = name.span.to(p.previous.span)
    p.semicolon()
    return Setting(name, at_most, value, times, span)
