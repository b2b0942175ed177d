import json
import sys

from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.plugins import register_default_plugins
from grafana_foundation_sdk.models.dashboard import Dashboard


def lost(ours, theirs, path):
    """What the models have no place for, or read as something else."""
    if isinstance(ours, dict):
        for key, value in ours.items():
            if not isinstance(theirs, dict) or key not in theirs:
                yield f"{path}.{key}"
            else:
                yield from lost(value, theirs[key], f"{path}.{key}")
    elif isinstance(ours, list):
        if not isinstance(theirs, list) or len(ours) != len(theirs):
            yield path
        else:
            for number, (one, other) in enumerate(zip(ours, theirs)):
                yield from lost(one, other, f"{path}[{number}]")
    elif ours != theirs:
        yield f"{path}: {ours!r} is {theirs!r}"


register_default_plugins()
ours = json.load(sys.stdin)
read = Dashboard.from_json(ours)
for panel in read.panels:
    if panel.type_val != "row" and type(panel.options).__name__ != "Options":
        sys.exit(f"{panel.title}: no options of a {panel.type_val}")
problems = list(lost(ours, json.loads(JSONEncoder(sort_keys=True).encode(read)), "dashboard"))
if problems:
    sys.exit("\n".join(problems))
kinds = {panel.type_val for panel in read.panels}
print(*[kind for kind in ("timeseries", "stat", "piechart", "row") if kind in kinds])
