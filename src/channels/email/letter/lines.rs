//! A letter as lines: what its writer says now, what they quote, and their signature.

/// Whose words a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Own,
    Quoted,
    Signature,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Line {
    pub kind: Kind,
    pub text: String,
}

/// What is shown, and what is folded away.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Folded {
    pub text: String,
    pub quoted: String,
}

/// The lines of a plain text; `>` begins those that are quoted.
pub(super) fn of_text(text: &str) -> Vec<Line> {
    let read = |line: &str| {
        let kind = if line.trim_start().starts_with('>') { Kind::Quoted } else { Kind::Own };
        Line { kind, text: line.trim_end_matches('\r').to_owned() }
    };
    text.lines().map(read).collect()
}

/// Folds what is quoted, unless the writer answers between quoted lines or only passes something on.
pub(super) fn fold(mut lines: Vec<Line>, passes_on: bool) -> Folded {
    if passes_on {
        return shown(&lines);
    }
    let cut = lines.iter().enumerate().position(|(at, line)| line.kind == Kind::Own && begins_rest(&lines, at)).unwrap_or(lines.len());
    let cut = above(&lines, cut);
    let rest = lines.split_off(cut);
    introduce(&mut lines);
    sign(&mut lines);
    if interleaved(&lines) {
        lines.iter_mut().filter(|line| line.kind == Kind::Quoted).for_each(|line| line.kind = Kind::Own);
    }
    let text = written(lines.iter().filter(|line| line.kind == Kind::Own));
    if text.is_empty() {
        // Nothing was added: what is quoted is the letter.
        lines.extend(rest);
        return shown(&lines);
    }
    let quoted = written(lines.iter().filter(|line| line.kind != Kind::Own).chain(&rest));
    Folded { text, quoted }
}

fn shown(lines: &[Line]) -> Folded {
    Folded { text: written(lines.iter()), quoted: String::new() }
}

/// Lines as a text, without more than one empty line in a row.
fn written<'a>(lines: impl Iterator<Item = &'a Line>) -> String {
    let mut out = String::new();
    let mut empty = 0;
    for line in lines {
        let text = line.text.trim_end();
        if text.trim().is_empty() {
            empty += 1;
            continue;
        }
        if !out.is_empty() {
            out.push_str(if empty > 0 { "\n\n" } else { "\n" });
        }
        out.push_str(text);
        empty = 0;
    }
    out
}

/// Own words between two quotations.
fn interleaved(lines: &[Line]) -> bool {
    let mut runs = 0;
    let mut own = true;
    for line in lines.iter().filter(|line| !line.text.trim().is_empty() && line.kind != Kind::Signature) {
        if line.kind == Kind::Quoted && own {
            runs += 1;
        }
        own = line.kind == Kind::Own;
    }
    runs > 1
}

/// Marks the lines that introduce a quotation ("On … wrote:") as part of it.
fn introduce(lines: &mut [Line]) {
    for at in 0..lines.len() {
        let quoted = lines.get(at).is_some_and(|line| line.kind == Kind::Quoted);
        if !quoted || lines.get(at.wrapping_sub(1)).is_some_and(|line| line.kind == Kind::Quoted) {
            continue;
        }
        let empty = lines.iter().take(at).rev().take_while(|line| line.text.trim().is_empty()).count();
        let Some(last) = at.checked_sub(empty + 1) else { continue };
        for first in (last.saturating_sub(2)..=last).rev() {
            let text = joined(lines, first, last + 1);
            if lines.get(first..=last).is_some_and(|lines| lines.iter().all(|line| line.kind == Kind::Own)) && says_wrote(&text) {
                lines.iter_mut().take(last + 1).skip(first).for_each(|line| line.kind = Kind::Quoted);
                break;
            }
        }
    }
}

/// Marks a signature at the end: what follows `-- `, and the line that a telephone adds.
fn sign(lines: &mut [Line]) {
    const LONGEST: usize = 20;
    let own: Vec<usize> = (0..lines.len()).filter(|at| lines.get(*at).is_some_and(|line| line.kind == Kind::Own)).collect();
    let mark = own.iter().rposition(|at| lines.get(*at).is_some_and(|line| line.text == "-- " || line.text.trim_end() == "--"));
    if let Some(mark) = mark.filter(|mark| own.len() - mark <= LONGEST) {
        for at in own.iter().skip(mark) {
            lines.iter_mut().skip(*at).take(1).for_each(|line| line.kind = Kind::Signature);
        }
    }
    let last = lines.iter_mut().rev().find(|line| line.kind == Kind::Own && !line.text.trim().is_empty());
    if let Some(line) = last.filter(|line| by_telephone(&line.text)) {
        line.kind = Kind::Signature;
    }
}

fn by_telephone(line: &str) -> bool {
    const BEGIN: &[&str] = &[
        "sent from my ",
        "get outlook for ",
        "sent from outlook",
        "sent from mail for ",
        "sent from yahoo",
        "发自我的",
        "發自我的",
        "来自我的",
        "从我的",
        "從我的",
        "发自网易邮箱",
        "von meinem ",
        "envoyé de mon ",
        "enviado desde mi ",
        "enviado do meu ",
        "inviato da ",
        "iphoneから送信",
        "отправлено с ",
    ];
    let line = line.trim().to_lowercase();
    line.chars().count() <= 60 && BEGIN.iter().any(|begin| line.starts_with(begin))
}

/// Whether everything from this line on is an older letter.
fn begins_rest(lines: &[Line], at: usize) -> bool {
    let Some(line) = lines.get(at).map(|line| line.text.trim()) else { return false };
    if is_delimiter(line) || is_original(line) || head_block(lines, at) {
        return true;
    }
    // "On … wrote:" with nothing marked below it: all of it is quoted.
    let may_wrap = introduces(line);
    (1..=3).any(|more| {
        let end = at + more;
        let whole = lines.get(at..end).is_some_and(|lines| lines.iter().all(|line| line.kind == Kind::Own && !line.text.trim().is_empty()));
        let below = lines.iter().skip(end).find(|line| !line.text.trim().is_empty());
        (more == 1 || may_wrap) && whole && says_wrote(&joined(lines, at, end)) && below.is_some_and(|line| line.kind == Kind::Own)
    })
}

/// How such a line begins; one that is broken in two is known by it.
fn introduces(line: &str) -> bool {
    const BEGIN: &[&str] = &["on ", "at ", "am ", "le ", "el ", "em ", "il ", "op ", "den ", "在", "于", "於"];
    let line = line.to_lowercase();
    BEGIN.iter().any(|begin| line.starts_with(begin)) || line.starts_with(|c: char| c.is_ascii_digit())
}

/// The line that we ask to answer above.
fn is_delimiter(line: &str) -> bool {
    line.starts_with("##-") && line.ends_with("-##")
}

/// `-----Original Message-----` and its relatives: dashes around words.
fn is_original(line: &str) -> bool {
    const WORDS: &[&str] = &[
        "original message",
        "originalnachricht",
        "ursprüngliche nachricht",
        "message d'origine",
        "mensaje original",
        "mensagem original",
        "messaggio originale",
        "原始邮件",
        "原始郵件",
        "原邮件",
        "回复的原邮件",
        "邮件原件",
        "元のメッセージ",
        "original email",
        "исходное сообщение",
    ];
    let inner = line.trim_matches(|c: char| c == '-' || c == '_' || c == '—' || c.is_whitespace() || c == '\u{a0}');
    let dashes = line.chars().filter(|c| matches!(c, '-' | '_' | '—')).count();
    let inner = inner.to_lowercase();
    dashes >= 4 && WORDS.iter().any(|word| inner == *word)
}

/// The heads of the quoted letter, as Outlook, QQ and Foxmail write them.
fn head_block(lines: &[Line], at: usize) -> bool {
    const FROM: &[&str] = &["from", "发件人", "寄件者", "寄件人", "von", "de", "da", "差出人", "от", "보낸 사람"];
    const OTHER: &[&str] = &[
        "sent",
        "date",
        "to",
        "cc",
        "subject",
        "发送时间",
        "发件时间",
        "时间",
        "日期",
        "收件人",
        "抄送",
        "抄送人",
        "主题",
        "傳送時間",
        "寄件日期",
        "收件者",
        "副本",
        "主旨",
        "主題",
        "gesendet",
        "an",
        "betreff",
        "envoyé",
        "à",
        "objet",
        "enviado",
        "para",
        "asunto",
        "assunto",
        "送信日時",
        "宛先",
        "件名",
    ];
    let name = |line: &Line| -> Option<String> {
        let text = line.text.trim().trim_matches('*');
        let (name, value) = text.split_once([':', '：'])?;
        let name: String = name.trim_matches('*').chars().filter(|c| !matches!(c, ' ' | '\u{a0}' | '\u{3000}')).collect();
        (name.chars().count() <= 12 && !value.is_empty()).then(|| name.to_lowercase())
    };
    let Some(first) = lines.get(at).and_then(name) else { return false };
    let rest = || lines.iter().skip(at + 1).filter(|line| !line.text.trim().is_empty()).take(6).filter_map(name);
    let from = |name: &String| FROM.contains(&name.as_str());
    let other = |name: &String| OTHER.contains(&name.as_str());
    if from(&first) {
        rest().filter(other).count() >= 2
    } else {
        other(&first) && rest().any(|name| from(&name)) && rest().filter(other).count() >= 2
    }
}

/// The line of underscores above such heads belongs to them.
fn above(lines: &[Line], cut: usize) -> usize {
    let rule = |line: &Line| {
        let text = line.text.trim();
        text.is_empty() || (text.len() >= 3 && text.chars().all(|c| matches!(c, '_' | '-' | '=' | '—')))
    };
    if cut == lines.len() {
        return cut;
    }
    cut - lines.iter().take(cut).rev().take_while(|line| rule(line) && line.text != "-- ").count()
}

/// These lines as one.
fn joined(lines: &[Line], from: usize, to: usize) -> String {
    let texts: Vec<&str> = lines.iter().take(to).skip(from).map(|line| line.text.trim()).collect();
    texts.join(" ")
}

/// `On 3 May, Anna <a@example.com> wrote:` in the languages of those who write most.
fn says_wrote(line: &str) -> bool {
    const ENDS: &[&str] = &[
        "wrote:",
        "wrote：",
        "写道:",
        "写道：",
        "寫道:",
        "寫道：",
        "schrieb:",
        "a écrit :",
        "a écrit:",
        "escribió:",
        "escreveu:",
        "ha scritto:",
        "написал:",
        "написал(а):",
        "пишет:",
        "のメール:",
        "は書きました:",
        "님이 작성:",
        "skrev:",
        "schreef:",
    ];
    let line = line.trim().to_lowercase();
    let line = line.replace('\u{a0}', " ");
    if line.chars().count() > 300 || !ENDS.iter().any(|end| line.ends_with(end)) {
        // German and Dutch name the writer after the verb: "Am 3. Mai schrieb Anna:".
        let verb = line.starts_with("am ") && line.contains(" schrieb ") || line.starts_with("op ") && line.contains(" schreef ");
        return verb && line.ends_with(':') && line.chars().count() <= 300;
    }
    // A sentence that happens to end so names neither a day nor an address.
    line.contains('@') || line.chars().any(|c| c.is_ascii_digit())
}
