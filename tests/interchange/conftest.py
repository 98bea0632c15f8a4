"""Models in files, and those of all designs."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from workbench.designs import DESIGNS
from workbench.dynamodb.targets import Target
from workbench.interchange.model import Model, model_of

MODELS = Path(__file__).parent / "models"


def content(name: str) -> bytes:
    return (MODELS / f"{name}.json").read_bytes()


def document(name: str) -> Any:
    return json.loads(content(name))


@pytest.fixture(scope="package")
def models(server: Target) -> Mapping[str, Model]:
    return {design.name: model_of(design, server) for design in DESIGNS}
