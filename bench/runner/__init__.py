# SPDX-License-Identifier: Apache-2.0
"""The parts of bench/run.py: what is run (catalogue), how (measure), where (machine), and how the
outcome is shown and kept (report)."""
