#!/usr/bin/env python3
"""Hears every step of every referral over RabbitMQ and prints one line for each.

python3 status.py amqp://user:password@host:5672/ [queue [count]]
Ends after `count` events, if that is given.
"""
import json
import sys

import pika

url = sys.argv[1]
queue = sys.argv[2] if len(sys.argv) > 2 else "sample.referral-status.python"
left = int(sys.argv[3]) if len(sys.argv) > 3 else None

seen = set()  # Ids of events that are done. In your program: a table, written in the transition that the event causes.
last = {}  # Referral to the sequence of its last event.
early = {}  # Referral to events that came before their turn, by sequence.
MOST = 40  # Of these at once. Fewer than the prefetch: none of them is acknowledged, and others must still come.
held = 0


def handle(event):
    """Where your own work goes."""
    global left
    data = event["data"]
    print(event["subject"], event["sequence"], event["type"], data["state"], data["errorCode"] or "-", flush=True)
    left = None if left is None else left - 1


def take(event, acknowledge):
    """Calls `acknowledge` only when the event is handled: one that is held back comes again after a crash."""
    global held
    referral, sequence = event["subject"], event["sequence"]
    waiting = early.setdefault(referral, {})
    if event["id"] in seen or sequence <= last.get(referral, 0) or sequence in waiting:
        return acknowledge()  # It came again.
    waiting[sequence] = event, acknowledge
    held += 1
    if referral in last and sequence > last[referral] + 1 and held <= MOST:
        return
    following = min(waiting)  # With too many held the gap is passed over.
    while following in waiting:
        event, acknowledge = waiting.pop(following)
        handle(event)
        seen.add(event["id"])
        last[referral] = following
        held -= 1
        acknowledge()
        following += 1


connection = pika.BlockingConnection(pika.URLParameters(url))
channel = connection.channel()
# The service makes the exchange as well; whoever comes first.
channel.exchange_declare("referral.status", "topic", durable=True)
channel.queue_declare(queue, durable=True)
channel.queue_bind(queue, "referral.status", "#")  # or referral.main.*, referral.*.delivered, ...
channel.basic_qos(prefetch_count=50)
for delivery, properties, body in channel.consume(queue):
    take(json.loads(body), lambda tag=delivery.delivery_tag: channel.basic_ack(tag))
    if left is not None and left <= 0:
        break
connection.close()
