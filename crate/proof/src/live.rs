//! The command lines of programs that start themselves a second time, to end that process.

use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;

use crate::aftermath::Failure;
use crate::plan::Plan;
use crate::workload::{Report, Workload, level_from_name};

/// What stands behind `child STORE` when a process is to write as planned.
pub fn arguments(life: u64, plan: &Plan) -> [String; 3] {
    [life.to_string(), plan.level_name().to_owned(), plan.steps_max().to_string()]
}

fn child(arguments: &[String]) -> Result<(), Failure> {
    let [store, life, level, steps] = arguments else { return Err("child takes STORE LIFE LEVEL STEPS".into()) };
    // Nobody hears it any more when the one who started it has ended, and its store's folder is about to go.
    #[cfg(target_os = "linux")]
    rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::KILL))?;
    let workload =
        Workload { level: level_from_name(level), steps_max: steps.parse()?, ..Workload::new(life.parse()?) };
    workload.live(Path::new(store), &Report::new(std::io::stdout()));
    Ok(())
}

/// Does what the first argument says: `child` writes to a store, `run` is the program's own.
pub fn main(usage: &str, run: impl Fn(&[String]) -> Result<(), Failure>) -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let outcome = match arguments.first().map(String::as_str) {
        Some("run") => run(&arguments[1..]),
        Some("child") => child(&arguments[1..]),
        _ => Err(usage.into()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = std::io::stderr().write_all(format!("{error}\n").as_bytes());
            ExitCode::from(3)
        }
    }
}
