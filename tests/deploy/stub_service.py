"""Stands in for one of our services: ready, content, and silent when asked to be unwell."""

import json
import os
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

STATUS = {"service": "stub", "ready": True, "degraded": [], "unpublished": 0, "lag": {}, "parked": 0}


class Stub(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(STATUS).encode())


def main() -> None:
    if "--fail" in sys.argv:
        sys.exit("the stub was told to fail")
    ThreadingHTTPServer((os.environ["KPK_HTTP_HOST"], int(os.environ["KPK_HTTP_PORT"])), Stub).serve_forever()


if __name__ == "__main__":
    main()
