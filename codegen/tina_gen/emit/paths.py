# SPDX-License-Identifier: Apache-2.0
"""Child paths in C++: a tag per static child, and the supervisors of a role under its name.

`Root.store` is `Root::store` in the namespace of its package, and `main::Root::store` if role
`main` runs that supervisor: two names of one type, because a place means the same in each role.
"""

from __future__ import annotations

from collections.abc import Sequence

from tina_gen.emit import wrap
from tina_gen.emit.cpp import Scope, namespace
from tina_gen.emit.numbering import first_place
from tina_gen.model import Child, Package, Supervisor, Target

Block = Sequence[str]


def child_path(scope: Scope, target: Target) -> str:
    """The tag that a target names."""
    assert target.supervisor is not None and target.child is not None
    supervisor = scope.model.supervisor(target.supervisor)
    return scope.name(supervisor.package, f"{supervisor.name}::{target.child}")


def child_paths(scope: Scope, package: Package) -> list[Block]:
    """The tags of a package's supervisors, and its roles."""
    found = [_supervisor(scope, s) for s in package.supervisors if s.children]
    return [*found, *_roles(scope, package)]


def _supervisor(scope: Scope, supervisor: Supervisor) -> Block:
    lines = [
        f"/// The children of supervisor {supervisor.name}, for `ctx.child`.",
        f"struct {supervisor.name} {{",
    ]
    first = first_place(scope.model, supervisor)
    for place, member in enumerate(supervisor.members, start=first):
        if not isinstance(member, Child):
            continue
        head = f"struct {member.name}", f": tina::ChildTag<{scope.isolate(member.isolate)}> {{"
        one = "  " + " ".join(head)
        lines += wrap.comment(2, "///", member.doc)
        lines += [one] if len(one) <= wrap.LIMIT else ["  " + head[0], "      " + head[1]]
        contract = scope.contract(member.isolate)
        lines += wrap.assignment(4, f"static constexpr tina::TypeId kType = {contract};")
        lines += [
            f"    static constexpr std::uint16_t kPlace = {place};",
            f"    static constexpr std::uint32_t kCount = {member.count};",
            "  };",
        ]
    return [*lines, "};"]


def _roles(scope: Scope, package: Package) -> list[Block]:
    roles: dict[str, dict[str, Supervisor]] = {}
    for system in package.systems:
        for role in system.roles:
            known = roles.setdefault(role.name, {})
            for supervisor in scope.model.below(role.root):
                if supervisor.children:
                    known.setdefault(supervisor.name, supervisor)
    blocks: list[Block] = []
    for name, supervisors in roles.items():
        if not supervisors:
            continue
        lines = [f"/// The supervisors of role {name}.", f"namespace {name} {{"]
        for supervisor in supervisors.values():
            full = f"{namespace(supervisor.package)}::{supervisor.name}"
            lines += wrap.assignment(0, f"using {supervisor.name} = ::{full};")
        blocks.append([*lines, f"}}  // namespace {name}"])
    return blocks
