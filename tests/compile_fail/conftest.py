# SPDX-License-Identifier: Apache-2.0
"""Lets the tests of this folder import the generator and what tests of the emitter share."""

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "codegen"), str(HERE.parents[1] / "codegen")]
