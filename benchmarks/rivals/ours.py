"""Our pipeline, or a part of it."""

from __future__ import annotations

import worker

import turkic_nlp


def load(settings: worker.Settings) -> worker.Run:
    """The shipped pipeline without the components that ``disable`` names."""
    nlp = turkic_nlp.load(settings["lang"], disable=settings["disable"])

    def run(texts: list[str]) -> None:
        for _ in nlp.pipe(texts):
            pass

    return run


if __name__ == "__main__":
    worker.main(load)
