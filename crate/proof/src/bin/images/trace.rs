//! What a traced process asked of the file system, in order: `strace`'s text as [`Step`]s.
//!
//! A call that others interrupt stands in two lines, where it began and where it ended. A traced thread is stopped at
//! both, so whatever it did next, or made another thread do, stands behind its end.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use crate::disk::{Change, Disk, ROOT, Step};

/// Calls that change files, or say which file a descriptor means. Of those in the last line the model knows nothing;
/// they are traced to be refused.
pub const CALLS: &str = "openat,open,creat,close,lseek,write,pwrite64,ftruncate,rename,renameat,renameat2,unlink,\
                         unlinkat,mkdir,mkdirat,fsync,fdatasync,\
                         writev,pwritev,pwritev2,truncate,rmdir,link,linkat,symlink,symlinkat,fallocate,\
                         copy_file_range,sync_file_range,sendfile,splice,dup,dup2,dup3,fcntl,msync,io_uring_enter";

/// An open descriptor.
struct Open {
    node: usize,
    /// Where the next `write` goes.
    at: u64,
}

/// A call of the text.
struct Call<'a> {
    name: &'a str,
    arguments: Vec<&'a str>,
    begin: u32,
    end: u32,
    /// `None` for a call that the process did not live to see answered.
    answer: Option<i64>,
}

/// Adds what `text` tells to `disk`, which holds what was there before in the folder `root`.
pub fn read(text: &str, root: &Path, disk: &mut Disk) -> Result<(), String> {
    let mut reader = Reader { root, disk, open: HashMap::new() };
    let mut unfinished: HashMap<&str, (u32, &str)> = HashMap::new();
    for (number, line) in (0_u32..).zip(text.lines()) {
        let fail = |why: String| format!("line {}: {why}: {}", number + 1, &line[..line.len().min(200)]);
        let (thread, rest) = line.split_once(' ').ok_or_else(|| fail("no thread".into()))?;
        let rest = rest.trim_start();
        if rest.starts_with("+++") || rest.starts_with("---") {
            continue;
        }
        // A thread is detached when its process ends.
        let cut = rest.strip_suffix(" <unfinished ...>").or_else(|| rest.strip_suffix(" <detached ...>"));
        if let Some(head) = cut {
            // Its descriptor is another file's as soon as the call has begun.
            if head.starts_with("close(") {
                reader
                    .close(&parse(head, None, number, number).ok_or_else(|| fail("it cannot be read".into()))?)
                    .map_err(fail)?;
            }
            unfinished.insert(thread, (number, head));
            continue;
        }
        let call = if rest.starts_with("<... ") {
            let (begin, head) = unfinished.remove(thread).ok_or_else(|| fail("what never began ends".into()))?;
            let tail = rest.split_once(" resumed>").map(|(_, tail)| tail).unwrap_or_default();
            parse(head, Some(tail), begin, number)
        } else {
            parse(rest, Some(rest), number, number)
        };
        reader.take(&call.ok_or_else(|| fail("it cannot be read".into()))?).map_err(fail)?;
    }
    let end = text.lines().count() as u32;
    let mut cut_off: Vec<_> = unfinished.into_values().collect();
    cut_off.sort_unstable();
    for (begin, head) in cut_off {
        let call = parse(head, None, begin, end).ok_or_else(|| format!("line {}: it cannot be read", begin + 1))?;
        reader.take(&call)?;
    }
    disk.settle();
    Ok(())
}

/// `name(arguments) = answer`, whose two halves may come from two lines.
fn parse<'a>(head: &'a str, tail: Option<&'a str>, begin: u32, end: u32) -> Option<Call<'a>> {
    let (name, rest) = head.split_once('(')?;
    let answer = match tail {
        // A thread that ended with its process was told nothing.
        Some(tail) => match tail.rsplit_once(" = ")?.1.split(' ').next()? {
            "?" => None,
            answer => match answer.strip_prefix("0x") {
                Some(digits) => Some(i64::from_str_radix(digits, 16).ok()?),
                None => Some(answer.parse().ok()?),
            },
        },
        None => None,
    };
    let whole = tail.is_some_and(|tail| std::ptr::eq(tail, head));
    let inside = if whole { rest.rsplit_once(" = ")?.0.trim_end().strip_suffix(')')? } else { rest };
    // No string holds a comma, for all are written in hexadecimal.
    let arguments = inside.split(',').map(str::trim).collect();
    Some(Call { name, arguments, begin, end, answer })
}

/// A string of the text: `"\x61\x62"`.
fn bytes(text: &str) -> Result<Vec<u8>, String> {
    let inside = text.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
    let inside = inside.ok_or_else(|| format!("no whole string: {}", &text[..text.len().min(40)]))?.as_bytes();
    let digit = |byte: u8| (byte as char).to_digit(16).map(|digit| digit as u8);
    let mut bytes = Vec::with_capacity(inside.len() / 4);
    for four in inside.chunks(4) {
        let [b'\\', b'x', high, low] = *four else { return Err("a string that is not hexadecimal".into()) };
        bytes.push(digit(high).zip(digit(low)).map(|(high, low)| high << 4 | low).ok_or("no digit")?);
    }
    Ok(bytes)
}

fn number<T: std::str::FromStr>(text: &str) -> Result<T, String> {
    text.parse().map_err(|_| format!("no number: {text}"))
}

struct Reader<'a> {
    root: &'a Path,
    disk: &'a mut Disk,
    open: HashMap<i64, Open>,
}

impl Reader<'_> {
    fn take(&mut self, call: &Call<'_>) -> Result<(), String> {
        if call.answer.is_some_and(|answer| answer < 0) {
            return Ok(());
        }
        let argument = |at: usize| call.arguments.get(at).copied().ok_or("an argument is missing");
        match call.name {
            "openat" => self.open(call, argument(1)?, argument(2)?),
            "open" => self.open(call, argument(0)?, argument(1)?),
            "creat" => self.open(call, argument(0)?, "O_CREAT|O_TRUNC"),
            "close" if call.begin == call.end => self.close(call),
            "close" => Ok(()),
            "lseek" => {
                if let (Some(open), Some(answer)) = (self.open.get_mut(&number(argument(0)?)?), call.answer) {
                    open.at = answer.try_into().map_err(|_| "a position below zero")?;
                }
                Ok(())
            }
            "write" | "pwrite64" => self.write(call),
            "ftruncate" => {
                let length = number(argument(1)?)?;
                self.change(call, argument(0)?, Change::Size { length })
            }
            "fsync" | "fdatasync" => self.change(call, argument(0)?, Change::Sync),
            "rename" => self.rename(call, argument(0)?, argument(1)?),
            "renameat" | "renameat2" => self.rename(call, argument(1)?, argument(3)?),
            "unlink" => self.remove(call, argument(0)?),
            "unlinkat" => self.remove(call, argument(1)?),
            "mkdir" => self.make_folder(call, argument(0)?),
            "mkdirat" => self.make_folder(call, argument(1)?),
            "fcntl" if !argument(1)?.starts_with("F_DUPFD") => Ok(()),
            other => self.refuse(other, &call.arguments),
        }
    }

    fn close(&mut self, call: &Call<'_>) -> Result<(), String> {
        self.open.remove(&number(call.arguments.first().ok_or("an argument is missing")?)?);
        Ok(())
    }

    /// A call that the model does not know may not touch the store.
    fn refuse(&self, name: &str, arguments: &[&str]) -> Result<(), String> {
        let is_ours = |text: &&&str| match number::<i64>(text) {
            Ok(descriptor) => self.open.contains_key(&descriptor),
            Err(_) => self.place(text).is_ok_and(|place| place.is_some()),
        };
        if arguments.iter().any(|text| is_ours(&text)) { Err(format!("{name} is not known here")) } else { Ok(()) }
    }

    fn add(&mut self, call: &Call<'_>, node: usize, change: Change) {
        // Nobody was told of the end of a call that was cut off.
        let end = if call.answer.is_some() { call.end } else { u32::MAX };
        self.disk.add(Step { begin: call.begin, end, node, change });
    }

    fn change(&mut self, call: &Call<'_>, descriptor: &str, change: Change) -> Result<(), String> {
        let Some(node) = self.open.get(&number(descriptor)?).map(|open| open.node) else { return Ok(()) };
        if !matches!(change, Change::Sync) || call.answer.is_some() {
            self.add(call, node, change);
        }
        Ok(())
    }

    fn write(&mut self, call: &Call<'_>) -> Result<(), String> {
        let [descriptor, data, _, ..] = call.arguments[..] else { return Err("an argument is missing".into()) };
        let descriptor = number(descriptor)?;
        if descriptor == 1 {
            let text = String::from_utf8(bytes(data)?).map_err(|_| "what was said is no text")?;
            self.disk.say(call.begin, &text);
            return Ok(());
        }
        let Some(open) = self.open.get_mut(&descriptor) else { return Ok(()) };
        let mut bytes = bytes(data)?;
        if let Some(answer) = call.answer {
            bytes.truncate(usize::try_from(answer).unwrap_or_default());
        }
        let (node, mut offset) = (open.node, open.at);
        if call.name == "pwrite64" {
            offset = number(call.arguments.get(3).ok_or("no offset")?)?;
        } else {
            open.at += bytes.len() as u64;
        }
        self.add(call, node, Change::Write { offset, bytes });
        Ok(())
    }

    /// Folder and name of a path under the root; the name of the root itself is empty.
    fn place(&self, text: &str) -> Result<Option<(usize, String)>, String> {
        let path = PathBuf::from(String::from_utf8(bytes(text)?).map_err(|_| "a path that is no text")?);
        let Ok(inside) = path.strip_prefix(self.root) else { return Ok(None) };
        let mut names: Vec<_> = inside.iter().map(|name| name.to_string_lossy().into_owned()).collect();
        let Some(last) = names.pop() else { return Ok(Some((ROOT, String::new()))) };
        let mut folder = ROOT;
        for name in names {
            folder = self.disk.find(folder, &name).ok_or_else(|| format!("no folder {name}"))?;
        }
        Ok(Some((folder, last)))
    }

    fn open(&mut self, call: &Call<'_>, path: &str, flags: &str) -> Result<(), String> {
        let Some((folder, name)) = self.place(path)? else { return Ok(()) };
        let found = if name.is_empty() { Some(ROOT) } else { self.disk.find(folder, &name) };
        let node = match found {
            Some(node) => {
                if flags.contains("O_TRUNC") {
                    self.add(call, node, Change::Size { length: 0 });
                }
                node
            }
            None if flags.contains("O_CREAT") => {
                let node = self.disk.new_file();
                self.add(call, folder, Change::Enter { name, node });
                node
            }
            None => return Err(format!("{name} was never created")),
        };
        if flags.contains("O_APPEND") || flags.contains("O_TMPFILE") {
            return Err(format!("{flags} is not known here"));
        }
        if let Some(descriptor) = call.answer {
            self.open.insert(descriptor, Open { node, at: 0 });
        }
        Ok(())
    }

    fn rename(&mut self, call: &Call<'_>, from: &str, to: &str) -> Result<(), String> {
        match (self.place(from)?, self.place(to)?) {
            (None, None) => Ok(()),
            (Some((folder, from)), Some((other, to))) if folder == other => {
                let node = self.disk.find(folder, &from).ok_or("a name that was never created")?;
                self.add(call, folder, Change::Rename { from, to, node });
                Ok(())
            }
            _ => Err("a rename from one folder into another is not known here".into()),
        }
    }

    fn remove(&mut self, call: &Call<'_>, path: &str) -> Result<(), String> {
        let Some((folder, name)) = self.place(path)? else { return Ok(()) };
        let node = self.disk.find(folder, &name).ok_or("a name that was never created")?;
        self.add(call, folder, Change::Leave { name, node });
        Ok(())
    }

    fn make_folder(&mut self, call: &Call<'_>, path: &str) -> Result<(), String> {
        let Some((folder, name)) = self.place(path)? else { return Ok(()) };
        if name.is_empty() {
            return Ok(());
        }
        let node = self.disk.new_folder();
        self.add(call, folder, Change::Enter { name, node });
        Ok(())
    }
}

#[cfg(test)]
mod tests;
