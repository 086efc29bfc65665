//! Until when collectives have to be done: where one of the processes has died, the others would wait for ever.

use crate::driver::{Handle, NOT_READY};
use crate::memory::handle;
use crate::nccl::Joined;
use std::collections::VecDeque;
use std::sync::Weak;
use std::thread;
use std::time::{Duration, Instant};

/// How often somebody looks.
const PAUSE: Duration = Duration::from_millis(100);

/// A collective that was asked for.
pub(crate) struct Pending {
    /// What it is.
    pub(crate) what: String,
    /// How long it may take, from when on.
    pub(crate) most: Duration,
    pub(crate) since: Instant,
    /// The event behind it in its stream.
    pub(crate) event: usize,
}

/// Those of a group, in their order.
pub(crate) type Queue = VecDeque<Pending>;

/// Forgets what is done, and says what the first one is that should be by now.
pub(crate) fn overdue(queue: &mut Queue, now: Instant, is_done: impl Fn(usize) -> bool) -> Option<String> {
    while queue.front().is_some_and(|first| is_done(first.event)) {
        queue.pop_front();
    }
    let first = queue.front().filter(|first| now.duration_since(first.since) > first.most)?;
    Some(late(first.most, &first.what))
}

/// What is said of a collective that takes too long.
pub(crate) fn late(most: Duration, what: &str) -> String {
    format!(
        "Timed out waiting {}ms for {what} by NCCL: another process has ended, or asks for something else. The group was given up",
        most.as_millis()
    )
}

/// Looks after the collectives of a group, as long as there is one.
pub(crate) fn watch(group: Weak<Joined>) {
    let look = move || {
        while let Some(group) = group.upgrade() {
            if group.is_given_up() {
                return;
            }
            if let Some(why) = group.failure(Instant::now()) {
                return group.give_up(&why);
            }
            drop(group);
            thread::sleep(PAUSE);
        }
    };
    // Without such a thread collectives work as ever, and wait as long as they like.
    let _ = thread::Builder::new().name("collectives".into()).spawn(look);
}

impl Joined {
    /// What went wrong so far.
    fn failure(&self, now: Instant) -> Option<String> {
        self.shared.enter().ok()?;
        let driver = self.shared.driver;
        let is_done = |event: usize| {
            let event: Handle = handle(event as u64);
            // SAFETY: an event of this context that only this queue knows, and forgets when it has happened.
            unsafe {
                let done = (driver.cuEventQuery)(event) != NOT_READY;
                if done {
                    (driver.cuEventDestroy_v2)(event);
                }
                done
            }
        };
        let late = overdue(&mut self.pending(), now, is_done);
        late.or_else(|| self.error().err().map(|error| error.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::{Pending, Queue, overdue};
    use std::time::{Duration, Instant};

    fn queue(since: Instant) -> Queue {
        let pending = |(what, event): (&str, usize)| Pending {
            what: what.into(),
            most: Duration::from_secs(2),
            since,
            event,
        };
        [("first", 1), ("second", 2)].into_iter().map(pending).collect()
    }

    #[test]
    fn what_is_done_in_time_is_forgotten() {
        let begin = Instant::now();
        let mut all = queue(begin);
        assert_eq!(overdue(&mut all, begin + Duration::from_secs(1), |event| event == 1), None);
        assert_eq!(all.len(), 1);
        // What is done is never late.
        assert_eq!(overdue(&mut all, begin + Duration::from_secs(9), |_| true), None);
        assert!(all.is_empty());
    }

    #[test]
    fn what_takes_too_long_is_named() {
        let begin = Instant::now();
        let late = begin + Duration::from_secs(3);
        let told = overdue(&mut queue(begin), late, |event| event == 1).unwrap();
        assert!(told.contains("2000ms for second"), "{told}");
        assert_eq!(overdue(&mut Queue::new(), late, |_| false), None);
    }
}
