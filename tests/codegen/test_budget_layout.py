# SPDX-License-Identifier: Apache-2.0
"""The arena has one layout: what Python computes from a spec is what the C++ compiler computes.

Each program is compiled, and the section that it leaves is compared region by region with Python's,
once with the sizes of the user's structs (equal) and once with the spec's bounds (never smaller).
"""

from __future__ import annotations

import dataclasses
import re
import subprocess
from pathlib import Path

import pytest
from emitted import CASES, COMPILERS, ROOT, Case, files, write

from tina_gen.budget import RoleBudget, budgets, section
from tina_gen.budget.facts import role_numbers
from tina_gen.budget.regions import SIZES, place
from tina_gen.cli import analyze_file
from tina_gen.model import Model
from tina_gen.names import snake

EVERYTHING = Case("everything", "tests/codegen/budget_everything.tina", "")
PROGRAMS = [EVERYTHING] + [
    case for case in CASES if re.search(r"^system ", (ROOT / case.spec).read_text(), re.M)
]


def model_of(case: Case) -> Model:
    model = analyze_file(str(ROOT / case.spec), []).model
    assert model is not None
    return model


def plain_structs(case: Case, folder: Path) -> None:
    """Structs without handlers, each of another size: the tables need no more."""
    for index, isolate in enumerate(model_of(case).root.isolates):
        text = f'#include "{Path(case.spec).name}.h"\nnamespace {isolate.package} {{\n'
        text += f"struct {isolate.name} : {isolate.name}Base {{ char bytes[{7 + 13 * index}]; }};\n"
        (folder / f"{snake(isolate.name)}.h").write_text(f"#pragma once\n{text}}}\n")


def compiled(case: Case, folder: Path) -> tuple[RoleBudget, ...]:
    """What the objects of all systems of a case hold."""
    write(folder, files(case.spec))
    found: list[RoleBudget] = []
    if not case.handlers:
        plain_structs(case, folder)
    for source in sorted(folder.glob("*.system.cc")):
        includes = [
            f"-I{path}" for path in (ROOT / "runtime/include", folder, ROOT / case.handlers)
        ]
        command = [COMPILERS[0], "-std=c++20", *includes, "-c", str(source), "-o", f"{source}.o"]
        subprocess.run(command, check=True, timeout=300)
        found += section.read(Path(f"{source}.o").read_bytes())
    return tuple(found)


@pytest.mark.parametrize("case", PROGRAMS, ids=lambda case: case.name)
def test_python_places_every_region_as_the_compiler_does(case: Case, tmp_path: Path) -> None:
    model = model_of(case)
    exact = {(budget.system, budget.role): budget for budget in compiled(case, tmp_path)}
    bounds = budgets(model)
    assert exact.keys() == {(bound.system, bound.role) for bound in bounds}
    systems = {system.name: system for system in model.root.systems}
    for bound in bounds:
        known = exact[bound.system, bound.role]
        system = systems[bound.system]
        role = next(role for role in system.roles if role.name == bound.role)
        numbers = role_numbers(model, system, role)
        pairs = zip(numbers.types, known.types, strict=True)
        types = tuple(dataclasses.replace(mine, state=its.state) for mine, its in pairs)
        assert types == known.types
        regions, total = place(dataclasses.replace(numbers, types=types))
        assert regions == known.regions
        assert total == known.total
        assert (bound.limit, bound.shards, bound.auto) == (known.limit, known.shards, known.auto)
        assert bound.total >= known.total


def test_sizes_of_records_are_those_of_the_headers() -> None:
    """The quick half of the test above: it says which number of SIZES is old."""
    text = "".join(
        (ROOT / "runtime/include/tina" / name).read_text() for name in ("layout.h", "slot.h")
    )
    for name, size in SIZES.items():
        found = re.search(rf"sizeof\({name}\) == (\d+)|std::size_t {name} = (\d+);", text)
        real = int(found[1] or found[2]) if found else 8
        assert size == real, f"SIZES[{name!r}] of tina_gen/budget/regions.py is not {real}"
