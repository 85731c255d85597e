# SPDX-License-Identifier: MIT
"""Documents that are made of, or held against, results and sources."""
