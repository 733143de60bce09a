"""Run scim-sanity's probe against a SCIM service and print what it found as one JSON document.

    ROLLCALL_SCIM_URL=http://… ROLLCALL_SCIM_TOKEN=… python sanity.py

Exit status 0 means that the probe ran to its end, not that the service passed: who calls this judges the results.
"""

import json
import os

from scim_sanity.probe.runner import run_probe_api

print(json.dumps(run_probe_api(os.environ["ROLLCALL_SCIM_URL"], token=os.environ["ROLLCALL_SCIM_TOKEN"], strict=True)))
