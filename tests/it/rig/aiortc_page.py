"""A second implementation of WebRTC for the tests: makes the offer of a page, sends a tone, and says which tones it hears.

usage: aiortc_page.py TONE LISTEN...   (Hz)

Out, one JSON value a line: {"offer": sdp}, {"state": word}, and for each half second that was heard {"shares": [one for each LISTEN]}.
In: {"answer": sdp}; the end of the input hangs up as a page that is closed does.
"""

import array
import asyncio
import fractions
import json
import math
import sys
import time

import aioice.ice
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import AudioStreamTrack, MediaStreamError
from av import AudioFrame

RATE = 8000
PACKET = 160


# Machines without any network still have loopback, which the library leaves out.
aioice.ice.get_host_addresses = lambda use_ipv4, use_ipv6: ["127.0.0.1"]


def say(**what):
    print(json.dumps(what), flush=True)


class Tone(AudioStreamTrack):
    def __init__(self, hz):
        super().__init__()
        self.hz, self.at, self.begun = hz, 0, None

    async def recv(self):
        self.begun = self.begun or time.monotonic()
        await asyncio.sleep(max(0, self.begun + self.at / RATE - time.monotonic()))
        frame = AudioFrame(format="s16", layout="mono", samples=PACKET)
        wave = array.array("h", (int(8000 * math.sin(2 * math.pi * self.hz * (self.at + n) / RATE)) for n in range(PACKET)))
        frame.planes[0].update(wave.tobytes())
        frame.pts, frame.sample_rate, frame.time_base = self.at, RATE, fractions.Fraction(1, RATE)
        self.at += PACKET
        return frame


def share(samples, hz, rate):
    """The share of a tone in the energy of the samples (Goertzel)."""
    energy = sum(s * s for s in samples)
    if not samples or energy / len(samples) < 50 * 50:
        return 0.0
    turn, one, two = 2 * math.cos(2 * math.pi * hz / rate), 0.0, 0.0
    for s in samples:
        one, two = s + turn * one - two, one
    return min(1.0, 2 * (one * one + two * two - turn * one * two) / (energy * len(samples)))


async def listen(track, tones):
    samples, rate = [], RATE
    while True:
        try:
            frame = await track.recv()
        except MediaStreamError:
            return
        channels, rate = len(frame.layout.channels), frame.sample_rate
        heard = array.array("h", bytes(frame.planes[0])[: frame.samples * channels * 2])
        samples.extend(heard[::channels])
        if len(samples) >= rate // 2:
            say(shares=[round(share(samples, hz, rate), 3) for hz in tones])
            samples = []


async def main():
    tone, *tones = [float(word) for word in sys.argv[1:]]
    page = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    ears = []

    def heard(track):
        track.on("ended", lambda: say(state="ended"))
        ears.append(asyncio.ensure_future(listen(track, tones)))

    page.on("track", heard)
    page.on("connectionstatechange", lambda: say(state=page.connectionState))
    page.addTrack(Tone(tone))
    await page.setLocalDescription(await page.createOffer())
    say(offer=page.localDescription.sdp)
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        await page.setRemoteDescription(RTCSessionDescription(sdp=json.loads(line)["answer"], type="answer"))
    await page.close()


asyncio.run(main())
