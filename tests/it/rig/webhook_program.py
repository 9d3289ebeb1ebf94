"""A program that is told what happens: checks by standardwebhooks (PyPI), the library of those who wrote the specification. Says what it is told as
JSON, a line each; the first line is its port. Arguments: the secret, the port (0: any), and how many requests it is too busy for first."""

import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from standardwebhooks import Webhook, WebhookVerificationError

secret, port, busy = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])


saying = threading.Lock()


def tell(**what):
    with saying:
        print(json.dumps(what), flush=True)


class Program(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        global busy
        body = self.rfile.read(int(self.headers["content-length"]))
        try:
            event = Webhook(secret).verify(body, dict(self.headers))
        except WebhookVerificationError as error:
            tell(refused=str(error))
            self.answer(401)
            return
        if busy > 0:
            busy -= 1
            tell(busy=self.headers["webhook-id"])
            self.answer(503)
            return
        tell(event={"id": self.headers["webhook-id"], **event})
        self.answer(204)

    def answer(self, status):
        self.send_response(status)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


server = ThreadingHTTPServer(("127.0.0.1", port), Program)
tell(port=server.server_port)
server.serve_forever()
