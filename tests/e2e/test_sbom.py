"""sbom: what stands in a file, as CycloneDX and SPDX; broken lists are told and left out."""

import base64
import hashlib
import json
import unittest
import zlib

from support.program import DavitTest
from support.wasm import custom, leb, module, name, section

CRATES = {
    "packages": [
        {"name": "greet", "version": "0.3.0", "source": "local", "dependencies": [1, 2], "root": True},
        {"name": "serde", "version": "1.0.200+meta", "source": "crates.io"},
        {"name": "cc", "version": "1.2.0", "source": "git", "kind": "build", "dependencies": [1]},
    ]
}
GO = b"path\texample.com/app\nmod\texample.com/app\t(devel)\t\ndep\tgolang.org/x/text\tv0.3.0\th1:abc=\n" \
     b"dep\texample.com/old\tv1.0.0\n=>\texample.com/new\tv1.1.0\th1:def=\nbuild\tGOOS=wasip1\n"
START = bytes.fromhex("3077af0c9274080241e1c107e6d618e6")
END = bytes.fromhex("f932433186182072008242104116d8f2")


def producers(**fields):
    body = leb(len(fields))
    for field, values in fields.items():
        body += name(field.replace("_", "-")) + leb(len(values))
        for tool, version in values.items():
            body += name(tool) + name(version)
    return custom(b"producers", body)


def rust_module(packages=None):
    return module(20) + custom(b".dep-v0", zlib.compress(json.dumps(packages or CRATES).encode()))


def go_module():
    data = b"x" * 9 + START + GO + END
    tools = producers(language={"Go": "go1.26.1"}, processed_by={"Go cmd/compile": "go1.26.1"})
    return b"\0asm\1\0\0\0" + section(5, b"\1\0\1") + section(11, b"\1\0\x41\x80\x08\x0b" + name(data)) + tools


def component(*sections):
    return b"\0asm\x0d\0\1\0" + b"".join(sections)


def imports(*names):
    """An instance type without items, and an import of it under each name."""
    body = leb(len(names)) + b"".join(b"\0" + name(label) + b"\5\0" for label in names)
    return section(7, b"\1\x42\0") + section(10, body)


class Sbom(DavitTest):
    def sbom(self, content, kind="cyclonedx", name="app.wasm", **environment):
        (self.folder / name).write_bytes(content)
        return self.succeed("sbom", name, "--sbom-format", kind, **environment)

    def parts(self, content):
        document = self.sbom(content).json
        return document, {part.get("purl", part["bom-ref"]): part for part in document["components"]}

    def test_crates_with_their_graph(self):
        document, parts = self.parts(rust_module())
        serde = parts["pkg:cargo/serde@1.0.200%2Bmeta"]
        self.assertEqual(parts["pkg:cargo/cc@1.2.0"]["scope"], "excluded")
        self.assertNotIn("scope", serde)
        graph = {entry["ref"]: entry["dependsOn"] for entry in document["dependencies"]}
        root = parts["pkg:cargo/greet@0.3.0"]["bom-ref"]
        self.assertEqual(graph["wasm-0"], [root])
        self.assertIn(serde["bom-ref"], graph[root])
        self.assertEqual(document["metadata"]["component"]["version"], "0.3.0")

    def test_go_modules_and_the_standard_library(self):
        _, parts = self.parts(go_module())
        for purl in ("pkg:golang/example.com/app", "pkg:golang/golang.org/x/text@v0.3.0", "pkg:golang/example.com/new@v1.1.0", "pkg:golang/stdlib@1.26.1"):
            self.assertIn(purl, parts)
        self.assertIn({"name": "davit:go:replaces", "value": "example.com/old@v1.0.0"}, parts["pkg:golang/example.com/new@v1.1.0"]["properties"])

    def test_interfaces_and_components_that_are_imported(self):
        content = base64.b64encode(hashlib.sha256(b"x").digest()).decode()
        names = ["wasi:cli/stdout@0.2.0", "wasi:cli/stdin@0.2.0", "local:thing/api", "plain"]
        _, parts = self.parts(component(imports(*names)))
        cli = parts["pkg:generic/wasi/cli@0.2.0"]
        self.assertEqual((cli["name"], cli["scope"]), ("wasi:cli", "required"))
        self.assertEqual([entry["value"] for entry in cli["properties"]], ["stdout", "stdin"])
        self.assertIn("pkg:generic/local/thing", parts)
        self.assertEqual(len(parts), 2)
        empty = section(7, b"\1\x41\0")  # a component type without items
        locked = f"locked-dep=<a:b@1.2.3>,integrity=<sha256-{content}>"
        _, parts = self.parts(component(empty, section(10, b"\1\0" + name(locked) + b"\4\0")))
        part = parts["pkg:generic/a/b@1.2.3"]
        self.assertEqual((part["version"], part["hashes"][0]["content"]), ("1.2.3", hashlib.sha256(b"x").hexdigest()))
        self.assertNotIn("scope", part)

    def test_every_nested_binary_has_its_digest(self):
        inner = rust_module()
        document, parts = self.parts(component(section(1, inner), section(4, component(section(1, module(30))))))
        binaries = {ref: part for ref, part in parts.items() if ref.startswith("wasm-")}
        self.assertEqual(len(binaries), 3)
        self.assertIn(hashlib.sha256(inner).hexdigest(), [part["hashes"][0]["content"] for part in binaries.values()])
        self.assertIn("pkg:cargo/serde@1.0.200%2Bmeta", parts)
        graph = {entry["ref"]: entry["dependsOn"] for entry in document["dependencies"]}
        self.assertEqual(len(graph["wasm-0"]), 2)

    def test_tools_and_what_the_file_says_of_itself(self):
        wasm = module(30) + producers(language={"Rust": ""}, processed_by={"rustc": "1.80.0 (abc 2024)", "jco": "1.2.3"}, sdk={"wit-bindgen-rust": "0.2"})
        for key, value in (("licenses", "MIT OR LicenseRef-Own"), ("version", "2.0"), ("homepage", "https://example.com"), ("authors", "A")):
            wasm += custom(key.encode(), value.encode())
        document, parts = self.parts(wasm)
        for purl in ("pkg:generic/rustc@1.80.0", "pkg:npm/%40bytecodealliance/jco@1.2.3", "pkg:cargo/wit-bindgen@0.2"):
            self.assertEqual(parts[purl]["scope"], "excluded")
        root = document["metadata"]["component"]
        self.assertEqual((root["version"], root["licenses"]), ("2.0", [{"expression": "MIT OR LicenseRef-Own"}]))
        spdx = self.sbom(wasm, "spdx").json
        self.assertEqual(spdx["packages"][0]["licenseDeclared"], "MIT OR LicenseRef-Own")
        self.assertEqual(spdx["hasExtractedLicensingInfos"][0]["licenseId"], "LicenseRef-Own")

    def test_the_same_file_gives_the_same_document(self):
        for kind in ("cyclonedx", "spdx"):
            first = self.sbom(rust_module(), kind).out
            self.assertEqual(first, self.sbom(rust_module(), kind, SOURCE_DATE_EPOCH="").out)
            self.assertNotEqual(first, self.sbom(rust_module() + custom(b"x", b""), kind).out)
        self.assertNotIn("timestamp", self.sbom(rust_module()).json["metadata"])
        self.assertEqual(self.sbom(rust_module(), SOURCE_DATE_EPOCH="1700000000").json["metadata"]["timestamp"], "2023-11-14T22:13:20Z")
        self.assertEqual(self.sbom(rust_module(), "spdx").json["creationInfo"]["created"], "1970-01-01T00:00:00Z")

    def test_broken_lists_are_told_and_left_out(self):
        packed = zlib.compress(json.dumps(CRATES).encode())
        for content in (b"", b"nonsense", packed[:-1], packed + b"x", zlib.compress(b"{}"), zlib.compress(b" " * (9 << 20)), zlib.compress(b"[" * 5000)):
            outcome = self.sbom(module(20) + custom(b".dep-v0", content))
            self.assertIn("warning: the list of crates", outcome.err)
            self.assertEqual(outcome.json["components"], [])
        outcome = self.sbom(go_module().replace(b"dep\tgo", b"dep\t\t\t"))
        self.assertIn("warning: Go build information", outcome.err)

    def test_a_file_that_is_no_wasm_is_refused(self):
        whole = component(section(1, rust_module()), imports("wasi:cli/stdout@0.2.0"))
        for end in range(0, len(whole), 7):
            (self.folder / "cut.wasm").write_bytes(whole[:end])
            self.assertIn(self.run_davit("sbom", "cut.wasm").status, (0, 8) if end >= 8 else (8,))
        self.refuse(4, "sbom", "absent.wasm")
        self.refuse(2, "sbom", "x.wasm", "--sbom-format", "xml")

    def test_a_reference_and_an_output_file(self):
        (self.folder / "app.wasm").write_bytes(rust_module())
        self.succeed("push", "app.wasm", "oci:store:1")
        record = self.succeed("sbom", "oci:store:1", "-o", "b.json", "--sbom-format", "spdx", "--json").json
        self.assertEqual((record["parts"], record["remarks"]), (4, []))
        self.assertEqual(json.loads((self.folder / "b.json").read_text())["packages"][0]["checksums"][0]["checksumValue"],
                         hashlib.sha256(rust_module()).hexdigest())


if __name__ == "__main__":
    unittest.main()
