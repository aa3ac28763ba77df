# SPDX-License-Identifier: Apache-2.0
"""What `./dev` does: set-up, builds, tests, formatting and the acceptance table.

Standard library only, because these modules run before `.venv` exists.
"""
