"""Writes a TUF repository with python-tuf, or reads one with it: run by the Python that has it installed.

tuf_repository.py write FOLDER      keys of every kind, a rotated root, a delegation; metadata/ and targets/
tuf_repository.py read URL ROOT     fetches trusted_root.json with python-tuf's client and prints it
"""

import datetime
import pathlib
import sys
import tempfile

from securesystemslib.signer import CryptoSigner
from tuf.api.metadata import (DelegatedRole, Delegations, MetaFile, Metadata, Root, Snapshot, TargetFile, Targets, Timestamp)
from tuf.ngclient import Updater

EXPIRES = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0) + datetime.timedelta(days=30)


def write(folder):
    metadata, targets = folder / "metadata", folder / "targets"
    (targets / "dev").mkdir(parents=True)
    metadata.mkdir()
    ed, ec, rsa, ed2 = (CryptoSigner.generate_ed25519(), CryptoSigner.generate_ecdsa(), CryptoSigner.generate_rsa(), CryptoSigner.generate_ed25519())

    def put(name, body, *signers):
        document = Metadata(body)
        for signer in signers:
            document.sign(signer, append=True)
        content = document.to_bytes()
        (metadata / name).write_bytes(content)
        return content

    def add(role, name, content):
        file = TargetFile.from_data(name, content, ["sha256", "sha512"])
        role.targets[name] = file
        path = targets / name
        (path.parent / f"{file.hashes['sha256']}.{path.name}").write_bytes(content)

    root = Root(expires=EXPIRES, consistent_snapshot=True)
    root.roles["root"].threshold = 2
    for signer in (ed, ec, rsa):
        root.add_key(signer.public_key, "root")
    root.add_key(ed2.public_key, "timestamp")
    root.add_key(ec.public_key, "snapshot")
    root.add_key(rsa.public_key, "targets")
    put("1.root.json", root, ed, ec)
    root.version = 2
    root.revoke_key(ed.public_key.keyid, "root")
    put("2.root.json", root, ed, ec, rsa)

    top, dev = Targets(expires=EXPIRES), Targets(expires=EXPIRES)
    add(top, "trusted_root.json", b"{}")
    add(dev, "dev/tool.json", b"[]")
    delegated = DelegatedRole("dev", [ed.public_key.keyid], 1, False, ["dev/*.json"])
    top.delegations = Delegations({ed.public_key.keyid: ed.public_key}, {"dev": delegated})
    snapshot = Snapshot(expires=EXPIRES)
    for name, body, signer in (("targets.json", top, rsa), ("dev.json", dev, ed)):
        snapshot.meta[name] = MetaFile.from_data(1, put(f"1.{name}", body, signer), ["sha256"])
    timestamp = Timestamp(expires=EXPIRES)
    timestamp.snapshot_meta = MetaFile.from_data(1, put("1.snapshot.json", snapshot, ec), ["sha256"])
    put("timestamp.json", timestamp, ed2)


def read(url, root):
    with tempfile.TemporaryDirectory() as folder:
        updater = Updater(folder, f"{url}/metadata/", folder, f"{url}/targets/", bootstrap=pathlib.Path(root).read_bytes())
        info = updater.get_targetinfo("trusted_root.json")
        print(pathlib.Path(updater.download_target(info)).read_text())


if __name__ == "__main__":
    write(pathlib.Path(sys.argv[2])) if sys.argv[1] == "write" else read(*sys.argv[2:])
