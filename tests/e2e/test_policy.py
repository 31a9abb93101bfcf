"""Policies through the program: checked, tested, explained, imported, exported, and obeyed by every command."""

import json
import unittest

from support.program import VECTORS, DavitTest
from support.wasm import importing, module

PASSWORD = {"DAVIT_PASSWORD": "correct horse"}
TARGETS = ("kyverno", "policy-controller", "ratify", "containers-policy")
FILES = ("wasi_snapshot_preview1", "path_open")


class PolicyTest(DavitTest):
    def setUp(self):
        super().setUp()
        for name in ("release", "review"):
            self.succeed("key", "generate", "-o", name, **PASSWORD)
        (self.folder / "app.wasm").write_bytes(module(200))

    def write(self, **changes):
        rule = {"name": "all", "repositories": ["*"], "signatures": [{"role": "release", "signers": ["release"]}]}
        rule.update(changes.pop("rule", {}))
        signers = changes.pop("signers", {"release": {"key": "release.pub"}})
        policy = {"schemaVersion": 1, "signers": signers, "rules": [rule, *changes.pop("rules", [])]}
        (self.folder / "policy.json").write_text(json.dumps({**policy, **changes}))

    def push(self, tag="v1", file="app.wasm", key="release"):
        self.succeed("push", file, f"oci:store:{tag}")
        if key:
            self.succeed("sign", f"oci:store:{tag}", "--key", f"{key}.key", **PASSWORD)

    def test_a_policy_is_obeyed_by_verify_pull_copy_and_convert(self):
        self.write()
        self.push(key="review")
        commands = (["verify", "oci:store:v1"], ["pull", "oci:store:v1", "-o", "o.wasm"], ["copy", "oci:store:v1", "oci:b:v1"],
                    ["convert", "oci:store:v1", "oci:c:v1", "--format", "wasm"])
        for command in commands:
            self.refuse(11, *command, "--policy", "policy.json")
        self.assertFalse(any((self.folder / name).exists() for name in ("o.wasm", "b", "c")))
        self.succeed("sign", "oci:store:v1", "--key", "release.key", **PASSWORD)
        for command in commands:
            self.succeed(*command, "--policy", "policy.json")

    def test_the_tree_of_demands_is_printed(self):
        both = {"release": {"key": "release.pub"}, "review": {"key": "review.pub"}}
        self.write(signers=both, rule={"signatures": [{"role": "release", "signers": ["release", "review"], "threshold": 2}]})
        self.push()
        tree = self.refuse(11, "policy", "test", "policy.json", "oci:store:v1").out
        self.assertIn("NO   signatures of role release: 1 of 2 distinct signers", tree)
        self.succeed("sign", "oci:store:v1", "--key", "review.key", **PASSWORD)
        done = self.succeed("policy", "test", "policy.json", "oci:store:v1", "--json").json
        self.assertTrue(done["accepted"] and done["decision"]["passed"])

    def test_a_ceiling_on_capabilities_is_kept(self):
        (self.folder / "files.wasm").write_bytes(importing(FILES))
        self.write(rule={"grant": {"stdio": ["stdout"]}})
        self.push("plain")
        self.push("files", "files.wasm")
        self.succeed("verify", "oci:store:plain", "--policy", "policy.json")
        self.refuse(14, "verify", "oci:store:files", "--policy", "policy.json", saying="filesystem")
        self.refuse(14, "pull", "oci:store:files", "-o", "o.wasm", "--policy", "policy.json")
        self.assertFalse((self.folder / "o.wasm").exists())
        self.write(rule={"grant": {"filesystem": [{"guest": "/", "access": "write"}]}})
        self.succeed("verify", "oci:store:files", "--policy", "policy.json")

    def test_formats_and_repositories_are_kept(self):
        self.write(rule={"formats": ["image"], "repositories": ["registry.example.com/team/*"]})
        self.push()
        self.refuse(11, "verify", "oci:store:v1", "--policy", "policy.json", saying="no rule of policy.json is about")
        self.refuse(11, "verify", "oci:store:v1", "--policy", "policy.json", "--as", "registry.example.com/team/app", saying="format wasm, expected image")
        self.write(rules=[{"name": "no", "repositories": ["registry.example.com/bad/*"], "deny": True}])
        self.refuse(11, "verify", "oci:store:v1", "--policy", "policy.json", "--as", "registry.example.com/bad/app", saying="denies")

    def test_attestations_are_demanded_with_what_they_say(self):
        predicate = {"buildDefinition": {"buildType": "https://example.com/build", "externalParameters": {}},
                     "runDetails": {"builder": {"id": "https://builder.example"}}}
        (self.folder / "provenance.json").write_text(json.dumps(predicate))
        demand = {"type": "slsaprovenance1", "signers": ["release"], "builder": "https://builder.example"}
        self.write(rule={"attestations": [demand]})
        self.push()
        self.refuse(11, "verify", "oci:store:v1", "--policy", "policy.json", saying="attestations https://slsa.dev/provenance/v1: 0 of 1")
        self.succeed("attest", "oci:store:v1", "--type", "slsaprovenance1", "--predicate", "provenance.json", "--key", "release.key", **PASSWORD)
        self.succeed("verify", "oci:store:v1", "--policy", "policy.json")
        self.succeed("verify", "oci:store:v1", "--type", "slsaprovenance1", "--key", "release.pub")
        self.refuse(11, "verify", "oci:store:v1", "--type", "spdxjson", "--key", "release.pub")
        self.write(rule={"attestations": [{**demand, "builder": "https://other.example"}]})
        tree = self.refuse(11, "policy", "test", "policy.json", "oci:store:v1").out
        self.assertIn('NO   builder "https://builder.example", expected https://other.example', tree)

    def test_mistakes_are_found_before_a_policy_is_used(self):
        self.write()
        self.succeed("policy", "check", "policy.json")
        for changes, saying in (({"signers": {"release": {"key": "no.pub"}}}, "no.pub"),
                                ({"signers": {"release": {"key": "app.wasm"}}}, "app.wasm"),
                                ({"extra": 1}, "extra"),
                                ({"rules": [{"name": "b", "repositories": ["*"], "deny": True}]}, "can never be chosen"),
                                ({"signers": {"release": {"identity": {"pattern": "("}, "issuer": "x"}}}, "not a regular expression")):
            self.write(**changes)
            done = self.run_davit("policy", "check", "policy.json")
            self.assertNotEqual(done.status, 0, changes)
            self.assertIn(saying, done.err)

    def test_it_is_explained_in_sentences(self):
        self.write(rules=[{"name": "no", "repositories": ["registry.example.com/bad/*"], "deny": True}])
        text = self.succeed("policy", "explain", "policy.json").out
        self.assertIn("all: artifacts of * are accepted when there is\n  - a signature by release (its key), as release\n", text)
        self.assertIn("no: artifacts of registry.example.com/bad/* are refused.\n", text)
        one = self.succeed("policy", "explain", "policy.json", "registry.example.com/bad/app:v1").out
        self.assertIn('chosen by "registry.example.com/bad/*"', one)

    def export(self, target):
        done = self.succeed("policy", "export", "policy.json", "--for", target, "--json").json
        return done["documents"], " ".join(done["notExpressed"])

    def refuse_export(self, *targets, saying):
        for target in targets:
            self.refuse(12, "policy", "export", "policy.json", "--for", target, saying=saying)

    def test_it_is_exported_for_clusters_and_engines(self):
        self.write(rule={"repositories": ["registry.example.com/team", "registry.example.com/team/*"]})
        pem = (self.folder / "release.pub").read_text()
        kyverno = json.loads(self.succeed("policy", "export", "policy.json", "--for", "kyverno").out)
        images = kyverno["spec"]["rules"][1]["verifyImages"][0]
        self.assertEqual(images["attestations"][0]["attestors"][0]["entries"][0]["keys"]["publicKeys"], pem)
        self.assertEqual(images["attestations"][0]["type"], "https://sigstore.dev/cosign/sign/v1")
        self.assertEqual(images["imageReferences"], ["registry.example.com/team/*"])
        controller = json.loads(self.succeed("policy", "export", "policy.json", "--for", "policy-controller").out)
        self.assertEqual(controller["spec"]["authorities"][0]["key"]["data"], pem)
        self.assertEqual([image["glob"] for image in controller["spec"]["images"]],
                         ["registry.example.com/team:*", "registry.example.com/team@*", "registry.example.com/team/**"])
        containers = json.loads(self.succeed("policy", "export", "policy.json", "--for", "containers-policy").out)
        self.assertEqual(containers["default"], [{"type": "reject"}])
        self.assertEqual(list(containers["transports"]["docker"]), ["registry.example.com/team"])
        ratify = json.loads(self.succeed("policy", "export", "policy.json", "--for", "ratify").out)
        self.assertEqual([item["kind"] for item in ratify["items"]], ["KeyManagementProvider", "Verifier"])

    def test_what_would_be_exported_more_loosely_is_refused(self):
        for change, saying in (({"grant": {"stdio": ["stdout"]}}, "it limits capabilities"), ({"formats": ["wasm"]}, "it limits formats"),
                               ({"attestations": [{"type": "vuln", "signers": ["release"], "maxAge": "720h"}]}, "it judges what attestations say")):
            self.write(rule=change)
            self.refuse_export(*TARGETS, saying=saying)

    def test_a_mistake_is_found_before_it_is_exported(self):
        """An expression that davit refuses could be one inside the anchors that others need."""
        self.write(signers={"release": {"identity": {"pattern": "a)|(?:b"}, "issuer": "https://accounts.example.com"}})
        for target in TARGETS:
            done = self.run_davit("policy", "export", "policy.json", "--for", target)
            self.assertNotEqual(done.status, 0)
            self.assertIn("not a regular expression", done.err)

    def test_one_signer_under_two_names_is_not_exported_as_two(self):
        self.write(signers={"a": {"key": "release.pub"}, "b": {"key": "release.pub"}}, rule={"signatures": [{"signers": ["a", "b"], "threshold": 2}]})
        self.refuse_export("kyverno", "policy-controller", "containers-policy", saying="it names one signer twice")
        person = {"issuer": "https://accounts.example.com"}
        self.write(signers={"a": {**person, "identity": {"pattern": ".*@example.com"}}, "b": {**person, "identity": "b@example.com"}},
                   rule={"signatures": [{"signers": ["a", "b"], "threshold": 2}]})
        self.refuse_export("kyverno", "policy-controller", saying="one could count twice there")

    def test_a_trusted_root_of_its_own_is_not_exported_as_that_of_sigstore(self):
        identity = {"identity": "dev@example.com", "issuer": "https://accounts.example.com"}
        for signer in (identity, {"key": "release.pub", "logged": True}):
            self.write(signers={"release": signer}, trustedRoot="root.json")
            self.refuse_export("kyverno", "policy-controller", "ratify", saying="a trusted root of its own")
        self.write(trustedRoot="root.json")
        self.assertTrue(all(self.export(target)[0] for target in TARGETS))

    def test_every_exported_object_has_a_name_of_its_own(self):
        rules = [{"name": "Team-A", "repositories": ["registry.example.com/a/*"], "signatures": [{"signers": ["Release", "release"]}]},
                 {"name": "team a", "repositories": ["registry.example.com/b/*"], "signatures": [{"signers": ["release"]}]}]
        self.write(signers={"Release": {"key": "review.pub"}, "release": {"key": "release.pub"}}, rules=rules)
        for target in ("policy-controller", "ratify"):
            names = [document["metadata"]["name"] for document in self.export(target)[0]]
            self.assertEqual(len(set(names)), len(names), names)
        names = [rule["name"] for rule in self.export("kyverno")[0][0]["spec"]["rules"]]
        self.assertEqual(len(set(names)), len(names), names)

    def test_repositories_are_told_apart_as_the_targets_can(self):
        """A scope of containers-policy is a repository and all below it; Ratify has no scopes inside scopes, nor any that refuse."""
        for pattern, missing in (("registry.example.com/team", "registry.example.com/team/*"), ("registry.example.com/team/*", "registry.example.com/team")):
            self.write(rule={"repositories": [pattern]})
            self.refuse_export("containers-policy", saying=f'add "{missing}" to the repositories')
        self.write(rule={"repositories": ["registry.example.com/*"]})
        self.assertEqual(list(self.export("containers-policy")[0][0]["transports"]["docker"]), ["registry.example.com"])
        other = {"name": "other", "repositories": ["registry.example.com/team/*"]}
        self.write(rule={"repositories": ["registry.example.com/*"]}, rules=[{**other, "signatures": [{"signers": ["release"]}]}])
        self.refuse_export("ratify", saying="another rule decides about")
        self.write(rules=[{**other, "deny": True}])
        self.refuse_export("ratify", saying='is inside what the rule "all" accepts')

    def test_a_policy_that_accepts_nothing_is_not_exported_as_one_without_rules(self):
        """Without trust policies Ratify takes every certificate of Sigstore."""
        (self.folder / "policy.json").write_text(json.dumps({"schemaVersion": 1, "signers": {}, "rules": [{"name": "no", "repositories": ["*"], "deny": True}]}))
        self.refuse_export("ratify", saying="it accepts no image")
        self.assertEqual(self.export("containers-policy")[0][0]["default"], [{"type": "reject"}])
        self.assertEqual(self.export("policy-controller")[0][0]["spec"]["authorities"][0]["static"], {"action": "fail"})

    def test_names_that_no_registry_has_are_not_exported(self):
        self.write(rule={"repositories": ["file", "oci:store", "registry.example.com/*"]})
        for target in TARGETS:
            text = json.dumps(self.export(target)[0])
            self.assertIn("registry.example.com", text)
            self.assertNotIn('"file', text)
            self.assertNotIn("oci:store", text)

    def test_docker_hub_is_known_by_all_its_names(self):
        """What is pulled from docker.io may be called otherwise in a pod, and must not pass by its rule."""
        deny = {"name": "no", "repositories": ["docker.io/team/*", "docker.io/library/nginx"], "deny": True}
        self.write(rules=[deny])
        self.assertEqual([image["glob"] for image in self.export("policy-controller")[0][1]["spec"]["images"]],
                         ["index.docker.io/team/**", "index.docker.io/library/nginx:*", "index.docker.io/library/nginx@*"])
        skipped = self.export("kyverno")[0][0]["spec"]["rules"][0]["verifyImages"][0]["skipImageReferences"]
        names = [f"{host}/{name}" for name in ("team/*", "library/nginx:*", "nginx:*") for host in ("index.docker.io", "docker.io")]
        self.assertEqual(sorted(name for name in skipped if "@" not in name), sorted(names))
        self.write(rules=[{**deny, "repositories": ["docker.io/library/*"]}])
        self.refuse_export("kyverno", saying="short names of Docker Hub")

    def test_names_that_docker_hub_does_not_have_are_about_nothing(self):
        for pattern in ("docker.io/nginx", "index.docker.io/team/*"):
            self.write(rule={"repositories": [pattern, "registry.example.com/*"]})
            for target in TARGETS:
                self.assertNotIn("docker.io", json.dumps(self.export(target)[0]))

    def test_an_exact_identity_is_no_wildcard_for_kyverno(self):
        self.write(signers={"release": {"identity": "https://example.com/a?b*", "issuer": "https://accounts.example.com"}})
        keyless = self.export("kyverno")[0][0]["spec"]["rules"][0]["verifyImages"][0]["attestors"][0]["entries"][0]["keyless"]
        self.assertEqual(keyless["subjectRegExp"], "^(?:https://example\\.com/a\\?b\\*)$")
        self.assertNotIn("subject", keyless)

    def test_what_is_exported_for_policy_controller_comes_back(self):
        self.write(rule={"repositories": ["registry.example.com/team/*"]})
        self.succeed("policy", "export", "policy.json", "--for", "policy-controller", "-o", "cip.json")
        self.succeed("policy", "import", "cip.json", "--from", "policy-controller", "-o", "back.json")
        self.succeed("policy", "check", "back.json")
        self.push()
        self.succeed("verify", "oci:store:v1", "--policy", "back.json", "--as", "registry.example.com/team/app")
        cip = json.loads((self.folder / "cip.json").read_text())
        cip["spec"]["mode"] = "warn"
        (self.folder / "cip.json").write_text(json.dumps(cip))
        self.refuse(12, "policy", "import", "cip.json", "--from", "policy-controller", saying="only warns")

    @unittest.skipUnless((VECTORS / "notation").exists(), "the shared vectors are not here")
    def test_a_trust_policy_of_notation_becomes_a_policy_and_decides_the_same(self):
        store = self.folder / "home" / ".config" / "notation" / "truststore" / "x509" / "ca" / "e2e"
        store.mkdir(parents=True)
        (store / "e2e.crt").write_bytes((VECTORS / "notation" / "e2e.crt").read_bytes())
        statement = {"name": "e2e", "registryScopes": ["*"], "signatureVerification": {"level": "strict"}, "trustStores": ["ca:e2e"],
                     "trustedIdentities": ["*"]}
        (self.folder / "trustpolicy.json").write_text(json.dumps({"version": "1.0", "trustPolicies": [statement]}))
        self.succeed("policy", "import", "trustpolicy.json", "--from", "notation", "-o", "policy.json")
        for layout, accepted in (("e2e-valid-signature", True), ("e2e-expired-signature", False), ("e2e", False)):
            path = VECTORS / "notation" / "layouts" / layout
            index = json.loads((path / "index.json").read_text())
            digest = next(entry["digest"] for entry in index["manifests"] if entry.get("annotations", {}).get("org.opencontainers.image.ref.name") == "v1"
                          or len(index["manifests"]) == 1)
            answers = [self.run_davit("verify", f"oci:{path}@{digest}", *words).status
                       for words in (["--policy", "policy.json"], ["--trust-policy", "trustpolicy.json"])]
            self.assertEqual(answers[0], answers[1], layout)
            self.assertEqual(answers[0] == 0, accepted, layout)


if __name__ == "__main__":
    unittest.main()
