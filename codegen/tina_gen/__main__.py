# SPDX-License-Identifier: Apache-2.0
"""Runs the command line as `python -m tina_gen`."""

import sys

from tina_gen.cli import main

sys.exit(main())
