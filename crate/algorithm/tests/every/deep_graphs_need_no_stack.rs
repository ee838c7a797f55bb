use sledstore_algorithm::{Direction, Progress};

use crate::{EVERY, long};

/// Everything on a stack of 64 KiB.
#[test]
fn deep_graphs_need_no_stack() {
    let csr = long();
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(64 << 10);
        let running = thread.spawn_scoped(scope, || {
            for direction in [Direction::Out, Direction::Both] {
                for algorithm in EVERY {
                    if algorithm.name == "k_shortest_paths" && direction == Direction::Both {
                        continue; // a search from each of 100,000 nodes
                    }
                    let found = (algorithm.run)(csr.view().directed(direction), &mut |_: Progress| true);
                    assert!(found.is_ok(), "{}: {:?}", algorithm.name, found.err());
                }
            }
        });
        running.unwrap().join().unwrap();
    });
}
