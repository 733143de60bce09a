"""Run scim2-tester against a SCIM service and print what it found as one JSON document.

    ROLLCALL_SCIM_URL=http://… ROLLCALL_SCIM_TOKEN=… python tester.py

Exit status 0 means that the suite ran to its end, not that the service passed: who calls this judges the results.
"""

import datetime
import importlib.metadata
import json
import os
import typing

import httpx2
import pydantic
from scim2_client.engines.httpx2 import SyncSCIMClient
from scim2_tester import check_server

PACKAGES = ["scim2-tester", "scim2-client", "scim2-models"]
TIMES = [datetime.datetime(2026, 3, 1, 8, tzinfo=datetime.timezone.utc), datetime.datetime(2027, 1, 31, 17, 30, tzinfo=datetime.timezone.utc)]


def models_in(annotation):
    """Every model that a type annotation names."""
    if isinstance(annotation, type) and issubclass(annotation, pydantic.BaseModel):
        yield annotation
    for argument in typing.get_args(annotation):
        yield from models_in(argument)


def teach(model, seen):
    """Give the suite sensible values for two kinds of attributes. README.md says why it needs them.

    The suite takes a value from a field's examples, where there are some, before it makes one up.
    """
    if model in seen:
        return
    seen.add(model)
    for name, field in model.model_fields.items():
        types = [field.annotation, *typing.get_args(field.annotation)]
        if datetime.datetime in types:
            field.examples = TIMES
        elif any(typing.get_origin(t) is list and str in typing.get_args(t) for t in types) and name != "schemas":
            field.examples = ["the only value of " + name]
        for inner in models_in(field.annotation):
            teach(inner, seen)


def plain(result):
    data = result.data if isinstance(result.data, dict) else {}
    return {
        "check": result.title,
        "status": result.status.name,
        "resource": result.resource_type or "",
        "attribute": data.get("urn", ""),
        "reason": result.reason or "",
    }


def main():
    http = httpx2.Client(
        base_url=os.environ["ROLLCALL_SCIM_URL"],
        headers={"Authorization": "Bearer " + os.environ["ROLLCALL_SCIM_TOKEN"]},
        timeout=30,
    )
    with http:
        client = SyncSCIMClient(http)
        client.discover()
        seen = set()
        for model in client.provider.models:
            teach(model, seen)
        results = [plain(r) for r in check_server(client)]
    versions = {p: importlib.metadata.version(p) for p in PACKAGES}
    print(json.dumps({"versions": versions, "results": results}))


main()
