//! The command as it is called in CI: what it prints, and how it exits.

use std::path::PathBuf;
use std::process::{Command, Output};

/// A folder with one file, removed in the end.
struct Folder(PathBuf);

impl Folder {
    fn with(test: &str, file: &str, text: &str) -> Folder {
        let folder = std::env::temp_dir().join(format!("persevere-cli-{}-{test}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join(file), text).unwrap();
        Folder(folder)
    }

    fn persevere(&self, arguments: &[&str], variables: &[(&str, &str)]) -> (i32, String, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_persevere"));
        command
            .args(arguments)
            .current_dir(&self.0)
            .env_clear()
            // By which coverage counts the command.
            .envs(std::env::var_os("LLVM_PROFILE_FILE").map(|file| ("LLVM_PROFILE_FILE", file)))
            .envs(variables.iter().copied());
        let Output { status, stdout, stderr } = command.output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (status.code().unwrap(), text(stdout), text(stderr))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

const SETTINGS: &str = r#"
[retry.checkout]
max_attempts = 3
attempt_timeout = "10s"
calls = "billing"

[retry.billing]
max_attempts = 4
backoff = { exponential = "100ms" }
attempt_timeout = "2s"

[breaker.billing]

[limit.billing]
pause = {}

[hedge.search]
at = 0.95
"#;

#[test]
fn settings_without_mistakes_are_printed_as_a_table() {
    let folder = Folder::with("table", "retry.toml", SETTINGS);
    let (code, table, mistakes) = folder.persevere(&["check", "retry.toml"], &[]);
    assert_eq!((code, mistakes.as_str()), (0, ""));
    let expected = "\
policy    attempts  delays                     worst case  amplification
billing   4         up to 100ms, 200ms, 400ms  8.7s        4
checkout  3         up to 100ms, 200ms         30.3s       12 through checkout, billing
breakers: billing
limits: billing
hedges: search
";
    assert_eq!(table, expected);
    assert!(
        include_str!("../README.md").contains(expected),
        "the table of the README"
    );
    assert_eq!(
        folder.persevere(&["check", "-q", "retry.toml"], &[]),
        (0, String::new(), String::new())
    );
}

#[test]
fn mistakes_are_printed_with_their_lines_and_exit_with_1() {
    let folder = Folder::with(
        "mistakes",
        "retry.toml",
        "[retry.billing]\nmax_atempts = 4\nmax_delay = 5\n",
    );
    let (code, table, mistakes) = folder.persevere(&["check", "retry.toml"], &[]);
    assert_eq!((code, table.as_str()), (1, ""));
    assert!(
        mistakes.starts_with("retry.toml:2: unknown setting `max_atempts` in [retry.billing]: "),
        "{mistakes}"
    );
    assert!(
        mistakes.contains("\nretry.toml:3: ") && mistakes.ends_with("\n2 mistakes\n"),
        "{mistakes}"
    );
    let (code, _, mistakes) = folder.persevere(&["check", "missing.toml"], &[]);
    assert!(
        code == 1 && mistakes.starts_with("cannot read missing.toml: "),
        "{mistakes}"
    );
}

#[test]
fn exceeded_bound_exits_with_1() {
    let bounded = SETTINGS.replace("calls =", "max_amplification = 10\ncalls =");
    let folder = Folder::with("bound", "retry.toml", &bounded);
    let (code, _, mistakes) = folder.persevere(&["check", "retry.toml"], &[]);
    assert!(
        code == 1 && mistakes.contains("12 attempts through checkout, billing, and the bound is 10"),
        "{mistakes}"
    );
}

#[test]
fn environment_is_applied_if_asked_for() {
    let folder = Folder::with("environment", "retry.toml", SETTINGS);
    let variables = [("PERSEVERE_RETRY__BILLING__MAX_ATTEMPTS", "0")];
    assert_eq!(folder.persevere(&["check", "retry.toml"], &variables).0, 0);
    let (code, _, mistakes) = folder.persevere(&["check", "--env", "retry.toml"], &variables);
    assert!(
        code == 1 && mistakes.starts_with("PERSEVERE_RETRY__BILLING__MAX_ATTEMPTS: "),
        "{mistakes}"
    );
}

#[test]
fn later_file_overrides_and_json_is_read() {
    let folder = Folder::with("later", "retry.toml", SETTINGS);
    std::fs::write(
        folder.0.join("own.json"),
        r#"{ "retry": { "billing": { "max_attempts": 9 } } }"#,
    )
    .unwrap();
    let (code, table, _) = folder.persevere(&["check", "retry.toml", "own.json"], &[]);
    assert!(code == 0 && table.contains("27 through checkout, billing"), "{table}");
}

#[test]
fn schema_is_printed() {
    let folder = Folder::with("schema", "retry.toml", "");
    let (code, schema, _) = folder.persevere(&["schema"], &[]);
    assert!(code == 0 && schema.starts_with('{') && schema.contains("\"max_attempts\""));
    assert_eq!(folder.persevere(&["chek"], &[]).0, 2);
}
