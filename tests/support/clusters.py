"""What the tests of exported policies share: artifacts in a registry, and the same question asked of davit and of a consumer.

Wherever the consumer accepts, davit must accept: `agree` and `stricter` are the only two answers that a test can ask for.
"""

import json
import shutil
import subprocess

from support.program import DavitTest
from support.registry import Registry
from support.wasm import module

PASSWORD = {"DAVIT_PASSWORD": "correct horse", "COSIGN_PASSWORD": "correct horse"}
NO_SERVICES = {"mediaType": "application/vnd.dev.sigstore.signingconfig.v0.2+json", "rekorTlogConfig": {}, "tsaConfig": {}}


class ClusterTest(DavitTest):
    target = ""  # the word after --for
    tool = ""    # the program that judges

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
        return self.run_davit("verify", name, "--policy", "policy.json").status == 0

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


def signed_by(*names, threshold=1):
    return {"signatures": [{"signers": list(names), "threshold": threshold}]}


def attested_by(*names, kind="https://example.com/scan", **more):
    return {"attestations": [{"type": kind, "signers": list(names), **more}]}
