# SPDX-License-Identifier: MIT
"""Gives each test a lab of its own: no test sees what another one left."""

import lab as laboratory
import pytest


@pytest.fixture
def lab(request, tmp_path):
    return laboratory.Lab(request.config.getoption("--build"), tmp_path)
