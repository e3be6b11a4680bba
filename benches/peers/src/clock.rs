//! Wall time and processor time of this thread. The machine is often shared, so the second is the steadier one.

use std::time::{Duration, Instant};

/// Started by [`Stopwatch::start`].
pub struct Stopwatch {
    wall: Instant,
    cpu: Option<Duration>,
}

impl Stopwatch {
    /// Starts both clocks.
    pub fn start() -> Self {
        Stopwatch { wall: Instant::now(), cpu: thread_cpu() }
    }

    /// Wall and processor time since the start.
    pub fn stop(&self) -> (Duration, Option<Duration>) {
        let wall = self.wall.elapsed();
        (wall, thread_cpu().zip(self.cpu).map(|(now, then)| now.saturating_sub(then)))
    }
}

/// What this thread has run on a processor so far; Linux tells it as the first number of `schedstat`, in nanoseconds.
fn thread_cpu() -> Option<Duration> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    let nanoseconds = text.split_whitespace().next()?.parse().ok()?;
    Some(Duration::from_nanos(nanoseconds))
}
