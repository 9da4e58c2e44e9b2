// Asks for a referral over RabbitMQ and waits for the answer.
// node submit.mjs amqp://user:password@host:5672/ ehr serviceRequest [recipient]
// Exit code 0 if it was accepted, 1 if not, 2 if no answer came.
import { randomUUID } from 'node:crypto';
import amqp from 'amqplib';

const [url, ehr, serviceRequest, recipient] = process.argv.slice(2);
// The id makes it harmless to send the same command again, for fourteen days: keep it until there is an answer.
const command = { command: 'submit', id: randomUUID(), ehr, serviceRequest, recipient };

const connection = await amqp.connect(url);
const channel = await connection.createConfirmChannel();
// A queue of our own for the answer; the broker names it, and it goes when we go.
const { queue } = await channel.assertQueue('', { exclusive: true });
const answer = new Promise((resolve, reject) => {
  channel.consume(queue, message => message.properties.correlationId === command.id && resolve(JSON.parse(message.content)), { noAck: true });
  setTimeout(() => reject(new Error('no answer within 30 s: send the same command again, under the same id')), 30_000).unref();
});
channel.sendToQueue('referral.commands', Buffer.from(JSON.stringify(command)), {
  contentType: 'application/json', persistent: true, mandatory: true, replyTo: queue, correlationId: command.id,
});
try {
  await channel.waitForConfirms();
  const told = await answer;
  console.log(JSON.stringify(told));
  process.exitCode = told.accepted ? 0 : 1;
} catch (fault) {
  console.error(fault.message);
  process.exitCode = 2;
}
await connection.close();
