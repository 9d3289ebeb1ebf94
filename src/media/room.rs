//! The handle of one call's media. It holds no state of the packets' world: each verb is a command to the shard.

use super::MediaError;
use super::clip::Clip;
use super::command::{Command, Commands};
use super::events::MediaEvent;
use super::ids::{self, LegId, PeerId, RoomId};
use super::ports::Ports;
use crate::rtp::event::Events;
use crate::rtp::srtp::SrtpKeys;
use crate::rtp::{Codec, Law};
use crate::sound::Improve;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;

/// Events waiting for one room's owner; quality figures are left out first, then the newest of all.
pub(super) const EVENTS: usize = 64;

/// The other side of an RTP leg, as negotiated.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Remote {
    pub addr: SocketAddr,
    /// What we send; both laws of G.711 are accepted in any case.
    pub codec: Codec,
    /// The payload type that it is sent with.
    pub payload_type: u8,
    /// Telephone events, where negotiated; elsewhere keys are listened for in the audio.
    pub dtmf: Option<Events>,
    /// Whether we may send to it.
    pub send: bool,
    /// Whether it may send to us.
    pub receive: bool,
    /// Encrypted with these keys, both ways; `None` for plain audio.
    pub srtp: Option<SrtpKeys>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Repeat {
    Once,
    Forever,
}

/// All media of one call; dropping it closes every leg and finishes the recording.
pub struct Room {
    id: RoomId,
    shard: Commands,
    ports: Arc<Ports>,
    events: mpsc::Receiver<MediaEvent>,
}

impl Room {
    pub(super) fn open(shard: Commands, ports: Arc<Ports>) -> Room {
        let id = RoomId(ids::next());
        let (sender, events) = mpsc::channel(EVENTS);
        shard.tell(Command::OpenRoom { room: id, events: sender });
        Room { id, shard, ports, events }
    }

    /// The next event; cancel-safe. `None` after [`Room::close`], when all is told.
    pub async fn recv(&mut self) -> Option<MediaEvent> {
        self.events.recv().await
    }

    /// A leg to a phone or trunk: its socket is bound at once to this address, RTP on an even port and RTCP on the next. Nothing is accepted or sent before [`Room::set_remote`].
    pub fn add_rtp(&mut self) -> Result<(LegId, SocketAddr), MediaError> {
        let pair = self.ports.take()?;
        let addr = pair.addr();
        let leg = LegId(ids::next());
        self.shard.tell(Command::AddRtp { room: self.id, leg, pair: Box::new(pair) });
        Ok((leg, addr))
    }

    /// A browser leg joins. A peer is in one room at a time: the newest wins, the earlier leg is closed. The room
    /// must be at [`super::Place::Web`]; elsewhere the leg is closed at once.
    pub fn add_peer(&mut self, peer: PeerId) -> LegId {
        let leg = LegId(ids::next());
        self.shard.tell(Command::JoinPeer { room: self.id, leg, peer });
        leg
    }

    /// Says where an RTP leg's other side is; also after a re-INVITE, when a changed address is learned anew.
    pub fn set_remote(&self, leg: LegId, remote: Remote) {
        self.shard.tell(Command::SetRemote { leg, remote });
    }

    /// Whom a leg hears from now on, instead of whom it heard: several are mixed, none is silence. All must be of this
    /// room. Nobody else's hearing changes, so a whisper reaches only those who were told to hear it.
    pub fn hear(&self, listener: LegId, sources: &[LegId]) {
        self.shard.tell(Command::Hear { listener, sources: sources.to_vec() });
    }

    /// The two hear each other and nobody else, and nobody else hears them. Both must be of this room.
    pub fn bridge(&self, a: LegId, b: LegId) {
        self.shard.tell(Command::Bridge { a, b });
    }

    /// The leg hears nobody and nobody hears it.
    pub fn unbridge(&self, leg: LegId) {
        self.shard.tell(Command::Unbridge { leg });
    }

    /// Plays to that leg only; while it plays, whom it hears is held back.
    pub fn play(&self, leg: LegId, clip: Arc<Clip>, repeat: Repeat) {
        self.shard.tell(Command::Play { leg, clip, repeat });
    }

    pub fn stop_play(&self, leg: LegId) {
        self.shard.tell(Command::StopPlay { leg });
    }

    /// Mixes a clip, half as loud as it is, over whatever the leg hears: an announcement, a tone. Played once; a clip
    /// that is still being played over is replaced. Waits while [`Room::play`] plays.
    pub fn play_over(&self, leg: LegId, clip: Arc<Clip>) {
        self.shard.tell(Command::PlayOver { leg, clip });
    }

    /// Takes noise out of what a leg says, or brings it to one loudness, for whoever hears it. The recording keeps the
    /// customer's G.711 as it came.
    pub fn improve(&self, leg: LegId, improve: Improve) {
        self.shard.tell(Command::Improve { leg, improve });
    }

    /// Whether keys are listened for in a leg's audio; from [`Room::set_remote`] on they are where no telephone events
    /// were negotiated.
    pub fn listen_for_keys(&self, leg: LegId, on: bool) {
        self.shard.tell(Command::ListenForKeys { leg, on });
    }

    /// Sends a leg's audio back to it.
    pub fn echo(&self, leg: LegId, on: bool) {
        self.shard.tell(Command::Echo { leg, on });
    }

    /// Presses keys towards that leg (RFC 4733, 100 ms each, 80 ms between; `,` is a pause of 500 ms). Where no
    /// telephone event was negotiated nothing is sent.
    pub fn digits(&self, leg: LegId, digits: &str) {
        self.shard.tell(Command::Digits { leg, digits: digits.into() });
    }

    /// Records to a stereo WAV of that law: left what the customer's leg says, right what it hears of other legs: of
    /// one, its packets at the time of their timestamps; of several, the mix that it is sent, with what is played over
    /// it. What is played instead of others (music, prompts) is not recorded, nor what others say that the customer does
    /// not hear. Goes on over changes of hearing. One recording at a time: a running one is finished first.
    pub fn record(&self, customer: LegId, path: PathBuf, law: Law) {
        self.shard.tell(Command::Record { room: self.id, customer, path, law, quiet: None });
    }

    /// The same for a message that the customer leaves: [`MediaEvent::Quiet`] is told once when they have said nothing for so long.
    pub fn record_message(&self, customer: LegId, path: PathBuf, law: Law, quiet: Option<Duration>) {
        self.shard.tell(Command::Record { room: self.id, customer, path, law, quiet });
    }

    /// The customer has another leg from now on: a running recording goes on with it.
    pub fn record_as(&self, customer: LegId) {
        self.shard.tell(Command::RecordAs { customer });
    }

    /// While on, silence is recorded.
    pub fn pause_record(&self, on: bool) {
        self.shard.tell(Command::PauseRecord { room: self.id, on });
    }

    /// Finishes the file; [`MediaEvent::RecordingDone`] follows.
    pub fn stop_record(&self) {
        self.shard.tell(Command::StopRecord { room: self.id });
    }

    /// Closes a leg; [`MediaEvent::LegClosed`] follows.
    pub fn remove(&mut self, leg: LegId) {
        self.shard.tell(Command::Remove { leg });
    }

    /// Closes all legs and finishes the recording, as dropping does; [`Room::recv`] then tells the last events
    /// before it ends.
    pub fn close(&mut self) {
        self.shard.tell(Command::CloseRoom { room: self.id });
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        self.shard.tell(Command::CloseRoom { room: self.id });
    }
}
