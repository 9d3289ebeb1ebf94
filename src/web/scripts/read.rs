//! A script as text becomes steps. `# Title` begins a step; `- what they answer -> Title` leads on to another; the rest is what is said.

use serde::Serialize;

/// One step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Step {
    pub title: String,
    pub text: String,
    /// What the customer may answer, and the step it leads to (its number in the list).
    pub answers: Vec<(String, Option<usize>)>,
}

/// The steps of a text. One without titles is one step; an answer that leads nowhere we know ends the script.
pub fn read(text: &str) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    let mut leads: Vec<Vec<String>> = Vec::new();
    for line in text.lines() {
        if let Some(title) = line.strip_prefix('#') {
            steps.push(Step { title: title.trim_start_matches('#').trim().to_owned(), text: String::new(), answers: Vec::new() });
            leads.push(Vec::new());
            continue;
        }
        if steps.is_empty() {
            steps.push(Step { title: String::new(), text: String::new(), answers: Vec::new() });
            leads.push(Vec::new());
        }
        let (Some(step), Some(lead)) = (steps.last_mut(), leads.last_mut()) else { continue };
        let answer = line.trim_start().strip_prefix("- ").and_then(|rest| rest.split_once("->").or_else(|| rest.split_once('→')));
        match answer {
            Some((answer, to)) => {
                step.answers.push((answer.trim().to_owned(), None));
                lead.push(to.trim().to_owned());
            }
            None => {
                step.text.push_str(line);
                step.text.push('\n');
            }
        }
    }
    let kept = steps.into_iter().zip(leads).filter(|(step, _)| !step.title.is_empty() || !step.text.trim().is_empty());
    let (mut steps, leads): (Vec<Step>, Vec<Vec<String>>) = kept.unzip();
    let titles: Vec<String> = steps.iter().map(|step| step.title.clone()).collect();
    for (step, lead) in steps.iter_mut().zip(leads) {
        step.text = step.text.trim().to_owned();
        for ((_, to), title) in step.answers.iter_mut().zip(lead) {
            *to = titles.iter().position(|known| *known == title);
        }
    }
    steps
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_lead_to_each_other() {
        let steps = read(
            "# Greeting\nHello {name},\nwhat is wrong?\n- It is broken -> Return\n- 太贵了 → 挽留\n\n# Return\nI am sorry.\n# 挽留\n我们可以打九折。\n- ok -> nowhere\n",
        );
        assert_eq!(steps.len(), 3);
        assert_eq!(steps[0].text, "Hello {name},\nwhat is wrong?");
        assert_eq!(steps[0].answers, [("It is broken".into(), Some(1)), ("太贵了".into(), Some(2))]);
        assert_eq!(steps[2].answers, [("ok".into(), None)]);
        assert_eq!(read("just say hello"), [Step { title: String::new(), text: "just say hello".into(), answers: Vec::new() }]);
        assert_eq!(read("  \n"), []);
        assert_eq!(read("- a -> b").len(), 0);
    }
}
