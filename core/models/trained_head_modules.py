"""The networks of small trained heads, in the shapes that their folders state (see trained_head.py)."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import torch
from torch import nn
from torch.nn import functional

from core.domain.errors import ModelUnavailableError

MAPS = ("linear", "square-root", "power")


class Comparator(nn.Module):
    """One bilinear map of a pair of items; deep: of ``width`` outputs, then tanh and a linear map to one number."""

    def __init__(self, width: int, *, deep: bool) -> None:
        super().__init__()
        self.bi = nn.Bilinear(width, width, width if deep else 1)
        self.proj = nn.Sequential(nn.Tanh(), nn.Linear(width, 1)) if deep else nn.Identity()

    def forward(self, items: torch.Tensor) -> torch.Tensor:
        """(n, width) -> (n, n): how well item j follows item i."""
        count, width = items.shape
        left = items[:, None].expand(count, count, width)
        right = items[None].expand(count, count, width)
        found: torch.Tensor = self.proj(self.bi(left.contiguous(), right.contiguous()))
        return found[..., 0]


class TspRankHead(nn.Module):
    """TSPRank's pairwise model (Li et al. 2024), with the names that its authors' code gives to the weights.

    Items go through an optional linear embedding and a transformer encoder without positions, then through one
    comparator, or, where the triangles are separate, one above and one below the diagonal.
    """

    def __init__(self, config: Mapping[str, Any]) -> None:
        super().__init__()
        dim = _whole(config, "input_dim")
        width = _whole(config, "width", dim)
        layers, heads = _whole(config, "layers", 4, least=0), _whole(config, "heads", 8)
        self.input_dim = dim
        self.separate = bool(config.get("separate", True))
        feed_forward, deep = _whole(config, "feed_forward", 32), bool(config.get("deep", False))
        self.embedding = _embedding(dim, width, feed_forward, layers) if "width" in config else nn.Identity()
        self.transformer: nn.Module = nn.Identity()
        if layers:
            if width % heads:
                raise ModelUnavailableError(f"width {width} is not a multiple of heads {heads}")
            layer = nn.TransformerEncoderLayer(width, heads, feed_forward, batch_first=True)
            encoder = nn.TransformerEncoder(layer, layers, enable_nested_tensor=False)
            self.transformer = nn.ModuleDict({"transformer_encoder": encoder})
        if self.separate:
            self.upper_comparisor = Comparator(width, deep=deep)
            self.lower_comparisor = Comparator(width, deep=deep)
        else:
            self.comparisor = Comparator(width, deep=deep)

    def forward(self, vectors: torch.Tensor) -> torch.Tensor:
        """(n, input_dim) -> (n, n)."""
        items = self.embedding(vectors)
        if isinstance(self.transformer, nn.ModuleDict):
            items = self.transformer["transformer_encoder"](items[None])[0]
        if not self.separate:
            found: torch.Tensor = self.comparisor(items)
            return found
        return torch.triu(self.upper_comparisor(items)) + torch.tril(self.lower_comparisor(items), -1)


class CosineAdapterHead(nn.Module):
    """Cosine Adapter's network (Rossi et al. 2024): a query's vector to slope, power and offset of a rising map."""

    def __init__(self, config: Mapping[str, Any]) -> None:
        super().__init__()
        self.input_dim = _whole(config, "input_dim")
        self.map = str(config.get("map", "linear"))
        if self.map not in MAPS:
            raise ModelUnavailableError(f"map {self.map!r} is unknown; allowed are {', '.join(MAPS)}")
        stated = config.get("hidden", [64])
        if not isinstance(stated, list) or not all(isinstance(width, int) and width > 0 for width in stated):
            raise ModelUnavailableError(f"hidden {stated!r} must be a list of widths, each a whole number from 1")
        widths = [self.input_dim, *stated]
        layers: list[nn.Module] = []
        for wide, narrow in pairwise(widths):
            layers += [nn.Linear(wide, narrow), nn.ReLU()]
        self.mlp = nn.Sequential(*layers, nn.Linear(widths[-1], 3 if self.map == "power" else 2))

    def forward(self, vectors: torch.Tensor) -> torch.Tensor:
        """(1, input_dim) -> (3,): slope > 0, power > 0, offset."""
        slope, offset, *rest = self.mlp(vectors)[0]
        fixed = {"linear": 1.0, "square-root": 0.5}
        power = functional.softplus(rest[0]) if self.map == "power" else slope.new_tensor(fixed[self.map])
        return torch.stack([functional.softplus(slope), power, offset])


def _embedding(dim: int, width: int, feed_forward: int, layers: int) -> nn.Module:
    """A linear map; without a transformer two of them, as in the authors' code."""
    if layers:
        return nn.Linear(dim, width)
    return nn.Sequential(nn.Linear(dim, feed_forward), nn.ReLU(), nn.Dropout(), nn.Linear(feed_forward, width))


def _whole(config: Mapping[str, Any], name: str, default: int | None = None, *, least: int = 1) -> int:
    value = config.get(name, default)
    if not isinstance(value, int) or isinstance(value, bool) or value < least:
        raise ModelUnavailableError(f"config.json must state {name} as a whole number from {least}, not {value!r}")
    return value
