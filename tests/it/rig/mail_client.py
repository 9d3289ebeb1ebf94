"""A mail program of a customer's, and the post between mailboxes: Python's own libraries, which share nothing with the house.

relay PORT LMTP_PORT DUMP   takes letters by SMTP and delivers them by LMTP; keeps a copy of each in the folder DUMP
write ...                   see `main`; each command prints one JSON object
"""
import email
import email.policy
import email.utils
import imaplib
import json
import os
import smtplib
import socketserver
import ssl
import sys
import threading
from email.message import EmailMessage


class Relay(socketserver.StreamRequestHandler):
    """As much of RFC 5321 as Dovecot's submission service speaks."""

    def handle(self):
        self.say("220 relay ESMTP")
        sender, recipients = "", []
        for line in self.rfile:
            word = line.strip().decode("ascii", "replace")
            upper = word.upper()
            if upper.startswith(("EHLO", "LHLO", "HELO")):
                self.say("250-relay\r\n250-8BITMIME\r\n250-DSN\r\n250 ENHANCEDSTATUSCODES")
            elif upper.startswith("XCLIENT"):
                self.say("220 relay")
            elif upper.startswith("MAIL FROM:"):
                sender, recipients = word[10:].split(">")[0].lstrip("<"), []
                self.say("250 2.1.0 fine")
            elif upper.startswith("RCPT TO:"):
                recipients.append(word[8:].split(">")[0].lstrip("<"))
                self.say("250 2.1.5 fine")
            elif upper == "DATA":
                self.say("354 go on")
                lines = []
                for line in self.rfile:
                    if line == b".\r\n":
                        break
                    lines.append(line[1:] if line.startswith(b".") else line)
                self.deliver(sender, recipients, b"".join(lines))
            elif upper == "QUIT":
                self.say("221 bye")
                return
            else:
                self.say("250 fine")

    def deliver(self, sender, recipients, letter):
        server = self.server
        with server.lock:
            server.count += 1
            name = os.path.join(server.dump, "%06d" % server.count)
        with open(name + ".new", "wb") as file:
            file.write(json.dumps({"from": sender, "to": recipients}).encode() + b"\n" + letter)
        os.rename(name + ".new", name + ".eml")
        try:
            with smtplib.LMTP("127.0.0.1", server.lmtp) as lmtp:
                lmtp.sendmail(sender, recipients, letter)
            self.say("250 2.0.0 delivered")
        except smtplib.SMTPException as error:
            self.say("550 5.1.1 %s" % str(error).replace("\n", " ")[:200])

    def say(self, text):
        self.wfile.write(text.encode() + b"\r\n")
        self.wfile.flush()


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


def trusting(path):
    return ssl.create_default_context(cafile=path)


def send(settings, message):
    with smtplib.SMTP("127.0.0.1", settings["submission"], timeout=20) as smtp:
        smtp.starttls(context=trusting(settings["ca"]))
        smtp.login(settings["user"], settings["password"])
        smtp.send_message(message)
    return {"id": message["Message-ID"]}


def compose(settings, order):
    message = EmailMessage(policy=email.policy.SMTP)
    message["From"] = email.utils.formataddr((order.get("name"), settings["user"]))
    message["To"] = order["to"]
    if order.get("cc"):
        message["Cc"] = order["cc"]
    message["Subject"] = order["subject"]
    message["Date"] = email.utils.formatdate(localtime=True)
    message["Message-ID"] = email.utils.make_msgid(domain="customer.example")
    return message


def fill(message, order):
    message.set_content(order["text"])
    for name, text in order.get("files", {}).items():
        message.add_attachment(text.encode(), maintype="application", subtype="octet-stream", filename=name)
    return message


def box(settings):
    imap = imaplib.IMAP4_SSL("127.0.0.1", settings["imaps"], ssl_context=trusting(settings["ca"]))
    imap.login(settings["user"], settings["password"])
    imap.select("INBOX")
    return imap


def newest(settings):
    imap = box(settings)
    found = imap.search(None, "ALL")[1][0].split()
    raw = imap.fetch(found[-1], "(RFC822)")[1][0][1] if found else None
    imap.logout()
    return len(found), raw and email.message_from_bytes(raw, policy=email.policy.default)


def main():
    command = sys.argv[1]
    if command == "relay":
        server = Server(("127.0.0.1", int(sys.argv[2])), Relay)
        server.lmtp, server.dump, server.count, server.lock = int(sys.argv[3]), sys.argv[4], 0, threading.Lock()
        server.serve_forever()
        return
    settings, order = json.load(sys.stdin)
    if command == "write":
        print(json.dumps(send(settings, fill(compose(settings, order), order))))
    elif command == "read":
        count, message = newest(settings)
        if message is None:
            print(json.dumps({"count": 0}))
            return
        body = message.get_body(("plain",))
        print(json.dumps({
            "count": count,
            "heads": {name.lower(): str(value) for name, value in message.items()},
            "text": body.get_content() if body else "",
            "files": {part.get_filename(): len(part.get_content()) for part in message.iter_attachments()},
        }))
    elif command == "reply":
        _, theirs = newest(settings)
        order["subject"] = "Re: " + str(theirs["Subject"]).removeprefix("Re: ")
        order["to"] = str(theirs["Reply-To"] or theirs["From"])
        message = compose(settings, order)
        message["In-Reply-To"] = theirs["Message-ID"]
        message["References"] = ((theirs["References"] or "") + " " + theirs["Message-ID"]).strip()
        quoted = "".join("> %s\n" % line for line in theirs.get_body(("plain",)).get_content().splitlines())
        order["text"] = "%s\n\nOn Mon, 2 Feb 2026 at 09:00, Shop <%s> wrote:\n%s" % (order["text"], order["to"], quoted)
        print(json.dumps(send(settings, fill(message, order))))


main()
