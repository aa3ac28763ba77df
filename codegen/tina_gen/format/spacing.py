# SPDX-License-Identifier: Apache-2.0
"""Where a blank stands between two tokens of a clause."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from tina_gen.syntax.tokens import Token, TokenKind

_OPERATORS = frozenset("+ - * / %".split())
_NO_BLANK_BEFORE = frozenset(") ] > , ; . ..".split())
_NO_BLANK_BEHIND = frozenset("( [ < . ..".split())
# Items in which the `:` behind the declared name stands free: `const A : u32`.
_FREE_COLON = frozenset("const config io child node property enum flags setting".split())
# Words behind which an expression starts, so that a `-` there is a sign.
_BEFORE_EXPRESSION = frozenset(
    """
    after backoff capacity every in max restarts seeds shard shards shutdown time timeout within x
    """.split()
)


def blanks(tokens: Sequence[Token], within: str) -> list[bool]:
    """For each token of a clause whether a blank stands before it (False for the first one).
    `within` is the word of the block around the clause."""
    signs = _signs(tokens)
    found = [False]
    depth = 0
    for index in range(1, len(tokens)):
        before, token = tokens[index - 1], tokens[index]
        depth += _step(before)
        if token.text in _NO_BLANK_BEFORE or before.text in _NO_BLANK_BEHIND or index - 1 in signs:
            blank = False
        elif token.text == ":":
            blank = depth == 0 and index >= 2 and tokens[0].text in _FREE_COLON
        elif token.text == "(":
            blank = not _is_argument_list(tokens, index)
        elif token.text == "<":
            blank = False
        elif within == "faults" and "/" in (before.text, token.text):
            blank = False  # a ratio: 1/1000
        else:
            blank = True
        found.append(blank)
    return found


def spelled(
    tokens: Sequence[Token], within: str = "", pads: Mapping[int, int] = MappingProxyType({})
) -> str:
    """The tokens on one line; `pads` are further blanks before some of them."""
    space = blanks(tokens, within)
    return "".join(
        " " * (space[index] + pads.get(index, 0)) + token.text for index, token in enumerate(tokens)
    )


def _step(token: Token) -> int:
    if token.kind is not TokenKind.PUNCTUATION:
        return 0
    return (token.text in "([") - (token.text in ")]")


def _signs(tokens: Sequence[Token]) -> set[int]:
    """The places of each `-` that is a sign and no difference."""
    found: set[int] = set()
    for index, token in enumerate(tokens):
        before = tokens[index - 1] if index else None
        if token.text != "-" or token.kind is not TokenKind.PUNCTUATION or before is None:
            continue
        opens = before.text in _OPERATORS or before.text in ("(", "[", ",", "=", "<", "<=", "..")
        if opens or index == 1 or before.text in _BEFORE_EXPRESSION:
            found.add(index)
    return found


def _is_argument_list(tokens: Sequence[Token], index: int) -> bool:
    """Whether the `(` at `index` follows its name closely: `op read()`, `Worker(shard = 1)`.
    Parameters of `init`, `call`, `cast` and `event` stand free, and so do expressions."""
    before = tokens[index - 1].text
    if before == "hash":
        return True
    if tokens[0].text == "op":
        return index == 2
    if tokens[0].text != "child" or index < 4:
        return False
    target = tokens[3:index]
    return len(target) % 2 == 1 and all(
        (t.text == ".") == bool(i % 2) for i, t in enumerate(target)
    )
