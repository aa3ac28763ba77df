# SPDX-License-Identifier: Apache-2.0
"""The rules about a resolved model, one per file, listed in the order of their codes.

A `LOCAL` rule looks at each intact declaration and runs even when others are broken. A `WHOLE` rule
compares declarations with each other, so it runs only on a complete model: what is missing from a
broken one would make it complain about things that are not wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tina_gen.checks import (
    after_tick,
    channels,
    defer_forever,
    dynamic_groups,
    isolate_count,
    mailbox_size,
    memory_floor,
    never_sent,
    never_started,
    no_way_out,
    padding,
    receive_buffers,
    slots,
    spawns,
    timer_unheard,
    uncovered,
    unreachable,
)
from tina_gen.diagnostics import Diagnostic
from tina_gen.model import Model

Rule = Callable[[Model], Iterator[Diagnostic]]

LOCAL: tuple[Rule, ...] = (
    uncovered.check,  # E0301
    unreachable.check,  # E0302
    no_way_out.check,  # E0303
    defer_forever.check,  # E0314
    timer_unheard.check,  # E0317
    mailbox_size.check,  # W0320
    padding.check,  # W0505
    dynamic_groups.check,  # E0607
    isolate_count.check,  # E0708
)

WHOLE: tuple[Rule, ...] = (
    after_tick.check,  # E0307
    never_sent.check,  # W0321
    memory_floor.check,  # E0504
    slots.check,  # E0601
    spawns.check,  # E0606
    never_started.check,  # W0610
    channels.check,  # E0705
    receive_buffers.check,  # E0707
)


def run_checks(model: Model, complete: bool) -> list[Diagnostic]:
    """Everything the rules find; `WHOLE` rules run only on a complete model."""
    rules = LOCAL + WHOLE if complete else LOCAL
    return [diagnostic for rule in rules for diagnostic in rule(model)]
