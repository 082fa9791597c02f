"""Growth of an encoder in depth during pre-training: layers are doubled from the top down, with their optimiser state.

Shallow layers learn fast and a deeper encoder goes on from there at almost the same loss (Gong et al. 2019, stacking;
here each copied layer stands next to its original).
"""

from __future__ import annotations

import re
from typing import Any

from torch import nn

_LAYER = re.compile(r"layers\.layers\.(\d+)\.")


def depth_map(small: int, large: int) -> list[int]:
    """From which layer of the small encoder each layer of the large one comes: 4 to 6 is ``0 1 2 2 3 3``."""
    copies = [large // small + (index >= small - large % small) for index in range(small)]
    return [index for index, count in enumerate(copies) for _ in range(count)]


def grow(state: dict[str, Any], small: nn.Module, large: nn.Module, groups: Any) -> dict[str, Any]:
    """The checkpoint of a deeper model from that of a shallower one.

    ``state`` has ``model``, ``optimiser`` and ``seen``; ``groups(module)`` are the optimiser's parameter groups, whose
    order numbers the optimiser's state.
    """
    origin = depth_map(_depth(small), _depth(large))

    def source(name: str) -> str:
        return _LAYER.sub(lambda found: f"layers.layers.{origin[int(found[1])]}.", name)

    numbers = {name: number for number, name in enumerate(_names(small, groups))}
    names = _names(large, groups)
    old = state["optimiser"]
    moments = {
        number: {key: value.clone() for key, value in old["state"][numbers[source(name)]].items()}
        for number, name in enumerate(names)
    }
    sizes = [len(group["params"]) for group in groups(large)]
    starts = [sum(sizes[:index]) for index in range(len(sizes))]
    return {
        "model": {name: state["model"][source(name)].clone() for name in large.state_dict()},
        "optimiser": {
            "state": moments,
            "param_groups": [
                group | {"params": list(range(start, start + size))}
                for group, start, size in zip(old["param_groups"], starts, sizes, strict=True)
            ],
        },
        "seen": state["seen"],
    }


def _depth(module: nn.Module) -> int:
    return 1 + max(int(found[1]) for name in module.state_dict() if (found := _LAYER.search(name)))


def _names(module: nn.Module, groups: Any) -> list[str]:
    names = {id(parameter): name for name, parameter in module.named_parameters()}
    return [names[id(parameter)] for group in groups(module) for parameter in group["params"]]
