#!/usr/bin/env python3
"""A customer system for Hubline in a hundred lines (docs/crm.md): answers who is calling, and tells of an order by itself.

    CRM_SECRET=… python3 crm-server.py 9100
    CRM_SECRET=… python3 crm-server.py tell http://localhost:8080/crm/events A-1042 delivered
"""

import hashlib
import hmac
import json
import os
import sys
import time
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

SECRET = os.environ.get("CRM_SECRET", "").encode()
APART_S = 300

CUSTOMERS = {
    "K-10023": {
        "known_by": {("phone", "+4915112345678"), ("user", "10023"), ("email", "anna@example.com")},
        "customer": {
            "id": "K-10023",
            "name": "Anna Winter",
            "language": "en",
            "facts": [{"label": "Points", "value": "1,240"}, {"label": "Card", "value": "4111111111111111", "sensitive": True}],
        },
        "orders": [{"number": "A-1042", "at": 1795258800000, "title": "Lamp Nora", "state": "on its way", "amount": "€ 89.00"}],
    }
}


def sign(body: bytes, seconds: int) -> str:
    return hmac.new(SECRET, b"%d." % seconds + body, hashlib.sha256).hexdigest()


def is_signed(header: str, body: bytes) -> bool:
    parts = dict(part.strip().split("=", 1) for part in header.split(",") if "=" in part)
    try:
        seconds = int(parts["t"])
    except (KeyError, ValueError):
        return False
    return abs(time.time() - seconds) <= APART_S and hmac.compare_digest(sign(body, seconds), parts.get("v1", ""))


def found(question: dict) -> dict | None:
    # Only what somebody vouches for: anybody can write another's address.
    known = {(one["kind"], one["value"]) for one in question.get("identities", []) if one.get("proven")}
    for entry in CUSTOMERS.values():
        if known & entry["known_by"]:
            return {"customer": entry["customer"], "orders": entry["orders"]}
    return None


class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(min(int(self.headers.get("Content-Length", 0)), 1 << 20))
        if not is_signed(self.headers.get("Hubline-Signature", ""), body):
            return self.answer(401, {"error": "not signed"})
        answer = found(json.loads(body))
        return self.answer(200, answer) if answer else self.answer(404, {"error": "unknown"})

    def answer(self, status: int, what: dict):
        body = json.dumps(what).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def tell(url: str, number: str, state: str):
    entry = next(entry for entry in CUSTOMERS.values() if any(order["number"] == number for order in entry["orders"]))
    order = next(order for order in entry["orders"] if order["number"] == number) | {"state": state}
    event = {"id": f"{number}-{state}", "kind": "order", "record": entry["customer"]["id"], "order": order}
    body, seconds = json.dumps(event).encode(), int(time.time())
    headers = {"Content-Type": "application/json", "Hubline-Signature": f"t={seconds},v1={sign(body, seconds)}"}
    with urllib.request.urlopen(urllib.request.Request(url, body, headers)) as answer:
        print(answer.status)


if __name__ == "__main__":
    if not SECRET:
        sys.exit("CRM_SECRET is not set")
    if sys.argv[1:2] == ["tell"]:
        tell(*sys.argv[2:5])
    else:
        server = ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1]) if len(sys.argv) > 1 else 9100), Handler)
        print(f"http://127.0.0.1:{server.server_address[1]}/", flush=True)
        server.serve_forever()
