//! The world behind its lock, and the bells that ring when it changes.

use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{Notify, broadcast, watch};

use crate::news_view::event;
use crate::world::World;

/// Events that a slow page may lag behind before it must load everything anew.
const PAGE_LAG: usize = 1_024;

pub(crate) struct Shared {
    world: Mutex<World>,
    /// Ticks after every change.
    pub changed: watch::Sender<u64>,
    /// Rings when updates were queued, or pollers must look again.
    pub queued: Notify,
    /// Changes for the chat page, as JSON.
    pub page: broadcast::Sender<Arc<str>>,
}

impl Shared {
    pub fn new(world: World) -> Arc<Self> {
        Arc::new(Self {
            world: Mutex::new(world),
            changed: watch::Sender::new(0),
            queued: Notify::new(),
            page: broadcast::Sender::new(PAGE_LAG),
        })
    }

    /// The world, for a look. A panic elsewhere does not poison it: the stand-in goes on.
    pub fn lock(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The world, for a change: when the guard goes, everybody who waits is told.
    pub fn change(&self) -> Changing<'_> {
        let mut world = self.lock();
        world.news.listening = self.page.receiver_count() > 0;
        let rings = world.queue.rings;
        Changing {
            shared: self,
            world: Some(world),
            rings,
        }
    }

    pub fn tick(&self) {
        self.changed.send_modify(|count| *count += 1);
    }
}

/// See [`Shared::change`].
pub(crate) struct Changing<'a> {
    shared: &'a Shared,
    world: Option<MutexGuard<'a, World>>,
    rings: u64,
}

impl Deref for Changing<'_> {
    type Target = World;

    fn deref(&self) -> &World {
        self.world.as_ref().expect("held until drop")
    }
}

impl DerefMut for Changing<'_> {
    fn deref_mut(&mut self) -> &mut World {
        self.world.as_mut().expect("held until drop")
    }
}

impl Drop for Changing<'_> {
    fn drop(&mut self) {
        let Some(mut world) = self.world.take() else {
            return;
        };
        let events: Vec<Arc<str>> = std::mem::take(&mut world.news.changes)
            .iter()
            .filter_map(|change| event(&world, change))
            .collect();
        let queued = world.queue.rings != self.rings;
        for event in events {
            // Sent under the lock, so that pages see changes in their order.
            let _ = self.shared.page.send(event);
        }
        drop(world);
        if queued {
            self.shared.queued.notify_waiters();
        }
        self.shared.tick();
    }
}
