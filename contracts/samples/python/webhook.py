#!/usr/bin/env python3
"""Hears every step of every referral by webhook and prints one line for each. Standard library only.

WEBHOOK_SECRET=whsec_... python3 webhook.py port
"""
import base64
import hashlib
import hmac
import json
import os
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock

KEY = base64.b64decode(os.environ["WEBHOOK_SECRET"].removeprefix("whsec_"))
TOLERANCE = 5 * 60  # Seconds. What is older may have been recorded and played again.
LONGEST = 64 * 1024

seen = set()  # Ids of events that are done. In your program: a table.
lock = Lock()


def is_genuine(headers, body):
    event, sent, signatures = (headers.get(f"webhook-{name}", "") for name in ("id", "timestamp", "signature"))
    if not sent.isdigit() or abs(time.time() - int(sent)) > TOLERANCE:
        return False
    expected = base64.b64encode(hmac.new(KEY, f"{event}.{sent}.".encode() + body, hashlib.sha256).digest()).decode()
    # Several, apart by spaces, while a secret is being changed. Compared in constant time.
    return any(hmac.compare_digest(f"v1,{expected}".encode(), given.encode()) for given in signatures.split(" "))


class Receiver(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        given = self.headers.get("Content-Length", "")
        if not (given.isascii() and given.isdigit()):  # Without a length, or a negative one, reading would not end.
            self.close_connection = True
            return self.answer(411)
        length = int(given)
        if length > LONGEST:
            self.close_connection = True
            return self.answer(413)
        body = self.rfile.read(length)  # The bytes as they came: what is parsed and written again has another signature.
        if not is_genuine(self.headers, body):
            return self.answer(401)
        event = json.loads(body)
        with lock:
            if event["id"] not in seen:
                seen.add(event["id"])
                print(event["subject"], event["sequence"], event["type"], event["data"]["state"], event["data"]["errorCode"] or "-", flush=True)
        self.answer(204)  # Soon: the service waits ten seconds. Long work belongs behind this.

    def answer(self, status):
        self.send_response(status)
        self.send_header("Content-Length", "0") if status != 204 else None
        self.end_headers()

    def log_message(self, *arguments):
        pass


server = ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Receiver)
print("listening", flush=True)
server.serve_forever()
