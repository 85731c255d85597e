# SPDX-License-Identifier: MIT
"""The program under test, and a dump of a few records of each kind."""

import dumps
import pytest


@pytest.fixture
def tool(build):
    return dumps.Tool(build)


@pytest.fixture
def scene(tool):
    return tool.encode(dumps.SCENE)
