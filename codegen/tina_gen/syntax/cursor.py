# SPDX-License-Identifier: Apache-2.0
"""The parser's place in the tokens: looking, taking, reporting, and finding the thread again.

After an error the rest of the item is skipped, so each mistake is reported once. Every loop takes
at least one token, and nesting is bounded by `DEPTH_MAX`, so no input can hang or overflow it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tina_gen.diagnostics import Diagnostic, Note
from tina_gen.names import suggestion
from tina_gen.source import Span
from tina_gen.syntax.ast import Name, QName
from tina_gen.syntax.tokens import Token, TokenKind

DEPTH_MAX = 64
ERRORS_MAX = 50  # in one file

DECLARATION_WORDS = (
    "const config type enum flags struct union message protocol kind isolate supervisor system "
    "faults scenario property"
).split()


class SyntaxProblem(Exception):
    """Unwinds to the innermost item, already reported; it never leaves the parser."""


class Cursor:
    """Walks over the tokens of one file."""

    def __init__(self, tokens: list[Token]) -> None:
        """Starts at the first token; the last one must be of kind END."""
        self.tokens = tokens
        self.position = 0
        self.depth = 0
        self.expression_depth = 0
        self.operators = 0  # in the expression being parsed
        self.diagnostics: list[Diagnostic] = []
        self._reported_at = -1

    # ------------------------------------------------------------ looking

    @property
    def token(self) -> Token:
        """The next token."""
        return self.tokens[self.position]

    @property
    def previous(self) -> Token:
        """The token taken last (the first one at the start)."""
        return self.tokens[max(0, self.position - 1)]

    def ahead(self, count: int) -> Token:
        """The token `count` places further on, END at most."""
        return self.tokens[min(self.position + count, len(self.tokens) - 1)]

    @property
    def gave_up(self) -> bool:
        """True if there were so many errors that more would help nobody."""
        return len(self.diagnostics) > ERRORS_MAX

    @property
    def at_end(self) -> bool:
        """True if no token is left."""
        return self.token.kind is TokenKind.END

    def at(self, *texts: str) -> bool:
        """True if the next token is one of these words or marks."""
        return self.token.text in texts and self.token.kind in (
            TokenKind.NAME,
            TokenKind.PUNCTUATION,
        )

    def at_declaration(self) -> bool:
        """True if a declaration starts in the first column here: a brace was forgotten before."""
        token, start = self.token, self.token.span.start
        return (
            token.kind is TokenKind.NAME
            and token.text in DECLARATION_WORDS
            and (start == 0 or token.span.file.text[start - 1] == "\n")
            and self.ahead(1).kind in (TokenKind.NAME, TokenKind.STRING)
        )

    # ------------------------------------------------------------ taking

    def advance(self) -> Token:
        """Takes the next token; END is never passed."""
        token = self.token
        if not self.at_end:
            self.position += 1
        return token

    def accept(self, text: str) -> Token | None:
        """Takes the next token if it is this word or mark."""
        return self.advance() if self.at(text) else None

    def expect(self, text: str) -> Token:
        """Takes this word or mark, or reports that it is missing."""
        found = self.accept(text)
        if found is None:
            raise self.unexpected(f"`{text}`")
        return found

    def expect_kind(self, kind: TokenKind) -> Token:
        """Takes a token of this kind, or reports that it is missing."""
        if self.token.kind is not kind:
            raise self.unexpected(kind.value)
        return self.advance()

    def name(self, what: str) -> Name:
        """Takes a name; `what` says of which thing, for the diagnostic."""
        if self.token.kind is not TokenKind.NAME:
            raise self.unexpected(what)
        token = self.advance()
        return Name(token.text, token.span)

    def qname(self, what: str) -> QName:
        """Takes a dotted name."""
        parts = [self.name(what)]
        while self.accept("."):
            parts.append(self.name("a name after `.`"))
        return QName(tuple(parts), parts[0].span.to(parts[-1].span))

    def qnames(self, what: str) -> tuple[QName, ...]:
        """Takes a list of dotted names."""
        names = [self.qname(what)]
        while self.accept(","):
            names.append(self.qname(what))
        return tuple(names)

    def semicolon(self) -> None:
        """Takes a `;`. If it is missing at the end of a line, reports that and goes on there."""
        if self.accept(";"):
            return
        problem = self.unexpected("`;`", help="end it with `;`")
        if self.token.span.line > self.previous.span.line:
            return
        raise problem

    # ------------------------------------------------------------ reporting

    def report(self, diagnostic: Diagnostic) -> None:
        """Records a diagnostic; a second one at the same token is a cascade and is dropped."""
        if self._reported_at == self.position:
            return
        self._reported_at = self.position
        if len(self.diagnostics) < ERRORS_MAX:
            self.diagnostics.append(diagnostic)
        elif len(self.diagnostics) == ERRORS_MAX:
            text = "too many errors; the rest is not reported"
            self.diagnostics.append(Diagnostic("E0013", diagnostic.span, text))

    def unexpected(self, wanted: str, help: str = "", notes: tuple[Note, ...] = ()) -> Exception:
        """Reports that something else stands here; the caller raises the result."""
        span, label = self.token.span, f"expected {wanted}"
        if wanted == "`;`" or self.at_end:
            span = Span(span.file, self.previous.span.end, self.previous.span.end)
        message = f"expected {wanted}, found {self.token.shown}"
        help = help or f"write {wanted} here"
        self.report(Diagnostic("E0010", span, message, label=label, notes=notes, help=help))
        return SyntaxProblem()

    def unknown_item(self, where: str, words: list[str]) -> Exception:
        """Reports a word with which nothing can start here; the caller raises the result."""
        close = suggestion(self.token.text, words) if self.token.kind is TokenKind.NAME else ""
        known = ", ".join(f"`{word}`" for word in words)
        help = f"did you mean `{close}`?" if close else f"here may stand {known}"
        message = f"{self.token.shown} cannot start anything {where}"
        label = "not known here"
        self.report(Diagnostic("E0010", self.token.span, message, label=label, help=help))
        return SyntaxProblem()

    @contextmanager
    def nested(self) -> Iterator[None]:
        """Counts one level of nesting; too many are an error."""
        if self.depth >= DEPTH_MAX:
            self.report(
                Diagnostic(
                    "E0011",
                    self.token.span,
                    f"nested more than {DEPTH_MAX} levels deep",
                    label="this level is too deep",
                    help="split it into named parts",
                )
            )
            raise SyntaxProblem
        self.depth += 1
        try:
            yield
        finally:
            self.depth -= 1

    @contextmanager
    def in_expression(self) -> Iterator[None]:
        """Marks an expression, so that the outermost one is known."""
        self.expression_depth += 1
        try:
            yield
        finally:
            self.expression_depth -= 1

    # ------------------------------------------------------------ recovering

    def skip_item(self) -> None:
        """Skips to behind the end of the broken item: its `;`, or its closed block."""
        depth = 0
        while not self.at_end and not self.at_declaration():
            if self.at("}"):
                if depth == 0:
                    return
                depth -= 1
                self.advance()
                if depth == 0:
                    return
            elif self.at("{"):
                depth += 1
                self.advance()
            elif self.advance().text == ";" and depth == 0:
                return

    def items(self, parse: Callable[[], None]) -> None:
        """Parses `{ item… }`, item by item; `parse` takes one and keeps it."""
        opened = self.expect("{")
        with self.nested():
            while not self.at("}"):
                if self.at_end or self.at_declaration():
                    note = Note("the block starts here", opened.span)
                    self.unexpected("`}`", help="close the block with `}`", notes=(note,))
                    return
                start = self.position
                try:
                    parse()
                except SyntaxProblem:
                    self.skip_item()
                    if self.position == start and not self.at("}") and not self.at_declaration():
                        self.advance()
            self.advance()
