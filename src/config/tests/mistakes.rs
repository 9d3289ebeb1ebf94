//! Each mistake is found, at its place, with the way out.

use super::*;

/// One error whose message and help hold these words, marked at this text.
#[track_caller]
pub(super) fn mistake(text: &str, message: &str, marked: &str, help: &str) {
    let report = report(text);
    let errors: Vec<&Diagnostic> = report.diagnostics.iter().filter(|finding| finding.level == Level::Error).collect();
    let found = errors.iter().find(|finding| finding.message.contains(message)).unwrap_or_else(|| panic!("no `{message}` in:\n{report}"));
    assert_eq!(&text[found.span.clone()], marked, "{report}");
    for sentence in [&found.message, &found.label, found.help.as_ref().unwrap_or(&String::new())] {
        speaks_chinese(sentence);
    }
    let said = format!("{} {}", found.label, found.help.clone().unwrap_or_default());
    assert!(said.contains(help), "{report}");
    assert_eq!(errors.len(), 1, "{report}");
}

/// A sentence that is not in `locales/*/check.toml` would be shown in English. What serde says stays its own, and a line of TOML is one.
#[track_caller]
fn speaks_chinese(sentence: &str) {
    let theirs = sentence.is_empty() || sentence.starts_with("invalid ") || sentence.parse::<toml::Table>().is_ok();
    let spoken = crate::config::speak::speak("zh-CN", sentence);
    assert!(theirs || spoken.chars().any(|c| matches!(c, '\u{4e00}'..='\u{9fff}')), "no line of locales/*/check.toml has: {sentence}");
}

#[test]
fn a_report_is_in_the_language_of_the_file() {
    let text = "[site]\nlanguage = \"zh-CN\"\n[[queues]]\nid = \"sales\"\n[[lines]]\nnumber = \"1\"\nqueue = \"sals\"\n";
    let plain = report(text).plain();
    let expected = "\
错误: 未知的队列 `sals`
 --> hubline.toml:7:9
  |
7 | queue = \"sals\"
  |         ^^^^^^ 没有此编号的队列
  |
  = 提示: 您是否想写第 4 行声明的 `sales`？";
    assert!(plain.starts_with(expected), "{plain}");
    assert!(report(text).in_language("en").plain().starts_with("error: unknown queue `sals`"));
}

#[test]
fn unknown_names_are_marked_and_the_nearest_is_proposed() {
    let agent = "[[agents]]\nid = \"jo\"\n";
    mistake(
        &with(&format!("{agent}queues = [\"suport\"]\n")),
        "unknown queue `suport`",
        "\"suport\"",
        "did you mean `support`, declared on line 11?",
    );
    mistake(&with("[[queues]]\nid = \"q\"\nrequires = [{ skill = \"seling\" }]\n"), "unknown skill `seling`", "\"seling\"", "`selling`");
    mistake(&with("[[lines]]\nnumber = \"5\"\nagent = \"marra\"\n"), "unknown agent `marra`", "\"marra\"", "`mara`");
    mistake(
        &with("[[lines]]\nnumber = \"5\"\ntrunk = \"nobody\"\necho = true\n"),
        "unknown trunk `nobody`",
        "\"nobody\"",
        "[[trunks]] id = \"nobody\"",
    );
    mistake(&with("[[queues]]\nid = \"q\"\nhours = \"shop\"\n"), "unknown hours `shop`", "\"shop\"", "[[hours]] id = \"shop\"");
    mistake(&with("[[queues]]\nid = \"q\"\ngreeting = \"welcom\"\n"), "unknown prompt `welcom`", "\"welcom\"", "did you mean `welcome`?");
    mistake(&with("[[queues]]\nid = \"q\"\nmusic = \"xylophone\"\n"), "unknown prompt `xylophone`", "\"xylophone\"", "media.prompts");
    mistake(&with("[[channels]]\nkind = \"webchat\"\nid = \"w\"\nqueue = \"sale\"\n"), "unknown queue `sale`", "\"sale\"", "`sales`");
    mistake(
        &with("[[channels]]\nkind = \"webchat\"\nid = \"w\"\nqueue = \"sales\"\nopen_after = \"2d\"\n"),
        "`open_after` is 2d, but must be at most 24h",
        "\"2d\"",
        "",
    );
    mistake(
        &with("[crm]\nopen = \"https://crm.example/{nummer}\"\n"),
        "`{nummer}` is nothing that can be filled in",
        "\"https://crm.example/{nummer}\"",
        "phone",
    );
    mistake(
        &with("[[skills]]\nid = \"selling\"\n[[agents]]\nid = \"jo\"\nqueues = [\"sales\"]\nskills = { sellin = 2 }\n"),
        "unknown skill `sellin`",
        "sellin",
        "`selling`",
    );
}

#[test]
fn a_fix_can_be_applied_as_it_stands() {
    let text = with("[[queues]]\nid = \"q\"\nhours = \"shp\"\n[[hours]]\nid = \"shop\"\nweek = { mon = [\"09:00-17:00\"] }\n");
    let fix = report(&text).diagnostics[0].suggestion.clone().expect("a fix");
    let mut mended = text.clone();
    mended.replace_range(fix.span, &fix.replacement);
    good(&mended);

    let text = with("[[skills]]\nid = \"selling\"\n[[agents]]\nid = \"jo\"\nqueues = [\"sales\"]\nskills = { sellin = 2 }\n");
    let fix = report(&text).diagnostics[0].suggestion.clone().expect("a fix");
    let mut mended = text.clone();
    mended.replace_range(fix.span, &fix.replacement);
    good(&mended);

    let text = with("[[queues]]\nid = \"q\"\nofer = \"5s\"\n");
    let fix = report(&text).diagnostics[0].suggestion.clone().expect("a fix");
    let mut mended = text.clone();
    mended.replace_range(fix.span, &fix.replacement);
    good(&mended);
}

#[test]
fn the_form_is_checked_with_the_same_care() {
    mistake("[site\n", "not TOML", "e", "");
    mistake("[server]\nlisten = \"8443\"\n", "invalid", "\"8443\"", "");
    mistake("[sever]\n", "unknown key `sever`", "sever", "did you mean `server`?");
    for place in ["[[lines]]\nnumber = \"1\"\necho = true\n", "[[queues]]\nid = \"q\"\nname = \"Q\"\n", "[media]\n"] {
        for key in ["noise_suppression", "automatic_gain"] {
            mistake(
                &format!("{place}{key} = true\n"),
                &format!("unknown key `{key}`"),
                key,
                "belongs to a trunk: write it in its [[trunks]]",
            );
        }
    }
    mistake("[[trunks]]\nid = \"t\"\nserver = \"t\"\nnoise_suppression = \"a lot\"\n", "expected a boolean", "\"a lot\"", "");
    mistake("[[queues]]\nname = \"x\"\n", "missing key `id` in `queues[0]`", "[[queues]]", "id = …");
    mistake("[server]\ntls = \"local_ca\"\n", "unknown value `local_ca`", "\"local_ca\"", "did you mean `local-ca`?");
    mistake("[server]\ntls = \"acme\"\npublic_url = \"https://desk.example.com\"\n", "who agree to its terms", "\"acme\"", "agree = true");
    let acme = |url: &str| format!("[server]\ntls = \"acme\"\npublic_url = \"{url}\"\n[acme]\nagree = true\n");
    mistake(&acme("https://192.0.2.7"), "that the whole internet can ask for", "\"acme\"", "local-ca");
    good(&acme("https://desk.example.com"));
    mistake(&with("[[queues]]\nid = \"q\"\noffer = \"20 secs\"\n"), "not a length of time", "\"20 secs\"", "");
    mistake("[media]\nrtp_ports = \"5-1\"\n", "not a range of ports", "\"5-1\"", "");
    mistake("[sip]\nudp = \"5060\"\n", "not an address with a port", "\"5060\"", "");
}

#[test]
fn things_declared_twice_name_the_first_place() {
    mistake(&with("[[queues]]\nid = \"sales\"\n"), "queue `sales` is declared twice", "\"sales\"", "first declared on line 9");
    mistake(&with("[[lines]]\nnumber = \"100\"\necho = true\n"), "number `100` is declared twice", "\"100\"", "line 6");
    mistake(
        &with("[[agent_groups]]\nprefix = \"ma\"\ncount = 1\n[[agents]]\nid = \"ma1\"\nqueues = [\"sales\"]\n"),
        "agent `ma1` of this group is declared already",
        "\"ma\"",
        "",
    );
    mistake(
        &with("[[queues]]\nid = \"has space\"\n[[agents]]\nid = \"b\"\nqueues = [\"has space\"]\n"),
        "cannot be the id of a queue",
        "\"has space\"",
        "letters, digits",
    );
}

#[test]
fn lines_lead_to_exactly_one_place() {
    mistake(&with("[[lines]]\nnumber = \"5\"\n"), "leads nowhere", "\"5\"", "queue =");
    mistake(&with("[[lines]]\nnumber = \"5\"\necho = true\nqueue = \"sales\"\n"), "leads to 2 places", "\"5\"", "keep one");
    mistake(&with("[[lines]]\nnumber = \"5{n}\"\nqueue = \"sales\"\n"), "must lead to an agent with `{n}`", "\"5{n}\"", "");
    mistake(&with("[[lines]]\nnumber = \"5{n}\"\nagent = \"mara\"\n"), "in both the number and the agent", "\"mara\"", "");
    mistake(&with("[[lines]]\nnumber = \"5{n}\"\nagent = \"desk{n}\"\n"), "no agent is called like", "\"desk{n}\"", "[[agent_groups]]");
    mistake(
        &with("[[lines]]\nnumber = \"12 34\"\necho = true\n"),
        "not a number that can be dialled",
        "\"12 34\"",
        "as the trunk delivers it",
    );
}

#[test]
fn the_machine_is_checked() {
    mistake("[server]\ntls = \"off\"\n", "open to eavesdroppers", "\"off\"", "127.0.0.1");
    mistake("[server]\ntls = \"files\"\ncertificate = \"Cargo.toml\"\n", "needs `private_key`", "\"files\"", "");
    mistake("[server]\ntls = \"proxy\"\n", "needs the proxy's address", "\"proxy\"", "proxies =");
    mistake("[server]\npublic_url = \"http://a.example\"\n", "begins with https://", "\"http://a.example\"", "");
    mistake(
        "[server]\npublic_url = \"https://a.example/desk\"\n",
        "must not have a path",
        "\"https://a.example/desk\"",
        "host name of its own",
    );
    mistake("[server]\nlisten = \"0.0.0.0:5060\"\n", "TCP port 5060 is used twice", "\"0.0.0.0:5060\"", "sip.tcp");
    mistake(
        "[server]\nlisten = \"0.0.0.0:8443\"\n[server.public]\nlisten = \"127.0.0.1:8443\"\n",
        "TCP port 8443 is used twice",
        "\"127.0.0.1:8443\"",
        "server.listen",
    );
    mistake("[media]\nweb_port = 5060\n", "UDP port 5060 is used twice", "5060", "media.web_port");
    mistake("[media]\nrtp_ports = \"5000-6000\"\n", "`sip.udp` lies within the ports for audio", "\"5000-6000\"", "5060");
    mistake("[site]\ntimezone = \"Europe/Berln\"\n", "unknown time zone", "\"Europe/Berln\"", "did you mean `Europe/Berlin`?");
    mistake("[site]\nlanguage = \"zh\"\n", "unknown language", "\"zh\"", "`zh-CN`");
    mistake("[log]\nlevel = \"loud=very\"\n", "not a log level", "\"loud=very\"", "info");
    mistake("[security]\npassword_shortest = 4\n", "must be from 8 to 128", "4", "");
}

#[test]
fn trunks_are_checked() {
    mistake(&with("[[trunks]]\nid = \"x\"\n"), "cannot be told from strangers", "\"x\"", "sources =");
    mistake(&with("[[trunks]]\nid = \"x\"\nserver = \"sip:a.example\"\n"), "is not a server", "\"sip:a.example\"", "host:port");
    mistake(
        &with("[[trunks]]\nid = \"x\"\nserver = \"a.example\"\nregister = true\n"),
        "cannot register without user, password",
        "true",
        "",
    );
    mistake(
        &with("[[trunks]]\nid = \"x\"\nserver = \"a.example\"\nregister = true\nuser = \"u\"\npassword = { env = \"HUBLINE_NO_SUCH\" }\n"),
        "`HUBLINE_NO_SUCH` is not set",
        "{ env = \"HUBLINE_NO_SUCH\" }",
        "",
    );
    mistake(&with("[[trunks]]\nid = \"x\"\nserver = \"a\"\ncountry_code = \"DE\"\n"), "not a country code", "\"DE\"", "digits");
    mistake(&with("[[trunks]]\nid = \"x\"\nsources = [\"10.0.0.0/99\"]\n"), "neither an address nor a network", "\"10.0.0.0/99\"", "");
}

#[test]
fn queues_agents_channels_and_hours_are_checked() {
    mistake(&with("[[queues]]\nid = \"q\"\ndisposition_required = true\n"), "requires an outcome but offers none", "\"q\"", "dispositions");
    mistake(&with("[[queues]]\nid = \"q\"\noverflow = { to = \"q\", after = \"5s\" }\n"), "overflows back to itself", "\"q\"", "for ever");
    mistake(
        &with("[[queues]]\nid = \"q\"\nrequires = [{ skill = \"selling\", minimum = 3, preferred = 2 }]\n"),
        "`preferred` is below",
        "2",
        "",
    );
    mistake(&with("[[agents]]\nid = \"jo\"\nqueues = [\"sales\"]\nskills = { selling = 6 }\n"), "must be from 1 to 5", "6", "");
    mistake(&with("[[agents]]\nid = \"Jo\"\nqueues = [\"sales\"]\n"), "has capital letters", "\"Jo\"", "lower case");
    let login = |id: &str, rest: &str| format!("[[agents]]\nid = \"{id}\"\nqueues = [\"sales\"]\nphone = {{ {rest} }}\n");
    let none = login("jo", "password = { env = \"HUBLINE_NO_SUCH\" }");
    mistake(&with(&none), "the password of a phone cannot be read", "{ env = \"HUBLINE_NO_SUCH\" }", "");
    let open = login("jo", "password = \"x\", srtp = \"required\"");
    mistake(&with(&open), "this phone must come over TLS", "\"x\"", "0.0.0.0:5061");
    let twice = login("jo", "username = \"a\", password = \"x\"") + &login("ko", "username = \"a\", password = \"y\"");
    mistake(&with(&twice), "two phones log in as `a`", "\"y\"", "a username of its own");
    let keys = BASE.replace("server = \"sip.example\"", "server = \"sip.example\"\nsrtp = \"required\"");
    mistake(&keys, "would travel in the open", "\"required\"", "transport = \"tls\"");
    mistake(&with("[[agents]]\nid = \"jo\"\nqueues = [\"sales\"]\nphone = \"jo@x\"\n"), "not the SIP address", "\"jo@x\"", "sip:user@host");
    mistake(&with("[[agents]]\nid = \"jo\"\nqueues = [\"sales\"]\nmax_calls = 2\n"), "needs a desk phone", "2", "leave `max_calls` out");
    mistake(
        &with("[[agent_groups]]\nprefix = \"d\"\ncount = 2\nqueues = [\"sales\"]\nmax_calls = 3\n"),
        "needs a desk phone",
        "3",
        "phone =",
    );
    let chat = "[[channels]]\nkind = \"webchat\"\nid = \"w\"\nqueue = \"sales\"\n";
    mistake(&with(&format!("{chat}origins = [\"https://a.example/shop\"]\n")), "is a page", "\"https://a.example/shop\"", "");
    mistake(&with(&format!("{chat}origins = [\"a.example\"]\n")), "not the address of a site", "\"a.example\"", "https://");
    mistake(&with(&format!("{chat}accent = \"green\"\n")), "not a colour", "\"green\"", "#");
    let hours = |more: &str| with(&format!("[[hours]]\nid = \"h\"\n{more}\n"));
    mistake(&hours("week = { monday = [\"09:00-17:00\"] }"), "not a day of the week", "monday", "mon-fri");
    mistake(&hours("week = { mon-wed = [\"09:00-17:00\"], tue = [] }"), "tue is given twice", "tue", "");
    mistake(&hours("week = { mon = [\"9-17\"] }"), "not a time of day", "\"9-17\"", "09:00-17:30");
    mistake(&hours("week = { mon = [\"09:00-13:00\", \"12:00-17:00\"] }"), "without overlapping", "\"12:00-17:00\"", "");
    mistake(
        &hours("week = { mon = [\"09:00-13:00\"] }\nholidays = { \"25.12.\" = \"Xmas\" }"),
        "not a date",
        "\"25.12.\"",
        "year-month-day",
    );
}

#[test]
fn accounts_of_text_channels_are_looked_at() {
    let channel = |kind: &str, more: &str| with(&format!("[[channels]]\nkind = \"{kind}\"\nid = \"w\"\nqueue = \"sales\"\n{more}"));
    mistake(&channel("smpp", ""), "has no account", "\"w\"", "server, user, password and from");
    let twilio = |more: &str| channel("twilio", &format!("[channels.twilio]\ntoken = {{ file = \"t\" }}\n{more}"));
    mistake(&twilio("account = \"XY\"\nfrom = \"+1\""), "no Account SID", "\"XY\"", "AC");
    mistake(&twilio("account = \"AC1\""), "nobody sends", "\"AC1\"", "from =");
    let smpp = |more: &str| channel("smpp", &format!("[channels.smpp]\nuser = \"u\"\npassword = {{ file = \"t\" }}\n{more}"));
    mistake(&smpp("server = \"sms.example\"\nfrom = \"A\""), "message centre", "\"sms.example\"", ":2775");
    mistake(&smpp("server = \"a:1\"\nfrom = \"A\"\ncountry_code = \"49\""), "country's prefix", "\"49\"", "+49");
    mistake(&smpp("server = \"a:1\"\nfrom = \"twenty characters at most\""), "longer than 20", "\"twenty characters at most\"", "");
    let http = |more: &str| channel("http", &format!("[channels.http]\nsecret = {{ file = \"t\" }}\n{more}"));
    mistake(&http("url = \"http://bridge.example/\""), "in the clear", "\"http://bridge.example/\"", "");
    mistake(&http("url = \"bridge\""), "is not an address", "\"bridge\"", "https://");
    let map = "url = \"https://a.example/\"\n[channels.http.profile.message]\nid = \"/i\"\ntext = \"/t\"\n";
    mistake(&http(&format!("{map}from = \"f\"")), "no JSON pointer", "\"f\"", "");
    mistake(&http(&format!("{map}from = \"/f\"\n[channels.http.profile.send]\nbody = \"{{\"")), "not JSON", "\"{\"", "body =");
    let words = |more: &str| channel("webchat", &format!("[[channels.keywords]]\n{more}"));
    mistake(&words("words = [\"hi\"]"), "does nothing", "\"hi\"", "reply");
    mistake(&words("words = [\" \"]\nticket = \"x\""), "empty word", "\" \"", "");
    mistake(&words("words = [\"hi\"]\nflow = \"nowhere\""), "unknown flow `nowhere`", "\"nowhere\"", "");
}

#[test]
fn what_is_odd_but_possible_is_a_warning() {
    for (text, message) in [
        (with("[[queues]]\nid = \"lonely\"\n"), "nobody serves queue `lonely`"),
        (
            with(
                "[[queues]]\nid = \"hard\"\nrequires = [{ skill = \"selling\", minimum = 5 }]\n[[agents]]\nid = \"b\"\nqueues = [\"hard\"]\nskills = { selling = 4 }\n",
            ),
            "nobody can serve queue `hard`",
        ),
        (with("[[agents]]\nid = \"idle\"\n"), "is in no queue"),
        (with("[[agents]]\nid = \"b\"\nqueues = [\"sales\"]\nalways_available = true\n"), "has no phone"),
        (with("[[agents]]\nid = \"b\"\nqueues = [\"sales\"]\ncapacity = 50\n"), "less than a call takes"),
        (
            with("[media]\nrtp_ports = \"20000-20009\"\n[[agent_groups]]\nprefix = \"d\"\ncount = 5\nphone = \"sip:d{n}@127.0.0.1\"\n"),
            "too few ports for audio",
        ),
        (with("[[trunks]]\nid = \"any\"\nsources = [\"0.0.0.0/0\"]\n"), "anyone on the internet"),
        (with("[[trunks]]\nid = \"t\"\nserver = \"a\"\nregister = true\nuser = \"u\"\npassword = \"p\"\n"), "a password in plain text"),
        ("[[lines]]\nnumber = \"1\"\necho = true\n".to_owned(), "no call can arrive"),
        ("[[agents]]\nid = \"b\"\n".to_owned(), "nobody is an administrator"),
        (String::new(), "there are no agents"),
    ] {
        let loaded = good(&text);
        let warnings: Vec<&str> = loaded.warnings.iter().map(|finding| finding.message.as_str()).collect();
        assert!(warnings.iter().any(|warning| warning.contains(message)), "{message} not in {warnings:?}");
        for finding in &loaded.warnings {
            for sentence in [&finding.message, &finding.label, finding.help.as_ref().unwrap_or(&String::new())] {
                speaks_chinese(sentence);
            }
        }
    }
}

#[test]
fn all_mistakes_are_told_in_one_run_as_a_compiler_does() {
    let text = "[[queues]]\nid = \"sales\"\n\n[[lines]]\nnumber = \"1\"\nqueue = \"sals\"\n\n[site]\ntimezone = \"Mars\"\n";
    let report = report(text);
    assert_eq!(report.errors(), 2, "{report}");
    let plain = report.plain();
    let expected = "\
error: unknown queue `sals`
 --> hubline.toml:6:9
  |
6 | queue = \"sals\"
  |         ^^^^^^ no queue has this id
  |
  = help: did you mean `sales`, declared on line 2?";
    assert!(plain.starts_with(expected), "{plain}");
    let first = &report.diagnostics[0];
    assert_eq!((first.line, first.column), (6, 9));
    assert!(!plain.contains('\u{1b}') && report.coloured().contains('\u{1b}'));
}

#[test]
fn columns_count_characters_and_secrets_stay_out_of_debug_prints() {
    let text = with("[[queues]]\nid = \"q\"\nname = \"销售\" # 队列\ngreeting =   \"欢迎\"\n");
    let report = report(&text);
    assert_eq!(report.diagnostics[0].column, 14);
    let loaded = good(&with("[[trunks]]\nid = \"t\"\nserver = \"a\"\nregister = true\nuser = \"u\"\npassword = \"hunter2\"\n"));
    assert!(!format!("{:?}", loaded.config).contains("hunter2"));
}

#[test]
fn a_mailbox_needs_servers_a_login_and_no_plain_wires() {
    let mailbox = |more: &str| with(&format!("[[channels]]\nkind = \"email\"\nid = \"mail\"\nqueue = \"support\"\n{more}"));
    let section =
        |more: &str| mailbox(&format!("[channels.email]\naddress = \"support@shop.example\"\npassword = {{ file = \"p\" }}\n{more}"));
    let servers = "imap = { host = \"imap.shop.example\" }\nsmtp = { host = \"smtp.shop.example\" }\n";
    mistake(&mailbox(""), "has no mailbox", "\"mail\"", "[channels.email]");
    mistake(&section(&format!("aliases = [\"sales\"]\n{servers}")), "`sales` is not an address", "\"sales\"", "support@shop.example");
    mistake(&section(&format!("aliases = [\"a+b@shop.example\"]\n{servers}")), "what follows a `+`", "\"a+b@shop.example\"", "without it");
    mistake(
        &section("imap = { host = \"imap.shop.example\", security = \"none\" }\nsmtp = { host = \"smtp.shop.example\" }\n"),
        "in the clear",
        "\"none\"",
        "",
    );
    mistake(
        &section("imap = { host = \"imap.shop.example:993\" }\nsmtp = { host = \"smtp.shop.example\" }\n"),
        "is not the name of a server",
        "\"imap.shop.example:993\"",
        "port = 993",
    );
    mistake(
        &mailbox(
            "[channels.email]\naddress = \"support@shop.example\"\nimap = { host = \"i.example\" }\n[channels.email.smtp]\nhost = \"127.0.0.1\"\n",
        ),
        "nobody can sign in",
        "\"i.example\"",
        "oauth",
    );
    mistake(
        &section(&format!("{servers}[channels.email.oauth]\ntoken_url = \"http://login.example/token\"\nclient_id = \"x\"\n")),
        "is not where tokens are given",
        "\"http://login.example/token\"",
        "https",
    );
}
