# SPDX-License-Identifier: Apache-2.0
"""Emission: from the resolved model to C++ and JSON. Pure; the same model gives the same bytes.

Views decide, templates substitute and loop.
"""

from tina_gen.emit.generate import GeneratedFile, generate

__all__ = ["GeneratedFile", "generate"]
