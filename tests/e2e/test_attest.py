"""Statements about artifacts, files beside them, and what ship says about its own work."""

import base64
import hashlib
import json
import unittest

from support.program import DavitTest

PASSWORD = {"DAVIT_PASSWORD": "correct horse"}
SLSA = {"buildDefinition": {"buildType": "https://example.com/b", "externalParameters": {}}, "runDetails": {"builder": {"id": "https://example.com/me"}}}
SPDX = {"spdxVersion": "SPDX-2.3", "SPDXID": "SPDXRef-DOCUMENT", "name": "app", "documentNamespace": "https://example.com/app"}
CYCLONEDX = {"bomFormat": "CycloneDX", "specVersion": "1.6", "components": []}
OPENVEX = {"@context": "https://openvex.dev/ns/v0.2.0", "statements": []}


class AttestTest(DavitTest):
    def setUp(self):
        super().setUp()
        (self.folder / "app.wasm").write_bytes(b"\0asm\1\0\0\0")
        self.succeed("key", "generate", **PASSWORD)
        self.digest = self.succeed("push", "app.wasm", "oci:store:v1").out.strip().rsplit("@", 1)[1]

    def write(self, name, value):
        (self.folder / name).write_text(value if isinstance(value, str) else json.dumps(value))
        return name

    def blob(self, digest):
        return (self.folder / "store" / "blobs" / "sha256" / digest.split(":")[1]).read_bytes()

    def attest(self, type_name, predicate, *words):
        return self.succeed("attest", "oci:store:v1", "--type", type_name, "--predicate", predicate, "--key", "davit.key", "--json", *words, **PASSWORD).json

    def statement_of(self, manifest):
        document = json.loads(self.blob(json.loads(self.blob(manifest))["layers"][-1]["digest"]))
        envelope = document.get("dsseEnvelope", document)
        self.assertEqual(envelope["payloadType"], "application/vnd.in-toto+json")
        return json.loads(base64.b64decode(envelope["payload"]))

    def test_a_statement_says_what_it_is_about_in_both_forms(self):
        done = self.attest("slsaprovenance1", self.write("p.json", SLSA), "--attestation-format", "both")
        self.assertEqual([a["format"] for a in done["attestations"]], ["bundle", "classic"])
        for entry in done["attestations"]:
            statement = self.statement_of(entry["manifest"])
            self.assertEqual(statement["_type"], "https://in-toto.io/Statement/v1")
            self.assertEqual(statement["subject"][0]["digest"], {"sha256": self.digest[7:]})
            self.assertEqual((statement["predicateType"], statement["predicate"]), ("https://slsa.dev/provenance/v1", SLSA))
        bundle, classic = (json.loads(self.blob(a["manifest"])) for a in done["attestations"])
        self.assertEqual(bundle["annotations"]["dev.sigstore.bundle.predicateType"], "https://slsa.dev/provenance/v1")
        self.assertEqual(classic["layers"][0]["annotations"],
                         {"dev.cosignproject.cosign/signature": "", "predicateType": "https://slsa.dev/provenance/v1"})

    def test_the_same_statement_is_signed_once_and_another_one_besides(self):
        self.write("p.json", SLSA)
        for added in (True, False):
            done = self.attest("slsaprovenance1", "p.json", "--attestation-format", "both")
            self.assertEqual([a["added"] for a in done["attestations"]], [added, added])
        self.write("p.json", {**SLSA, "extra": 1})
        self.assertEqual([a["added"] for a in self.attest("slsaprovenance1", "p.json", "--attestation-format", "both")["attestations"]], [True, True])

    def test_an_attestation_is_no_signature(self):
        self.attest("slsaprovenance1", self.write("p.json", SLSA), "--attestation-format", "both")
        refused = self.run_davit("verify", "oci:store:v1", "--key", "davit.pub")
        self.assertIn(refused.status, (11, 15))

    def test_documents_that_are_not_what_the_type_says_are_refused(self):
        shelf = {"slsaprovenance1": [{}, {"buildDefinition": {}}, {**SLSA, "runDetails": {"builder": {"id": ""}}}],
                 "spdxjson": [CYCLONEDX, {**SPDX, "spdxVersion": "2.3"}], "cyclonedx": [SPDX, {"bomFormat": "CycloneDX"}],
                 "openvex": [{"@context": "https://example.com"}], "vuln": [{"scanner": "x"}], "capabilities": [{"requests": 1}]}
        for type_name, documents in shelf.items():
            for document in documents:
                self.write("bad.json", document)
                self.refuse(8, "attest", "oci:store:v1", "--type", type_name, "--predicate", "bad.json", "--key", "davit.key", **PASSWORD)
        self.refuse(2, "attest", "oci:store:v1", "--type", "nonsense", "--predicate", "bad.json", "--key", "davit.key", saying="no type", **PASSWORD)

    def test_every_known_type_is_taken(self):
        self.succeed("caps", "derive", "app.wasm", "-o", "caps.json")
        for type_name, document in [("spdxjson", SPDX), ("cyclonedx", CYCLONEDX), ("openvex", OPENVEX), ("vuln", {"scanner": {}}), ("link", {}),
                                    ("https://example.com/mine", {"a": 1}), ("spdx", "SPDXVersion: SPDX-2.3\n"), ("custom", "any text <&>")]:
            self.attest(type_name, self.write("p", document))
        done = self.attest("capabilities", "caps.json")
        self.assertEqual(done["predicateType"], "urn:davit:capabilities:v1")

    def test_what_is_said_about_a_file_goes_into_a_bundle(self):
        self.write("scan.json", {"scanner": {"uri": "https://example.com"}})
        words = ["attest", "app.wasm", "--type", "vuln", "--predicate", "scan.json"]
        self.refuse(2, *words, "--key", "davit.key", saying="is a file", **PASSWORD)
        done = self.succeed(*words, "--bundle", "out.json", "--key", "davit.key", "--json", **PASSWORD).json
        self.assertEqual(done["digest"], "sha256:" + hashlib.sha256((self.folder / "app.wasm").read_bytes()).hexdigest())
        self.succeed("verify", "app.wasm", "--bundle", "out.json", "--key", "davit.pub", "--type", "vuln")
        self.refuse(11, "verify", "app.wasm", "--bundle", "out.json", "--key", "davit.pub", "--type", "spdxjson")
        self.refuse(11, "verify", "app.wasm", "--bundle", "out.json", "--key", "davit.pub")

    def test_the_name_of_a_file_that_is_there_is_that_file(self):
        self.write("app", "content")
        self.write("p.json", SLSA)
        done = self.succeed("attest", "app", "--type", "slsaprovenance1", "--predicate", "p.json", "--bundle", "out.json", "--key", "davit.key", "--json",
                            **PASSWORD).json
        self.assertEqual(done["digest"], "sha256:" + hashlib.sha256(b"content").hexdigest())

    def test_a_whole_statement_is_signed_byte_for_byte(self):
        digest = hashlib.sha256((self.folder / "app.wasm").read_bytes()).hexdigest()
        text = json.dumps({"subject": [{"digest": {"sha256": digest}}], "predicateType": "https://example.com/p", "_type": "https://in-toto.io/Statement/v1"})
        self.write("s.json", text)
        words = ["attest", "--statement", "s.json", "--key", "davit.key", "--bundle", "out.json"]
        for target in ([], ["app.wasm"]):
            self.succeed(*words, *target, **PASSWORD)
            envelope = json.loads((self.folder / "out.json").read_text())["dsseEnvelope"]
            self.assertEqual(base64.b64decode(envelope["payload"]).decode(), text)
        self.succeed("verify", "app.wasm", "--bundle", "out.json", "--key", "davit.pub", "--type", "https://example.com/p")
        (self.folder / "out.json").unlink()
        self.write("other.wasm", "other")
        self.refuse(10, *words, "other.wasm", saying="is not about", **PASSWORD)
        for broken in ("", "{}", "[]", text.replace("Statement/v1", "Statement/v2"), text.replace("https://example.com/p", ""), text[:-1],
                       json.dumps({**json.loads(text), "subject": []})):
            self.write("s.json", broken)
            self.assertNotEqual(self.run_davit(*words, **PASSWORD).status, 0, broken)
        self.assertFalse((self.folder / "out.json").exists())

    def test_words_that_contradict_each_other_are_refused(self):
        self.write("p.json", SLSA)
        key = ["--key", "davit.key"]
        for words, saying in ((["oci:store:v1"], "nothing says what"), (["oci:store:v1", "--predicate", "p.json", "--statement", "p.json"], "already holds"),
                              (["--statement", "p.json"], "into a file"), (["--statement", "p.json", "--type", "vuln", "--bundle", "o"], "of which type"),
                              (["--predicate", "p.json"], "nothing to attest to"), (["oci:store:v1", "--predicate", "p.json", "--bundle", "o"], "goes into its store"),
                              (["app.wasm", "--predicate", "p.json", "--bundle", "o", "--recursive"], "for what a store holds")):
            self.refuse(2, "attest", *words, *key, saying=saying, **PASSWORD)
        self.assertFalse((self.folder / "o").exists())

    def test_an_index_is_attested_to_with_all_that_it_holds(self):
        self.write("scan.json", {"scanner": {}})
        (self.folder / "other.wasm").write_bytes(b"\0asm\1\0\0\0\0\2\1x")
        self.succeed("push", "other.wasm", "oci:store:v2")
        index = self.succeed("index", "create", "oci:store:all", "oci:store:v1", "oci:store:v2", "--platform", "oci:store:v2=wasi/wasm",
                             "--json").json["digest"]
        words = ["attest", "oci:store:all", "--type", "vuln", "--predicate", "scan.json", "--key", "davit.key", "--json"]
        self.assertEqual([each["subject"] for each in self.succeed(*words, **PASSWORD).json["attestations"]], [index])
        done = self.succeed(*words, "--recursive", **PASSWORD).json["attestations"]
        self.assertEqual([each["added"] for each in done], [False, True, True])
        for reference in ("oci:store:all", "oci:store:v1", "oci:store:v2"):
            self.succeed("verify", reference, "--key", "davit.pub", "--type", "vuln")

    def test_attach_stores_a_file_beside_the_artifact_once(self):
        self.write("sbom.json", CYCLONEDX)
        first = self.succeed("attach", "oci:store:v1", "sbom.json", "--type", "cyclonedx", "--json").json
        again = self.succeed("attach", "oci:store:v1", "sbom.json", "--type", "cyclonedx", "--json").json
        self.assertEqual(first, again)
        manifest = json.loads(self.blob(first["digest"]))
        self.assertEqual((manifest["artifactType"], manifest["subject"]["digest"]), ("application/vnd.cyclonedx+json", self.digest))
        self.assertEqual(manifest["layers"][0]["annotations"], {"org.opencontainers.image.title": "sbom.json"})
        self.assertEqual(json.loads(self.blob(manifest["layers"][0]["digest"])), CYCLONEDX)

    def test_attach_signs_when_asked(self):
        self.write("sbom.json", SPDX)
        done = self.succeed("attach", "oci:store:v1", "sbom.json", "--type", "spdxjson", "--sign", "davit.key", "--json", **PASSWORD).json
        self.assertEqual(self.statement_of(done["attestations"][0]["manifest"])["predicate"], SPDX)
        self.refuse(2, "attach", "oci:store:v1", "sbom.json", "--media-type", "text/plain", "--sign", "davit.key", saying="has a type", **PASSWORD)
        self.refuse(8, "attach", "oci:store:v1", "sbom.json", "--type", "cyclonedx")

    def test_ship_attests_to_its_own_work(self):
        for _ in range(2):
            self.succeed("ship", "--source", "app.wasm", "--optimize", "none", "--reference", "oci:store:v2", "--sign", "davit.key", **PASSWORD)
        provenance = json.loads((self.folder / ".davit" / "provenance.json").read_text())
        definition = provenance["buildDefinition"]
        self.assertEqual(definition["buildType"], "urn:davit:ship:v1")
        self.assertEqual(definition["externalParameters"]["source"], ["app.wasm"])
        self.assertEqual(definition["resolvedDependencies"],
                         [{"name": "app.wasm", "digest": {"sha256": hashlib.sha256(b"\0asm\1\0\0\0").hexdigest()}}])
        self.assertNotIn(str(self.folder), json.dumps(provenance))
        self.assertIn("davit", provenance["runDetails"]["builder"]["version"])
        index = json.loads((self.folder / "store" / "index.json").read_text())
        statements = []
        for entry in index["manifests"]:
            manifest = json.loads(self.blob(entry["digest"]))
            if manifest.get("annotations", {}).get("dev.sigstore.bundle.predicateType") == "https://slsa.dev/provenance/v1":
                statements.append(self.statement_of(entry["digest"]))
        self.assertEqual([s["predicate"] for s in statements], [provenance])


if __name__ == "__main__":
    unittest.main()
