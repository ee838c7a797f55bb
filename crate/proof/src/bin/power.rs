//! Cuts the power of the file system that a process writes to, and checks what its store holds after the next mount.
//!
//! `power run KIND IMAGE FOLDER SCRATCH SEED CYCLES`, in a mount namespace of its own, prints a line of JSON a cut;
//! `power child STORE LIFE LEVEL STEPS` is what writes. IMAGE is a file for a file system of the kind, FOLDER gets evidence.
//! Each store begins with a control: the same without any sync, which must lose what was acknowledged.

use std::process::ExitCode;

use sledstore_proof::live;

#[cfg(target_os = "linux")]
mod cuts {
    use std::collections::BTreeMap;
    use std::path::{Path, PathBuf};
    use std::process::Command;
    use std::sync::mpsc::{SyncSender, sync_channel};
    use std::time::Duration;

    use sledstore_engine::Durability;
    use sledstore_proof::power::{FileSystem, cut};
    use sledstore_proof::{
        Aftermath, Checker, ENDS_PER_STORE, Failure, Found, Oracle, Outcome, Plan, Survives, Victim, Waited, Workload,
        copy_folder, live, open_and_check,
    };

    const DEADLINE: Duration = Duration::from_secs(60);
    /// How long a process may notice that its file system is gone.
    const AFTERLIFE: Duration = Duration::from_millis(2);
    /// Answers every sync at once, and lets none of them happen.
    const WITHOUT_SYNC: [&str; 8] = [
        "--follow-forks",
        "--seccomp-bpf",
        "--quiet=all",
        "--output=/dev/null",
        "--trace=fsync,fdatasync,sync_file_range,syncfs,sync",
        "--inject=fsync,fdatasync,sync_file_range,syncfs:retval=0",
        "--signal=none",
        "--",
    ];

    struct Cutter {
        file_system: FileSystem,
        scratch: PathBuf,
        durations: BTreeMap<String, Duration>,
    }

    /// Ways to mount, of which each store has one.
    fn mount_options(kind: &str, life: u64) -> &'static str {
        let ext4 = [
            "data=ordered,commit=5",
            "data=writeback,commit=1",
            "data=journal,commit=1000",
            "data=ordered,commit=1000",
        ];
        let xfs = ["", "logbsize=32k", "wsync", "logbufs=2"];
        let ways = if kind == "ext4" { ext4 } else { xfs };
        ways[(life / 2) as usize % ways.len()]
    }

    impl Cutter {
        fn store(&self) -> PathBuf {
            self.file_system.folder().join("store")
        }

        /// Lets a process write, cuts the power under it and mounts again.
        fn cut(
            &mut self,
            mut command: Command,
            plan: &Plan,
            outcome: &mut Outcome,
            options: &str,
        ) -> Result<sledstore_proof::Said, Failure> {
            let mut victim = Victim::start(&mut command, self.scratch.join("errors"))?;
            match victim.wait_for(|said| plan.is_reached(said), DEADLINE) {
                Waited::Reached => std::thread::sleep(plan.delay(&self.durations)),
                Waited::Ended => {}
                Waited::TimedOut => {
                    outcome.hung += 1;
                    outcome.notes.push(format!("hung in {}", victim.said.phase));
                }
            }
            victim.time_is_up();
            cut(self.file_system.folder())?;
            std::thread::sleep(AFTERLIFE);
            let ended = victim.kill()?;
            let mut said = std::mem::take(&mut victim.said);
            // Closing in peace, or giving up with a code, is no abort.
            if ended.is_some_and(|status| !status.success()) {
                outcome.aborted += 1;
                outcome.notes.push(format!("ended by itself in {}: {ended:?} {}", said.phase, victim.last_words()));
            }
            self.file_system.unmount()?;
            let mended = self.file_system.mend()?;
            outcome.count("file systems mended", u64::from(mended.is_some()));
            said.lines.extend(mended.unwrap_or_default().lines().map(|line| format!("e2fsck {line}")));
            self.file_system.mount(options)?;
            Ok(said)
        }

        fn cycle(&mut self, kind: &str, seed: u64) -> Result<Aftermath, Failure> {
            let life = seed / ENDS_PER_STORE;
            let options = mount_options(kind, life);
            let mut outcome = Outcome::new(seed);
            if seed.is_multiple_of(ENDS_PER_STORE) {
                self.file_system.format()?;
                self.file_system.mount(options)?;
                self.control(life, options, &mut outcome)?;
            }
            let plan = Plan::new(seed);
            let mut command = Command::new(std::env::current_exe()?);
            command.arg("child").arg(self.store()).args(live::arguments(life, &plan));
            let said = self.cut(command, &plan, &mut outcome, options)?;
            self.durations.extend(said.durations.clone());
            outcome.count(kind, 1);
            let phase = if said.last_phase.is_empty() { "start" } else { &said.last_phase };
            outcome.count(format!("cut in {phase}"), 1);
            outcome.count("cut while an index is built", said.is_building().into());
            outcome.count("acknowledged", said.binding().filter(|line| line.starts_with("done ")).count() as u64);
            let copy = self.scratch.join(format!("check-{seed}"));
            let copy =
                if self.store().exists() { copy_folder(&self.store(), &copy).map(|()| Some(copy))? } else { None };
            if seed % ENDS_PER_STORE == ENDS_PER_STORE - 1 {
                self.file_system.unmount()?;
            }
            Ok(Aftermath { seed, outcome, said, copy })
        }

        /// The same without syncs. Where it loses nothing, cuts prove nothing.
        fn control(&mut self, life: u64, options: &str, outcome: &mut Outcome) -> Result<(), Failure> {
            let plan = Plan { phase: "writing", acknowledged: 60, moment: 0.5, level: Some(Durability::Full) };
            let store = self.file_system.folder().join("control");
            let mut command = Command::new("strace");
            command.args(WITHOUT_SYNC).arg(std::env::current_exe()?);
            command.arg("child").arg(&store).args(live::arguments(life, &plan));
            let said = self.cut(command, &plan, &mut Outcome::new(life), options)?;
            let mut oracle = Oracle::default();
            said.binding().for_each(|line| oracle.hear(line));
            let found = if store.exists() {
                let copy = self.scratch.join("control");
                copy_folder(&store, &copy)?;
                let found = open_and_check(&copy, &Workload::new(life).options(), life, &oracle, Survives::PowerCut);
                std::fs::remove_dir_all(copy)?;
                std::fs::remove_dir_all(store)?;
                found
            } else {
                Found::nothing(&oracle, Survives::PowerCut)
            };
            outcome.count(if found.is_clean() { "controls without loss" } else { "controls with loss" }, 1);
            Ok(())
        }

        fn cut_all(
            &mut self,
            kind: &str,
            first: u64,
            cycles: u64,
            ended: &SyncSender<Aftermath>,
        ) -> Result<(), Failure> {
            // Those before it in the life of its store make it what it is.
            for seed in first - first % ENDS_PER_STORE..first + cycles {
                if ended.send(self.cycle(kind, seed)?).is_err() {
                    return Ok(()); // the check has ended with an error of its own
                }
            }
            if (first + cycles).is_multiple_of(ENDS_PER_STORE) { Ok(()) } else { Ok(self.file_system.unmount()?) }
        }
    }

    pub fn run(arguments: &[String]) -> Result<(), Failure> {
        let [kind, image, folder, scratch, first, cycles] = arguments else {
            return Err("run takes KIND IMAGE FOLDER SCRATCH SEED CYCLES".into());
        };
        let (evidence, scratch, first) = (PathBuf::from(folder), PathBuf::from(scratch), first.parse()?);
        let file_system = FileSystem::new(kind, Path::new(image), &scratch.join("mounted"))?;
        let checker = Checker { survives: Survives::PowerCut, first, evidence, fault: None };
        let mut cutter = Cutter { file_system, scratch, durations: BTreeMap::new() };
        // One is checked while the next process writes.
        let (send, ended) = sync_channel(1);
        let checker = std::thread::spawn(move || checker.check_all(&ended));
        let outcome = cutter.cut_all(kind, first, cycles.parse()?, &send);
        drop(send);
        checker.join().map_err(|_| "the check panicked")??;
        outcome
    }
}

#[cfg(not(target_os = "linux"))]
mod cuts {
    pub fn run(_: &[String]) -> Result<(), sledstore_proof::Failure> {
        Err("only Linux can cut the power of a file system".into())
    }
}

fn main() -> ExitCode {
    live::main("power run KIND IMAGE FOLDER SCRATCH SEED CYCLES", cuts::run)
}
