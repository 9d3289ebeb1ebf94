//! Addresses: which are ours, with and without an extension, and how one is written where only ASCII goes.

/// Somebody with an address.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Mailbox {
    pub name: Option<String>,
    /// Lower case.
    pub address: String,
}

impl Mailbox {
    /// As people read it.
    pub fn shown(&self) -> String {
        match &self.name {
            Some(name) => format!("{name} <{}>", self.address),
            None => self.address.clone(),
        }
    }
}

/// The form in which addresses are compared and kept; `None`: it is none. Nothing in it can end a line or a command of SMTP.
pub(super) fn normal(address: &str) -> Option<String> {
    let address = address.trim();
    let (local, domain) = address.rsplit_once('@')?;
    let fine = |c: char| !c.is_control() && !c.is_whitespace() && !matches!(c, '<' | '>' | ',' | ';' | '"' | '\\' | '(' | ')');
    let fits = !local.is_empty() && local.len() <= 64 && domain.len() <= 255 && domain.contains(|c: char| c.is_alphanumeric());
    let fine = fits && local.chars().all(fine) && domain.chars().all(|c| fine(c) && c != '@') && !local.contains('@');
    fine.then(|| format!("{}@{}", local.to_lowercase(), domain.trim_end_matches('.').to_lowercase()))
}

/// For the envelope: the domain in ASCII (RFC 5891), and whether the rest needs SMTPUTF8 (RFC 6531).
pub(super) fn envelope(address: &str) -> Option<(String, bool)> {
    let (local, domain) = address.rsplit_once('@')?;
    let domain = idna::domain_to_ascii(domain).ok()?;
    Some((format!("{local}@{domain}"), !local.is_ascii()))
}

/// The addresses of one mailbox.
#[derive(Debug, Clone)]
pub(super) struct Own {
    /// The first is the one that letters come from by default.
    addresses: Vec<String>,
}

impl Own {
    pub fn new(address: &str, aliases: &[String]) -> Own {
        let all = std::iter::once(address).chain(aliases.iter().map(String::as_str));
        Own { addresses: all.filter_map(normal).collect() }
    }

    pub fn first(&self) -> &str {
        self.addresses.first().map_or("", String::as_str)
    }

    pub fn all(&self) -> &[String] {
        &self.addresses
    }

    /// Which of ours this is, with an extension or without.
    pub fn which(&self, address: &str) -> Option<&str> {
        let plain = without_extension(address);
        self.addresses.iter().map(String::as_str).find(|own| *own == address || *own == plain)
    }
}

/// `support` of `support+…@domain`, with its domain.
fn without_extension(address: &str) -> String {
    match address.rsplit_once('@') {
        Some((local, domain)) => format!("{}@{domain}", local.split('+').next().unwrap_or(local)),
        None => address.to_owned(),
    }
}

/// What stands after the `+`.
pub(super) fn extension(address: &str) -> Option<&str> {
    address.rsplit_once('@')?.0.split_once('+').map(|(_, extension)| extension)
}

/// The address with this extension.
pub(super) fn extended(address: &str, extension: &str) -> String {
    match address.rsplit_once('@') {
        Some((local, domain)) => format!("{local}+{extension}@{domain}"),
        None => address.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_compared_in_one_form_and_carry_no_commands() {
        assert_eq!(normal(" Anna.W@Example.COM. ").as_deref(), Some("anna.w@example.com"));
        assert_eq!(normal("客服@例子.测试").as_deref(), Some("客服@例子.测试"));
        for wrong in ["", "a", "@b", "a@", "a@b\r\nRCPT TO:<x@y>", "a b@c", "<a@b>", "a@b,c@d", "a@b@c"] {
            assert_eq!(normal(wrong), None, "{wrong}");
        }
        assert_eq!(envelope("a@例子.测试"), Some(("a@xn--fsqu00a.xn--0zwm56d".into(), false)));
        assert_eq!(envelope("客服@example.com"), Some(("客服@example.com".into(), true)));
    }

    #[test]
    fn ours_are_known_with_their_extensions() {
        let own = Own::new("Support@Shop.example", &["sales@shop.example".into()]);
        assert_eq!(own.which("support@shop.example"), Some("support@shop.example"));
        assert_eq!(own.which("sales+c12.ab@shop.example"), Some("sales@shop.example"));
        assert_eq!(own.which("supporter@shop.example"), None);
        assert_eq!(extension("sales+c12.ab@shop.example"), Some("c12.ab"));
        assert_eq!(extended("sales@shop.example", "c1.x"), "sales+c1.x@shop.example");
    }
}
