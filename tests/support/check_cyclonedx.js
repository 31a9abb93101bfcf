// Checks CycloneDX 1.6 documents against the published JSON schema: node check_cyclonedx.js NODE_MODULES FILE...
const path = require('node:path');
const fs = require('node:fs');
const [modules, ...files] = process.argv.slice(2);
const load = (name) => require(path.join(modules, name));
const schemas = path.join(modules, '@cyclonedx/cyclonedx-library/res/schema');
const read = (name) => JSON.parse(fs.readFileSync(path.join(schemas, name), 'utf8'));
const Ajv = load('ajv').default;
const ajv = new Ajv({ strict: false, allErrors: true });
load('ajv-formats').default(ajv);
load('ajv-formats-draft2019')(ajv, { formats: ['idn-email'] });
ajv.addFormat('iri-reference', (text) => !/[\s<>"\\^`{|}]/.test(text));
ajv.addSchema(read('spdx.SNAPSHOT.schema.json'), 'http://cyclonedx.org/schema/spdx.SNAPSHOT.schema.json');
ajv.addSchema(read('jsf-0.82.SNAPSHOT.schema.json'), 'http://cyclonedx.org/schema/jsf-0.82.SNAPSHOT.schema.json');
const validate = ajv.compile(read('bom-1.6.SNAPSHOT.schema.json'));
let failed = false;
for (const file of files) {
  const bom = JSON.parse(fs.readFileSync(file, 'utf8'));
  if (!validate(bom)) {
    failed = true;
    console.error(file, JSON.stringify(validate.errors.slice(0, 5), null, 1));
  }
  const references = new Set([bom.metadata.component['bom-ref'], ...bom.components.map((part) => part['bom-ref'])]);
  if (references.size !== bom.components.length + 1) { failed = true; console.error(file, 'a bom-ref stands twice'); }
  for (const entry of bom.dependencies)
    for (const ref of [entry.ref, ...entry.dependsOn])
      if (!references.has(ref)) { failed = true; console.error(file, `no part is called ${ref}`); }
}
process.exit(failed ? 1 : 0);
