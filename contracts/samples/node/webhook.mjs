// Hears every step of every referral by webhook and prints one line for each. No packages.
// WEBHOOK_SECRET=whsec_… node webhook.mjs port
import { createHmac, timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';

const key = Buffer.from(process.env.WEBHOOK_SECRET.replace(/^whsec_/, ''), 'base64');
const tolerance = 5 * 60; // Seconds. What is older may have been recorded and played again.
const longest = 64 * 1024;
const seen = new Set(); // Ids of events that are done. In your program: a table.

function isGenuine(headers, body) {
  const { 'webhook-id': id = '', 'webhook-timestamp': sent = '', 'webhook-signature': signatures = '' } = headers;
  if (!/^\d+$/.test(sent) || Math.abs(Date.now() / 1000 - Number(sent)) > tolerance) return false;
  const expected = createHmac('sha256', key).update(`${id}.${sent}.`).update(body).digest();
  // Several, apart by spaces, while a secret is being changed. Compared in constant time.
  return signatures.split(' ').some(given => {
    const [version, signature = ''] = given.split(',');
    const bytes = Buffer.from(signature, 'base64');
    return version === 'v1' && bytes.length === expected.length && timingSafeEqual(bytes, expected);
  });
}

async function receive(request, response) {
  // The bytes as they came: what is parsed and written again has another signature.
  const pieces = [];
  let length = 0;
  for await (const piece of request) {
    length += piece.length;
    if (length > longest) return response.writeHead(413, { Connection: 'close' }).end();
    pieces.push(piece);
  }

  const body = Buffer.concat(pieces);
  if (!isGenuine(request.headers, body)) return response.writeHead(401).end();
  const event = JSON.parse(body);
  if (!seen.has(event.id)) {
    seen.add(event.id);
    console.log(event.subject, event.sequence, event.type, event.data.state, event.data.errorCode ?? '-');
  }

  response.writeHead(204).end(); // Soon: the service waits ten seconds. Long work belongs behind this.
}

createServer(async (request, response) => {
  try {
    await receive(request, response);
  } catch (fault) { // The sender broke off, or sent no JSON: no reason to end for everybody else.
    console.error(fault.message);
    if (!response.headersSent) response.writeHead(400, { Connection: 'close' });
    response.end();
  }
}).listen(Number(process.argv[2]), '127.0.0.1', () => console.log('listening'));
