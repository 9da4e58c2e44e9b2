// Validates an OpenAPI document by the specification's own schema. node openapi.mjs <file>
import { Validator } from '@seriousme/openapi-schema-validator';

const validator = new Validator();
const { valid, errors } = await validator.validate(process.argv[2]);
if (!valid) {
  for (const fault of [errors].flat()) console.error(fault.message ? `${fault.instancePath}: ${fault.message}` : fault);
  process.exit(1);
}
console.log(`OpenAPI ${validator.version}`);
