use sledstore_algorithm::Error;

use crate::{EVERY, csr_of, long};

#[test]
fn a_first_no_ends_every_algorithm() {
    let csr = csr_of(4, &[(0, 1, 1.0), (1, 2, 1.0), (2, 3, 1.0)]);
    for algorithm in EVERY {
        assert_eq!((algorithm.run)(csr.view(), &mut |_| false).unwrap_err(), Error::Stopped, "{}", algorithm.name);
    }
}

#[test]
fn a_later_no_ends_every_algorithm() {
    let csr = long();
    for algorithm in EVERY {
        let mut asked = 0;
        let mut done = 0;
        let found = (algorithm.run)(csr.view(), &mut |progress| {
            assert!(progress.done >= done);
            done = progress.done;
            asked += 1;
            asked < 3
        });
        assert_eq!(found.unwrap_err(), Error::Stopped, "{}", algorithm.name);
        assert_eq!(asked, 3, "{}", algorithm.name);
    }
}
