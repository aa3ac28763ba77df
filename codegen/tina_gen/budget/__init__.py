# SPDX-License-Identifier: Apache-2.0
"""How the bytes of a shard are spoken for: bounds from a spec, exact numbers from a binary.

`regions` is the one place in Python that knows the arena's layout, as `tina/layout.h` is in C++; a
test holds the two together. `section` reads what the compiler has left in an object file, `table`
and `lock` work on either.
"""

from tina_gen.budget.facts import budgets
from tina_gen.budget.regions import Region, RoleBudget, TypeNumbers

__all__ = ["Region", "RoleBudget", "TypeNumbers", "budgets"]
