# SPDX-License-Identifier: Apache-2.0
"""The tina generator: reads `.tina` specs, checks them and writes the C++ contract.

The passes are listed on one page in `pipeline.py`; only `cli.py` touches the disk or prints.
"""

__version__ = "0.1.0"
