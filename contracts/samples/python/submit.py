#!/usr/bin/env python3
"""Asks for a referral over RabbitMQ and waits for the answer.

python3 submit.py amqp://user:password@host:5672/ ehr serviceRequest [recipient]
Exit code 0 if it was accepted, 1 if not, 2 if no answer came.
"""
import json
import sys
import uuid

import pika

url, ehr, order = sys.argv[1:4]
# The id makes it harmless to send the same command again, for fourteen days: keep it until there is an answer.
command = {"command": "submit", "id": str(uuid.uuid4()), "ehr": ehr, "serviceRequest": order}
if len(sys.argv) > 4:
    command["recipient"] = sys.argv[4]

connection = pika.BlockingConnection(pika.URLParameters(url))
channel = connection.channel()
channel.confirm_delivery()
# A queue of our own for the answer; the broker names it, and it goes when we go.
replies = channel.queue_declare("", exclusive=True).method.queue
channel.basic_publish(
    "", "referral.commands", json.dumps(command).encode(), mandatory=True,
    properties=pika.BasicProperties(content_type="application/json", delivery_mode=2, reply_to=replies, correlation_id=command["id"]))

exit_code = 2
for delivery, properties, body in channel.consume(replies, auto_ack=True, inactivity_timeout=30):
    if body is None:
        print("no answer within 30 s: send the same command again, under the same id", file=sys.stderr)
        break
    if properties.correlation_id == command["id"]:
        print(body.decode())
        exit_code = 0 if json.loads(body)["accepted"] else 1
        break
connection.close()
sys.exit(exit_code)
