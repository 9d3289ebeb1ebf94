//! What goes over the wire, byte by byte (SMPP 3.4 §3 to §5): a header of sixteen bytes, fields in a fixed order, tagged values at the end.
//! Pure; whatever comes from the other side may be cut, too long or nonsense.

/// Names of commands (§5.1.2.1).
pub mod command {
    pub const GENERIC_NACK: u32 = 0x8000_0000;
    pub const SUBMIT_SM: u32 = 4;
    pub const DELIVER_SM: u32 = 5;
    pub const UNBIND: u32 = 6;
    pub const BIND_TRANSCEIVER: u32 = 9;
    pub const ENQUIRE_LINK: u32 = 0x15;
    pub const DATA_SM: u32 = 0x103;
    /// Set in each answer.
    pub const RESPONSE: u32 = 0x8000_0000;
}

/// Names of tagged values (§5.3.2).
pub mod tag {
    pub const RECEIPTED_MESSAGE_ID: u16 = 0x001e;
    pub const SAR_REFERENCE: u16 = 0x020c;
    pub const SAR_TOTAL: u16 = 0x020e;
    pub const SAR_NUMBER: u16 = 0x020f;
    pub const MESSAGE_PAYLOAD: u16 = 0x0424;
    pub const MESSAGE_STATE: u16 = 0x0427;
}

/// A user data header begins the text (§5.2.12).
pub const UDHI: u8 = 0x40;

pub const HEADER: usize = 16;
/// Longest command that is read, bytes: a text in `message_payload` has at most 64 KB (§4.8.4.36).
const LONGEST: usize = 70_000;

/// Why bytes are no command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PduError {
    #[error("a command says it is {0} bytes long")]
    Length(u32),
    #[error("a command ends in the middle of {0}")]
    Cut(&'static str),
    #[error("{0} is longer than allowed")]
    TooLong(&'static str),
}

/// One command; the body is read by whoever knows the command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pdu {
    pub command: u32,
    pub status: u32,
    pub sequence: u32,
    pub body: Vec<u8>,
}

impl Pdu {
    pub fn new(command: u32, sequence: u32, body: Vec<u8>) -> Pdu {
        Pdu { command, status: 0, sequence, body }
    }

    /// The answer to this command.
    pub fn answer(command: u32, status: u32, sequence: u32, body: Vec<u8>) -> Pdu {
        Pdu { command: command | command::RESPONSE, status, sequence, body }
    }

    pub fn bytes(&self) -> Vec<u8> {
        let length = u32::try_from(HEADER + self.body.len()).unwrap_or(u32::MAX);
        let mut bytes = Vec::with_capacity(HEADER + self.body.len());
        for word in [length, self.command, self.status, self.sequence] {
            bytes.extend(word.to_be_bytes());
        }
        bytes.extend(&self.body);
        bytes
    }
}

/// Cuts a stream of bytes into commands, however it arrives.
#[derive(Debug, Default)]
pub struct Frames {
    buffer: Vec<u8>,
}

impl Frames {
    pub fn push(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
    }

    /// The next whole command; `None` while it has not wholly arrived.
    ///
    /// Errors: its length cannot be; nothing after it can be told apart, so the connection is of no more use.
    pub fn take(&mut self) -> Result<Option<Pdu>, PduError> {
        let Some(head) = self.buffer.first_chunk::<HEADER>() else { return Ok(None) };
        let word = |at: usize| head.get(at..at + 4).and_then(|word| word.try_into().ok()).map_or(0, u32::from_be_bytes);
        let told = word(0);
        let length = usize::try_from(told).ok().filter(|length| (HEADER..=LONGEST).contains(length)).ok_or(PduError::Length(told))?;
        if self.buffer.len() < length {
            return Ok(None);
        }
        let (command, status, sequence) = (word(4), word(8), word(12));
        let body = self.buffer.get(HEADER..length).unwrap_or_default().to_vec();
        self.buffer.drain(..length);
        Ok(Some(Pdu { command, status, sequence, body }))
    }
}

/// A telephone number or name, with its kind (§5.2.5) and plan (§5.2.6).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Address {
    pub ton: u8,
    pub npi: u8,
    pub digits: String,
}

/// Kinds of numbers.
pub mod ton {
    pub const UNKNOWN: u8 = 0;
    pub const INTERNATIONAL: u8 = 1;
    pub const ALPHANUMERIC: u8 = 5;
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tlv {
    pub tag: u16,
    pub value: Vec<u8>,
}

/// `submit_sm` and `deliver_sm` (§4.4.1, §4.6.1).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ShortMessage {
    pub service_type: String,
    pub source: Address,
    pub destination: Address,
    pub esm_class: u8,
    pub protocol_id: u8,
    pub priority: u8,
    /// `YYMMDDhhmmsstnnp` or empty.
    pub schedule: String,
    pub validity: String,
    pub registered_delivery: u8,
    pub replace_if_present: u8,
    pub data_coding: u8,
    pub default_message: u8,
    /// With its user data header, if it has one.
    pub text: Vec<u8>,
    pub tlvs: Vec<Tlv>,
}

impl ShortMessage {
    pub fn read(body: &[u8]) -> Result<ShortMessage, PduError> {
        let mut from = Reader(body);
        let mut message = ShortMessage {
            service_type: from.text("service_type", 6)?,
            source: from.address("source_addr")?,
            destination: from.address("destination_addr")?,
            esm_class: from.byte("esm_class")?,
            protocol_id: from.byte("protocol_id")?,
            priority: from.byte("priority_flag")?,
            schedule: from.text("schedule_delivery_time", 17)?,
            validity: from.text("validity_period", 17)?,
            registered_delivery: from.byte("registered_delivery")?,
            replace_if_present: from.byte("replace_if_present_flag")?,
            data_coding: from.byte("data_coding")?,
            default_message: from.byte("sm_default_msg_id")?,
            ..ShortMessage::default()
        };
        let length = from.byte("sm_length")?;
        message.text = from.take("short_message", usize::from(length))?.to_vec();
        message.tlvs = from.tlvs()?;
        Ok(message)
    }

    pub fn bytes(&self) -> Result<Vec<u8>, PduError> {
        let mut to = Vec::new();
        write(&mut to, "service_type", &self.service_type, 6)?;
        for (name, address) in [("source_addr", &self.source), ("destination_addr", &self.destination)] {
            to.extend([address.ton, address.npi]);
            write(&mut to, name, &address.digits, 21)?;
        }
        to.extend([self.esm_class, self.protocol_id, self.priority]);
        write(&mut to, "schedule_delivery_time", &self.schedule, 17)?;
        write(&mut to, "validity_period", &self.validity, 17)?;
        to.extend([self.registered_delivery, self.replace_if_present, self.data_coding, self.default_message]);
        let length = u8::try_from(self.text.len()).ok().filter(|length| *length < 255).ok_or(PduError::TooLong("short_message"))?;
        to.push(length);
        to.extend(&self.text);
        for tlv in &self.tlvs {
            to.extend(tlv.tag.to_be_bytes());
            to.extend(u16::try_from(tlv.value.len()).map_err(|_| PduError::TooLong("a tagged value"))?.to_be_bytes());
            to.extend(&tlv.value);
        }
        Ok(to)
    }

    pub fn tlv(&self, tag: u16) -> Option<&[u8]> {
        self.tlvs.iter().find(|tlv| tlv.tag == tag).map(|tlv| tlv.value.as_slice())
    }
}

/// `bind_transceiver` (§4.1.5).
pub fn bind(system_id: &str, password: &str, system_type: &str, range: &Address) -> Result<Vec<u8>, PduError> {
    let mut to = Vec::new();
    write(&mut to, "system_id", system_id, 16)?;
    write(&mut to, "password", password, 9)?;
    write(&mut to, "system_type", system_type, 13)?;
    to.extend([0x34, range.ton, range.npi]);
    write(&mut to, "address_range", &range.digits, 41)?;
    Ok(to)
}

/// The first text of a body: the id in `submit_sm_resp` (§4.4.2), the other side's name in `bind_transceiver_resp`. The body of an
/// answer that refuses may be missing.
pub fn first_text(body: &[u8]) -> Result<String, PduError> {
    if body.is_empty() { Ok(String::new()) } else { Reader(body).text("message_id", 65) }
}

fn write(to: &mut Vec<u8>, name: &'static str, text: &str, most: usize) -> Result<(), PduError> {
    if text.chars().count() >= most || text.contains('\0') {
        return Err(PduError::TooLong(name));
    }
    // Latin-1, as it is read.
    to.extend(text.chars().map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?')));
    to.push(0);
    Ok(())
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, name: &'static str, count: usize) -> Result<&'a [u8], PduError> {
        let (head, tail) = self.0.split_at_checked(count).ok_or(PduError::Cut(name))?;
        self.0 = tail;
        Ok(head)
    }

    fn byte(&mut self, name: &'static str) -> Result<u8, PduError> {
        Ok(self.take(name, 1)?.first().copied().unwrap_or_default())
    }

    /// Up to a zero byte, of at most `most` bytes with it. Bytes that are no ASCII are kept by their Latin-1 sign.
    fn text(&mut self, name: &'static str, most: usize) -> Result<String, PduError> {
        let end = self.0.iter().take(most).position(|b| *b == 0);
        let end = end.ok_or(if self.0.len() < most { PduError::Cut(name) } else { PduError::TooLong(name) })?;
        let text = self.take(name, end)?.iter().map(|b| char::from(*b)).collect();
        self.take(name, 1)?;
        Ok(text)
    }

    fn address(&mut self, name: &'static str) -> Result<Address, PduError> {
        Ok(Address { ton: self.byte(name)?, npi: self.byte(name)?, digits: self.text(name, 21)? })
    }

    fn tlvs(&mut self) -> Result<Vec<Tlv>, PduError> {
        let mut tlvs = Vec::new();
        while !self.0.is_empty() {
            let mut word = || Ok(self.take("a tagged value", 2)?.try_into().map_or(0, u16::from_be_bytes));
            let (tag, length) = (word()?, word()?);
            tlvs.push(Tlv { tag, value: self.take("a tagged value", usize::from(length))?.to_vec() });
        }
        Ok(tlvs)
    }
}
