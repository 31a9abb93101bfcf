const fs = require("fs");
const { bundleFromJSON } = require("@sigstore/bundle");
const { TrustedRoot } = require("@sigstore/protobuf-specs");
const { Verifier, toSignedEntity, toTrustMaterial } = require("@sigstore/verify");
const [root, bundle, artifact, identity, issuer] = process.argv.slice(2);
const read = (path) => JSON.parse(fs.readFileSync(path, "utf8"));
const verifier = new Verifier(toTrustMaterial(TrustedRoot.fromJSON(read(root))));
const signer = verifier.verify(toSignedEntity(bundleFromJSON(read(bundle)), fs.readFileSync(artifact)), { subjectAlternativeName: identity, extensions: { issuer } });
console.log("verified", signer.identity.subjectAlternativeName);
