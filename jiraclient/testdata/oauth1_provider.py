"""An OAuth 1.0a provider after Jira's, on oauthlib: what it accepts was not written by whoever wrote the client.

Usage: oauth1_provider.py. Prints the port; takes the consumer's public key by POST /key; allows whatever is asked when the
authorize page is opened; answers every other signed request with what it understood of it, as JSON.
"""

import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit

from oauthlib.oauth1 import SIGNATURE_RSA, AccessTokenEndpoint, RequestTokenEndpoint, RequestValidator, ResourceEndpoint

BASE = "/jira"
SERVLET = BASE + "/plugins/servlet/oauth/"


class Consumers(RequestValidator):
    """Knows one consumer and every token it gave out."""

    def __init__(self):
        super().__init__()
        self.key = ""
        self.requests = {}  # token -> callback, verifier
        self.accesses = {}
        self.nonces = set()

    allowed_signature_methods = (SIGNATURE_RSA,)
    enforce_ssl = False
    client_key_length = (3, 40)
    request_token_length = access_token_length = nonce_length = verifier_length = (6, 100)
    dummy_client = dummy_request_token = dummy_access_token = "nobody-at-all"

    def check_nonce(self, nonce):
        return 6 <= len(nonce) <= 100

    def validate_client_key(self, client_key, request):
        return client_key == "jirabot"

    def get_rsa_key(self, client_key, request):
        return self.key

    def validate_timestamp_and_nonce(self, client_key, timestamp, nonce, request, request_token=None, access_token=None):
        if nonce in self.nonces:
            return False
        self.nonces.add(nonce)
        return True

    def validate_redirect_uri(self, client_key, redirect_uri, request):
        return redirect_uri == "oob" or redirect_uri.startswith("http://127.0.0.1:")

    def get_default_realms(self, client_key, request):
        return []

    def get_realms(self, token, request):
        return []

    def validate_requested_realms(self, client_key, realms, request):
        return True

    def validate_realms(self, client_key, token, request, uri=None, realms=None):
        return True

    def save_request_token(self, token, request):
        self.requests[token["oauth_token"]] = {"callback": request.redirect_uri, "verifier": None}

    def validate_request_token(self, client_key, token, request):
        return token in self.requests

    def validate_verifier(self, client_key, token, verifier, request):
        given = self.requests[token]["verifier"] if token in self.requests else None
        return given is not None and given == verifier

    def save_access_token(self, token, request):
        self.accesses[token["oauth_token"]] = True

    def invalidate_request_token(self, client_key, request_token, request):
        self.requests.pop(request_token, None)

    def validate_access_token(self, client_key, token, request):
        return token in self.accesses

    def get_client_secret(self, client_key, request):
        return ""

    def get_request_token_secret(self, client_key, token, request):
        return ""

    def get_access_token_secret(self, client_key, token, request):
        return ""


class Jira(BaseHTTPRequestHandler):
    consumers = Consumers()

    def log_message(self, *args):
        pass

    def answer(self, status, body, kind="application/json", headers=()):
        data = body.encode()
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def serve(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode("utf-8", "surrogateescape")
        address = "http://" + self.headers["Host"] + self.path
        path = urlsplit(self.path).path
        headers = dict(self.headers.items())
        form = headers.get("Content-Type", "").startswith("application/x-www-form-urlencoded")
        # To the library a body is a form, or none of its business.
        signed = (address, self.command, body if form else None, headers)
        if path == "/key":
            self.consumers.key = body
            return self.answer(204, "")
        if path == SERVLET + "request-token":
            return self.leg(RequestTokenEndpoint(self.consumers).create_request_token_response(*signed, credentials={}))
        if path == SERVLET + "access-token":
            return self.leg(AccessTokenEndpoint(self.consumers).create_access_token_response(*signed, credentials={}))
        if path == SERVLET + "authorize":
            token = parse_qs(urlsplit(self.path).query)["oauth_token"][0]
            request = self.consumers.requests[token]
            request["verifier"] = "code" + token[:6]
            if request["callback"] == "oob":
                return self.answer(200, "your verification code is '" + request["verifier"] + "'", "text/plain")
            target = request["callback"] + "?" + urlencode({"oauth_token": token, "oauth_verifier": request["verifier"]})
            return self.answer(302, "", headers=[("Location", target)])
        valid, _ = ResourceEndpoint(self.consumers).validate_protected_resource_request(*signed, realms=[])
        if not valid:
            return self.answer(401, "oauth_problem=signature_invalid", "text/plain")
        if path == BASE + "/rest/api/2/myself":
            return self.answer(200, '{"name":"bot","displayName":"Bot"}', headers=[("X-AUSERNAME", "bot")])
        seen = {"path": path, "query": parse_qs(urlsplit(self.path).query), "body": body}
        return self.answer(200, json.dumps(seen), headers=[("X-AUSERNAME", "bot")])

    def leg(self, answer):
        headers, body, status = answer
        self.answer(status, body or "", "text/plain", headers=[(k, v) for k, v in headers.items() if k != "Content-Type"])

    do_GET = do_POST = do_PUT = do_DELETE = serve


server = ThreadingHTTPServer(("127.0.0.1", 0), Jira)
print(server.server_address[1], flush=True)
try:
    server.serve_forever()
except KeyboardInterrupt:
    sys.exit(0)
