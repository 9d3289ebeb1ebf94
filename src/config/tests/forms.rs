//! Forms: what they need, and how their changes are told.

use super::mistakes::mistake;
use super::*;
use crate::desk::form::spec::FieldKind;
use crate::desk::id::FormKind;

const FORM: &str = "[forms.id]\ntitle = \"Identity\"\nverdict = true\nguided = true\nkeep = \"30d\"\n\
[[forms.id.fields]]\nname = \"yes\"\nkind = \"consent\"\ntitle = { en = \"I agree\", zh-CN = \"同意\" }\n\
[[forms.id.fields]]\nname = \"face\"\nkind = \"photo\"\ntitle = \"Face\"\ncamera = \"front\"\n";

#[test]
fn a_form_is_read_whole_and_asking_for_a_number_needs_none() {
    let loaded = good(&with(FORM));
    let form = &loaded.catalog.forms[&FormKind::from("id")];
    assert!(form.verdict && form.guided && !form.calls);
    assert_eq!((form.expires_ms, form.keep_ms), (86_400_000, 30 * 86_400_000));
    assert_eq!(form.fields[0].title.say("zh-CN"), "同意");
    assert_eq!((form.fields[1].kind, form.fields[1].camera, form.fields[1].required), (FieldKind::Photo, "user", true));
    let number = &loaded.catalog.forms[&FormKind::from("call-me")];
    assert!(number.calls && number.fields[0].kind == FieldKind::Phone && !number.title.say("zh-CN").is_empty());
    let own = "[forms.ring]\ntitle = \"Ring\"\ncalls = true\n[[forms.ring.fields]]\nname = \"n\"\nkind = \"phone\"\ntitle = \"N\"\n";
    let forms = good(&with(own)).catalog.forms;
    assert_eq!(forms.keys().map(FormKind::as_str).collect::<Vec<_>>(), ["ring"], "the house's own goes before the built-in one");
}

#[test]
fn each_mistake_of_a_form_is_found_at_its_place() {
    let changed = |from: &str, to: &str| {
        assert!(FORM.contains(from), "{from}");
        with(&FORM.replacen(from, to, 1))
    };
    mistake(&changed("kind = \"photo\"", "kind = \"foto\""), "unknown kind of field `foto`", "\"foto\"", "`photo`");
    mistake(&changed("name = \"face\"", "name = \"yes\""), "field `yes` is declared twice", "\"yes\"", "first declared on line");
    mistake(&changed("name = \"face\"", "name = \"a<b\""), "cannot be the name of a field", "\"a<b\"", "begins with a letter");
    mistake(&changed("camera = \"front\"", "camera = \"side\""), "unknown camera `side`", "\"side\"", "`front`");
    mistake(&changed("camera = \"front\"", "longest = 5"), "a field of kind `photo` has no `longest`", "5", "");
    mistake(&changed("camera = \"front\"", "masked = true"), "a field of kind `photo` has no `masked`", "true", "");
    mistake(&changed("kind = \"consent\"", "kind = \"text\""), "takes what is judged without asking first", "true", "kind = \"consent\"");
    mistake(&changed("verdict = true", "calls = true"), "does not say which number is called", "true", "kind = \"phone\"");
    mistake(
        &changed("kind = \"photo\"\ntitle = \"Face\"\ncamera = \"front\"", "kind = \"choice\"\ntitle = \"Face\""),
        "nothing to choose from",
        "\"choice\"",
        "options",
    );
    mistake(&changed("title = \"Face\"", "title = \" \""), "nothing to read", "\" \"", "zh-CN");
    mistake(&changed("title = \"Face\"", "title = { fr = \"Visage\" }"), "unknown language `fr`", "{ fr = \"Visage\" }", "`en`");
    mistake(&changed("keep = \"30d\"", "keep = \"1m\""), "`keep` must be at least", "\"1m\"", "");
    let none = "[forms.id]\ntitle = \"Identity\"\nfields = []\n";
    mistake(&with(none), "form `id` has 0 fields", "id", "");
    let range = "[forms.id]\ntitle = \"T\"\n[[forms.id.fields]]\nname = \"n\"\nkind = \"number\"\ntitle = \"N\"\nlowest = 3\nhighest = 2\n";
    mistake(&with(range), "the highest number is below the lowest", "2", "");
}

#[test]
fn a_change_of_a_form_is_told() {
    let told = |old: &str, new: &str| -> Vec<String> {
        let config = |text: &str| good(&with(text)).config;
        diff(&config(old), &config(new)).iter().map(|change| change.text("en")).collect()
    };
    assert_eq!(told("", FORM), ["Form id is new"]);
    assert_eq!(told(FORM, ""), ["Form id is gone: links that were sent open it no more"]);
    let moved = format!("# a remark\n{FORM}");
    assert_eq!(told(FORM, &moved), Vec::<String>::new());
    let other = FORM.replace("camera = \"front\"", "camera = \"back\"").replace("30d", "60d");
    assert_eq!(told(FORM, &other), ["`keep` changes from 30d to 60d", "Form id changes at face"]);
}
