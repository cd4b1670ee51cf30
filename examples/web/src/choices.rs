//! [`Choices`]: the choices that were made on the page.

use std::collections::BTreeMap;
use std::fmt::Write as _;

/// The choices that were made on the page, as the settings of a file and as a program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choices(BTreeMap<String, String>);

impl Choices {
    /// Reads pairs such as `curve=exponential&base=100ms`. A name that is missing, or has the value `none`, is not set.
    #[must_use]
    pub fn new(pairs: &str) -> Choices {
        let pairs = pairs.split('&').filter_map(|pair| pair.split_once('='));
        let set = pairs.filter(|(_, value)| *value != "none" && !value.is_empty());
        Choices(set.map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    fn curve(&self) -> &str {
        self.get("curve").unwrap_or("exponential")
    }

    /// The factor, if the curve has one.
    fn factor(&self) -> Option<&str> {
        self.get("factor").filter(|_| self.curve() == "exponential")
    }

    /// Whether the curve draws its delays itself.
    pub(crate) fn is_random(&self) -> bool {
        self.curve() == "decorrelated"
    }

    /// The jitter, unless the curve draws its delays itself.
    fn jitter(&self) -> Option<&str> {
        (!self.is_random()).then(|| self.get("jitter").unwrap_or("none"))
    }

    /// The settings in TOML.
    #[must_use]
    pub fn toml(&self) -> String {
        let mut text = String::from("[retry.api]\n");
        let base = self.get("base").unwrap_or("100ms");
        let factor = self
            .factor()
            .map_or(String::new(), |factor| format!(", factor = {factor}"));
        let _ = writeln!(text, "backoff = {{ {} = \"{base}\"{factor} }}", self.curve());
        if let Some(cap) = self.get("cap") {
            let _ = writeln!(text, "max_delay = \"{cap}\"");
        }
        if let Some(attempts) = self.get("attempts") {
            let _ = writeln!(text, "max_attempts = {attempts}");
        }
        match self.jitter() {
            Some(ratio) if ratio.parse::<f64>().is_ok() => {
                let _ = writeln!(text, "jitter = {{ proportional = {ratio} }}");
            }
            Some(word) => {
                let _ = writeln!(text, "jitter = \"{word}\"");
            }
            None => {}
        }
        if let Some(ratio) = self.get("budget") {
            let _ = write!(text, "\n[budget.api]\nwindowed_ratio = {{ ratio = {ratio} }}\n");
        }
        text
    }

    /// The same as a program.
    #[must_use]
    pub fn rust(&self) -> String {
        let curve = self.curve();
        let mut settings = String::new();
        if let Some(factor) = self.factor() {
            let _ = write!(settings, "\n    .factor({})", float(factor));
        }
        if let Some(cap) = self.get("cap") {
            let _ = write!(settings, "\n    .max_delay({})", duration(cap));
        }
        if let Some(attempts) = self.get("attempts") {
            let _ = write!(settings, "\n    .max_attempts({attempts})");
        }
        let jitter = self.jitter().map(|jitter| match jitter {
            "none" => "Jitter::None".to_owned(),
            "full" => "Jitter::Full".to_owned(),
            "equal" => "Jitter::Equal".to_owned(),
            ratio => format!("Jitter::proportional({})", float(ratio)),
        });
        if let Some(jitter) = &jitter {
            let _ = write!(settings, "\n    .jitter({jitter})");
        }
        let mut kind = String::new();
        let mut uses = String::new();
        if curve != "exponential" {
            let name = capitalized(curve);
            let _ = writeln!(uses, "use persevere::backoff::{name};");
            kind = format!("<{name}>");
        }
        if self.get("budget").is_some() {
            uses.push_str("use persevere::budget::WindowedRatio;\n");
        }
        let policy = if jitter.is_some() { "{Jitter, Policy}" } else { "Policy" };
        let base = duration(self.get("base").unwrap_or("100ms"));
        let mut text = format!(
            "{uses}use persevere::{policy};\nuse std::time::Duration;\n\n\
             static API: Policy{kind} = Policy::{curve}({base}){settings};\n"
        );
        if let Some(ratio) = self.get("budget") {
            let _ = write!(
                text,
                "\nstatic BUDGET: WindowedRatio = WindowedRatio::new().ratio({});\n",
                float(ratio)
            );
        }
        text
    }
}

/// A number with a decimal point.
fn float(text: &str) -> String {
    if text.contains('.') {
        text.to_owned()
    } else {
        format!("{text}.0")
    }
}

/// `100ms` as an expression.
fn duration(text: &str) -> String {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    match &text[digits.len()..] {
        "us" => format!("Duration::from_micros({digits})"),
        "ms" => format!("Duration::from_millis({digits})"),
        "m" => format!("Duration::from_secs({digits} * 60)"),
        _ => format!("Duration::from_secs({digits})"),
    }
}

fn capitalized(word: &str) -> String {
    let mut letters = word.chars();
    let first = letters.next().map(|letter| letter.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}
