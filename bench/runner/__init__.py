# SPDX-License-Identifier: Apache-2.0
"""The parts of bench/run.py: what is run (catalogue), how (measure), where (machine), what it
means (report), how it is shown (draw) and kept (record)."""
