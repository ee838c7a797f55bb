//! `nth serve FOLDER SHIM SMALL` runs cycles: a line `OPERATION KIND ERROR N MODE` of its input is one, and answered by a line
//! of JSON. SMALL is a folder on a small file system. `nth operations` names them; the other words are how it starts itself.
#![forbid(unsafe_code)]

use std::io::{self, BufRead, Write as _};
use std::path::Path;

use serde_json::json;
use sledstore_proof::nth::{Cycle, Fault, OPERATIONS, Outcome, Supervisor, leave_unclosed, run};

fn main() -> io::Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    match words.first().map(String::as_str) {
        Some("serve") if words.len() == 4 => serve(Path::new(&words[1]), Path::new(&words[2]), Path::new(&words[3])),
        Some("run") if words.len() == 7 => match Fault::parse(&words[3..]) {
            Some(fault) => run(Path::new(&words[1]), &words[2], fault).map_err(io::Error::other),
            None => Err(io::Error::other("a fault is KIND ERROR N MODE")),
        },
        Some("leave-unclosed") if words.len() == 2 => leave_unclosed(Path::new(&words[1])),
        Some("operations") => OPERATIONS.iter().try_for_each(|operation| writeln!(io::stdout(), "{}", operation.name)),
        _ => Err(io::Error::other("nth serve FOLDER SHIM SMALL, or nth operations")),
    }
}

fn serve(folder: &Path, shim: &Path, small: &Path) -> io::Result<()> {
    let supervisor = Supervisor::new(folder, shim, &std::env::current_exe()?, small)?;
    for line in io::stdin().lock().lines() {
        let words: Vec<String> = line?.split(' ').map(str::to_owned).collect();
        let fault = words.get(1..).and_then(Fault::parse);
        let fault = fault.ok_or_else(|| io::Error::other("a cycle is OPERATION KIND ERROR N MODE"))?;
        let outcome = supervisor.run(&Cycle { operation: words[0].clone(), fault })?;
        writeln!(io::stdout(), "{}", answer(&outcome))?;
    }
    Ok(())
}

fn answer(outcome: &Outcome) -> serde_json::Value {
    json!({
        "lost": outcome.lost,
        "wrong": outcome.wrong,
        "aborted": u8::from(outcome.aborted),
        "hung": u8::from(outcome.hung),
        "outOfMemory": outcome.out_of_memory,
        "failed": outcome.failed,
        "calls": outcome.calls,
        "code": outcome.code,
        "notes": outcome.notes,
    })
}
