# SPDX-License-Identifier: Apache-2.0
"""Makes the modules of `./dev` importable: they are run from the clone, never installed."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "codegen"))
