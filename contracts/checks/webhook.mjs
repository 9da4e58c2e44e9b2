// Verifies a webhook as a receiver with the library of Standard Webhooks does. node webhook.mjs <file with {secret, headers, body}>
import { readFileSync } from 'node:fs';
import { Webhook } from 'standardwebhooks';

const { secret, headers, body } = JSON.parse(readFileSync(process.argv[2], 'utf8'));
try {
  console.log(`verified ${new Webhook(secret).verify(body, headers).type}`);
} catch (fault) {
  console.error(fault.message);
  process.exit(1);
}
