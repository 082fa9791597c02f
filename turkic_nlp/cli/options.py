"""Options that several commands share, and what they come to."""

from __future__ import annotations

from typing import Annotated

import typer

from turkic_nlp.errors import BadOption, NoDevice

Model = Annotated[
    str | None, typer.Option(help="Name of a shipped model, or a folder. The default model if left out.")
]
Device = Annotated[str, typer.Option(help="cpu, cuda, or auto: cuda where there is one.")]

Precision = Annotated[
    str,
    typer.Option(help="fp32, or faster and a little worse: int8 on a CPU, bf16 on a GPU or a recent CPU."),
]


def chosen_device(device: str) -> str:
    """``cpu`` or ``cuda``; NoDevice (T612) where cuda is asked for and missing."""
    import torch

    if device not in ("auto", "cpu", "cuda"):
        raise BadOption("device", device, "auto, cpu or cuda")
    if device == "cuda" and not torch.cuda.is_available():
        raise NoDevice(device)
    return "cuda" if device != "cpu" and torch.cuda.is_available() else "cpu"
