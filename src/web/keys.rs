//! The commands of the desk and their keys: one table, from which the script works, `?` and the command bar are drawn, and the settings page
//! lets every user choose other keys. The script has one function for each name (`static/desk/commands.js`; a test compares the two).
//!
//! A key is written as `t`, `shift+e`, `mod+k` (Ctrl, or ⌘ on a Mac), `alt+ArrowUp`; several of one command stand with a space between.

use crate::store::viewer::Role;
use std::collections::BTreeMap;

/// One thing that a key or the command bar does. Its words are `command.<name>`.
pub struct Command {
    pub name: &'static str,
    /// Heading under which it stands: `command.group.<group>`.
    pub group: &'static str,
    /// Until the user chooses others; empty: only by the command bar.
    pub keys: &'static str,
}

const fn c(group: &'static str, name: &'static str, keys: &'static str) -> Command {
    Command { name, group, keys }
}

/// In the order in which they are shown.
pub const COMMANDS: &[Command] = &[
    c("find", "bar", "mod+k"),
    c("find", "search", "/"),
    c("find", "help", "?"),
    c("ring", "accept", "a"),
    c("ring", "decline", "d"),
    c("list", "next", "j ArrowDown"),
    c("list", "previous", "k ArrowUp"),
    c("list", "unread", "u"),
    c("list", "take", "g"),
    c("write", "reply", "r"),
    c("write", "note", "n"),
    c("write", "template", "x"),
    c("write", "card", "z"),
    c("write", "attach", "mod+shift+f"),
    c("write", "send", "mod+Enter"),
    c("write", "macro", "v"),
    c("write", "script", "q"),
    c("work", "resolve", "e"),
    c("work", "resolve_next", "shift+e"),
    c("work", "snooze", "s"),
    c("work", "transfer", "t"),
    c("work", "assist", "shift+s"),
    c("work", "follow", "f"),
    c("work", "task", ""),
    c("call", "mute", "m"),
    c("call", "hold", "h"),
    c("call", "dial", "c"),
    c("call", "swap", "w"),
    c("call", "merge", "o"),
    c("call", "back", "b"),
    c("call", "park", "p"),
    c("call", "keypad", ""),
    c("call", "hangup", "shift+h"),
    c("call", "wrap_up", "y"),
    c("go", "go_desk", ""),
    c("go", "go_conversations", ""),
    c("go", "go_team", ""),
    c("go", "go_notices", ""),
    c("go", "go_people", ""),
    c("go", "go_tickets", ""),
    c("go", "go_callbacks", ""),
    c("go", "go_canned", ""),
    c("go", "go_knowledge", ""),
    c("go", "go_wallboard", ""),
    c("go", "go_surveys", ""),
    c("go", "go_topics", ""),
    c("go", "go_settings", ""),
    c("go", "go_keys", ""),
    c("go", "go_person", "i"),
    c("go", "go_day", ""),
    c("panes", "beside", "shift+p"),
    c("panes", "pane_close", "shift+x"),
    c("panes", "tab_next", "shift+j"),
    c("panes", "tab_close", "shift+w"),
    c("me", "status", "l"),
    c("me", "quiet", ""),
    c("me", "theme", ""),
];

/// Where these lead is for supervisors.
const SUPERVISED: [&str; 3] = ["go_wallboard", "go_surveys", "go_topics"];

/// The commands of whoever has this role.
pub fn offered(role: Role) -> impl Iterator<Item = &'static Command> {
    COMMANDS.iter().filter(move |command| role >= Role::Supervisor || !SUPERVISED.contains(&command.name))
}

/// What a user has chosen instead, by name.
pub type Chosen = BTreeMap<String, String>;

/// The keys of a command as this user has them: what they chose, else its own, unless they gave one of these to another before it came.
pub fn of<'a>(chosen: &'a Chosen, name: &str) -> &'a str {
    let given = |key: &str| chosen.values().any(|keys| keys.split(' ').any(|other| other == key));
    let own = || COMMANDS.iter().find(|command| command.name == name).map_or("", |command| command.keys);
    let free = || Some(own()).filter(|keys| !keys.split(' ').any(given)).unwrap_or_default();
    chosen.get(name).map_or_else(free, String::as_str)
}

/// The first key of a command as people read it: `T`, `⇧ E`, `Ctrl K`. Empty where it has none.
pub fn shown(chosen: &Chosen, name: &str) -> String {
    let parts = of(chosen, name).split(' ').next().unwrap_or_default().split('+').filter(|part| !part.is_empty());
    let read = |part: &str| match part {
        "mod" => "Ctrl".to_owned(),
        "shift" => "⇧".to_owned(),
        "alt" => "Alt".to_owned(),
        "ArrowUp" => "↑".to_owned(),
        "ArrowDown" => "↓".to_owned(),
        "ArrowLeft" => "←".to_owned(),
        "ArrowRight" => "→".to_owned(),
        "Enter" => "↵".to_owned(),
        "Plus" => "+".to_owned(),
        letter => letter.to_uppercase(),
    };
    parts.map(read).collect::<Vec<_>>().join(" ")
}

/// What is wrong with a choice, as a key of the texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wrong {
    NoKey,
    /// The browser keeps it for itself, or it means something in every text field.
    Taken,
    /// It is the key of this other command.
    Of(&'static str),
}

const NAMED: &[&str] = &[
    "ArrowUp",
    "ArrowDown",
    "ArrowLeft",
    "ArrowRight",
    "Enter",
    "Home",
    "End",
    "PageUp",
    "PageDown",
    "Insert",
    "Delete",
    "Backspace",
    "Space",
    "Plus",
    "F1",
    "F2",
    "F3",
    "F4",
    "F6",
    "F7",
    "F8",
    "F9",
    "F10",
];
/// Tabs and windows of the browser, and what every text field knows.
const KEPT: &[&str] = &[
    "mod+a",
    "mod+c",
    "mod+v",
    "mod+x",
    "mod+z",
    "mod+y",
    "mod+t",
    "mod+w",
    "mod+n",
    "mod+r",
    "mod+l",
    "mod+q",
    "mod+shift+t",
    "mod+shift+n",
    "mod+shift+w",
    "mod+Home",
    "mod+End",
    "mod+ArrowLeft",
    "mod+ArrowRight",
    "mod+Backspace",
    "mod+Delete",
    "Enter",
    "Space",
];

/// `keys` as it is kept: modifiers in their order, letters small.
fn tidy(keys: &str) -> Result<String, Wrong> {
    let mut all = Vec::new();
    for key in keys.split_whitespace() {
        let parts: Vec<&str> = key.split('+').collect();
        let Some((last, modifiers)) = parts.split_last() else { return Err(Wrong::NoKey) };
        let is = |name: &str| modifiers.contains(&name);
        let one = last.chars().count() == 1 && !last.chars().any(char::is_control);
        let known = modifiers.iter().all(|m| matches!(*m, "mod" | "alt" | "shift"));
        if !known || !(one || NAMED.contains(last)) || modifiers.len() > 3 {
            return Err(Wrong::NoKey);
        }
        let mut tidied = String::new();
        for modifier in ["mod", "alt", "shift"].into_iter().filter(|m| is(m)) {
            tidied.push_str(modifier);
            tidied.push('+');
        }
        tidied.push_str(&if one { last.to_lowercase() } else { (*last).to_owned() });
        if KEPT.contains(&tidied.as_str()) {
            return Err(Wrong::Taken);
        }
        all.push(tidied);
    }
    Ok(all.join(" "))
}

/// What a form chooses, reduced to what differs from the table; or the command whose choice is wrong, and why.
pub fn choose(form: &BTreeMap<String, String>) -> Result<Chosen, (&'static str, Wrong)> {
    let mut chosen = Chosen::new();
    let mut owner: BTreeMap<String, &'static str> = BTreeMap::new();
    for command in COMMANDS {
        let keys = form.get(command.name).map_or(command.keys, String::as_str);
        let keys = tidy(keys).map_err(|wrong| (command.name, wrong))?;
        for key in keys.split_whitespace() {
            if let Some(other) = owner.insert(key.to_owned(), command.name).filter(|other| *other != command.name) {
                return Err((command.name, Wrong::Of(other)));
            }
        }
        if keys != command.keys {
            chosen.insert(command.name.to_owned(), keys);
        }
    }
    Ok(chosen)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(name, keys)| ((*name).to_owned(), (*keys).to_owned())).collect()
    }

    #[test]
    fn the_table_itself_can_be_chosen_and_differs_in_nothing() {
        assert_eq!(choose(&form(&[])), Ok(Chosen::new()));
    }

    #[test]
    fn a_choice_is_kept_where_it_differs_and_read_back() {
        let chosen = choose(&form(&[("resolve", "shift+mod+R"), ("mute", ""), ("hold", "h")])).unwrap();
        assert_eq!(of(&chosen, "resolve"), "mod+shift+r");
        assert_eq!(shown(&chosen, "resolve"), "Ctrl ⇧ R");
        assert_eq!((of(&chosen, "mute"), shown(&chosen, "mute").as_str()), ("", ""));
        assert_eq!(of(&chosen, "hold"), "h");
        assert_eq!(chosen.len(), 2);
        assert_eq!((shown(&chosen, "next"), shown(&chosen, "accept")), ("J".into(), "A".into()));
    }

    #[test]
    fn a_key_that_was_given_to_another_command_is_no_default_any_more() {
        let chosen = Chosen::from([("snooze".to_owned(), "z".to_owned())]);
        assert_eq!((of(&chosen, "snooze"), of(&chosen, "card"), of(&chosen, "hold")), ("z", "", "h"));
        assert_eq!(of(&Chosen::new(), "card"), "z");
    }

    #[test]
    fn two_commands_never_have_one_key_and_the_browser_keeps_its_own() {
        assert_eq!(choose(&form(&[("hold", "m")])), Err(("hold", Wrong::Of("mute"))));
        assert_eq!(choose(&form(&[("hold", "mod+w")])), Err(("hold", Wrong::Taken)));
        for wrong in ["hyper+x", "ab", "mod+", "mod"] {
            assert_eq!(choose(&form(&[("hold", wrong)])), Err(("hold", Wrong::NoKey)), "{wrong}");
        }
    }

    #[test]
    fn the_script_knows_every_command_and_no_other() {
        let script = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/static/desk/commands.js")).unwrap();
        let body = script.split("export const RUN = {").nth(1).and_then(|rest| rest.split("\n};").next()).unwrap();
        let names: Vec<&str> =
            body.lines().filter_map(|line| line.strip_prefix("  ")?.split(':').next()).filter(|n| !n.contains(' ')).collect();
        let table: Vec<&str> = COMMANDS.iter().map(|command| command.name).collect();
        assert_eq!(names, table);
    }
}
