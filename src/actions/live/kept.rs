//! What is kept from before file steps, and let go in the end.

use tokio::sync::watch;

use super::{Live, leave, purpose};
use crate::actions::{Done, Job, Status, file, targets};
use crate::plan::Action;

impl Live {
    /// Deletes what is kept from before a file step. Of other steps nothing is kept.
    pub(super) async fn let_go_of(&self, job: &Job) -> Done {
        let (_nobody, mut stop) = watch::channel(false);
        if let Some(refusal) = leave::for_what_is_kept(job, &stop) {
            return refusal;
        }
        let change = match &job.step.action {
            Action::File(change) if change.change.is_kept() => change,
            _ => return Done::new(Status::Succeeded, "nothing is kept"),
        };
        let purpose = purpose(job);
        let needed = targets::variables(&job.step.action);
        let target = match self.target(&purpose, &change.connection, &needed) {
            Ok(target) => target,
            Err(done) => return *done,
        };
        let frame = match self.frame(&purpose, &target, None).await {
            Ok(frame) => frame,
            Err(why) => return Done::failed(why),
        };
        let done = file::let_go(change, &frame, &mut stop).await;
        done.redacted(&frame.redactor)
    }
}
