# SPDX-License-Identifier: MIT
"""The same guest on KVM."""
