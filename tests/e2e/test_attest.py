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
