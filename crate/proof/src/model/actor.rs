//! One writer of a script, and the map that says what the store must hold.

use std::ops::Bound;

use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};
use sledstore_engine::{
    Batch, Clock, Durability, ErrorCode, KeyRange, NamespaceId, NamespaceOptions, Result, ScanOptions, Snapshot, Store,
    Write,
};

use super::view::{Model, Question, Stored, View};

const SPACES: usize = 2;
const SNAPSHOTS_MAX: usize = 4;

/// A state that a snapshot must go on showing. A store that is opened anew has lost its snapshots.
struct Held {
    snapshot: Option<Snapshot>,
    model: Model,
    namespaces: Vec<NamespaceId>,
    time_ms: u64,
}

/// What stops an actor: a wrong answer or an error.
pub type Stopped = String;

/// One writer of a script.
pub struct Actor {
    name: usize,
    random: SmallRng,
    model: Model,
    namespaces: Vec<NamespaceId>,
    snapshots: Vec<Held>,
    clock: Clock,
    level: Durability,
    /// A digest of every answer; `None` where the run could not ask.
    pub answers: Vec<Option<u64>>,
}

fn key(random: &mut SmallRng) -> Vec<u8> {
    match random.random_range(0..10) {
        0 => vec![0xff; random.random_range(0..20)],
        1 => vec![0; random.random_range(0..20)],
        2 => {
            let mut long = vec![b'x'; 600];
            long.extend_from_slice(&random.random_range(0..20_u32).to_be_bytes());
            long
        }
        _ => format!("key-{:05}", random.random_range(0..500)).into_bytes(),
    }
}

fn value(random: &mut SmallRng) -> Vec<u8> {
    let length = match random.random_range(0..400) {
        0 => 200_000,
        1..=4 => 20_000,
        5..=12 => 5_000,
        _ => random.random_range(0..150),
    };
    let byte: u8 = random.random();
    (0..length).map(|i| byte.wrapping_add((i / 7) as u8)).collect()
}

fn range(random: &mut SmallRng) -> KeyRange {
    let bound = |random: &mut SmallRng| match random.random_range(0..4) {
        0 => Bound::Unbounded,
        1 => Bound::Excluded(key(random)),
        _ => Bound::Included(key(random)),
    };
    if random.random_range(0..4) == 0 {
        return KeyRange::prefix(format!("key-{:03}", random.random_range(0..50)).as_bytes());
    }
    KeyRange { start: bound(random), end: bound(random) }
}

impl Actor {
    /// The actor of a number, which other actors do not meet.
    pub fn new(seed: u64, name: usize, clock: &Clock, level: Durability) -> Self {
        Self {
            name,
            random: SmallRng::seed_from_u64(seed.wrapping_mul(2).wrapping_add(name as u64)),
            model: Model::new(),
            namespaces: Vec::new(),
            snapshots: Vec::new(),
            clock: clock.clone(),
            level,
            answers: Vec::new(),
        }
    }

    fn namespace_name(&self, space: usize) -> String {
        format!("actor {} space {space}", self.name)
    }

    /// Takes handles of a store that was opened (anew).
    pub fn open(&mut self, store: &Store) -> Result<()> {
        self.snapshots.iter_mut().for_each(|held| held.snapshot = None);
        let open = |space| Ok(store.namespace(&self.namespace_name(space), &NamespaceOptions::default())?.id);
        self.namespaces = (0..SPACES).map(open).collect::<Result<_>>()?;
        Ok(())
    }

    /// Gives up snapshots, which keep a store from closing.
    pub fn close(&mut self) {
        self.snapshots.iter_mut().for_each(|held| held.snapshot = None);
    }

    /// Takes some steps.
    pub fn steps(&mut self, store: &Store, count: usize) -> std::result::Result<(), Stopped> {
        for _ in 0..count {
            let choice = self.random.random_range(0..100);
            self.step(store, choice).map_err(|error| error.to_string()).and_then(|answer| answer)?;
        }
        Ok(())
    }

    fn step(&mut self, store: &Store, choice: u32) -> Result<std::result::Result<(), Stopped>> {
        match choice {
            0..=34 => self.batch(store)?,
            35..=41 => return self.transaction(store),
            42..=44 => self.clear(store)?,
            45..=47 => self.compare_and_set(store)?,
            48 => self.stream(store)?,
            49 => self.drop_and_make(store)?,
            50..=53 => self.hold(store)?,
            54..=56 => {
                if !self.snapshots.is_empty() {
                    let at = self.random.random_range(0..self.snapshots.len());
                    self.snapshots.swap_remove(at);
                }
            }
            _ => return self.ask(store),
        }
        Ok(Ok(()))
    }

    fn space(&mut self) -> usize {
        self.random.random_range(0..SPACES)
    }

    /// A put or a deletion, in a writer and in the model.
    fn change(&mut self, writer: &mut impl Write, model: &mut Model) -> Result<()> {
        let space = self.space();
        let (namespace, key) = (self.namespaces[space], key(&mut self.random));
        if self.random.random_ratio(1, 4) {
            model.remove(&(space, key.clone()));
            return writer.delete(namespace, &key);
        }
        let value = value(&mut self.random);
        let lives = self.random.random_range(0..3_000);
        let expires_at = self.random.random_ratio(1, 3).then(|| self.clock.now_ms() + lives);
        match expires_at {
            Some(at) => writer.put_expiring(namespace, &key, &value, at)?,
            None => writer.put(namespace, &key, &value)?,
        }
        model.insert((space, key), Stored { value, expires_at });
        Ok(())
    }

    fn batch(&mut self, store: &Store) -> Result<()> {
        let (mut batch, mut model) = (Batch::new(), std::mem::take(&mut self.model));
        let changes = self.random.random_range(1..20);
        let changed = (0..changes).try_for_each(|_| self.change(&mut batch, &mut model));
        self.model = model;
        changed?;
        store.commit(&batch, self.level).map(drop)
    }

    /// A transaction, again when it met a conflict: it reads nothing that others write, but may have grown too old.
    fn transaction(&mut self, store: &Store) -> Result<std::result::Result<(), Stopped>> {
        let (random, answers) = (self.random.clone(), self.answers.len());
        loop {
            match self.try_transaction(store) {
                Err(error) if error.code() == ErrorCode::Conflict => {
                    self.random = random.clone();
                    self.answers.truncate(answers);
                }
                outcome => return outcome,
            }
        }
    }

    /// Reads in a transaction, before and after its own writes; some are given up.
    fn try_transaction(&mut self, store: &Store) -> Result<std::result::Result<(), Stopped>> {
        let mut transaction = store.begin()?;
        let mut model = self.model.clone();
        for _ in 0..self.random.random_range(1..4) {
            self.change(&mut transaction, &mut model)?;
            if self.random.random_ratio(1, 5) {
                let (space, range) = (self.space(), range(&mut self.random));
                transaction.clear(self.namespaces[space], &range)?;
                model.retain(|(of, key), _| *of != space || !range.contains(key));
            }
            let question = self.question();
            let view = View { model: &model, time_ms: self.clock.now_ms() };
            match view.ask(&transaction, self.namespaces[question.space], &question)? {
                Ok(answer) => self.answers.push(Some(answer)),
                Err(what) => return Ok(Err(format!("in a transaction: {what}"))),
            }
        }
        if self.random.random_ratio(1, 4) {
            transaction.abort();
        } else {
            transaction.commit(self.level)?;
            self.model = model;
        }
        Ok(Ok(()))
    }

    fn clear(&mut self, store: &Store) -> Result<()> {
        let space = self.space();
        let (range, after) = (range(&mut self.random), key(&mut self.random));
        let mut batch = Batch::new();
        batch.clear(self.namespaces[space], &range)?;
        batch.put(self.namespaces[space], &after, b"after the clear")?;
        store.commit(&batch, self.level)?;
        self.model.retain(|(of, key), _| *of != space || !range.contains(key));
        self.model.insert((space, after), Stored { value: b"after the clear".to_vec(), expires_at: None });
        Ok(())
    }

    fn compare_and_set(&mut self, store: &Store) -> Result<()> {
        let space = self.space();
        let (key, new) = (key(&mut self.random), value(&mut self.random));
        let time_ms = self.clock.now_ms();
        let found = View { model: &self.model, time_ms }.get(space, &key).cloned();
        let expected = if self.random.random() { found.clone() } else { Some(b"something else".to_vec()) };
        let done = store.compare_and_set(self.namespaces[space], &key, expected.as_deref(), Some(&new), self.level)?;
        self.answers.push(Some(done.into()));
        if done != (found == expected) {
            return Err(sledstore_engine::Error::internal("compare_and_set took one value for another"));
        }
        if done {
            self.model.insert((space, key), Stored { value: new, expires_at: None });
        }
        Ok(())
    }

    /// A value written in parts, and read so.
    fn stream(&mut self, store: &Store) -> Result<()> {
        let space = self.space();
        let key = key(&mut self.random);
        let byte: u8 = self.random.random();
        let value: Vec<u8> = (0..self.random.random_range(1..150_000)).map(|at| byte ^ (at / 11) as u8).collect();
        let mut writer = store.large_writer(self.namespaces[space])?;
        value.chunks(self.random.random_range(1_000..50_000)).try_for_each(|part| writer.write(part))?;
        store.finish_large(writer, &key, None, self.level)?;
        if let Some(mut reader) = store.large_reader(self.namespaces[space], &key)? {
            let (mut read, mut part) = (Vec::new(), Vec::new());
            while reader.next_chunk(&mut part)? {
                read.append(&mut part);
            }
            if read != value {
                return Err(sledstore_engine::Error::internal("a streamed value was read as another"));
            }
        }
        self.model.insert((space, key), Stored { value, expires_at: None });
        Ok(())
    }

    /// A namespace goes and comes back empty, or gets another name for a while.
    fn drop_and_make(&mut self, store: &Store) -> Result<()> {
        let space = self.space();
        let name = self.namespace_name(space);
        if self.random.random() {
            let other = format!("{name} renamed");
            store.rename_namespace(&name, &other)?;
            return store.rename_namespace(&other, &name);
        }
        store.drop_namespace(&name)?;
        self.model.retain(|(of, _), _| *of != space);
        self.namespaces[space] = store.namespace(&name, &NamespaceOptions::default())?.id;
        Ok(())
    }

    fn hold(&mut self, store: &Store) -> Result<()> {
        if self.snapshots.len() < SNAPSHOTS_MAX {
            let snapshot = Some(store.snapshot()?);
            let (model, namespaces) = (self.model.clone(), self.namespaces.clone());
            self.snapshots.push(Held { snapshot, model, namespaces, time_ms: self.clock.now_ms() });
        }
        Ok(())
    }

    fn question(&mut self) -> Question {
        let (space, key, range) = (self.space(), key(&mut self.random), range(&mut self.random));
        let reverse = self.random.random();
        let limit = self.random.random_range(0..60);
        let limit = self.random.random::<bool>().then_some(limit);
        Question { space, key, range, options: ScanOptions { reverse, limit, keys_only: false } }
    }

    /// Asks the store, and a snapshot.
    fn ask(&mut self, store: &Store) -> Result<std::result::Result<(), Stopped>> {
        let question = self.question();
        let view = View { model: &self.model, time_ms: self.clock.now_ms() };
        match view.ask(store, self.namespaces[question.space], &question)? {
            Ok(answer) => self.answers.push(Some(answer)),
            Err(what) => return Ok(Err(what)),
        }
        if self.snapshots.is_empty() {
            return Ok(Ok(()));
        }
        let held = &self.snapshots[self.random.random_range(0..self.snapshots.len())];
        let view = View { model: &held.model, time_ms: held.time_ms };
        let Some(snapshot) = &held.snapshot else {
            self.answers.push(None);
            return Ok(Ok(()));
        };
        match view.ask(snapshot, held.namespaces[question.space], &question)? {
            Ok(answer) => self.answers.push(Some(answer)),
            Err(what) => return Ok(Err(format!("in a snapshot: {what}"))),
        }
        Ok(Ok(()))
    }

    /// Every row, both ways, of a store or of a file that was published now.
    pub fn compare_all(&self, store: &Store, time_ms: u64) -> std::result::Result<(), Stopped> {
        let view = View { model: &self.model, time_ms };
        for reverse in [false, true] {
            for (space, &namespace) in self.namespaces.iter().enumerate() {
                let options = ScanOptions { reverse, ..ScanOptions::default() };
                let question = Question { space, key: Vec::new(), range: KeyRange::all(), options };
                view.ask(store, namespace, &question).map_err(|error| error.to_string())??;
            }
        }
        Ok(())
    }

    /// Rows that live, by namespace.
    pub fn live_rows(&self) -> Vec<(NamespaceId, u64)> {
        let time_ms = self.clock.now_ms();
        let view = View { model: &self.model, time_ms };
        let live = |space| view.rows(space, &KeyRange::all(), ScanOptions::default()).len() as u64;
        self.namespaces.iter().enumerate().map(|(space, id)| (*id, live(space))).collect()
    }
}
