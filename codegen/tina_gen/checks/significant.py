# SPDX-License-Identifier: Apache-2.0
"""E0612: `auto_shutdown` and `significant` children come together, and none is permanent."""

from __future__ import annotations

from collections.abc import Iterator

from tina_gen.diagnostics import Diagnostic
from tina_gen.model import Child, Model, Nested, Restart, Supervisor


def check(model: Model) -> Iterator[Diagnostic]:
    """One error per significant child that does not fit, or per supervisor without any."""
    for supervisor in model.supervisors:
        significant = [child for child in _children(supervisor) if child.significant]
        if supervisor.auto_shutdown and not significant:
            yield Diagnostic(
                "E0612",
                supervisor.span,
                f"`{supervisor.name}` says `auto_shutdown` and has no significant child",
                label="would never end by itself",
                help="write `significant` behind a child, or remove `auto_shutdown`",
            )
        for child in significant:
            if supervisor.auto_shutdown is None:
                yield Diagnostic(
                    "E0612",
                    child.span,
                    f"child `{child.name}` is significant, and `{supervisor.name}` does not say "
                    "`auto_shutdown`",
                    label="its end has no effect",
                    help=f"add `auto_shutdown any;` to `{supervisor.name}`, or remove the word",
                )
            elif child.restart is Restart.PERMANENT:
                yield Diagnostic(
                    "E0612",
                    child.span,
                    f"child `{child.name}` is permanent, so it cannot be significant",
                    label="is restarted whenever it ends",
                    help="make it `transient` or `temporary`",
                )


def _children(supervisor: Supervisor) -> list[Child | Nested]:
    return [*supervisor.children, *supervisor.nested]
