# SPDX-License-Identifier: MIT
"""A lab for each test: what one leaves is not the next one's."""

import lab as laboratory
import pytest


@pytest.fixture
def lab(request, tmp_path):
    return laboratory.Lab(request.config.getoption("--build"), tmp_path)
