#!/usr/bin/env python3
"""A customer's app in a hundred lines: the protocol of docs/app.md by plain requests, with nothing but Python's own library.

    app-client.py HOUSE CHANNEL [--account TOKEN] [--state FILE] history
    app-client.py HOUSE CHANNEL [--account TOKEN] [--state FILE] say TEXT [--file PATH]
    app-client.py HOUSE CHANNEL [--account TOKEN] [--state FILE] listen COUNT

Each line that it prints is one line of the chat, as JSON. `--state` keeps the visitor's token between runs, as an app keeps it on the phone.
"""

import argparse
import json
import os
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid


class Chat:
    def __init__(self, house, channel, account=None, state=None):
        self.base, self.house = f"{house.rstrip('/')}/chat/{channel}", house.rstrip("/")
        self.account, self.state = account, state
        self.newest, self.known, self.changed = None, None, {}
        self.token = open(state).read() if state and os.path.exists(state) else None
        self.open()

    def open(self):
        """Who we are: a token that we still have is renewed; with the firm's word we are the same customer on every device."""
        asked = {"token": self.token, "account": self.account}
        session = self.patiently(lambda: self.ask("session", {name: value for name, value in asked.items() if value}))
        self.token, self.settings = session["token"], session
        if self.state:
            with open(self.state, "w") as file:
                file.write(self.token)

    def ask(self, path, body, headers=()):
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        # The house takes requests of its own pages and of the sites in `origins`; an app speaks as the former.
        own = {"content-type": "application/json", "origin": self.house, **dict(headers)}
        if path != "session":
            own["authorization"] = f"Bearer {self.token}"
        request = urllib.request.Request(f"{self.base}/{path}", data, own, method="POST")
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)

    def patiently(self, what):
        """Again and again, a little later each time: what is said twice under one key is one message."""
        pause = 0.5
        while True:
            try:
                return what()
            except urllib.error.HTTPError as error:
                if error.code == 401:
                    self.open()
                elif error.code not in (429, 502, 503, 504):
                    raise
            except (urllib.error.URLError, TimeoutError, ConnectionError):
                pass
            time.sleep(pause)
            pause = min(pause * 2, 30)

    def upload(self, path):
        with open(path, "rb") as file:
            content = file.read()
        name = {"x-file-name": urllib.parse.quote(os.path.basename(path)), "content-type": "application/octet-stream"}
        return self.ask("files", content, name)["file"]["id"]

    def say(self, text, files=()):
        """The message's number, once it is on the house's disk."""
        key = uuid.uuid4().hex
        while True:
            frame = {"type": "message", "key": key, "text": text, "files": list(files)}
            answer = self.patiently(lambda: self.ask("say", frame))
            if answer["type"] == "recorded":
                return answer["id"]
            if answer["code"] not in ("busy", "too_many"):
                raise SystemExit(f"refused: {answer['code']}")
            time.sleep(1)

    def hear(self):
        """Frames that are new; waits up to 25 s for one. The first time: everything that a page needs to draw itself."""
        asked = {name: value for name, value in (("after", self.newest), ("state", self.known)) if value is not None}
        frames = self.patiently(lambda: self.ask(f"hear?{urllib.parse.urlencode(asked)}", {}))
        for frame in frames:
            lines = frame.get("history", []) if frame["type"] == "welcome" else [frame["line"]] if frame["type"] in ("message", "changed") else []
            # A message that was changed comes again with each welcome: once is enough.
            lines = [line for line in lines if "changed" not in line or self.changed.get(line["id"]) != (line["changed"], line["text"])]
            self.changed.update({line["id"]: (line["changed"], line["text"]) for line in lines if "changed" in line})
            self.newest = max([self.newest or 0, *(line["id"] for line in lines)])
            self.known = frame["state"] if frame["type"] == "state" else self.known
            yield from lines


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("house")
    options.add_argument("channel")
    options.add_argument("--account")
    options.add_argument("--state")
    options.add_argument("--file")
    options.add_argument("what", choices=["history", "say", "listen"])
    options.add_argument("words", nargs="*")
    asked = options.parse_args()
    chat = Chat(asked.house, asked.channel, asked.account, asked.state)
    if asked.what == "say":
        print(json.dumps({"id": chat.say(" ".join(asked.words), [chat.upload(asked.file)] if asked.file else [])}))
        return
    seen, wanted = 0, int(asked.words[0]) if asked.words else 0
    while True:
        for line in chat.hear():
            print(json.dumps(line, ensure_ascii=False), flush=True)
            seen += 1
        if asked.what == "history" or seen >= wanted:
            return


if __name__ == "__main__":
    main()
