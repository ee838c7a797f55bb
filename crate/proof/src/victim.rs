//! A process that is made to be ended, and what it said until then.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

/// How a wait for a moment ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Waited {
    /// The moment is there.
    Reached,
    /// The process has ended by itself.
    Ended,
    /// The deadline has passed.
    TimedOut,
}

/// The lines of a process.
#[derive(Clone, Debug, Default)]
pub struct Said {
    /// All of them, in their order.
    pub lines: Vec<String>,
    /// The phase it said last.
    pub phase: String,
    /// Steps it acknowledged.
    pub acknowledged: u64,
    /// How many of the lines were heard before its surroundings ended; none when only the process did.
    pub in_time: Option<usize>,
    /// The phase it was in then.
    pub last_phase: String,
    /// How long each phase it left took.
    pub durations: BTreeMap<String, Duration>,
    since: Option<Instant>,
}

impl Said {
    /// The lines that bind a store. An acknowledgement that came after a power cut was seen by nobody: XFS takes what it can
    /// no longer write for clean, so that a sync under way may succeed while the file system ends.
    pub fn binding(&self) -> impl Iterator<Item = &str> {
        let in_time = self.in_time.unwrap_or(self.lines.len());
        let binds = move |at: usize, line: &str| at < in_time || !line.starts_with("done ");
        self.lines.iter().enumerate().filter(move |(at, line)| binds(*at, line)).map(|(_, line)| line.as_str())
    }

    /// Errors that came while all was well around the process, and what they say: there is no reason for any.
    pub fn groundless_errors(&self) -> impl Iterator<Item = String> {
        let in_time = &self.lines[..self.in_time.unwrap_or(self.lines.len())];
        in_time
            .iter()
            .zip(in_time.iter().skip(1))
            .filter(|(_, line)| line.starts_with("failed "))
            .map(|(because, line)| format!("{line}: {}", because.strip_prefix("because ").unwrap_or_default()))
    }

    /// Whether a step that builds an index was begun and not answered before the end.
    pub fn is_building(&self) -> bool {
        let in_time = &self.lines[..self.in_time.unwrap_or(self.lines.len())];
        let begun = |line: &String| line.strip_prefix("building ").map(|step| format!(" {step} "));
        let Some((at, step)) = in_time.iter().enumerate().rev().find_map(|(at, line)| Some((at, begun(line)?))) else {
            return false;
        };
        let answers = |line: &String| ["done", "failed"].iter().any(|word| line.starts_with(&format!("{word}{step}")));
        !in_time[at..].iter().any(answers)
    }

    fn note(&mut self, line: String) {
        if let Some(phase) = line.strip_prefix("phase ") {
            let now = Instant::now();
            if let Some(since) = self.since.replace(now) {
                self.durations.insert(std::mem::take(&mut self.phase), now - since);
            }
            phase.clone_into(&mut self.phase);
        }
        self.acknowledged += u64::from(line.starts_with("done "));
        self.lines.push(line);
    }
}

/// A running process. It is killed when it goes out of scope.
pub struct Victim {
    process: Child,
    errors: PathBuf,
    heard: Receiver<String>,
    /// What was heard so far.
    pub said: Said,
}

impl Victim {
    /// Starts a process; what it writes to its standard error goes to the file `errors`.
    ///
    /// # Errors
    /// What starting a process can meet.
    pub fn start(command: &mut Command, errors: PathBuf) -> std::io::Result<Self> {
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(command, 0);
        let mut process = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(File::create(&errors)?).spawn()?;
        let (send, heard) = channel();
        if let Some(output) = process.stdout.take() {
            std::thread::spawn(move || {
                for line in BufReader::new(output).lines().map_while(Result::ok) {
                    if send.send(line).is_err() {
                        return;
                    }
                }
            });
        }
        Ok(Self { process, errors, heard, said: Said::default() })
    }

    /// Waits until what it said is enough.
    pub fn wait_for(&mut self, enough: impl Fn(&Said) -> bool, deadline: Duration) -> Waited {
        let end = Instant::now() + deadline;
        while !enough(&self.said) {
            match self.heard.recv_timeout(end.saturating_duration_since(Instant::now())) {
                Ok(line) => self.said.note(line),
                Err(RecvTimeoutError::Timeout) => return Waited::TimedOut,
                Err(RecvTimeoutError::Disconnected) => return Waited::Ended,
            }
        }
        Waited::Reached
    }

    /// Its surroundings are about to end: only what was acknowledged so far binds.
    pub fn time_is_up(&mut self) {
        while let Ok(line) = self.heard.try_recv() {
            self.said.note(line);
        }
        self.said.in_time = Some(self.said.lines.len());
        self.said.last_phase = self.said.phase.clone();
    }

    /// Kills it, and gives how it ended by itself if it was faster.
    ///
    /// # Errors
    /// What waiting for a process can meet.
    pub fn kill(&mut self) -> std::io::Result<Option<ExitStatus>> {
        let before = self.process.try_wait()?;
        self.kill_group();
        self.process.wait()?;
        // The pipe ends with the process, so all it said is here.
        while let Ok(line) = self.heard.recv() {
            self.said.note(line);
        }
        Ok(before)
    }

    /// With what it has started: a tracer that dies would let go of the one it traces.
    fn kill_group(&mut self) {
        // It may have ended; then there is nothing to kill.
        #[cfg(unix)]
        let _ = rustix::process::kill_process_group(
            rustix::process::Pid::from_child(&self.process),
            rustix::process::Signal::KILL,
        );
        #[cfg(not(unix))]
        let _ = self.process.kill();
    }

    /// The end of what it wrote to its standard error.
    pub fn last_words(&self) -> String {
        let text = String::from_utf8_lossy(&std::fs::read(&self.errors).unwrap_or_default()).into_owned();
        let from = text.char_indices().rev().nth(1_500).map_or(0, |(at, _)| at);
        text[from..].to_owned()
    }
}

impl Drop for Victim {
    fn drop(&mut self) {
        self.kill_group();
        let _ = self.process.wait();
    }
}
