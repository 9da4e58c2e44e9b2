// Validates an AsyncAPI document and what it refers to with the specification's own parser, and its examples with Ajv (the parser leaves
// examples of AsyncAPI 3 alone). node asyncapi.mjs <file>: exit code 0 and what was looked at, or 1 and every fault.
import { Parser, fromFile } from '@asyncapi/parser';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';

const { document, diagnostics } = await fromFile(new Parser(), process.argv[2]).parse();
// Advice (a newer version of AsyncAPI exists) is no fault.
const faults = diagnostics.filter(found => found.severity <= 1).map(found => `${found.path.join('.')}: ${found.message} (${found.code})`);
const messages = document?.allMessages().all() ?? [];
let examples = 0;
for (const message of messages) {
  const ajv = formats.default(new Ajv2020({ strict: true, allErrors: true }));
  ajv.addVocabulary(['x-parser-schema-id']);
  for (const { name, payload } of message.json().examples ?? []) {
    const valid = ajv.validate(message.json().payload, payload);
    if (!valid) faults.push(`${message.name()}, example ${name}: ${ajv.errorsText()}`);
    ajv.removeSchema();
    examples++;
  }
}

for (const fault of faults) console.error(fault);
if (!document || faults.length > 0) process.exit(1);
console.log(`${messages.length} messages, ${examples} examples`);
