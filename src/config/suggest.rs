//! "Did you mean": the nearest known name, if one is near enough to be a slip of the hand.

/// The known name most like the written one; `None` if none is alike.
pub(super) fn nearest<'n>(written: &str, known: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    let written = written.to_lowercase();
    known
        .map(|name| {
            (strsim::jaro_winkler(&written, &name.to_lowercase()), strsim::damerau_levenshtein(&written, &name.to_lowercase()), name)
        })
        .filter(|(likeness, edits, name)| *likeness >= 0.8 && *edits <= 1 + name.chars().count() / 3)
        .min_by(|a, b| a.1.cmp(&b.1).then(b.0.total_cmp(&a.0)))
        .map(|(_, _, name)| name)
}
