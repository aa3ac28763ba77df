# SPDX-License-Identifier: Apache-2.0
"""One line of the laid-out text, before the column of its comment is known."""

from __future__ import annotations

from tina_gen.frozen import dataclass

LIMIT = 100


@dataclass(frozen=True, slots=True)
class Line:
    """Code with its indentation and a comment behind it, or (code '') a comment on its own line,
    indented by `indent`. `blank` asks for an empty line before it."""

    code: str
    comment: str
    blank: bool = False
    indent: int = 0
