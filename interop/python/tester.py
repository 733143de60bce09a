"""Run scim2-tester against a SCIM service and print what it found as one JSON document.

    ROLLCALL_SCIM_URL=http://… ROLLCALL_SCIM_TOKEN=… python tester.py [--values]

--values gives the suite values for attributes for which it cannot make up any (README.md). Without it the suite runs as it is.

Exit status 0 means that the suite ran to its end, not that the service passed: who calls this judges the results.
"""

import datetime
import importlib.metadata
import json
import os
import sys
import typing

import httpx2
import pydantic
from scim2_client.engines.httpx2 import SyncSCIMClient
from scim2_tester import check_server

PACKAGES = ["scim2-tester", "scim2-client", "scim2-models"]
UTC = datetime.timezone.utc
VALUES = {
    datetime.datetime: [datetime.datetime(2026, 3, 1, 8, tzinfo=UTC), datetime.datetime(2027, 1, 31, 17, 30, tzinfo=UTC)],
    float: [0.5, 1.25],
}


def parts_of(annotation):
    """A type annotation and every annotation inside it."""
    yield annotation
    for argument in typing.get_args(annotation):
        yield from parts_of(argument)


def teach(model, seen):
    """Give the suite sensible values for the attributes for which it has none. README.md says why it needs them.

    The suite takes a value from a field's examples, where there are some, before it makes one up. A model shares its fields with those it is derived from.
    """
    for base in model.__mro__:
        if base in seen or not issubclass(base, pydantic.BaseModel):
            continue
        seen.add(base)
        for name, field in base.model_fields.items():
            types = list(parts_of(field.annotation))
            for kind, values in VALUES.items():
                if kind in types and not field.examples:
                    field.examples = values
            if any(typing.get_origin(t) is list and str in typing.get_args(t) for t in types) and name != "schemas":
                field.examples = ["the only value of " + name]
            for inner in types:
                if isinstance(inner, type) and issubclass(inner, pydantic.BaseModel):
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
        if "--values" in sys.argv[1:]:
            client.discover()
            seen = set()
            for model in [*client.provider.models, *(client.get_resource_model(t.name) for t in client.provider.resource_types)]:
                teach(model, seen)
        results = [plain(r) for r in check_server(client)]
    versions = {p: importlib.metadata.version(p) for p in PACKAGES}
    print(json.dumps({"versions": versions, "results": results}))


main()
