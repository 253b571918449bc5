"""Networks that laboratories have shown, one YAML file each; every number in them names its source."""

from __future__ import annotations

from functools import cache


@cache
def preset_names() -> tuple[str, ...]:
    """Names of the networks that come with Weft, sorted."""
    from importlib.resources import files

    names = (entry.name for entry in files(__name__).iterdir())
    return tuple(sorted(name.removesuffix(".yaml") for name in names if name.endswith(".yaml")))


def read_preset(name: str) -> str:
    """The YAML text of a preset, one of `preset_names()`."""
    from importlib.resources import files

    return files(__name__).joinpath(f"{name}.yaml").read_text(encoding="utf-8")
