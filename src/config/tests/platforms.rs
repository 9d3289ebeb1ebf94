//! Channels of platforms: what is missing or wrong in their sections is said in both languages, and what changes in them is told.

use super::mistakes::mistake;
use super::*;
use crate::config::diff::diff;

fn channel(kind: &str, section: &str) -> String {
    with(&format!("[[channels]]\nkind = \"{kind}\"\nid = \"new\"\nqueue = \"sales\"\n{section}"))
}

#[test]
fn each_kind_needs_its_section() {
    for kind in ["telegram", "whatsapp", "messenger", "instagram", "line", "viber"] {
        let help = format!("add [channels.{kind}] below it");
        mistake(&channel(kind, ""), "channel `new` has no section of its kind", "\"new\"", &help);
    }
}

#[test]
fn what_a_platform_would_refuse_is_refused_here() {
    let key = "{ file = \"password\" }";
    let telegram = |more: &str| channel("telegram", &format!("[channels.telegram]\ntoken = {key}\n{more}"));
    mistake(&telegram("base_url = \"http://api.example\"\n"), "would cross the network in the clear", "\"http://api.example\"", "");
    mistake(&telegram("base_url = \"api.example\"\n"), "`api.example` is not the address of a platform", "\"api.example\"", "https://");
    mistake(&telegram("poll_wait = \"2m\"\n"), "`poll_wait` is 2m, but must be from 1s to 50s", "\"2m\"", "");
    let webhook = format!("[channels.telegram.webhook]\nurl = \"https://x.example:5000/hooks/new\"\nsecret = {key}\n");
    mistake(&telegram(&webhook), "no other ports", "\"https://x.example:5000/hooks/new\"", "leave `webhook` out");
    let keys = format!("token = {key}\napp_secret = {key}\nverify_token = {key}\n");
    let messenger = |more: &str| channel("messenger", &format!("[channels.messenger]\n{keys}{more}"));
    mistake(&messenger("page_id = \"my/page\"\n"), "`my/page` is not an id of Meta's", "\"my/page\"", "console");
    mistake(&messenger("page_id = \"1\"\nversion = \"26\"\n"), "`26` is not a version of the Graph API", "\"26\"", "v26.0");
    let line = channel("line", &format!("[channels.line]\nchannel_secret = {key}\n"));
    mistake(&line, "LINE needs a token", key, "channel_id");
    let viber = |sender: &str| channel("viber", &format!("[channels.viber]\ntoken = {key}\nsender = \"{sender}\"\n"));
    mistake(&viber("A name of more than 28 letters"), "is no name for Viber", "\"A name of more than 28 letters\"", "1 to 28");
    mistake(&viber(" "), "is no name for Viber", "\" \"", "1 to 28");
}

#[test]
fn what_changes_is_told_without_the_secrets() {
    let config = |url: &str, key: &str| {
        good(&channel("telegram", &format!("[channels.telegram]\ntoken = {{ env = \"{key}\" }}\nbase_url = \"{url}\"\n"))).config
    };
    let (old, new) = (config("https://a.example", "OLD"), config("https://b.example", "NEW"));
    let told: Vec<String> = diff(&old, &new).iter().map(|change| change.text("en")).collect();
    assert_eq!(
        told,
        ["`telegram.base_url` changes from https://a.example to https://b.example", "`telegram.token` is read from another place"]
    );
}
