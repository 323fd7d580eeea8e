"""The import contract that `make check` holds: every module of ours is on a layer, and no files import in a circle."""

from graphlib import CycleError, TopologicalSorter
from typing import Any

from grimp import ImportGraph
from importlinter.contracts.layers import LayersContract
from importlinter.domain.contract import ContractCheck
from importlinter.domain.fields import ListField, StringField


class WholeLayers(LayersContract):
    """Layers without a gap. `roots` are the packages of which every module must be on one of the layers."""

    roots = ListField(subfield=StringField())

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        check = super().check(graph, verbose)
        ours = {module for module in graph.modules if module.split(".")[0] in self.roots}
        faults = [f"{module} is on no layer." for module in sorted(ours) if not self._has_a_layer(module)]
        faults += _circle(graph, ours)
        return ContractCheck(
            kept=check.kept and not faults, warnings=check.warnings, metadata={**check.metadata, "faults": faults}
        )

    def render_broken_contract(self, check: ContractCheck) -> None:
        for fault in check.metadata["faults"]:
            print(fault)
        super().render_broken_contract(check)

    def _has_a_layer(self, module: str) -> bool:
        layers: Any = self.layers
        names = {tail.name for layer in layers for tail in layer.module_tails}
        above = {module.rsplit(".", steps)[0] for steps in range(module.count(".") + 1)}
        return bool(above & names) or any(name.startswith(f"{module}.") for name in names)


def _circle(graph: ImportGraph, ours: set[str]) -> list[str]:
    """The first circle of files that is found, in words; empty if there is none."""
    imports = {module: graph.find_modules_directly_imported_by(module) & ours for module in ours}
    try:
        TopologicalSorter(imports).prepare()
    except CycleError as error:
        return [f"Files import in a circle: {' ← '.join(error.args[1])}"]
    return []
