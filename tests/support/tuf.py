"""Writes TUF repositories with keys of their own, by openssl and nothing of davit."""

import datetime
import hashlib
import json
import pathlib
import subprocess


def canonical(value):
    """The signed form: members sorted, no blanks, only quote and backslash escaped."""
    if isinstance(value, dict):
        return "{" + ",".join(canonical(k) + ":" + canonical(value[k]) for k in sorted(value)) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(canonical, value)) + "]"
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return json.dumps(value)


def in_days(days):
    moment = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=days)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


class Signer:
    """An Ed25519 key of openssl."""

    def __init__(self, folder, name):
        self.path = pathlib.Path(folder) / f"{name}.pem"
        subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", self.path], check=True, capture_output=True)
        der = subprocess.run(["openssl", "pkey", "-in", self.path, "-pubout", "-outform", "DER"], check=True, capture_output=True).stdout
        self.json = {"keytype": "ed25519", "scheme": "ed25519", "keyval": {"public": der[-32:].hex()}}
        self.id = hashlib.sha256(canonical(self.json).encode()).hexdigest()

    def sign(self, content):
        message = self.path.with_suffix(".message")
        message.write_bytes(content)
        done = subprocess.run(["openssl", "pkeyutl", "-sign", "-rawin", "-inkey", self.path, "-in", message], check=True, capture_output=True)
        return done.stdout.hex()


class Repository:
    """A repository with consistent snapshots: `metadata/` and `targets/` in one folder."""

    def __init__(self, folder, keys):
        self.folder = pathlib.Path(folder)
        self.metadata = self.folder / "metadata"
        self.targets = self.folder / "targets"
        for path in (self.metadata, self.targets, pathlib.Path(keys)):
            path.mkdir(parents=True, exist_ok=True)
        self.signers = {role: Signer(keys, role) for role in ("root", "root2", "timestamp", "snapshot", "targets")}
        self.versions = {"root": 1, "timestamp": 1, "snapshot": 1, "targets": 1}
        self.days = {"root": 365, "timestamp": 7, "snapshot": 30, "targets": 90}
        self.files = {}

    def seal(self, kind, body, signers):
        body = {"_type": kind, "spec_version": "1.0.31", "version": self.versions[kind], "expires": in_days(self.days[kind]), **body}
        signatures = [{"keyid": s.id, "sig": s.sign(canonical(body).encode())} for s in signers]
        return json.dumps({"signatures": signatures, "signed": body}, indent=1).encode()

    def add(self, name, content):
        digest = hashlib.sha256(content).hexdigest()
        path = self.targets / name
        path.parent.mkdir(parents=True, exist_ok=True)
        (path.parent / f"{digest}.{path.name}").write_bytes(content)
        self.files[name] = {"length": len(content), "hashes": {"sha256": digest}}

    def publish_root(self, signers=("root", "root2")):
        roles = {role: {"keyids": [self.signers[role].id], "threshold": 1} for role in ("timestamp", "snapshot", "targets")}
        roles["root"] = {"keyids": [self.signers["root"].id, self.signers["root2"].id], "threshold": 2}
        body = {"consistent_snapshot": True, "keys": {s.id: s.json for s in self.signers.values()}, "roles": roles}
        text = self.seal("root", body, [self.signers[name] for name in signers])
        path = self.metadata / f"{self.versions['root']}.root.json"
        path.write_bytes(text)
        return path

    def publish(self):
        def described(content, version):
            return {"version": version, "length": len(content), "hashes": {"sha256": hashlib.sha256(content).hexdigest()}}

        targets = self.seal("targets", {"targets": self.files}, [self.signers["targets"]])
        (self.metadata / f"{self.versions['targets']}.targets.json").write_bytes(targets)
        meta = {"targets.json": described(targets, self.versions["targets"])}
        snapshot = self.seal("snapshot", {"meta": meta}, [self.signers["snapshot"]])
        (self.metadata / f"{self.versions['snapshot']}.snapshot.json").write_bytes(snapshot)
        meta = {"snapshot.json": described(snapshot, self.versions["snapshot"])}
        (self.metadata / "timestamp.json").write_bytes(self.seal("timestamp", {"meta": meta}, [self.signers["timestamp"]]))

    def publish_next(self):
        for role in ("timestamp", "snapshot", "targets"):
            self.versions[role] += 1
        self.publish()
