//! Long chains are dropped without recursion: what a dropped thing held waits in a list of the thread.

use std::cell::RefCell;
use std::thread::LocalKey;

/// What waits to be dropped while something is.
pub(crate) type Waiting<T> = RefCell<Option<Vec<T>>>;

/// Drops what a thing held. A chain of 100,000 of them must not overflow the stack.
pub(crate) fn drop_iteratively<T>(waiting: &'static LocalKey<Waiting<T>>, held: T) {
    // A thread that ends has no list: plain drop then.
    let _ = waiting.try_with(|list| {
        // While an outer call drops, inner ones only add to its list.
        if let Some(list) = &mut *list.borrow_mut() {
            return list.push(held);
        }
        list.replace(Some(Vec::new()));
        let mut next = Some(held);
        while let Some(held) = next {
            drop(held);
            next = list.borrow_mut().as_mut().and_then(Vec::pop);
        }
        list.replace(None);
    });
}
