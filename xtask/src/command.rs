//! Commands of other programs: printed, run without input, and failing with their exit code.

use std::fmt::Display;
use std::process::{Command, ExitStatus, Stdio};

/// What a step comes to.
pub(crate) type Outcome<T = ()> = Result<T, Failure>;

/// Why a step failed, and what to exit with.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) message: String,
    pub(crate) code: u8,
}

impl Failure {
    pub(crate) fn new(message: impl Into<String>) -> Failure {
        Failure {
            message: message.into(),
            code: 1,
        }
    }

    /// Says at the end of an `Err` what could not be done.
    pub(crate) fn at<E: Display>(place: impl Display) -> impl FnOnce(E) -> Failure {
        move |error| Failure::new(format!("{place}: {error}"))
    }
}

/// A `cargo` command of words that hold no spaces.
pub(crate) fn cargo(line: &str) -> Command {
    let mut command = Command::new("cargo");
    command.args(line.split_whitespace());
    command
}

/// Runs to the end, with the output shown.
pub(crate) fn run(mut command: Command) -> Outcome {
    let line = shown(&command);
    println!("$ {line}");
    let status = command.stdin(Stdio::null()).status().map_err(Failure::at(&line))?;
    ended(&line, status)
}

/// Runs to the end, and returns what it wrote to its standard output.
pub(crate) fn output(command: Command) -> Outcome<String> {
    let (text, ended) = output_of(command)?;
    ended.map(|()| text)
}

/// Runs to the end, and returns what it wrote to its standard output, and how it ended.
pub(crate) fn output_of(mut command: Command) -> Outcome<(String, Outcome)> {
    let line = shown(&command);
    println!("$ {line}");
    let output = command
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .map_err(Failure::at(&line))?;
    let text = String::from_utf8(output.stdout).map_err(Failure::at(&line))?;
    Ok((text, ended(&line, output.status)))
}

fn ended(line: &str, status: ExitStatus) -> Outcome {
    if status.success() {
        return Ok(());
    }
    Err(Failure {
        message: format!("`{line}` failed: {status}"),
        code: status
            .code()
            .and_then(|code| u8::try_from(code).ok())
            .filter(|code| *code != 0)
            .unwrap_or(1),
    })
}

/// Runs to the end without showing anything, and returns the standard output and the standard error.
pub(crate) fn quiet(mut command: Command) -> Outcome<(String, String)> {
    let line = shown(&command);
    let output = command.stdin(Stdio::null()).output().map_err(Failure::at(&line))?;
    let [out, error] = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    if output.status.success() {
        return Ok((out, error));
    }
    Err(Failure::new(format!("`{line}` failed: {error}")))
}

/// Where a step cannot be done. That is no success where all are asked for.
pub(crate) fn skip(step: &str, why: &str) -> Outcome {
    println!("{step}: SKIPPED: {why}");
    if std::env::var_os("CI").is_some() {
        return Err(Failure::new(format!("{step}: not to be skipped where CI is set")));
    }
    Ok(())
}

/// The command as one would type it, the variables that it sets included.
fn shown(command: &Command) -> String {
    let mut words = Vec::new();
    for (name, value) in command.get_envs() {
        if let Some(value) = value {
            words.push(format!("{}={}", name.to_string_lossy(), value.to_string_lossy()));
        }
    }
    words.push(command.get_program().to_string_lossy().into_owned());
    words.extend(command.get_args().map(|word| word.to_string_lossy().into_owned()));
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_shown_as_typed() {
        let mut command = cargo("doc --no-deps");
        command.env("RUSTDOCFLAGS", "-Dwarnings");
        assert_eq!(shown(&command), "RUSTDOCFLAGS=-Dwarnings cargo doc --no-deps");
    }

    #[test]
    fn the_exit_code_is_handed_on() {
        let mut shell = Command::new("sh");
        shell.args(["-c", "exit 42"]);
        assert_eq!(run(shell).unwrap_err().code, 42);
        assert_eq!(run(Command::new("there-is-no-such-program")).unwrap_err().code, 1);
    }
}
