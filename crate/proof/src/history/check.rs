//! The checker.

use sledstore_engine::Seq;

use super::Record;
use super::timeline::Timeline;

/// What cannot be if all had run one after the other, in the order of their seqs and of real time.
pub fn violation(history: &[Record]) -> Option<String> {
    let mut writers: Vec<(Seq, &Record)> =
        history.iter().filter_map(|record| Some((record.committed?, record))).collect();
    writers.sort_by_key(|(seq, _)| *seq);
    if let Some(pair) = writers.windows(2).find(|pair| pair[0].0 == pair[1].0) {
        return Some(format!("two commits have seq {}", pair[0].0));
    }
    let timeline = Timeline::new(writers.into_iter());
    let serial = history.iter().find_map(|record| out_of_order(record, &timeline));
    serial.or_else(|| out_of_time(history, &timeline))
}

/// A record that says where it read must have read the state there; one that wrote, at its commit, too.
fn out_of_order(record: &Record, timeline: &Timeline) -> Option<String> {
    let begun = record.begun?;
    if record.committed.is_some_and(|committed| committed <= begun) {
        return Some(format!("begun at {begun}, committed at {:?}", record.committed));
    }
    let looks = [Some(begun), record.committed.map(|committed| committed - 1)];
    looks.into_iter().flatten().find_map(|seq| {
        let difference = difference_at(record, timeline, seq)?;
        Some(format!("begun at {begun}, committed at {:?}, at {seq}: {difference}", record.committed))
    })
}

fn difference_at(record: &Record, timeline: &Timeline, seq: Seq) -> Option<String> {
    let mut state = timeline.state(seq);
    record.events.iter().find_map(|event| {
        let difference = event.difference(&state);
        event.apply(&mut state);
        difference
    })
}

/// Walks through real time. What has ended is seen by what begins after it; what does not know where it read must fit one
/// of the states from then on to the last commit that had begun when it ended.
fn out_of_time(history: &[Record], timeline: &Timeline) -> Option<String> {
    let starts = history.iter().enumerate().map(|(at, record)| (record.started, true, at));
    let ends = history.iter().enumerate().map(|(at, record)| (record.ended, false, at));
    let mut moments: Vec<(u64, bool, usize)> = starts.chain(ends).collect();
    moments.sort_unstable();
    let mut least = vec![0; history.len()];
    let (mut seen, mut greatest) = (0, 0);
    for (_, starts, at) in moments {
        let record = &history[at];
        if starts {
            least[at] = seen;
            greatest = greatest.max(record.committed.unwrap_or(0));
            continue;
        }
        let place = record.committed.or(record.begun);
        if let Some(early) = [record.begun, record.committed].into_iter().flatten().find(|seq| *seq < least[at]) {
            return Some(format!("at {early}, though {} had been seen before it began", least[at]));
        }
        let place = match place {
            Some(place) => place,
            None => {
                let mut states = timeline.seqs(least[at], greatest);
                match states.find(|seq| difference_at(record, timeline, *seq).is_none()) {
                    Some(seq) => seq,
                    None => return Some(no_moment(record, timeline, (least[at], greatest))),
                }
            }
        };
        seen = seen.max(place);
    }
    None
}

fn no_moment(record: &Record, timeline: &Timeline, (least, greatest): (Seq, Seq)) -> String {
    let difference = difference_at(record, timeline, greatest).unwrap_or_default();
    format!("a read fits no moment from {least} to {greatest}; at the last of them {difference}")
}
