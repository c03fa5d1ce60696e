"""Any history of writes leaves the rules a plain list would have, with identities that only new rules change."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from site_builder.emulator import Emulator, Incoming, Zone
from site_builder.emulator.api import handle_api
from tests.emulator.conftest import ENTRY, JSON, rule

SERVER_FIELDS = ("version", "last_updated")


class Api:
    def __init__(self) -> None:
        self.state = Emulator([Zone("z", "example.com", "a", "enterprise")], token="t")

    def call(self, method: str, path: str, body: Any = None) -> JSON:
        content = b"" if body is None else json.dumps(body).encode()
        headers = (("authorization", "Bearer t"),)
        response = handle_api(self.state, Incoming(method, f"/client/v4/zones/z{path}", "", {}, headers, content))
        assert response.status_code == 200, response.body
        result: JSON = json.loads(bytes(response.body))["result"]
        return result


STEPS = st.lists(st.tuples(st.sampled_from(["add", "move", "change", "delete", "put back"]), st.integers(0, 9)))


@given(STEPS)
@settings(max_examples=60, deadline=None)
def test_histories(steps: list[tuple[str, int]]) -> None:
    api = Api()
    live = api.call("PUT", ENTRY, {"rules": [rule(ref="r0"), rule(ref="r1")]})
    path, model, ids, version = f"/rulesets/{live['id']}", ["r0", "r1"], {}, 1
    for found in live["rules"]:
        ids[found["ref"]] = found["id"]
    for number, (step, choice) in enumerate(steps, 2):
        chosen = model[choice % len(model)] if model else None
        before = {found["ref"]: found for found in live["rules"]}
        untouched = set(before)
        if step == "add":
            ref, place = f"r{number}", choice % (len(model) + 1)
            live = api.call("POST", f"{path}/rules", rule(ref=ref) | {"position": {"index": place + 1}})
            model.insert(place, ref)
            ids[ref] = live["rules"][place]["id"]
        elif step == "put back":
            read = [{k: v for k, v in found.items() if k not in SERVER_FIELDS} for found in live["rules"]]
            live = api.call("PUT", ENTRY, {"rules": read})
        elif chosen is None:
            continue
        elif step == "move":
            live = api.call("PATCH", f"{path}/rules/{ids[chosen]}", {"position": {"before": ""}})
            model.remove(chosen)
            model.insert(0, chosen)
        elif step == "change":
            live = api.call("PATCH", f"{path}/rules/{ids[chosen]}", rule(f"http.response.code eq {400 + number}"))
            untouched.discard(chosen)
        else:
            live = api.call("DELETE", f"{path}/rules/{ids[chosen]}")
            model.remove(chosen)
            untouched.discard(chosen)
        version += 1
        after = {found["ref"]: found for found in live["rules"]}
        assert list(after) == model
        assert live["version"] == str(version)
        assert {ref: found["id"] for ref, found in after.items()} == {ref: ids[ref] for ref in model}
        assert {ref: after[ref] for ref in untouched} == {ref: before[ref] for ref in untouched}
        assert api.call("GET", ENTRY) == live
