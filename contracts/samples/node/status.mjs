// Hears every step of every referral over RabbitMQ and prints one line for each.
// node status.mjs amqp://user:password@host:5672/ [queue [count]]   Ends after `count` events, if that is given.
import amqp from 'amqplib';

const [url, queue = 'sample.referral-status.node', count] = process.argv.slice(2);
let left = count === undefined ? Infinity : Number(count);

const seen = new Set(); // Ids of events that are done. In your program: a table, written in the transition that the event causes.
const last = new Map(); // Referral to the sequence of its last event.
const early = new Map(); // Referral to events that came before their turn, by sequence.
const most = 40; // Of these at once. Fewer than the prefetch: none of them is acknowledged, and others must still come.
let held = 0;

/** Where your own work goes. */
function handle({ subject, sequence, type, data }) {
  console.log(subject, sequence, type, data.state, data.errorCode ?? '-');
  left--;
}

/** Calls `acknowledge` only when the event is handled: one that is held back comes again after a crash. */
function take(event, acknowledge) {
  const { subject: referral, sequence } = event;
  if (seen.has(event.id) || sequence <= (last.get(referral) ?? 0)) return acknowledge(); // It came again.
  if (!early.has(referral)) early.set(referral, new Map());
  const waiting = early.get(referral);
  if (waiting.has(sequence)) return acknowledge(); // It came again, and the first of them is still held.
  waiting.set(sequence, { event, acknowledge });
  held++;
  if (last.has(referral) && sequence > last.get(referral) + 1 && held <= most) return;

  // With too many held the gap is passed over.
  for (let next = Math.min(...waiting.keys()); waiting.has(next); next++) {
    const one = waiting.get(next);
    handle(one.event);
    seen.add(one.event.id);
    last.set(referral, next);
    waiting.delete(next);
    held--;
    one.acknowledge();
  }
}

const connection = await amqp.connect(url);
const channel = await connection.createChannel();
// The service makes the exchange as well; whoever comes first.
await channel.assertExchange('referral.status', 'topic', { durable: true });
await channel.assertQueue(queue, { durable: true });
await channel.bindQueue(queue, 'referral.status', '#'); // or referral.main.*, referral.*.delivered, …
await channel.prefetch(50);
await channel.consume(queue, async message => {
  if (left <= 0) return;
  take(JSON.parse(message.content), () => channel.ack(message));
  if (left <= 0) {
    await channel.close();
    await connection.close();
  }
});
