"""What the tests of exported policies share: artifacts in a registry, and the same question asked of davit and of a consumer.

Wherever the consumer accepts, davit must accept: `agree` and `stricter` are the only two answers that a test can ask for.
"""

import base64
import json
import re
import shutil
import subprocess

from support.program import DavitTest
from support.registry import Registry
from support.sigstore_standin import Standin
from support.wasm import module

PASSWORD = {"DAVIT_PASSWORD": "correct horse", "COSIGN_PASSWORD": "correct horse"}
NO_SERVICES = {"mediaType": "application/vnd.dev.sigstore.signingconfig.v0.2+json", "rekorTlogConfig": {}, "tsaConfig": {}}


def pem(label, raw):
    return f"-----BEGIN {label}-----\n{base64.encodebytes(base64.b64decode(raw)).decode()}-----END {label}-----\n"


class ClusterTest(DavitTest):
    target = ""  # the word after --for
    tool = ""    # the program that judges
    standin = None  # a Sigstore on loopback, whose keys the consumer is then given beside the policy

    def setUp(self):
        super().setUp()
        if shutil.which(self.tool) is None:
            self.skipTest(f"{self.tool} is not installed; \"./dev peers\" fetches it")
        self.host = self.start_registry()
        (self.folder / "app.wasm").write_bytes(module(200))
        for name in ("release", "review", "stranger"):
            self.succeed("key", "generate", "-o", name, **PASSWORD)

    def start_registry(self):
        return Registry(self).host

    def start_standin(self):
        self.standin = Standin()
        self.addCleanup(self.standin.close)
        self.root = self.standin.trusted_root()
        (self.folder / "root.json").write_text(json.dumps(self.root))
        (self.folder / "services.json").write_text(json.dumps(self.standin.signing_config()))

    def authorities(self):
        return "".join(pem("CERTIFICATE", entry["rawBytes"]) for entry in self.root["certificateAuthorities"][0]["certChain"]["certificates"])

    def log_key(self, kind):
        return pem("PUBLIC KEY", self.root[kind][0]["publicKey"]["rawBytes"])

    def keyless(self, verb, name, email, *more):
        self.succeed(verb, name, "--keyless", "--signing-config", "services.json", "--trusted-root", "root.json", *more,
                     SIGSTORE_ID_TOKEN=self.standin.token(email))

    def asked(self, image):
        """Whether the consumer accepts the image by the exported policy, and what it said."""
        raise NotImplementedError

    def peer(self, *words, check=True):
        done = subprocess.run([shutil.which(words[0]), *map(str, words[1:])], cwd=self.folder, env={**self.environment, **PASSWORD},
                              capture_output=True, text=True, timeout=240, check=False)
        if check:
            self.assertEqual(done.returncode, 0, f"{words}\n{done.stdout}\n{done.stderr}")
        return done

    def push(self, repository, *keys, form="both"):
        """An artifact of its own, signed with each of the keys."""
        name = f"{self.host}/{repository}:v1"
        self.succeed("push", "app.wasm", name, "--annotation", f"repository={repository}")
        for key in keys:
            self.sign(name, key, form)
        return name

    def sign(self, name, key, form="both"):
        self.succeed("sign", name, "--key", f"{key}.key", "--signature-format", form, **PASSWORD)

    def pinned(self, name):
        return name.rsplit(":", 1)[0] + "@" + self.succeed("resolve", name).out.strip()

    def cosign_sign(self, name, form, verb="sign", *more):
        """With a key of cosign's own making."""
        if not (self.folder / "cosign.key").exists():
            self.peer("cosign", "generate-key-pair")
            (self.folder / "services.json").write_text(json.dumps(NO_SERVICES))
        pinned = self.pinned(name)
        how = (["--signing-config", "services.json"] if form == "bundle" else
               ["--use-signing-config=false", "--tlog-upload=false", "--new-bundle-format=false"])
        self.peer("cosign", verb, "--key", "cosign.key", *how, *more, "--yes", pinned)

    def attest(self, name, key, predicate, form="both", kind="https://example.com/scan"):
        (self.folder / "predicate.json").write_text(json.dumps(predicate))
        self.succeed("attest", name, "--type", kind, "--predicate", "predicate.json", "--key", f"{key}.key", "--attestation-format", form, **PASSWORD)

    def write(self, *rules, **signers):
        """Rules as [patterns below the host, what is asked for]; signers are keys by their names unless given."""
        names = {name for _, body in rules for part in ("signatures", "attestations") for entry in body.get(part, ()) for name in entry["signers"]}
        policy = {"schemaVersion": 1, "signers": {name: signers.get(name, {"key": f"{name}.pub"}) for name in sorted(names)},
                  "rules": [{"name": f"rule {number}", "repositories": [p if p == "*" else f"{self.host}/{p}" for p in patterns], **body}
                            for number, (patterns, body) in enumerate(rules)]}
        (self.folder / "policy.json").write_text(json.dumps(policy))

    def export(self):
        done = self.succeed("policy", "export", "policy.json", "--for", self.target, "--json").json
        return done["documents"], done["notExpressed"]

    def davit_accepts(self, name):
        root = ["--trusted-root", "root.json"] if self.standin else []
        return self.run_davit("verify", name, "--policy", "policy.json", *root).status == 0

    def agree(self, name, accepted):
        self.assertEqual(self.davit_accepts(name), accepted, f"davit about {name}")
        answer, said = self.asked(name)
        self.assertEqual(answer, accepted, f"{self.tool} about {name}: {said}")

    def stricter(self, name, listed):
        """davit accepts, the consumer does not, and the export says so."""
        self.assertTrue(self.davit_accepts(name), f"davit about {name}")
        answer, said = self.asked(name)
        self.assertFalse(answer, f"{self.tool} about {name}: {said}")
        self.assertTrue(any(listed in sentence for sentence in self.export()[1]), f"{listed!r} is in none of {self.export()[1]}")

    def judge_every_kind_of_key(self):
        kinds = ("ecdsa-p384", "ecdsa-p521", "ed25519", "rsa-2048")
        for kind in kinds:
            self.succeed("key", "generate", "--type", kind, "-o", kind, **PASSWORD)
        self.write(*[[[f"{kind}", f"{kind}/*"], signed_by(kind)] for kind in kinds])
        for kind in kinds:
            self.agree(self.push(f"{kind}/app", kind), True)
            self.agree(self.push(f"{kind}/wrong", "release"), False)

    def judge_the_signer(self):
        self.write([["team/*", "single"], signed_by("release")])
        for repository in ("team/app", "team/below/app", "single"):
            self.agree(self.push(repository, "release"), True)
        self.agree(self.push("team/none"), False)
        self.agree(self.push("team/wrong", "stranger"), False)

    def judge_any_and_both_signers(self):
        self.write([["any", "any/*"], signed_by("release", "review")], [["both", "both/*"], signed_by("release", "review", threshold=2)])
        self.agree(self.push("any/app", "review"), True)
        self.agree(self.push("any/wrong", "stranger"), False)
        self.agree(self.push("both/app", "release", "review"), True)
        self.agree(self.push("both/one", "review"), False)

    def judge_what_is_only_attested(self):
        attested = self.push("team/attested")
        self.attest(attested, "release", {"passed": True})
        self.agree(attested, False)

    def judge_types_of_attestations(self):
        """The rule asks for a signature by review, or for none, and for a scan attested by release."""
        for repository, key, kind, accepted in (("app", "release", "scan", True), ("wrong", "stranger", "scan", False),
                                                ("other", "release", "other", False), ("none", None, None, False)):
            name = self.push(f"team/{repository}", "review")
            if key:
                self.attest(name, key, {"passed": True}, kind=f"https://example.com/{kind}")
            self.agree(name, accepted)


class ContainersPolicyJudge(ClusterTest):
    target, tool = "containers-policy", "containers-peer"

    def asked(self, image):
        documents, _ = self.export()
        (self.folder / "containers.json").write_text(json.dumps(documents[0]))
        folder = self.folder / "registries.d"
        folder.mkdir(exist_ok=True)
        (folder / "all.yaml").write_text(json.dumps({"default-docker": {"use-sigstore-attachments": True}}))
        done = self.peer("containers-peer", "containers.json", folder, image, check=False)
        self.assertNotEqual(done.returncode, 2, done.stderr)
        return done.returncode == 0, done.stderr


class PolicyControllerJudge(ClusterTest):
    target, tool = "policy-controller", "policy-tester"

    def asked(self, image):
        documents, _ = self.export()
        more = self.own_root(documents) if self.standin else []
        (self.folder / "policies.yaml").write_text("\n---\n".join(json.dumps(document) for document in documents))
        done = self.peer("policy-tester", "-policy", "policies.yaml", "-image", image, "-log-level", "error", *more, check=False)
        self.assertNotIn("CIP is invalid", done.stderr)
        return done.returncode == 0, done.stdout + done.stderr

    def own_root(self, documents):
        for authority in (authority for document in documents for authority in document["spec"]["authorities"]):
            for part in ("keyless", "ctlog"):
                if part in authority:
                    authority[part]["trustRootRef"] = "standin"
        coded = lambda text: base64.b64encode(text.encode()).decode()
        logs = lambda kind: [{"baseURL": "https://log.example", "hashAlgorithm": "sha-256", "publicKey": coded(self.log_key(kind))}]
        keys = {"certificateAuthorities": [{"subject": {"organization": "forge", "commonName": "fulcio"}, "uri": "https://fulcio.example",
                                            "certChain": coded(self.authorities())}], "tLogs": logs("tlogs"), "ctLogs": logs("ctlogs")}
        (self.folder / "root.yaml").write_text(json.dumps({"apiVersion": "policy.sigstore.dev/v1alpha1", "kind": "TrustRoot",
                                                           "metadata": {"name": "standin"}, "spec": {"sigstoreKeys": keys}}))
        return ["-trustroot", "root.yaml"]


class RatifyJudge(ClusterTest):
    target, tool = "ratify", "ratify"

    def asked(self, image):
        """The verifier of the export in the configuration file of the command, which takes keys from files."""
        keys, verifiers = {}, []
        for document in self.export()[0]:
            spec = document["spec"]
            if document["kind"] == "Verifier":
                verifiers.append({"name": spec["name"], "artifactTypes": spec["artifactTypes"], **spec["parameters"]})
                continue
            keys[document["metadata"]["name"]] = str(self.folder / (document["metadata"]["name"] + ".pub"))
            (self.folder / (document["metadata"]["name"] + ".pub")).write_text(spec["parameters"]["value"])
        for policy in (policy for verifier in verifiers for policy in verifier["trustPolicies"]):
            if "keys" in policy:
                policy["keys"] = [{"file": keys[key["provider"]]} for key in policy["keys"]]
        (self.folder / "ratify.json").write_text(json.dumps({
            "store": {"version": "1.0.0", "plugins": [{"name": "oras", "cosignEnabled": True, "useHttp": True}]},
            "policy": {"version": "1.0.0", "plugin": {"name": "configPolicy", "artifactVerificationPolicies": {"default": "any"}}},
            "verifier": {"version": "1.0.0", "plugins": verifiers}}))
        if self.standin:
            self.own_root()
        done = self.peer("ratify", "verify", "-c", "ratify.json", "-s", image, check=False)
        return '"isSuccess": true' in done.stdout.split('"verifierReports"')[0], done.stdout + done.stderr

    def own_root(self):
        """By the variables that the library under it reads."""
        for variable, text in (("SIGSTORE_ROOT_FILE", self.authorities()), ("SIGSTORE_REKOR_PUBLIC_KEY", self.log_key("tlogs")),
                               ("SIGSTORE_CT_LOG_PUBLIC_KEY_FILE", self.log_key("ctlogs"))):
            (self.folder / variable).write_text(text)
            self.environment[variable] = str(self.folder / variable)


class KyvernoJudge(ClusterTest):
    target, tool = "kyverno", "kyverno"

    def asked(self, image):
        """The answer is that no rule failed and that one passed: the command succeeds when it judged nothing."""
        document = self.export()[0][0]
        if self.standin:
            self.own_root(document)
        (self.folder / "kyverno.yaml").write_text(json.dumps(document))
        pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "pod", "namespace": "default"},
               "spec": {"containers": [{"name": "app", "image": image}]}}
        (self.folder / "pod.yaml").write_text(json.dumps(pod))
        done = self.peer("kyverno", "apply", "kyverno.yaml", "--resource", "pod.yaml", "--registry", check=False)
        said = done.stdout + done.stderr
        counts = re.search(r"pass: (\d+), fail: (\d+), warn: (\d+), error: (\d+), skip: (\d+)", said)
        self.assertTrue(counts, said)
        passed, failed, warned, errors, _ = map(int, counts.groups())
        self.assertEqual(done.returncode != 0, failed + errors > 0, said)
        self.assertGreater(passed + failed + errors, 0, f"judged nothing: {said}")
        return passed > 0 and failed + warned + errors == 0, said

    def own_root(self, document):
        for images in (images for rule in document["spec"]["rules"] for images in rule["verifyImages"]):
            for attestors in [images.get("attestors", []), *(entry["attestors"] for entry in images.get("attestations", []))]:
                for keyless in (entry["keyless"] for attestor in attestors for entry in attestor["entries"]):
                    keyless["roots"] = self.authorities()
                    keyless["rekor"]["pubkey"] = self.log_key("tlogs")
                    keyless["ctlog"] = {"pubkey": self.log_key("ctlogs")}


class OverReferrers:
    """The same over a registry that has the referrers API.

    Not for Kyverno: it believes the type by which a registry lists a bundle, and this one says that of the config."""

    def start_registry(self):
        if shutil.which("referrers-registry") is None:
            self.skipTest("referrers-registry is not installed")
        server = subprocess.Popen(["referrers-registry"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.addCleanup(server.stdout.close)
        self.addCleanup(server.wait)
        self.addCleanup(server.kill)
        return f"127.0.0.1:{server.stdout.readline().strip()}"

    def test_it_decides_the_same_over_the_referrers_api(self):
        self.write([["team", "team/*"], signed_by("release")])
        cases = (("app", ["release"], True), ("last", ["stranger", "release"], True), ("wrong", ["stranger"], False), ("none", [], False))
        for repository, by, accepted in cases:
            self.agree(self.push(f"team/{repository}", *by), accepted)
        self.judge_what_is_only_attested()


def signed_by(*names, threshold=1):
    return {"signatures": [{"signers": list(names), "threshold": threshold}]}


def attested_by(*names, kind="https://example.com/scan", **more):
    return {"attestations": [{"type": kind, "signers": list(names), **more}]}
