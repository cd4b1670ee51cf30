//! Simulations as they are called in CI: what they print, what they write, and how they exit.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
#[cfg(unix)]
use std::{process::Stdio, time::Duration};

/// A folder of a test, removed in the end.
struct Folder(PathBuf);

impl Folder {
    fn of(test: &str) -> Folder {
        let folder = std::env::temp_dir().join(format!("persevere-simulate-{}-{test}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        Folder(folder)
    }

    fn write(&self, file: &str, text: &str) {
        std::fs::write(self.0.join(file), text).unwrap();
    }

    fn read(&self, file: &str) -> String {
        std::fs::read_to_string(self.0.join(file)).unwrap()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn persevere(folder: &Path, line: &str) -> (i32, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_persevere"));
    let Output { status, stdout, stderr } = command.args(line.split(' ')).current_dir(folder).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (status.code().unwrap(), text(stdout), text(stderr))
}

const SCENARIO: &str = r#"
name = "Outage"
duration = "70s"
seeds = 2

[clients]
demand = 280.0
timeout = "1s"
arrivals = { trace = "arrivals.csv" }

[[service]]
name = "database"
workers = 2
takes = { sample = "latencies.csv" }
queue = 1000

[[trigger]]
at = "20s"
lasting = "10s"
capacity = 0.0

[retry.naive]
max_attempts = 3

[retry.guarded]
max_attempts = 3
[breaker.guarded]
failure_rate = 0.8
over = "10s"
open_for = "5s"
"#;

fn scenario(test: &str) -> Folder {
    let folder = Folder::of(test);
    folder.write("scenario.toml", SCENARIO);
    let arrivals: String = (0..19_600)
        .map(|call| format!("{}\n", f64::from(call) / 280.0))
        .collect();
    folder.write("arrivals.csv", &format!("time\n{arrivals}"));
    folder.write("latencies.csv", "0.006,GET\n0.007,GET\n0.0065,POST\n");
    folder
}

#[test]
fn check_of_a_scenario_fails_unless_every_policy_recovers_within_the_bounds() {
    let folder = scenario("check");
    let (code, out, errors) = persevere(
        &folder.0,
        "check scenario.toml --recover-within 20s --max-amplification 1.3",
    );
    assert_eq!(code, 1, "{errors}");
    assert!(out.starts_with("policy"), "{out}");
    let lines: Vec<&str> = errors.lines().collect();
    assert!(lines[0].starts_with("naive: recovered with 0 of 2 seeds"), "{errors}");
    assert!(lines[1].starts_with("naive: made 2.9"), "{errors}");
    assert_eq!(lines.len(), 2, "{errors}");
    let guarded = "check scenario.toml --policy guarded --recover-within 20s --max-amplification 1.3 --quiet";
    assert_eq!(persevere(&folder.0, guarded), (0, String::new(), String::new()));
    let (code, _, errors) = persevere(&folder.0, "check scenario.toml --policy guarded --recover-within 1s");
    assert_eq!(code, 1);
    assert!(errors.contains("and the bound is 1 s"), "{errors}");
}

#[test]
fn simulate_writes_a_table_a_page_and_the_figures() {
    let folder = scenario("simulate");
    let line = "simulate scenario.toml --seeds 1 --csv out.csv --report out.html --threshold demand=100,280";
    let (code, out, errors) = persevere(&folder.0, line);
    assert_eq!((code, errors.as_str()), (0, ""), "{out}");
    assert!(out.starts_with("Outage\n\npolicy"), "{out}");
    let csv = folder.read("out.csv");
    assert_eq!(csv.lines().count(), 3);
    assert!(csv.lines().nth(2).unwrap().starts_with("guarded,1,1,"), "{csv}");
    let page = folder.read("out.html");
    for text in ["<h1>Outage</h1>", "The trade-off", "The threshold", "2. guarded"] {
        assert!(page.contains(text), "{text}");
    }
}

#[test]
fn sweep_and_compare_print_every_value_and_scenario() {
    let folder = scenario("sweep");
    let (code, out, _) = persevere(
        &folder.0,
        "sweep scenario.toml lasting=1..3:1 --policy naive --csv out.csv",
    );
    assert_eq!(code, 0);
    let rows: Vec<&str> = out.lines().filter_map(|line| line.split(' ').next()).collect();
    assert_eq!(rows, ["Outage", "", "lasting", "1", "2", "3"], "{out}");
    assert!(folder.read("out.csv").starts_with("lasting,policy,seeds,recovered"));
    folder.write(
        "retry.toml",
        "[retry.once]\nmax_attempts = 1\n[budget.shared]\nwindowed_ratio = {}\n",
    );
    let line = "compare partial-errors scenario.toml --seeds 1 --policies retry.toml";
    let (code, out, errors) = persevere(&folder.0, line);
    assert_eq!((code, errors.as_str()), (0, ""));
    assert!(out.contains("Partial errors\n") && out.contains("\nOutage\n"), "{out}");
    assert_eq!(out.matches("\nonce ").count(), 2, "{out}");
}

#[test]
fn mistakes_name_the_file_the_line_and_what_to_write() {
    let folder = scenario("mistakes");
    let of = |text: &str, line: &str| {
        folder.write("wrong.toml", text);
        let (code, out, errors) = persevere(&folder.0, line);
        assert_eq!((code, out.as_str()), (1, ""), "{errors}");
        errors
    };
    let wrong = SCENARIO.replace("max_attempts = 3\n\n[retry.g", "max_atempts = 3\n\n[retry.g");
    let errors = of(&wrong, "simulate wrong.toml");
    let expected = "wrong.toml: line 23: unknown setting `max_atempts` in [retry.naive]: did you mean `max_attempts`?";
    assert_eq!(errors.trim_end(), expected);
    let errors = of(
        &SCENARIO.replace("queue = 1000", "queues = 1000"),
        "simulate wrong.toml",
    );
    assert!(
        errors.contains("line 15") && errors.contains("unknown field `queues`"),
        "{errors}"
    );
    let errors = of(&SCENARIO.replace("\"20s\"", "20"), "simulate wrong.toml");
    assert!(errors.contains("line 18"), "{errors}");
    let errors = of(
        &format!("{SCENARIO}[candidate.x]\nretry = \"nave\"\n"),
        "simulate wrong.toml",
    );
    assert_eq!(
        errors.trim_end(),
        "wrong.toml: candidate `x`: there is no [retry.\"nave\"]"
    );
    let errors = of(SCENARIO, "simulate metastable");
    assert!(errors.contains("there are metastable-outage, large-fleet"), "{errors}");
    let errors = of(SCENARIO, "simulate wrong.toml --policy none");
    assert_eq!(errors.trim_end(), "there is no policy `none`: there are naive; guarded");
    let errors = of("[retry.a]\n", "check wrong.toml --recover-within 3s");
    assert_eq!(errors.trim_end(), "`wrong.toml` is no scenario: it has no [[service]]");
}

#[test]
fn candidate_tables_combine_settings() {
    let folder = scenario("candidates");
    let tables = "[budget.none]\nwindowed_ratio = { ratio = 0.0, reserve = 0 }\n\
                  [candidate.\"none and breaker\"]\nretry = \"naive\"\nbudget = \"none\"\nbreaker = \"guarded\"\n\
                  place = \"outermost\"\n";
    folder.write("scenario.toml", &format!("{SCENARIO}{tables}"));
    let (code, out, errors) = persevere(&folder.0, "simulate scenario.toml --seeds 1");
    assert_eq!((code, errors.as_str()), (0, ""));
    let names: Vec<&str> = out.lines().skip(3).filter_map(|line| line.split("  ").next()).collect();
    assert_eq!(names, ["none and breaker"], "{out}");
}

/// A limit changes the results, and an unknown limit is a mistake.
#[test]
fn candidate_has_limits() {
    let folder = scenario("limits");
    let tables = "[limit.one]\nbulkhead = 1\n[candidate.plain]\nretry = \"naive\"\n";
    let limited = "[candidate.limited]\nretry = \"naive\"\n";
    for setting in ["pace", "bulkhead"] {
        folder.write(
            "scenario.toml",
            &format!("{SCENARIO}{tables}{limited}{setting} = \"one\"\n"),
        );
        let (code, out, errors) = persevere(&folder.0, "simulate scenario.toml --seeds 1");
        assert_eq!((code, errors.as_str()), (0, ""));
        let rows: Vec<_> = out.lines().skip(3).filter_map(|line| line.split_once("  ")).collect();
        assert_eq!(
            rows.iter().map(|row| row.0.trim()).collect::<Vec<_>>(),
            ["plain", "limited"]
        );
        assert_ne!(rows[0].1.trim(), rows[1].1.trim(), "{out}");
        folder.write(
            "scenario.toml",
            &format!("{SCENARIO}{tables}{limited}{setting} = \"two\"\n"),
        );
        let (code, _, errors) = persevere(&folder.0, "simulate scenario.toml --seeds 1");
        assert_eq!(code, 1);
        assert!(
            errors.contains("candidate `limited`: there is no [limit.\"two\"]"),
            "{errors}"
        );
    }
}

/// D7: Simulations that had ended are printed, those under way are not.
#[cfg(unix)]
#[test]
fn interrupt_leaves_what_was_done() {
    let folder = scenario("interrupt");
    let mut command = Command::new(env!("CARGO_BIN_EXE_persevere"));
    command.args([
        "simulate",
        "scenario.toml",
        "--policy",
        "guarded",
        "--seeds",
        "100000",
        "--csv",
        "out.csv",
    ]);
    let pipes = command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = pipes.current_dir(&folder.0).spawn().unwrap();
    // Until it simulates, which is long before it has ended.
    std::thread::sleep(Duration::from_secs(2));
    let interrupted = Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(interrupted.unwrap().success());
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    let errors = String::from_utf8(output.stderr).unwrap();
    assert!(
        errors.contains("stopped: what follows is of the simulations that had ended"),
        "{errors}"
    );
    let csv = folder.read("out.csv");
    let seeds: u32 = csv.lines().nth(1).unwrap().split(',').nth(1).unwrap().parse().unwrap();
    assert!((1..100_000).contains(&seeds), "{csv}");
}
