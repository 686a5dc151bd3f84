"""
Receives webhooks as a program of other people does: the signature is checked by the library of Standard Webhooks, the body is read by that of
CloudEvents. Prints its address, then one line of JSON per request.
"""

import json
import os
from http.server import BaseHTTPRequestHandler, HTTPServer

from cloudevents.core.bindings.http import HTTPMessage, from_http_event
from standardwebhooks import Webhook
from standardwebhooks.webhooks import WebhookVerificationError


def tell(what):
    print(json.dumps(what), flush=True)


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        headers = {name.lower(): value for name, value in self.headers.items()}
        try:
            Webhook(os.environ["HOOK_SECRET"]).verify(body, headers)
        except WebhookVerificationError as error:
            tell({"refused": str(error)})
            self.answer(401)
            return
        event = from_http_event(HTTPMessage(headers=headers, body=body))
        told = {"id": event.get_id(), "source": event.get_source(), "type": event.get_type(), "subject": event.get_subject()}
        told |= {"specversion": event.get_specversion(), "time": event.get_time().timestamp(), "data": event.get_data()}
        tell(told | {"webhook": headers["webhook-id"]})
        self.answer(204)

    def answer(self, status):
        self.send_response(status)
        self.end_headers()

    def log_message(self, *_):
        pass


server = HTTPServer(("127.0.0.1", 0), Receiver)
tell({"port": server.server_port})
server.serve_forever()
