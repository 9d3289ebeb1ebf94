//! Keyed hashes as RFC 2104 writes them, for simulated platforms: theirs, not the connectors'.

use ring::digest::{Algorithm, Context};

pub fn hmac(algorithm: &'static Algorithm, key: &[u8], text: &[u8]) -> Vec<u8> {
    let hash = |parts: &[&[u8]]| {
        let mut context = Context::new(algorithm);
        parts.iter().for_each(|part| context.update(part));
        context.finish().as_ref().to_vec()
    };
    let mut block = if key.len() > algorithm.block_len() { hash(&[key]) } else { key.to_vec() };
    block.resize(algorithm.block_len(), 0);
    let pad = |byte: u8| block.iter().map(|b| b ^ byte).collect::<Vec<u8>>();
    hash(&[&pad(0x5c), &hash(&[&pad(0x36), text])])
}

pub fn sha256(bytes: &[u8]) -> String {
    hex::encode(ring::digest::digest(&ring::digest::SHA256, bytes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, SHA256};

    #[test]
    fn keyed_hashes_are_those_of_rfc_2202_and_4231() {
        let hex = |algorithm, key: &[u8], text: &[u8]| hex::encode(hmac(algorithm, key, text));
        assert_eq!(hex(&SHA1_FOR_LEGACY_USE_ONLY, b"Jefe", b"what do ya want for nothing?"), "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
        assert_eq!(
            hex(&SHA256, b"Jefe", b"what do ya want for nothing?"),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
        assert_eq!(
            hex(&SHA256, &[0xaa; 131], b"Test Using Larger Than Block-Size Key - Hash Key First"),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
        );
    }
}
