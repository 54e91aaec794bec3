"""Writing a pack back to its files, so that what was loaded can be read, kept and loaded again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml

from zerotrip.catalogue.packs.documents import plain
from zerotrip.catalogue.packs.parts import registered

if TYPE_CHECKING:
    from pathlib import Path

    from zerotrip.catalogue.packs.folder import Pack
    from zerotrip.catalogue.spec import Part, ServiceSpec


class _Dumper(yaml.SafeDumper):
    """Block style, two languages on one line, no anchors."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _mapping(dumper: _Dumper, value: dict[str, Any]) -> yaml.Node:
    words = value.keys() <= {"zh", "en"}
    return dumper.represent_mapping("tag:yaml.org,2002:map", value.items(), flow_style=words)


def _text(dumper: _Dumper, value: str) -> yaml.Node:
    # PyYAML quotes what YAML 1.1 would misread; our reader follows 1.2, where 1e3 is a number too.
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style='"' if plain(value) != value else None)


_Dumper.add_representer(dict, _mapping)
_Dumper.add_representer(str, _text)


def _dump(part: Part) -> str:
    return dump(part.model_dump(mode="json", exclude_defaults=True))


def dump(value: Any) -> str:
    """YAML of plain data that reads back as the same data."""
    text: str = yaml.dump(
        value, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=110, default_flow_style=False
    )
    return text


def service_yaml(spec: ServiceSpec) -> str:
    """A service as the file that declares it."""
    return _dump(spec)


def write(pack: Pack, folder: Path) -> list[Path]:
    """Write every file of ``pack`` under ``folder``, which is made when missing. Returns the files."""
    texts = {"pack.yaml": _dump(pack.spec), "district.yaml": _dump(pack.district)}
    texts |= {f"services/{name}.yaml": service_yaml(spec) for name, spec in pack.services.items()}
    texts |= {f"samples/{name}.yaml": dump(answers) for name, answers in pack.samples.items()}
    texts |= {f"templates/{name}": text for name, text in pack.templates.items()}
    for kind in registered():
        texts |= {kind.file_of(name): _dump(part) for name, part in pack.parts.get(kind.name, {}).items()}
    for name, text in texts.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return [folder / name for name in texts]
