//! Tables for the parser, the typed headers and digest (vectors of RFC 7616 §3.9.1).

use bytes::Bytes;

use super::auth::{Algorithm, Challenge, choose};
use super::digest::{Credentials, DigestClient};
use super::*;

fn request(text: &[u8]) -> Request {
    match parse(&Bytes::copy_from_slice(text), Framing::Datagram).expect("a message") {
        Message::Request(request) => request,
        Message::Response(_) => panic!("a response"),
    }
}

#[test]
fn compact_forms_folding_and_a_body_without_length() {
    let r = request(b"\r\n\r\nINVITE sip:a@b SIP/2.0\r\nv: SIP/2.0/UDP h;branch=z9hG4bKx\r\nf:<sip:x@y>\r\n ;tag=1\r\nS:\r\nt: <sip:a@b>\r\nbad line\r\n\r\nv=0\r\n");
    assert_eq!(r.headers.text(&HeaderName::From).as_deref(), Some("<sip:x@y> ;tag=1"));
    assert_eq!(r.headers.text(&HeaderName::Subject).as_deref(), Some(""));
    assert_eq!(&r.body[..], b"v=0\r\n");
    assert!(!r.bad_length && !r.irregular && r.version_ok);
    assert_eq!(r.headers.len(), 4);
}

#[test]
fn a_header_in_gbk_or_latin_1_costs_no_other_header() {
    let mut text = b"INVITE sip:a@b SIP/2.0\r\nFrom: \"".to_vec();
    text.extend_from_slice(&[0xd5, 0xc5, 0xc8, 0xfd]);
    text.extend_from_slice(b"\" <sip:x@y>;tag=1\r\nSubject: caf\xe9\r\nCall-ID: 1\r\nContent-Length: 0\r\n\r\n");
    let r = request(&text);
    assert_eq!(r.headers.len(), 4);
    let from = r.headers.iter().next().expect("from");
    assert_eq!(&from.value[1..5], &[0xd5, 0xc5, 0xc8, 0xfd]);
    let parsed = NameAddr::parse(&from.text()).expect("readable");
    assert_eq!(parsed.uri.user().as_deref(), Some("x"));
    assert_eq!(r.headers.text(&HeaderName::CallId).as_deref(), Some("1"));
}

#[test]
fn lengths_and_start_lines() {
    assert!(request(b"BYE sip:a SIP/2.0\r\nContent-Length: 9\r\n\r\nabc").bad_length);
    assert!(request(b"BYE sip:a SIP/2.0\r\nl: -1\r\n\r\nabc").bad_length);
    assert_eq!(&request(b"BYE sip:a SIP/2.0\nl: 2\n\nabc").body[..], b"ab");
    assert!(request(b"BYE  sip:a SIP/2.0\r\n\r\n").irregular);
    assert!(!request(b"BYE sip:a SIP/7.0\r\n\r\n").version_ok);
    for junk in [&b""[..], b"\r\n", b"GET / HTTP/1.1\r\n\r\n", b"SIP/2.0 4294967301 x\r\n\r\n", b"SIP/2.0 99 x\r\n\r\n"] {
        assert!(parse(&Bytes::copy_from_slice(junk), Framing::Datagram).is_err(), "{junk:?}");
    }
    assert_eq!(content_length(b"INVITE x\r\nContent-Length : 5\r\n"), Ok(Some(5)));
    assert_eq!(content_length(b"x\r\nl: 5\r\nContent-Length: 6"), Err(ParseError::StartLine));
    assert!(content_length(b"l: 18446744073709551616").is_err());
}

#[test]
fn uris_print_as_they_came() {
    for text in [
        "sip:user@example.com",
        "sip:user:pw@[2001:db8::1]:5070;transport=tcp;lr?Subject=x%20y",
        "sip:user;par=u%40example.net@example.com",
        "sip:sips%3Auser%40example.com@example.net",
        "tel:+8613800138000;phone-context=example.com",
        "sip:+1234;phone-context=x@host",
        "nobodyKnowsThisScheme:totallyopaquecontent",
    ] {
        let uri = Uri::parse(text).expect(text);
        assert_eq!(uri.to_string().to_lowercase(), text.to_lowercase());
    }
    assert_eq!(Uri::parse("sip:%75se%72@h").expect("uri").user().as_deref(), Some("user"));
    assert_eq!(Uri::parse("tel:+861").expect("uri").user().as_deref(), Some("+861"));
    assert_eq!(Uri::parse("sip:+1234;phone-context=x@host").expect("uri").host, "host");
    assert_eq!(Uri::parse("sip:a@127.0.0.1").expect("uri").socket_addr(), Some("127.0.0.1:5060".parse().expect("addr")));
    for bad in ["", "sip:", "sip:@h", "sip:a b@h", "user@host", "sip:a@h:99999", "sip:a@", "<sip:a@b>", "sip:a@h;;x"] {
        assert!(Uri::parse(bad).is_err(), "{bad}");
    }
}

#[test]
fn name_addrs() {
    let quoted = NameAddr::parse(r#""a < b, \"c\"" <sip:x@y;lr>;tag=1;q="a;b""#).expect("quoted");
    assert_eq!(quoted.display.as_deref(), Some(r#"a < b, "c""#));
    assert_eq!(quoted.uri.to_string(), "sip:x@y;lr");
    assert_eq!(quoted.tag().as_deref(), Some("1"));
    assert_eq!(quoted.params.get("q").as_deref(), Some("a;b"));
    assert_eq!(NameAddr::parse(&quoted.to_string()).expect("again"), quoted);
    let bare = NameAddr::parse("sip:x@y ;   tag    = 19").expect("bare");
    assert_eq!((bare.uri.to_string().as_str(), bare.tag().as_deref()), ("sip:x@y", Some("19")));
    for bad in ["\"Mr J <sip:a@b>", "\"x\" sip:a@b", "<sip:a@b", "Bell, Alexander <sip:a@b>;;x=\"", ""] {
        assert!(NameAddr::parse(bad).is_err(), "{bad}");
    }
    assert_eq!(split_list(r#"<sip:a@b,c>, "x,y" <sip:d@e>,, f"#).collect::<Vec<_>>(), ["<sip:a@b,c>", r#""x,y" <sip:d@e>"#, "f"]);
    assert_eq!(CSeq::parse("0009 INVITE"), Ok(CSeq { number: 9, method: Method::Invite }));
    assert!(CSeq::parse("36893488147419103232 REGISTER").is_err() && CSeq::parse("1").is_err());
}

#[test]
fn vias_know_the_way_back() {
    let source = "198.51.100.7:4000".parse().expect("addr");
    let mut via = Via::parse("SIP  /   2.0 /UDP 192.0.2.2:5070;branch=z9hG4bKa;rport").expect("via");
    assert!(via.has_magic_branch());
    via.mark_received(source);
    assert_eq!(via.to_string(), "SIP/2.0/UDP 192.0.2.2:5070;branch=z9hG4bKa;rport=4000;received=198.51.100.7");
    assert_eq!(via.reply_to(source), source);
    let mut plain = Via::parse("SIP/2.0/UDP 192.0.2.2;branch=390skdjuw").expect("via");
    assert!(!plain.has_magic_branch());
    plain.mark_received(source);
    assert_eq!(plain.reply_to(source), "198.51.100.7:5060".parse::<std::net::SocketAddr>().expect("addr"));
    assert!(Via::parse("SIP/2.0/UDP 192.0.2.15;;,;,,").is_err());
}

#[test]
fn values_cannot_inject_headers() {
    let spec = RequestSpec {
        method: Method::Bye,
        uri: "sip:a@b\r\nEvil: 1".to_owned(),
        from: "<sip:a@b>;tag=1".to_owned(),
        to: "<sip:c@d>".to_owned(),
        call_id: "x".into(),
        cseq: 1,
        routes: Vec::new(),
        contact: None,
        headers: vec![("Reason".to_owned(), "SIP;cause=200\r\nEvil: 2".to_owned())],
        body: None,
    };
    let printed = spec.print("SIP/2.0/UDP h;branch=z9hG4bKq", "");
    assert!(!String::from_utf8_lossy(&printed).lines().any(|line| line.starts_with("Evil")));
}

const NONCE: &str = "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v";
const CNONCE: &str = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ";

#[test]
fn digest_gives_the_vectors_of_rfc_7616() {
    let credentials = Credentials { username: "Mufasa".to_owned(), password: "Circle of Life".into() };
    for (algorithm, expected) in
        [("MD5", "8ca523f5e9506fed4657c9700eebdbec"), ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1")]
    {
        let text = format!(
            "Digest realm=\"http-auth@example.org\", qop=\"auth, auth-int\", algorithm={algorithm}, nonce=\"{NONCE}\", opaque=\"FQhe\""
        );
        let mut client = DigestClient::new(Challenge::parse(&text, false).expect("challenge"));
        let (name, value) = client.authorize(&credentials, "GET", "/dir/index.html", CNONCE);
        assert_eq!(name, "Authorization");
        assert!(value.contains(&format!("response=\"{expected}\"")), "{value}");
        assert!(value.contains("nc=00000001") && value.contains("qop=auth,") && value.contains("opaque=\"FQhe\""));
        let (_, again) = client.authorize(&credentials, "GET", "/dir/index.html", CNONCE);
        assert!(again.contains("nc=00000002") && !again.contains(expected));
    }
}

#[test]
fn the_topmost_challenge_that_we_can_answer_is_answered() {
    let r = request(
        b"BYE sip:a SIP/2.0\r\nWWW-Authenticate: Basic realm=\"x\"\r\nWWW-Authenticate: Digest realm=\"x\", nonce=\"n\", algorithm=SHA-1024\r\n\
          Proxy-Authenticate: Digest realm=\"a \\\"q\\\"\", nonce=n2, algorithm=SHA-256, qop=\"auth\"\r\nWWW-Authenticate: Digest realm=\"x\", nonce=\"n\"\r\n\r\n",
    );
    let chosen = choose(&r.headers).expect("one");
    assert!(chosen.proxy && chosen.qop_auth);
    assert_eq!((chosen.algorithm, chosen.realm.as_str(), chosen.nonce.as_str()), (Algorithm::Sha256, "a \\\"q\\\"", "n2"));
    assert!(Challenge::parse("Digest realm=\"x\", nonce=\"n\", qop=\"auth-int\"", false).is_err());
}
