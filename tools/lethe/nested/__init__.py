# SPDX-License-Identifier: MIT
"""Lethe under KVM's nested VMX."""
