"""What no shape can say: references, families, provenance, levels and limits that fit together."""

from __future__ import annotations

from collections.abc import Collection

from catalogue.domain.registry.consistent_matters import MatterChecks
from catalogue.domain.registry.consistent_regions import RegionChecks
from catalogue.domain.registry.findings import Findings
from catalogue.domain.registry.ground import Block, Ground, items


def check_document(document: Block, findings: Findings, others: Collection[str] = ()) -> None:
    """Record every inconsistency of a document as read; parts that could not be read are passed over.

    ``others`` are ids of matters that the registry has beside those of the document, where it holds only some: they
    count as known and are not looked at.
    """
    ground = Ground(document, findings, others)
    for number, law in items(document, "laws"):
        ground.basis(law.get("provenance"), ("laws", number, "provenance"))
    matters = MatterChecks(ground)
    RegionChecks(ground, matters).run()
    matters.run()
