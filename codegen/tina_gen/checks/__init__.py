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
    answers,
    blob_pools,
    block_moves,
    call_ends,
    channels,
    deadlock,
    defer_forever,
    dynamic_alone,
    dynamic_groups,
    empty_reference,
    isolate_count,
    mailbox_size,
    masks,
    memory_floor,
    missing_settings,
    nesting,
    never_connects,
    never_sent,
    never_shed,
    never_started,
    no_way_out,
    nobody_serves,
    one_address,
    padding,
    receive_buffers,
    routes,
    scenario_faults,
    scenario_unused,
    serving,
    significant,
    slots,
    spawns,
    timer_unheard,
    uncovered,
    unreachable,
    watching,
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
    missing_settings.check,  # E0222
    never_connects.check,  # E0318
    mailbox_size.check,  # W0320
    answers.check,  # E0331 to E0334
    call_ends.check,  # E0335 to E0337, E0343
    serving.check,  # E0338, E0340, E0348
    watching.check,  # E0344, E0345
    empty_reference.check,  # E0352
    masks.check,  # E0346
    padding.check,  # W0505
    dynamic_groups.check,  # E0607
    dynamic_alone.check,  # E0609
    significant.check,  # E0612
    nesting.check,  # E0614, E0615
    isolate_count.check,  # E0708
)

WHOLE: tuple[Rule, ...] = (
    after_tick.check,  # E0307
    never_sent.check,  # W0321
    never_shed.check,  # E0347
    nobody_serves.check,  # W0353
    deadlock.check,  # E0330, W0349
    memory_floor.check,  # E0504
    slots.check,  # E0601
    spawns.check,  # E0606
    never_started.check,  # W0610
    channels.check,  # E0705
    receive_buffers.check,  # E0707
    routes.check,  # E0710, E0711, E0712, E0713
    block_moves.check,  # E0714
    blob_pools.check,  # E0715
    one_address.check,  # E0716
    scenario_faults.check,  # E0809
    scenario_unused.check,  # W0810
)


def run_checks(model: Model, complete: bool) -> list[Diagnostic]:
    """Everything the rules find; `WHOLE` rules run only on a complete model."""
    rules = LOCAL + WHOLE if complete else LOCAL
    return [diagnostic for rule in rules for diagnostic in rule(model)]
