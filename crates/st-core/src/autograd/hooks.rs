//! Functions of the user that see, and may replace, gradients on their way.

use crate::tensor::{Inner, Tensor};
use st_kernel::{Result, runtime_err};
use std::any::Any;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, Weak};

/// Called with a tensor's gradient; may give another in its place.
pub type Hook = Arc<dyn Fn(&Tensor) -> Result<Option<Tensor>> + Send + Sync>;
/// Called with a leaf after its `.grad` has been updated.
pub type PostHook = Arc<dyn Fn(&Tensor) -> Result<()> + Send + Sync>;
/// Gradients, one for each input or output; `None` is zero.
pub(crate) type Gradients<'a> = &'a [Option<Tensor>];
/// Called with the gradients of a node's outputs before it runs; may give others in their place.
pub type PreNodeHook = Arc<dyn Fn(Gradients<'_>) -> Result<Option<Vec<Option<Tensor>>>> + Send + Sync>;
/// Called with the gradients of a node's inputs and of its outputs after it ran; may replace the former.
pub type PostNodeHook =
    Arc<dyn Fn(Gradients<'_>, Gradients<'_>) -> Result<Option<Vec<Option<Tensor>>>> + Send + Sync>;

/// Whoever a hook belongs to.
type Owner = Arc<dyn Any + Send + Sync>;

struct Registered<F> {
    id: u64,
    /// The node's output it is for.
    slot: u32,
    hook: F,
    owner: Option<Owner>,
}

/// Hooks in the order of their registration.
pub(crate) struct HookList<F>(Mutex<Vec<Registered<F>>>);

impl<F> Default for HookList<F> {
    fn default() -> Self {
        HookList(Mutex::default())
    }
}

impl<F: Clone + Send + 'static> HookList<F> {
    pub(crate) fn add(self: &Arc<Self>, slot: u32, hook: F) -> HookHandle {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let id = NEXT.fetch_add(1, Ordering::Relaxed);
        let hook = Registered { id, slot, hook, owner: None };
        self.0.lock().expect("no panic while the lock is held").push(hook);
        let list: Arc<dyn Known> = self.clone();
        HookHandle { id, list: Arc::downgrade(&list) }
    }

    /// A copy, so that hooks may add and remove hooks.
    fn all(&self) -> Vec<(u32, F)> {
        self.0
            .lock()
            .expect("no panic while the lock is held")
            .iter()
            .map(|known| (known.slot, known.hook.clone()))
            .collect()
    }

    fn visit_owners(&self, visit: &mut dyn FnMut(&dyn Any)) {
        let Ok(list) = self.0.try_lock() else { return };
        list.iter().filter_map(|known| known.owner.as_deref()).for_each(|owner| visit(owner));
    }
}

trait Known: Send + Sync {
    fn remove(&self, id: u64);
    fn own(&self, id: u64, owner: Owner);
}

impl<F: Send> Known for HookList<F> {
    fn remove(&self, id: u64) {
        let mut list = self.0.lock().expect("no panic while the lock is held");
        let hook = list.iter().position(|known| known.id == id).map(|at| list.remove(at));
        // Dropping a hook may run code of its owner.
        drop(list);
        drop(hook);
    }

    fn own(&self, id: u64, owner: Owner) {
        let mut list = self.0.lock().expect("no panic while the lock is held");
        list.iter_mut().filter(|known| known.id == id).for_each(|known| known.owner = Some(owner.clone()));
    }
}

/// Takes a hook away again.
#[derive(Clone)]
pub struct HookHandle {
    id: u64,
    list: Weak<dyn Known>,
}

impl HookHandle {
    /// Takes the hook away; nothing happens the second time.
    pub fn remove(&self) {
        if let Some(list) = self.list.upgrade() {
            list.remove(self.id);
        }
    }

    /// Says whom the hook belongs to, for [`Tensor::visit_owners`].
    pub fn owned_by(self, owner: Owner) -> HookHandle {
        if let Some(list) = self.list.upgrade() {
            list.own(self.id, owner);
        }
        self
    }

    /// Differs between hooks.
    pub fn id(&self) -> u64 {
        self.id
    }
}

/// All hooks of a node, or of a leaf.
#[derive(Default)]
pub(crate) struct NodeHooks {
    pub(crate) tensor: Arc<HookList<Hook>>,
    pub(crate) before: Arc<HookList<PreNodeHook>>,
    pub(crate) after: Arc<HookList<PostNodeHook>>,
    pub(crate) accumulated: Arc<HookList<PostHook>>,
    /// Outputs that keep their gradient (`retain_grad`).
    retained: Mutex<Vec<(u32, Weak<Inner>)>>,
}

impl NodeHooks {
    pub(crate) fn retain(&self, out: u32, tensor: &Tensor) {
        self.retained.lock().expect("no panic while the lock is held").push((out, Arc::downgrade(&tensor.0)));
    }

    /// The tensor has a new history; its gradient arrives elsewhere.
    pub(crate) fn forget(&self, tensor: &Tensor) {
        let gone = Arc::as_ptr(&tensor.0);
        self.retained.lock().expect("no panic while the lock is held").retain(|(_, t)| t.as_ptr() != gone);
    }

    /// Shows the gradients of a node's outputs to the hooks of these tensors, then keeps those that are wanted.
    pub(crate) fn arrive(&self, gradients: &mut [Option<Tensor>]) -> Result<()> {
        for (out, hook) in self.tensor.all() {
            let Some(gradient) = &mut gradients[out as usize] else { continue };
            if let Some(replaced) = hook(gradient)? {
                check_replacement(gradient, &replaced)?;
                *gradient = replaced;
            }
        }
        let retained: Vec<(u32, Tensor)> = {
            let list = self.retained.lock().expect("no panic while the lock is held");
            list.iter().filter_map(|(out, t)| Some((*out, Tensor(t.upgrade()?)))).collect()
        };
        for (out, tensor) in retained {
            if let Some(gradient) = &gradients[out as usize] {
                tensor.accumulate_retained(gradient)?;
            }
        }
        Ok(())
    }

    pub(crate) fn run_before(&self, upstream: &mut [Option<Tensor>]) -> Result<()> {
        for (_, hook) in self.before.all() {
            if let Some(replaced) = hook(upstream)? {
                replace_all(upstream, replaced)?;
            }
        }
        Ok(())
    }

    pub(crate) fn run_after(
        &self,
        gradients: &mut [Option<Tensor>],
        upstream: &[Option<Tensor>],
    ) -> Result<()> {
        for (_, hook) in self.after.all() {
            if let Some(replaced) = hook(gradients, upstream)? {
                replace_all(gradients, replaced)?;
            }
        }
        Ok(())
    }

    /// Shows whom its hooks belong to.
    pub(crate) fn visit_owners(&self, visit: &mut dyn FnMut(&dyn Any)) {
        self.tensor.visit_owners(visit);
        self.before.visit_owners(visit);
        self.after.visit_owners(visit);
        self.accumulated.visit_owners(visit);
    }

    pub(crate) fn run_accumulated(&self, leaf: &Tensor) -> Result<()> {
        self.accumulated.all().into_iter().try_for_each(|(_, hook)| hook(leaf))
    }
}

fn replace_all(old: &mut [Option<Tensor>], new: Vec<Option<Tensor>>) -> Result<()> {
    if old.len() != new.len() {
        return Err(runtime_err!(
            "hook has returned an incorrect number of values (got {}, but expected {})",
            new.len(),
            old.len()
        ));
    }
    for (old, new) in old.iter_mut().zip(new) {
        if let (Some(old), Some(new)) = (&old, &new) {
            check_replacement(old, new)?;
        }
        *old = new;
    }
    Ok(())
}

fn check_replacement(old: &Tensor, new: &Tensor) -> Result<()> {
    let changed = |what: &str| Err(runtime_err!("a hook has changed the {what} of value"));
    match () {
        () if old.shape() != new.shape() => changed("size"),
        () if old.dtype() != new.dtype() => changed("type"),
        () if old.device() != new.device() => changed("device"),
        () => Ok(()),
    }
}
