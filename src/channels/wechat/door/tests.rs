//! Who is let in, and who is not.

use super::*;
use crate::channels::wechat::crypt::signature;
use crate::channels::wechat::crypt::tests::{APPID, ENVELOPE, KEY, MESSAGE};
use crate::fuzz_tests::{Rounds, fuzz};
use bytes::Bytes;
use http::{HeaderMap, Method};

const NOW: At = At(1_700_000_003_000);
const SIGNED: &str = "signature=3d0983082da934d362e12eebbe8a02586635cbfe&timestamp=1700000000&nonce=987654321";
const SEALED: &str = "signature=3d0983082da934d362e12eebbe8a02586635cbfe&timestamp=1700000000&nonce=987654321&openid=oSIM0001\
     &encrypt_type=aes&msg_signature=5b756382f8afd3acd50d9ad36118a9629daa6c4a";

fn door(keys: &[&str]) -> Door {
    let keys = keys.iter().map(|key| AesKey::read(key).expect("a key")).collect();
    Door::new(SecretString::from("simtoken".to_owned()), keys, APPID.into())
}

fn with<T>(query: &str, body: &str, now: At, what: impl FnOnce(&HookRequest<'_>) -> T) -> T {
    let (headers, body) = (HeaderMap::new(), Bytes::from(body.to_owned()));
    let from = std::net::IpAddr::from([127, 0, 0, 1]);
    what(&HookRequest { method: &Method::POST, url: "https://house.example/hooks/oa", query, headers: &headers, body: &body, from, now })
}

fn push(door: &Door, query: &str, body: &str) -> Result<Push, HookRefused> {
    with(query, body, NOW, |request| door.push(request))
}

fn envelope(inner: &str) -> String {
    format!("<xml><ToUserName><![CDATA[gh_sim]]></ToUserName><Encrypt><![CDATA[{inner}]]></Encrypt></xml>")
}

fn why<T: std::fmt::Debug>(result: Result<T, HookRefused>) -> &'static str {
    result.expect_err("refused").why
}

#[test]
fn a_greeting_is_echoed_only_when_it_is_signed() {
    let door = door(&[]);
    let greet = |query: &str| with(query, "", NOW, |request| door.greeting(request));
    assert_eq!(greet(&format!("{SIGNED}&echostr=5927782489442352469")), Ok("5927782489442352469".into()));
    assert!(why(greet(&format!("{}&echostr=1", SIGNED.replace("3d09", "3d08")))).contains("signature is wrong"));
    assert_eq!(why(greet(SIGNED)), "it has no echostr");
    assert_eq!(why(greet("echostr=1&timestamp=1700000000&nonce=1")), "it has no signature");
    assert_eq!(why(greet("")), "it has no timestamp");
}

#[test]
fn wecoms_greeting_is_opened() {
    let key = AesKey::read("kWxPEV2UEDyxWpmPdKC3F4dgPDmOvfKX1HGnEUDS1aR").expect("a key");
    let door = Door::new(SecretString::from("123456".to_owned()), vec![key], "wx49f0ab532d5d035a".into());
    let query = "msg_signature=dd6b9c95b495b3f7e2901bfbc76c664930ffdb96&timestamp=1411443780&nonce=437374425\
                 &echostr=4ByGGj%2BsVCYcvGeQYhaKIk1o0pQRNbRjxybjTGblXrBaXlTXeOo1%2BbXFXDQQb1o6co6Yh9Bv41n7hOchLF6p%2BQ%3D%3D";
    let greet = |query: &str| with(query, "", At(1_411_443_781_000), |request| door.sealed_greeting(request));
    assert_eq!(greet(query), Ok(b"5927782489442352469".to_vec()));
    assert_eq!(greet(&query.replace("%2B", "+")), Ok(b"5927782489442352469".to_vec()), "a plus is a plus");
    assert!(why(greet(&query.replace("4ByG", "4ByH"))).contains("signature is wrong"));
}

#[test]
fn a_sealed_push_is_opened_in_both_modes_and_forms() {
    let door = door(&[KEY]);
    let opened = push(&door, SEALED, &envelope(ENVELOPE)).expect("believed");
    assert_eq!(opened.bytes, MESSAGE.as_bytes());
    assert_eq!(opened.fields.text("Content").as_deref(), Some("你好"));
    // What stands in the clear beside the envelope is nobody's word.
    let beside = envelope(ENVELOPE).replace("<Encrypt>", "<Content>transfer all</Content><Encrypt>");
    assert_eq!(push(&door, SEALED, &beside).expect("believed").fields.text("Content").as_deref(), Some("你好"));
    let json = format!(r#"{{"ToUserName":"gh_sim","Encrypt":"{ENVELOPE}"}}"#);
    assert_eq!(push(&door, SEALED, &json).expect("believed").bytes, MESSAGE.as_bytes());
}

#[test]
fn the_former_key_still_opens() {
    let fresh = "zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz";
    assert_eq!(push(&door(&[fresh, KEY]), SEALED, &envelope(ENVELOPE)).expect("believed").bytes, MESSAGE.as_bytes());
    assert!(why(push(&door(&[fresh]), SEALED, &envelope(ENVELOPE))).contains("another EncodingAESKey"));
}

#[test]
fn forged_and_wrongly_encrypted_pushes_are_refused() {
    let locked = door(&[KEY]);
    let mut forged = ENVELOPE.to_owned();
    forged.replace_range(40..44, "AAAA");
    assert!(why(push(&locked, SEALED, &envelope(&forged))).contains("signature is wrong"));
    let signed = |inner: &str| {
        SEALED.replace("5b756382f8afd3acd50d9ad36118a9629daa6c4a", &signature(&["simtoken", "1700000000", "987654321", inner]))
    };
    assert!(push(&locked, &signed(&forged), &envelope(&forged)).is_err(), "signed, but not by the key");
    assert!(why(push(&locked, &signed("abc"), &envelope("abc"))).contains("envelope"));
    let cut = &ENVELOPE[..20];
    assert_eq!(why(push(&locked, &signed(cut), &envelope(cut))), "its envelope is cut off");
    // The signature in the clear covers no body: with a key it is worth nothing.
    assert!(why(push(&locked, SIGNED, MESSAGE)).contains("not encrypted"));
    assert!(why(push(&locked, SEALED, MESSAGE)).contains("not encrypted"));
    let other = Door::new(SecretString::from("simtoken".to_owned()), vec![AesKey::read(KEY).expect("a key")], "wxother".into());
    assert!(why(push(&other, SEALED, &envelope(ENVELOPE))).contains("another AppID"));
    assert!(why(push(&door(&[]), SEALED, &envelope(ENVELOPE))).contains("no EncodingAESKey is configured"));
}

#[test]
fn a_push_in_the_clear_is_believed_once() {
    let open = door(&[]);
    assert_eq!(push(&open, SIGNED, MESSAGE).expect("believed").bytes, MESSAGE.as_bytes());
    assert!(push(&open, SIGNED, MESSAGE).is_ok(), "told again by the platform");
    let other = MESSAGE.replace("你好", "再见");
    assert!(why(push(&open, SIGNED, &other)).contains("another body"));
    assert!(why(push(&open, &SIGNED.replace("987654321", "987654322"), MESSAGE)).contains("signature is wrong"));
}

#[test]
fn what_is_told_again_later_is_refused() {
    let open = door(&[]);
    let at = |now: i64| with(SIGNED, MESSAGE, At(now), |request| open.push(request));
    assert!(at(1_700_000_000_000 + FRESH_MS).is_ok());
    assert!(why(at(1_700_000_000_000 + FRESH_MS + 1)).contains("told again"));
    assert!(why(at(1_700_000_000_000 - FRESH_MS - 1)).contains("clock"));
    assert!(why(push(&open, &SIGNED.replace("1700000000", "9223372036854775807"), MESSAGE)).contains("told again"));
    assert_eq!(why(push(&open, &SIGNED.replace("1700000000", "soon"), MESSAGE)), "its timestamp is no number");
}

#[test]
fn truncated_and_oversized_pushes_are_refused() {
    let open = door(&[]);
    assert!(why(push(&open, SIGNED, &MESSAGE[..100])).contains("XML"));
    let locked = door(&[KEY]);
    assert!(why(push(&locked, SEALED, &envelope(ENVELOPE)[..200])).contains("XML"));
    let huge = push(&open, SIGNED, &"x".repeat(LARGEST + 1)).expect_err("refused");
    assert_eq!(huge.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(push(&open, SIGNED.replace("98765", "98764").as_str(), "").expect_err("refused").status, StatusCode::FORBIDDEN);
}

#[test]
fn fuzz_doors_never_panic() {
    let seeds = [SEALED, SIGNED, "msg_signature=%E4%BD%A0&timestamp=1&nonce=%"].map(|query| query.as_bytes().to_vec());
    let (open, locked) = (door(&[]), door(&[KEY]));
    fuzz(Rounds::new("wechat doors", 2_000, 47), &seeds, |input, _| {
        let query = String::from_utf8_lossy(input);
        for door in [&open, &locked] {
            let _ = with(&query, "", NOW, |request| (door.greeting(request).is_ok(), door.sealed_greeting(request).is_ok()));
            let believed = push(door, &query, &envelope(ENVELOPE));
            // Only what the signature does not cover may differ.
            let named = |name: &str| Query(&query).get(name).unwrap_or_default();
            assert!(believed.is_err() || (named("timestamp") == "1700000000" && named("nonce") == "987654321"), "{query}");
        }
    });
}
