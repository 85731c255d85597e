# SPDX-License-Identifier: MIT
"""What a change must not break: models, mutants, fuzzing, coverage."""
