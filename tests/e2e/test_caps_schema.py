"""The published JSON Schema and the parser agree on a shelf of good and bad capability manifests."""

import json
import re
import unittest

from support.program import SOURCE, DavitTest

SCHEMA = json.loads((SOURCE / "manifests" / "capabilities.schema.json").read_text())
EMPTY_MODULE = b"\0asm\1\0\0\0"


def resolve(schema):
    while "$ref" in schema:
        target = SCHEMA
        for part in schema["$ref"][2:].split("/"):
            target = target[part]
        schema = target
    return schema


def accepts(schema, value):
    """The part of JSON Schema 2020-12 that the published schema uses."""
    schema = resolve(schema)
    kinds = {"object": dict, "array": list, "string": str, "boolean": bool}
    if "const" in schema and (value != schema["const"] or isinstance(value, bool)):
        return False
    if "enum" in schema and value not in schema["enum"]:
        return False
    if "type" in schema and not isinstance(value, kinds[schema["type"]]):
        return False
    if isinstance(value, str):
        if len(value) > schema.get("maxLength", len(value)):
            return False
        if "pattern" in schema and not re.search(schema["pattern"], value):
            return False
    if isinstance(value, list):
        if len(value) > schema.get("maxItems", len(value)):
            return False
        if schema.get("uniqueItems") and len({json.dumps(item) for item in value}) != len(value):
            return False
        if not all(accepts(schema.get("items", {}), item) for item in value):
            return False
    if isinstance(value, dict):
        properties = schema.get("properties", {})
        if any(name not in value for name in schema.get("required", [])):
            return False
        if schema.get("additionalProperties") is False and any(name not in properties for name in value):
            return False
        if not all(accepts(properties[name], member) for name, member in value.items() if name in properties):
            return False
    return True


def requests(**members):
    return {"schemaVersion": 1, "requests": members}


GOOD = [
    requests(),
    requests(filesystem=[{"guest": "/", "access": "read"}]),
    requests(filesystem=[{"guest": "/data/in", "access": "write", "reason": "results"}, {"guest": "/.hidden", "access": "read"}]),
    requests(environment=["LOG_LEVEL", "APP_*", "*"]),
    requests(arguments=True, stdio=["stdin", "stdout", "stderr"], random=True, threads=False, exit=True),
    requests(network={"outbound": ["tcp://db.internal:5432", "udp://*:53", "tcp://[::1]:80", "tcp://*.example.com:*"], "inbound": [], "resolve": True}),
    requests(http={"outbound": ["https://api.example.com", "http://*.example.com:8080/v1/", "https://*"], "serve": True}),
    requests(clocks=["wall", "monotonic"], host=["extism:host/user", "env"], keyvalue=True, nn=True),
    {"schemaVersion": 1, "requests": {}, "limits": {"memory": "64MiB", "time": "5s"}},
    {"$schema": "urn:davit:capabilities:v1", "schemaVersion": 1, "requests": {}},
]

BAD = [
    [],
    {},
    {"schemaVersion": 1},
    {"requests": {}},
    {"schemaVersion": 2, "requests": {}},
    {"schemaVersion": "1", "requests": {}},
    {"schemaVersion": True, "requests": {}},
    {"schemaVersion": 1, "requests": []},
    {"schemaVersion": 1, "requests": {}, "extra": 1},
    requests(unknown=True),
    requests(arguments="yes"),
    requests(random=1),
    requests(filesystem=["/data"]),
    requests(filesystem=[{"guest": "/data"}]),
    requests(filesystem=[{"access": "read"}]),
    requests(filesystem=[{"guest": "data", "access": "read"}]),
    requests(filesystem=[{"guest": "/a/../b", "access": "read"}]),
    requests(filesystem=[{"guest": "/a//b", "access": "read"}]),
    requests(filesystem=[{"guest": "/a/", "access": "read"}]),
    requests(filesystem=[{"guest": "", "access": "read"}]),
    requests(filesystem=[{"guest": "/a", "access": "execute"}]),
    requests(filesystem=[{"guest": "/a", "access": "read", "mode": 1}]),
    requests(environment=["1ABC"]),
    requests(environment=["A*B"]),
    requests(environment=["A", "A"]),
    requests(environment=[""]),
    requests(environment="A"),
    requests(stdio=["stdlog"]),
    requests(network={"outbound": ["db:5432"]}),
    requests(network={"outbound": ["tcp://db"]}),
    requests(network={"outbound": ["tcp://db:0"]}),
    requests(network={"outbound": ["tcp://db:80/path"]}),
    requests(network={"outbound": ["tcp://DB:80"]}),
    requests(network={"all": True}),
    requests(http={"outbound": ["ftp://example.com"]}),
    requests(http={"outbound": ["https://user@example.com"]}),
    requests(http={"outbound": ["https://example.com/?q"]}),
    requests(http={"outbound": ["https://example.com/a//b"]}),
    requests(http={"outbound": ["https://example.com/../b"]}),
    requests(clocks=["sundial"]),
    requests(host=["a b"]),
    requests(host=["a,b"]),
    {"schemaVersion": 1, "requests": {}, "limits": {"memory": "64MB"}},
    {"schemaVersion": 1, "requests": {}, "limits": {"memory": "064MiB"}},
    {"schemaVersion": 1, "requests": {}, "limits": {"time": 5}},
    {"schemaVersion": 1, "requests": {}, "limits": {"fuel": "5"}},
]


class CapabilitySchema(DavitTest):
    def parser_accepts(self, document):
        (self.folder / "m.wasm").write_bytes(EMPTY_MODULE)
        (self.folder / "caps.json").write_text(json.dumps(document))
        return self.run_davit("caps", "check", "m.wasm", "--caps", "caps.json").status == 0

    def test_both_accept_the_good_ones(self):
        for document in GOOD:
            with self.subTest(document=document):
                self.assertTrue(accepts(SCHEMA, document))
                self.assertTrue(self.parser_accepts(document))

    def test_both_refuse_the_bad_ones(self):
        for document in BAD:
            with self.subTest(document=document):
                self.assertFalse(accepts(SCHEMA, document))
                self.assertFalse(self.parser_accepts(document))


if __name__ == "__main__":
    unittest.main()
