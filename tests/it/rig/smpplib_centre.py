"""A message centre whose commands smpplib (PyPI) reads and writes: another implementation of SMPP than ours. Says what happens as JSON, a line
each; the first line is its port. Sends one short and one long text of a customer's to whoever binds, and a receipt for each message it gets."""

import json
import socket
import struct

from smpplib import consts, gsm, smpp

CUSTOMER = "4915100138193"
LONG = ("A long text of a customer, in two parts at least. " * 5).strip()


class Numbers:
    """What smpplib takes sequence numbers from."""

    sequence = 0

    def next_sequence(self):
        self.sequence += 1
        return self.sequence


def tell(**what):
    print(json.dumps(what), flush=True)


def commands(connection):
    data = b""
    while True:
        while len(data) >= 4 and len(data) >= (length := struct.unpack(">L", data[:4])[0]):
            yield smpp.parse_pdu(data[:length], client=Numbers(), allow_unknown_opt_params=True)
            data = data[length:]
        more = connection.recv(4096)
        if not more:
            return
        data += more


def answer(connection, pdu, name, **fields):
    reply = smpp.make_pdu(name, client=Numbers(), **fields)
    reply.sequence = pdu.sequence
    connection.sendall(reply.generate())


def deliver(connection, numbers, text, data_coding, esm_class, **more):
    pdu = smpp.make_pdu(
        "deliver_sm",
        client=numbers,
        service_type="",
        source_addr_ton=consts.SMPP_TON_INTL,
        source_addr_npi=consts.SMPP_NPI_ISDN,
        source_addr=CUSTOMER,
        dest_addr_ton=consts.SMPP_TON_UNK,
        dest_addr_npi=consts.SMPP_NPI_ISDN,
        destination_addr="1069",
        esm_class=esm_class,
        protocol_id=0,
        priority_flag=0,
        registered_delivery=0,
        replace_if_present_flag=0,
        data_coding=data_coding,
        sm_default_msg_id=0,
        short_message=text,
        **more,
    )
    connection.sendall(pdu.generate())


def serve(connection):
    numbers = Numbers()
    taken = 0
    for pdu in commands(connection):
        if pdu.command == "bind_transceiver":
            tell(bind={"system_id": pdu.system_id.decode(), "password": pdu.password.decode(), "version": pdu.interface_version})
            answer(connection, pdu, "bind_transceiver_resp", system_id="SMPPLIB")
            for text in ("Hello @ [smpplib]", LONG):
                parts, coding, flag = gsm.make_parts(text)
                for part in parts:
                    deliver(connection, numbers, part, coding, flag)
        elif pdu.command == "submit_sm":
            taken += 1
            name = "%08X" % (0xABC + taken)
            tell(
                submit={
                    "to": pdu.destination_addr.decode(),
                    "from": pdu.source_addr.decode(),
                    "from_ton": pdu.source_addr_ton,
                    "esm_class": pdu.esm_class,
                    "coding": pdu.data_coding,
                    "receipt": pdu.registered_delivery,
                    "text": (pdu.short_message or b"").hex(),
                }
            )
            answer(connection, pdu, "submit_sm_resp", message_id=name)
            if pdu.registered_delivery & 3 == 1:
                text = "id:%s sub:001 dlvrd:001 submit date:2611210900 done date:2611210901 stat:DELIVRD err:000 text:" % name
                deliver(connection, numbers, text.encode(), 0, 4, receipted_message_id=name, message_state=2)
        elif pdu.command == "deliver_sm_resp":
            tell(kept={"sequence": pdu.sequence, "status": pdu.status})
        elif pdu.command == "enquire_link":
            answer(connection, pdu, "enquire_link_resp")
        elif pdu.command == "unbind":
            answer(connection, pdu, "unbind_resp")
            tell(unbind=True)
            return


def main():
    listener = socket.create_server(("127.0.0.1", 0))
    tell(port=listener.getsockname()[1])
    while True:
        connection, _ = listener.accept()
        serve(connection)
        connection.close()


main()
