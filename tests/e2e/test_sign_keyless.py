"""Signing without a key, and witnessed signing with one, against a Sigstore on loopback that speaks the real protocols."""

import base64
import json
import unittest

from support.program import DavitTest
from support.sigstore_standin import Standin


class KeylessTest(DavitTest):
    def setUp(self):
        super().setUp()
        self.standin = Standin()
        self.addCleanup(self.standin.close)
        self.artifact = self.folder / "app.bin"
        self.artifact.write_bytes(b"\0asm\x01\0\0\0")
        self.root = self.folder / "trusted_root.json"
        self.root.write_text(json.dumps(self.standin.trusted_root()))
        self.bundle = self.folder / "app.sigstore.json"
        self.environment["NO_GCE_CHECK"] = "true"

    def config(self, **options):
        path = self.folder / "signing_config.json"
        path.write_text(json.dumps(self.standin.signing_config(**options)))
        return path

    def words(self, *more, **options):
        return ["sign", self.artifact, "--bundle", self.bundle, "--signing-config", self.config(**options), "--trusted-root", self.root, *more]

    def sign(self, *more, environment=None, **options):
        environment = {"SIGSTORE_ID_TOKEN": self.standin.token()} if environment is None else environment
        return self.succeed(*self.words("--keyless", *more, **options), **environment)

    def material(self):
        return json.loads(self.bundle.read_text())["verificationMaterial"]

    def asked(self, path):
        return [request for request in self.standin.requests if request[1].split("?")[0] == path]


class SigningTest(KeylessTest):
    def test_a_file_is_signed_logged_and_stamped(self):
        out = self.sign("--json")
        self.assertEqual(out.json["signer"], "dev@project.example")
        material = self.material()
        self.assertIn("certificate", material)
        self.assertEqual(material["tlogEntries"][0]["kindVersion"], {"kind": "hashedrekord", "version": "0.0.1"})
        self.assertEqual(len(material["timestampVerificationData"]["rfc3161Timestamps"]), 1)
        self.assertEqual(len(self.asked("/api/v2/signingCert")), 1)

    def test_logs_of_the_second_generation_are_used_when_they_are_named(self):
        self.sign(generation=2)
        entry = self.material()["tlogEntries"][0]
        self.assertEqual(entry["kindVersion"], {"kind": "hashedrekord", "version": "0.0.2"})
        self.assertNotIn("inclusionPromise", entry)

    def test_an_entry_that_exists_already_is_fetched(self):
        self.standin.faults.add("exists")
        self.sign()
        self.assertEqual(len([r for r in self.standin.requests if r[1].startswith("/api/v1/log/entries/")]), 1)

    def test_every_signature_has_a_key_of_its_own(self):
        self.sign()
        first = self.material()["certificate"]
        self.sign()
        self.assertNotEqual(first, self.material()["certificate"])

    def test_addresses_on_the_command_line_replace_the_configuration(self):
        url = self.standin.url
        self.succeed("sign", self.artifact, "--keyless", "--bundle", self.bundle, "--trusted-root", self.root, "--fulcio-url", url, "--rekor-url", url,
                     "--timestamp-url", url + "/api/v1/timestamp", SIGSTORE_ID_TOKEN=self.standin.token())
        self.assertIn("tlogEntries", self.material())

    def test_a_log_that_is_named_may_be_of_the_second_generation(self):
        url = self.standin.url
        words = ["sign", self.artifact, "--keyless", "--bundle", self.bundle, "--trusted-root", self.root, "--fulcio-url", url, "--timestamp-url",
                 url + "/api/v1/timestamp"]
        for version in ("2", "1"):
            self.succeed(*words, "--rekor-url", url, "--rekor-version", version, SIGSTORE_ID_TOKEN=self.standin.token())
            self.assertEqual(self.material()["tlogEntries"][0]["kindVersion"]["version"], f"0.0.{version}")
        self.refuse(2, *words, "--rekor-version", "2", saying="none is named", SIGSTORE_ID_TOKEN=self.standin.token())
        self.refuse(2, *words, "--rekor-url", url, "--rekor-version", "3", SIGSTORE_ID_TOKEN=self.standin.token())

    def test_a_store_gets_bundle_and_classic_form(self):
        self.succeed("push", self.artifact, "oci:" + str(self.folder / "store") + ":v1")
        reference = "oci:" + str(self.folder / "store") + ":v1"
        out = self.succeed("sign", reference, "--keyless", "--signature-format", "both", "--signing-config", self.config(), "--trusted-root", self.root,
                           "--json", SIGSTORE_ID_TOKEN=self.standin.token())
        self.assertEqual([each["format"] for each in out.json["signatures"]], ["bundle", "classic"])
        blobs = [path.read_bytes() for path in (self.folder / "store" / "blobs" / "sha256").iterdir()]
        for name in (b"dev.sigstore.cosign/certificate", b"dev.sigstore.cosign/chain", b"dev.sigstore.cosign/bundle", b"dev.sigstore.cosign/rfc3161timestamp"):
            self.assertEqual(len([blob for blob in blobs if name in blob]), 1, name)
        self.assertEqual(len(self.asked("/api/v1/log/entries")), 2)

    def test_signatures_of_keys_are_witnessed_too(self):
        self.succeed("key", "generate", "-o", self.folder / "own", DAVIT_PASSWORD="secret")
        self.succeed(*self.words("--key", self.folder / "own.key"), DAVIT_PASSWORD="secret")
        self.assertIn("publicKey", self.material())
        self.assertEqual(len(self.material()["tlogEntries"]), 1)
        self.assertEqual(self.asked("/api/v2/signingCert"), [])


class AttestingTest(KeylessTest):
    def setUp(self):
        super().setUp()
        self.reference = f"oci:{self.folder}/store:v1"
        self.succeed("push", self.artifact, self.reference)
        (self.folder / "scan.json").write_text('{"scanner": {"uri": "https://scanner.example"}}')

    def attest(self, target, *more, status=0, **options):
        words = ["attest", target, "--keyless", "--type", "vuln", "--predicate", "scan.json", "--signing-config", self.config(**options), "--trusted-root",
                 self.root, "--json", *more]
        done = self.run_davit(*words, SIGSTORE_ID_TOKEN=self.standin.token())
        self.assertEqual(done.status, status, done.err)
        return done

    def check(self, target, *more):
        words = ["verify", target, "--trusted-root", self.root, "--certificate-oidc-issuer", self.standin.url, *more]
        found = self.succeed(*words, "--type", "vuln", "--certificate-identity", "dev@project.example", "--json").json["signatures"][0]
        self.assertTrue(found["logs"] and found["times"])
        self.refuse(11, *words, "--type", "spdxjson", "--certificate-identity", "dev@project.example")
        self.refuse(11, *words, "--type", "vuln", "--certificate-identity", "somebody@else.example")
        return found["format"]

    def test_a_statement_is_logged_in_both_generations(self):
        for generation, kind in ((1, {"kind": "dsse", "version": "0.0.1"}), (2, {"kind": "hashedrekord", "version": "0.0.2"})):
            self.attest(self.artifact, "--bundle", self.bundle, generation=generation)
            self.assertEqual(self.material()["tlogEntries"][0]["kindVersion"], kind)
            self.assertEqual(self.check(self.artifact, "--bundle", self.bundle), "bundle")

    def test_a_store_gets_bundle_and_classic_form(self):
        for form, generation in (("bundle", 1), ("bundle", 2), ("classic", 1)):
            store = f"oci:{self.folder}/{form}{generation}:v1"
            self.succeed("copy", self.reference, store)
            done = self.attest(store, "--attestation-format", form, generation=generation).json
            self.assertEqual([(each["format"], each["signer"]) for each in done["attestations"]], [(form, "dev@project.example")])
            self.assertEqual(self.check(store), form)
        both = f"oci:{self.folder}/both:v1"
        self.succeed("copy", self.reference, both)
        self.assertEqual([each["format"] for each in self.attest(both, "--attestation-format", "both").json["attestations"]], ["bundle", "classic"])

    def test_the_classic_form_cannot_hold_an_entry_of_the_second_generation(self):
        self.assertIn("cannot hold", self.attest(self.reference, "--attestation-format", "classic", status=12, generation=2).err)
        self.refuse(15, "verify", self.reference, "--trusted-root", self.root, "--certificate-oidc-issuer", self.standin.url, "--certificate-identity",
                    "dev@project.example", "--type", "vuln")


class TokenTest(KeylessTest):
    def test_tokens_are_looked_for_in_order(self):
        self.sign(environment={"ACTIONS_ID_TOKEN_REQUEST_URL": self.standin.url + "/github?job=1", "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "github-secret",
                               "SIGSTORE_ID_TOKEN": "not.a.token"})
        self.assertEqual(len(self.asked("/github")), 1)
        self.sign(environment={"BUILDKITE_AGENT_ACCESS_TOKEN": "buildkite-secret", "BUILDKITE_JOB_ID": "job-7",
                               "BUILDKITE_AGENT_ENDPOINT": self.standin.url + "/buildkite"})
        self.assertEqual(len(self.asked("/buildkite/jobs/job-7/oidc/tokens")), 1)
        token = self.folder / "token"
        token.write_text(self.standin.token("file@project.example") + "\n")
        self.assertEqual(self.sign("--identity-token", token, "--json").json["signer"], "file@project.example")
        out = self.sign("--identity-token", "env://MINE", "--json", environment={"MINE": self.standin.token("env@project.example")})
        self.assertEqual(out.json["signer"], "env@project.example")

    def test_a_subject_without_email_is_proven_as_it_is(self):
        token = self.standin.token("x@y.example")
        payload = {"iss": self.standin.url, "sub": "https://ci.example/project"}
        head, _, seal = token.split(".")
        text = ".".join([head, base64.urlsafe_b64encode(json.dumps(payload).encode()).decode().rstrip("="), seal])
        self.standin.tokens[text] = payload
        self.assertEqual(self.sign("--json", environment={"SIGSTORE_ID_TOKEN": text}).json["signer"], "https://ci.example/project")

    def test_the_device_flow_needs_no_browser_here(self):
        out = self.sign("--device-flow", environment={})
        self.assertIn("ABCD-EFGH", out.err)
        self.assertEqual(len(self.asked("/token")), 2)
        self.standin.faults.add("denied")
        self.refuse(5, *self.words("--keyless", "--device-flow"), saying="access_denied")

    def test_the_device_flow_proves_that_the_same_program_asks(self):
        secrets = set()
        for _ in range(2):
            self.sign("--device-flow", environment={})
            secrets.add(self.asked("/token")[-1][3].split(b"code_verifier=")[1])
        self.assertEqual(len(secrets), 2)
        for secret in secrets:
            self.assertFalse(any(secret in body for _, path, _, body in self.standin.requests if path != "/token"))

    def test_a_machine_at_google_offers_a_token(self):
        host = {"GCE_METADATA_HOST": self.standin.url.removeprefix("http://")}
        self.assertEqual(self.sign("--json", environment=host).json["signer"], "robot@project.example")
        self.assertEqual(len(self.asked("/computeMetadata/v1/instance/service-accounts/default/identity")), 1)
        self.sign(environment={**host, "SIGSTORE_ID_TOKEN": self.standin.token()})
        self.assertEqual(len(self.asked("/computeMetadata/v1/instance/service-accounts/default/identity")), 1)
        self.standin.faults = {"no-account"}
        self.refuse(5, *self.words("--keyless"), saying="no identity token", **host)
        self.standin.faults = {"not-google"}
        self.assertIn("no metadata server", self.run_davit(*self.words("--keyless"), **host).err)

    def test_a_proxy_never_sees_the_token_of_a_machine(self):
        done = self.run_davit(*self.words("--keyless"), GCE_METADATA_HOST="metadata.invalid", http_proxy=self.standin.url, HTTP_PROXY=self.standin.url)
        self.assertNotEqual(done.status, 0)
        self.assertFalse([path for _, path, _, _ in self.standin.requests if "computeMetadata" in path])

    def test_the_token_goes_to_the_authority_and_nowhere_else(self):
        token = self.standin.token()
        out = self.sign("--verbose", environment={"SIGSTORE_ID_TOKEN": token})
        self.assertNotIn(token, out.err + out.out)
        for _, path, headers, body in self.standin.requests:
            if path == "/api/v2/signingCert":
                self.assertEqual(headers["Authorization"], "Bearer " + token)
            else:
                self.assertNotIn("Authorization", headers)
                self.assertNotIn(token.encode(), body)

    def test_a_token_on_the_command_line_is_refused(self):
        token = self.standin.token()
        out = self.refuse(2, *self.words("--keyless", "--identity-token", token), saying="everybody on this machine")
        self.assertNotIn(token, out.err)
        self.assertEqual(self.standin.requests, [])

    def test_without_any_token_nothing_is_asked(self):
        self.refuse(5, *self.words("--keyless"), saying="no identity token")
        self.assertEqual(self.standin.requests, [])

    def test_a_token_that_the_authority_does_not_know_is_denied(self):
        token = self.standin.token()
        self.standin.tokens.clear()
        self.refuse(5, *self.words("--keyless"), saying="status 401", SIGSTORE_ID_TOKEN=token)
        for broken in ("x", "a.b", "a.b.c.d", "a.!!.c", "e30.e30.e30"):
            self.assertNotEqual(self.run_davit(*self.words("--keyless"), SIGSTORE_ID_TOKEN=broken).status, 0)


class FaultTest(KeylessTest):
    def refused(self, *faults, generation=1):
        self.standin.faults = set(faults)
        out = self.run_davit(*self.words("--keyless", generation=generation), SIGSTORE_ID_TOKEN=self.standin.token())
        self.assertNotEqual(out.status, 0)
        self.assertFalse(self.bundle.exists())
        return out.err

    def test_what_would_be_refused_is_not_published(self):
        self.assertIn("another key", self.refused("other-key"))
        self.assertIn("would be refused", self.refused("other-entry"))
        self.assertIn("would be refused", self.refused("late"))
        self.assertIn("answered another question", self.refused("other-nonce"))

    def test_services_of_another_trusted_root_are_not_believed(self):
        other = Standin()
        self.addCleanup(other.close)
        self.root.write_text(json.dumps(other.trusted_root()))
        self.assertIn("does the trusted root belong to these services", self.refused())

    def test_nothing_that_says_when_is_refused(self):
        self.standin.faults = set()
        out = self.run_davit(*self.words("--keyless", generation=2, timestamps=False), SIGSTORE_ID_TOKEN=self.standin.token())
        self.assertIn("nothing trusted says when", out.err)
        self.assertFalse(self.bundle.exists())

    def test_key_and_keyless_exclude_each_other(self):
        self.refuse(2, *self.words("--keyless", "--key", "x.key"), saying="both given")
        self.refuse(2, *self.words("--keyless", "--insecure-skip-tls-verify"), saying="verified connections", SIGSTORE_ID_TOKEN=self.standin.token())
        self.refuse(2, "sign", self.artifact, "--keyless", "--bundle", self.bundle, "--trusted-root", self.root, "--fulcio-url", "http://fulcio.example",
                    saying="https", SIGSTORE_ID_TOKEN=self.standin.token())


if __name__ == "__main__":
    unittest.main()
