# SPDX-License-Identifier: Apache-2.0
"""What an operation costs in instructions: a gate against a table, and sweeps over sizes."""
