//! A letter of ours in which the customer chooses: the words, and under them one button for each choice, as every mail program shows it:
//! styles at the elements, no picture and nothing that is fetched. Readable in the dark, and no wider than one reads.

use crate::desk::input::MailButton;

/// The whole letter as HTML; the same is said in plain text beside it.
pub(super) fn html(text: &str, buttons: &[MailButton]) -> String {
    let words: String = text.trim().split("\n\n").map(|part| format!("<p style=\"margin:0 0 16px\">{}</p>", lines(part))).collect();
    let buttons: String = buttons.iter().map(button).collect();
    format!(
        "<!doctype html><html><head><meta charset=\"utf-8\"><meta name=\"color-scheme\" content=\"light dark\"></head>\
         <body style=\"margin:0;padding:24px;font:16px/1.5 -apple-system,'Segoe UI','PingFang SC','Microsoft YaHei',sans-serif\">\
         <div style=\"max-width:560px\">{words}<div>{buttons}</div></div></body></html>"
    )
}

fn button(button: &MailButton) -> String {
    format!(
        "<a href=\"{}\" style=\"display:inline-block;min-width:24px;margin:0 4px 8px 0;padding:10px 14px;border:1px solid #0f648f;\
         border-radius:10px;text-align:center;text-decoration:none;font-weight:600;color:#0f648f;background:#ffffff\">{}</a> ",
        escaped(&button.url),
        escaped(&button.label)
    )
}

fn lines(text: &str) -> String {
    escaped(text).replace('\n', "<br>")
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_stay_words() {
        let button = MailButton { label: "5 <b>".into(), url: "https://a.example/survey/x?score=5&\"".into() };
        let html = html("Tom & \"Co\"\n\n<script>", &[button]);
        assert!(html.contains("Tom &amp; &quot;Co&quot;") && html.contains("&lt;script&gt;"), "{html}");
        assert!(html.contains("href=\"https://a.example/survey/x?score=5&amp;&quot;\"") && html.contains(">5 &lt;b&gt;</a>"), "{html}");
        assert!(!html.contains("<script") && !html.contains("src="), "{html}");
    }
}
