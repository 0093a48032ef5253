"""A TLS server that speaks HTTP/2 (with the package h2) or HTTP/1.1, for the tests of the HTTP client.

usage: tls_server.py CERTIFICATE KEY h2|http/1.1

Ends when its standard input does. Prints `port N`, then `connected` for each connection and `left PATH` for each request whose client left before its end.
`/short` answers with the protocol, `/endless` with a byte every few milliseconds.
"""
import os
import socket
import ssl
import sys
import threading
import time

lock = threading.Lock()


def say(*words):
    with lock:
        print(*words, flush=True)


class HTTP2:
    """One connection of HTTP/2: a thread that reads, and one for each endless answer."""

    def __init__(self, connection):
        import h2.config
        import h2.connection

        self.socket = connection
        self.guard = threading.Lock()
        self.state = h2.connection.H2Connection(config=h2.config.H2Configuration(client_side=False))
        self.open = {}

    def flush(self):
        data = self.state.data_to_send()
        if data:
            self.socket.sendall(data)

    def serve(self):
        import h2.events

        with self.guard:
            self.state.initiate_connection()
            self.flush()
        self.socket.settimeout(0.005)
        try:
            while True:
                try:
                    data = self.socket.recv(65536)
                    if not data:
                        break
                except TimeoutError:
                    data = None
                if data:
                    for event in self.state.receive_data(data):
                        if isinstance(event, h2.events.RequestReceived):
                            self.answer(event)
                        elif isinstance(event, h2.events.StreamReset) and event.stream_id in self.open:
                            say("left", self.open.pop(event.stream_id))
                for stream in list(self.open):
                    if self.state.local_flow_control_window(stream) > 0:
                        self.state.send_data(stream, b"x")
                self.flush()
        except (OSError, ssl.SSLError):
            pass
        for path in self.open.values():
            say("left", path)

    def answer(self, event):
        headers = dict(event.headers)
        path = headers.get(b":path", b"").decode()
        self.state.send_headers(event.stream_id, [(":status", "200"), ("content-type", "text/plain")])
        if path.startswith("/endless"):
            self.open[event.stream_id] = path
        else:
            self.state.send_data(event.stream_id, b"h2", end_stream=True)


def serve_http1(connection):
    data = b""
    while b"\r\n\r\n" not in data:
        piece = connection.recv(65536)
        if not piece:
            return
        data += piece
    path = data.split(b" ")[1].decode()
    connection.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
    if not path.startswith("/endless"):
        connection.sendall(b"http/1.1")
        return
    try:
        while True:
            connection.sendall(b"x")
            time.sleep(0.005)
    except OSError:
        say("left", path)


def handle(raw, context):
    try:
        connection = context.wrap_socket(raw, server_side=True)
    except (OSError, ssl.SSLError):
        return
    say("connected")
    if connection.selected_alpn_protocol() == "h2":
        HTTP2(connection).serve()
    else:
        serve_http1(connection)
    connection.close()


def leave_with_parent():
    sys.stdin.read()
    os._exit(0)


def main():
    threading.Thread(target=leave_with_parent, daemon=True).start()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[1], sys.argv[2])
    context.set_alpn_protocols([sys.argv[3]])
    listener = socket.create_server(("127.0.0.1", 0), backlog=64)
    say("port", listener.getsockname()[1])
    while True:
        raw, _ = listener.accept()
        threading.Thread(target=handle, args=(raw, context), daemon=True).start()


main()
