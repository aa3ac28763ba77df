# SPDX-License-Identifier: Apache-2.0
"""Resolution: syntax trees to the model. Every name, type and value becomes known, or an error."""
