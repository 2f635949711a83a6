"""The catalogue as CPSV-AP 3.2: the published SHACL shapes find nothing wrong with it.

The shapes are data of their publisher and are not copied here. They are looked for where ``CATALOGUE_CPSV_SHAPES``
says, else in ``reference/cpsv-ap`` beside the project.
"""

from __future__ import annotations

import json
import os
import warnings
from pathlib import Path

import pytest

from catalogue.domain.registry.export import as_jsonld
from catalogue.domain.registry.reader import read_registry

ROOT = Path(__file__).parents[2]
PLACES = (ROOT.parent / "reference" / "cpsv-ap", ROOT.parent / "shared" / "reference" / "cpsv-ap")


def shapes() -> Path | None:
    named = os.environ.get("CATALOGUE_CPSV_SHAPES")
    found = [Path(named)] if named else [place / "cpsv-ap-SHACL.ttl" for place in PLACES]
    return next((path for path in found if path.is_file()), None)


def test_the_catalogue_passes_the_published_shapes() -> None:
    path = shapes()
    if path is None:
        pytest.skip("the published SHACL shapes are not on this machine; CATALOGUE_CPSV_SHAPES names the file")
    with warnings.catch_warnings():
        # rdflib parses the shapes with calls that its own dependencies deprecate.
        warnings.simplefilter("ignore")
        from pyshacl import validate
        from rdflib import Graph

        registry, _ = read_registry((ROOT / "matters.yaml").read_bytes(), "matters.yaml")
        assert registry is not None
        graph = Graph().parse(data=json.dumps(as_jsonld(registry)), format="json-ld")
        assert len(graph) > 1000
        conforms, _, told = validate(graph, shacl_graph=Graph().parse(path), advanced=False, inference="none")
    assert conforms, told[:4000]
